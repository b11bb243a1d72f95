import Glibc
import Inspection
import Screen
import SpatioWire

/// A pair of points that the user sets: to measure between them, or as the corners of a box.
struct MapTool: Equatable {
    enum Kind { case measure, box }

    let kind: Kind
    /// Metres in the plane; nil until it is set.
    var first: SIMD2<Double>?
    /// Where the cross is.
    var cursor: SIMD2<Double>
    /// The second point is set too.
    var isDone = false
    /// It lasts as long as the button is held.
    var isHeld = false
}

/// The way from one point of the map to another.
struct MapMeasure: Equatable {
    /// Metres, in the plane or along the ground.
    let distance: Double
    /// Metres to the east or right, and to the north or forward.
    let across, upwards: Double
    /// Degrees clockwise from north, 0..<360; nil where there is no way.
    let bearing: Double?
    /// Degrees of longitude and latitude between them.
    let degrees: SIMD2<Double>?

    init(from start: SIMD2<Double>, to end: SIMD2<Double>, on plane: MapPlane) {
        switch plane {
        case .metric:
            (across, upwards) = (end.x - start.x, end.y - start.y)
            degrees = nil
        case .tangent(let tangent):
            let (from, to) = (tangent.geodetic(start), tangent.geodetic(end))
            let way = Earth.offset(of: Vector3(to.x, to.y, 0), from: Vector3(from.x, from.y, 0))
            (across, upwards) = (way.x, way.y)
            var turn = to.x - from.x
            if turn > 180 { turn -= 360 } else if turn < -180 { turn += 360 }
            degrees = SIMD2(turn, to.y - from.y)
        }
        distance = (across * across + upwards * upwards).squareRoot()
        let angle = atan2(across, upwards) * 180 / .pi
        bearing = distance > 0 ? (angle < 0 ? angle + 360 : angle) : nil
    }

    /// All of it, and what is said where there is less room.
    var texts: [String] {
        let way = "\(MapText.distance(distance))  dx \(MapText.distance(across))  dy \(MapText.distance(upwards))"
        let turned = way + "  bearing \(bearing.map { Format.fixed($0, decimals: 1) } ?? Format.noData)"
        guard let degrees else { return [turned, way, MapText.distance(distance)] }
        let numbers = [degrees.x, degrees.y].map { Format.fixed($0, decimals: 6) }.joined(separator: " ")
        return [turned + "  \(numbers) deg", turned, way, MapText.distance(distance)]
    }
}

extension MapPane {
    /// Enter belongs to a tool or a list.
    var takesEnter: Bool { tool != nil || list != nil }

    /// Begins with the cross on the selected entity, where it can be seen, else in the middle.
    mutating func begin(_ kind: MapTool.Kind, _ context: PaneContext) {
        guard let camera else {
            note = "there is nothing to point at yet"
            return
        }
        if tool?.kind == kind {
            tool = nil
            return
        }
        list = nil
        let selected = context.selection.entity.flatMap { place(of: $0, context) }?.point
        let start = selected.flatMap { camera.cell($0) == nil ? nil : $0 } ?? camera.centre
        tool = MapTool(kind: kind, cursor: start)
    }

    /// Keys while a tool is out; nil for those that it leaves to others.
    mutating func handleTool(_ action: Action, _ context: PaneContext) -> MapResponse? {
        guard tool != nil else { return nil }
        switch action {
        case .left: moveCross(columns: -1, rows: 0)
        case .right: moveCross(columns: 1, rows: 0)
        case .up: moveCross(columns: 0, rows: 1)
        case .down: moveCross(columns: 0, rows: -1)
        case .open: return setPoint(context)
        case .back: tool = nil
        default: return nil
        }
        return .handled
    }

    /// By a cell; the view goes along with a cross that would leave it.
    private mutating func moveCross(columns: Int, rows: Int) {
        guard let camera, var tool else { return }
        if tool.isDone {
            tool.isDone = false
            tool.first = nil
        }
        tool.cursor += SIMD2(Double(columns) * camera.metresPerColumn, Double(rows) * camera.metresPerRow)
        self.tool = tool
        if camera.cell(tool.cursor) == nil { moveCamera(columns: columns * 4, rows: rows * 4) }
    }

