import Screen

/// The keys of what can be done with messages besides reading them.
enum MessageKeys {
    static let all: [KeyBinding] = messages + views + taking

    private static let views: [KeyBinding] = [KeyBinding.Scope.messages, .tree, .octets].map {
        KeyBinding(
            ["%"], .otherView, $0,
            "the same message as the other one saw it: on the wire, or mirrored to the observer; and back")
    }

    private static let messages: [KeyBinding] = [
        KeyBinding([" "], .mark, .messages, "mark or unmark, and go down", hint: "mark"),
        KeyBinding(
            ["d"], .compare, .messages,
            "compare field by field: the two marked ones; the marked one and this; else this and the one before it of its "
                + "stream and type",
            hint: "compare"),
        KeyBinding(
            ["L"], .ladder, .messages, "the list as a ladder of arrows between the peers, and back", hint: "ladder"),
        KeyBinding(["'"], .nextMark, .messages, "next marked message"),
        KeyBinding(["\""], .previousMark, .messages, "marked message before"),
        KeyBinding(["M"], .onlyMarked, .messages, "only the marked messages, whatever the filter, and back"),
        KeyBinding(["U"], .clearMarks, .messages, "forget all marks"),
        KeyBinding(["i"], .onlyEntity, .messages, "only the messages of its entity, and back", hint: "entity"),
        KeyBinding(["C", .function(10)], .chooseColumns, .messages, "choose the columns of the list", hint: "columns"),
        KeyBinding(["T"], .timePrecision, .messages, "times in microseconds or milliseconds"),
        KeyBinding(["R"], .timeReference, .messages, "count times from this message, and back"),
    ]

    private static let taking: [KeyBinding] = [
        KeyBinding(
            ["w", .function(2)], .write, "write messages: packets, JSON or CSV; all, filtered or marked"),
        KeyBinding(["y"], .copy, "copy what is selected: the row, the value, the octets, the position"),
        KeyBinding(["Y"], .copyWhole, "copy the whole message as JSON; in Octets, all its octets"),
    ].map {
        var binding = $0
        binding.group = "Writing and copying"
        return binding
    }
}
