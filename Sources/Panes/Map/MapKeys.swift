import Screen

extension MapPane {
    package static let keys: [KeyBinding] =
        [
            KeyBinding(["+", "="], .zoomIn, .map, "nearer", hint: "scale"),
            KeyBinding(["-"], .zoomOut, .map, "farther", hint: "scale"),
            KeyBinding(["0"], .fit, .map, "show everything", hint: "fit"),
            KeyBinding(["n"], .nextEntity, .map, "next entity", hint: "entity"),
            KeyBinding(["N"], .previousEntity, .map, "entity before", hint: "entity"),
            KeyBinding(["f"], .followEntity, .map, "follow the selected entity, and stop"),
            KeyBinding(["c"], .centre, .map, "centre on the selected entity"),
            KeyBinding([.enter], .open, .map, "the messages of the selected entity", hint: "its messages"),
            KeyBinding(["m"], .nextSpace, .map, "next space"),
            KeyBinding(["s"], .listSpaces, .map, "list of spaces to choose from"),
            KeyBinding(["d"], .measure, .map, "measure between two points"),
            KeyBinding(["b"], .drawBox, .map, "draw a box that becomes a filter"),
            KeyBinding(["x"], .listUnplaced, .map, "list of what could not be placed, and why"),
            KeyBinding(["u"], .listSubscriptions, .map, "list of subscriptions: what came, what did not"),
            KeyBinding(["t"], .listQueries, .map, "list of queries with their answers"),
            KeyBinding(["'"], .ringFactor, .map, "precision rings x1, x2, x3"),
            KeyBinding(["i"], .legend, .map, "legend, list of layers with their keys, nothing", hint: "layers"),
        ] + MapLayer.keys
}