    private mutating func setPoint(_ context: PaneContext) -> MapResponse {
        guard var tool else { return .handled }
        let point = snapped(tool.cursor)
        tool.cursor = point
        if tool.first == nil || tool.isDone {
            tool.first = point
            tool.isDone = false
            self.tool = tool
            return .handled
        }
        tool.isDone = true
        self.tool = tool
        return tool.kind == .box ? finishBox(context) : .handled
    }

    /// The place of the nearest entity within a cell, so that distances between entities are theirs.
    private func snapped(_ point: SIMD2<Double>) -> SIMD2<Double> {
        guard let camera else { return point }
        var nearest: (point: SIMD2<Double>, distance: Double)?
        for place in survey.places {
            let way = (place.point - point) / SIMD2(camera.metresPerColumn, camera.metresPerRow)
            let distance = (way * way).sum()
            if distance <= 1, distance < nearest?.distance ?? .infinity { nearest = (place.point, distance) }
        }
        return nearest?.point ?? point
    }

    // MARK: The mouse

    /// What the mouse does to a tool; a box begins at once where the right button or a held Shift or Ctrl asks for it.
    mutating func handleTool(_ mouse: MouseEvent, cell: Point, isInside: Bool, _ context: PaneContext) -> MapResponse? {
        guard let camera else { return nil }
        let point = camera.point(cell)
        switch mouse.kind {
        case .press where isInside:
            let asksForBox = mouse.button == .right || !mouse.modifiers.isDisjoint(with: [.shift, .control])
            guard tool != nil || asksForBox else { return nil }
            let kind = tool?.kind ?? .box
            let start = kind == .measure ? snapped(point) : point
            tool = MapTool(kind: kind, first: start, cursor: start, isHeld: true)
        case .drag where tool?.isHeld == true: tool?.cursor = point
        case .release where tool?.isHeld == true:
            tool?.isHeld = false
            guard let first = tool?.first else { return .handled }
            let isClick = camera.cell(first) == cell
            if tool?.kind == .measure {
                let end = snapped(point)
                tool?.cursor = end
                tool?.isDone = !isClick
                return .handled
            }
            // A box of one cell is a slip of the hand; the first corner stays for the keys.
            return isClick ? .handled : finishBox(context)
        default: return nil
        }
        return .handled
    }

    // MARK: The box

    private mutating func finishBox(_ context: PaneContext) -> MapResponse {
        guard let tool, let first = tool.first else { return .handled }
        self.tool = nil
        return .ask([.filter(boxFilter(first, tool.cursor, context))])
    }

    /// The filter for what lies between two corners, in the space's own numbers.
    func boxFilter(_ first: SIMD2<Double>, _ second: SIMD2<Double>, _ context: PaneContext) -> String {
        let low = pointwiseMin(first, second)
        let high = pointwiseMax(first, second)
        var boxes: [String]
        switch plane {
        case .metric:
            let decimals = MapText.decimals(for: (camera?.metresPerColumn ?? 1) / 10, most: 6)
            boxes = [Self.box(low, high, decimals: decimals)]
        case .tangent(let tangent):
            let decimals = MapText.decimals(for: (camera?.metresPerColumn ?? 1) / 10 / Earth.degreeLength, most: 9)
            boxes = GeodeticBox(low, high, on: tangent).parts.map { Self.box($0.low, $0.high, decimals: decimals) }
        }
        let region = boxes.count == 1 ? boxes[0] : "(" + boxes.joined(separator: " || ") + ")"
        let model = context.snapshot.whole
        guard model.spaces.count > 1, let space, let index = model.spaceIndex(space) else { return region }
        let name = model.spaces[index].name ?? ""
        let isPlain = !name.isEmpty && name.unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isAlphabetic }
        return "space == \(isPlain ? name : "\"\(space)\"") && \(region)"
    }

    private static func box(_ low: SIMD2<Double>, _ high: SIMD2<Double>, decimals: Int) -> String {
        "box("
            + [low.x, low.y, high.x, high.y].map { Format.fixed($0, decimals: decimals) }.joined(separator: ", ") + ")"
    }

    // MARK: Drawing

    /// The line or the box between the points.
    mutating func drawTool(_ picture: Picture, _ context: PaneContext) {
        guard let tool, let first = tool.first else { return }
        let color = context.style(.mapMeasure).foreground
        let start = picture.dots(first, on: canvas)
        let end = picture.dots(tool.cursor, on: canvas)
        switch tool.kind {
        case .measure: canvas.line(from: start, to: end, color: color, priority: MapPriority.tool)
        case .box:
            let corners = [start, .init(end.x, start.y), end, .init(start.x, end.y)]
            canvas.polygon(corners, color: color, priority: MapPriority.tool)
        }
    }

    /// The points themselves, over everything.
    func drawCross(into buffer: inout Buffer, _ picture: Picture, _ context: PaneContext) {
        guard let tool else { return }
        for point in [tool.first, tool.cursor].compactMap(\.self) {
            guard let cell = picture.camera.cell(point) else { continue }
            buffer[picture.view.x + cell.x, picture.view.y + cell.y] = Cell(
                "+", style: context.style(.mapMeasure).adding([.bold, .reversed]))
        }
    }

    /// What the tool says, and what it waits for, in a long form and in shorter ones.
    func toolTexts(_ tool: MapTool) -> [String] {
        guard let first = tool.first else {
            return tool.kind == .measure
                ? ["measure: arrows or mouse, Enter sets a point", "Enter sets a point"]
                : ["box: arrows or mouse, Enter sets a corner", "Enter sets a corner"]
        }
        let measure = MapMeasure(from: first, to: tool.cursor, on: plane)
        switch tool.kind {
        case .measure: return measure.texts
        case .box:
            let size = "\(MapText.distance(abs(measure.across))) x \(MapText.distance(abs(measure.upwards)))"
            return ["box \(size): Enter makes it a filter", size]
        }
    }
}

/// A rectangle of the map in degrees: its parallels are curves on the map, so it is what holds all of its edge.
struct GeodeticBox {
    /// Two where it goes over the date line.
    let parts: [(low: SIMD2<Double>, high: SIMD2<Double>)]

    /// Points of each edge that are looked at.
    private static let samples = 16

    init(_ low: SIMD2<Double>, _ high: SIMD2<Double>, on tangent: TangentPlane) {
        let corners = [low, SIMD2(high.x, low.y), high, SIMD2(low.x, high.y)]
        let origin = tangent.geodetic((low + high) / 2).x
        var south = SIMD2(Double.infinity, .infinity)
        var north = SIMD2(-Double.infinity, -.infinity)
        for (index, start) in corners.enumerated() {
            let end = corners[(index + 1) % corners.count]
            for sample in 0..<Self.samples {
                var degrees = tangent.geodetic(start + (end - start) * (Double(sample) / Double(Self.samples)))
                // Counted from the middle, so that the date line is nothing special.
                if degrees.x - origin > 180 { degrees.x -= 360 } else if degrees.x - origin < -180 { degrees.x += 360 }
                south = pointwiseMin(south, degrees)
                north = pointwiseMax(north, degrees)
            }
        }
        for pole in [90.0, -90] {
            guard let point = tangent.project(longitude: 0, latitude: pole, height: 0), low.x < point.x,
                low.y < point.y, point.x < high.x, point.y < high.y
            else { continue }
            // Every meridian comes through the pole.
            south = SIMD2(-180, min(south.y, pole))
            north = SIMD2(180, max(north.y, pole))
        }
        if south.x < -180 {
            parts = [(SIMD2(-180, south.y), north), (SIMD2(south.x + 360, south.y), SIMD2(180, north.y))]
        } else if north.x > 180 {
            parts = [(south, SIMD2(180, north.y)), (SIMD2(-180, south.y), SIMD2(north.x - 360, north.y))]
        } else {
            parts = [(south, north)]
        }
    }
}
