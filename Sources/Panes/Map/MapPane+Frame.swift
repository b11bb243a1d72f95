import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// The border, with the space, the scale and the direction on it.
    func drawFrame(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let model = context.snapshot.model
        var title = "\(PaneKind.map.rawValue) \(PaneKind.map.title)"
        if let space, let index = model.spaceIndex(space) { title += "  " + model.spaces[index].label }
        var scale = ""
        if let camera {
            let length = MapText.distance(camera.metresPerColumn)
            // The direction goes last: a map of whatever scale has one.
            let room = area.width - Self.borderWidth - buffer.glyphs.columns(of: title)
            let forms = ["1 cell = \(length)  N^", "\(length)  N^", "N^"]
            scale = forms.first { $0.utf8.count <= room } ?? ""
        }
        buffer.drawBox(
            area, style: context.borderStyle, title: title, titleStyle: context.titleStyle, trailing: scale,
            trailingStyle: context.style(.mapScale))
    }

    /// Columns that a border with two texts on it takes beside them: corners, spaces and a piece of line.
    private static let borderWidth = 9

    // MARK: The last row

    /// Columns of the scale bar at most, and of those the most of a row.
    private static let longestBar = 20

    /// The scale on the left, where the view is on the right, and between them what is to be said.
    func drawStatus(into buffer: inout Buffer, _ inside: Rect, _ picture: Picture, _ context: PaneContext) {
        let y = inside.maxY - 1
        let style = context.style(.mapScale)
        let length = Self.barLength(picture.camera, width: min(Self.longestBar, inside.width / 4))
        let cells = length / picture.camera.metresPerColumn
        drawBar(cells: cells, into: &buffer, at: inside.origin, y: y, style)
        var x = inside.x + Int(cells.rounded(.up)) + 2
        x += buffer.write(MapText.distance(length), at: Point(x: x, y: y), style: style, maxWidth: inside.maxX - x)
        var end = inside.maxX
        let centre = centreText(picture)
        let centreWidth = buffer.glyphs.columns(of: centre)
        // Whoever points at something needs the room for what is said of it.
        if tool == nil, end - x >= centreWidth + Self.leastStatus {
            buffer.write(centre, endingAt: Point(x: end, y: y), style: style)
            end -= centreWidth + 1
        }
        x += 2
        for (forms, role) in status(picture, context) {
            guard let text = forms.first(where: { x + buffer.glyphs.columns(of: $0) <= end }) else { continue }
            x += buffer.write(text, at: Point(x: x, y: y), style: context.style(role)) + 2
        }
    }

    /// Columns between the scale and the coordinates for what is to be said; the coordinates are left out first.
    private static let leastStatus = 24

    /// The longest round length that fits.
    static func barLength(_ camera: Camera, width: Int) -> Double {
        let room = Double(max(width, 1)) * camera.metresPerColumn
        let next = Axis.niceStep(atLeast: room)
        if next <= room { return next }
        // The round number before: of 1 and 2 it is the half, of 5 it is 2.
        let half = next / 2
        return Axis.niceStep(atLeast: half * 0.999) < half * 1.001 ? half : next * 0.4
    }

    private func drawBar(cells: Double, into buffer: inout Buffer, at origin: Point, y: Int, _ style: Style) {
        var bar = DotCanvas(size: Size(width: Int(cells.rounded(.up)) + 1, height: 1), glyphs: buffer.glyphs)
        // Half a cell is as fine as it gets; from the first dot to the one that is a length farther.
        let end = cells * Double(buffer.glyphs.dots.across)
        let bottom = Double(bar.height - 1)
        bar.line(from: .init(0, bottom), to: .init(end, bottom), color: style.foreground)
        bar.line(from: .init(0, bottom - 1), to: .init(0, bottom), color: style.foreground)
        bar.line(from: .init(end, bottom - 1), to: .init(end, bottom), color: style.foreground)
        bar.render(into: &buffer, at: Point(x: origin.x, y: y))
    }

    private func centreText(_ picture: Picture) -> String {
        switch plane {
        case .metric: MapText.position(picture.camera.centre, metresPerColumn: picture.camera.metresPerColumn)
        case .tangent(let tangent):
            MapText.geodetic(
                SIMD2(tangent.longitude, tangent.latitude), metresPerColumn: picture.camera.metresPerColumn)
        }
    }

    /// What is to be said, the most important first, each in a long form and perhaps shorter ones.
    private func status(_ picture: Picture, _ context: PaneContext) -> [(forms: [String], role: Role)] {
        var parts: [(forms: [String], role: Role)] = []
        if let tool { parts.append((toolTexts(tool), .mapMeasure)) }
        if !note.isEmpty { parts.append(([note], .note)) }
        if let text = replicaText { parts.append(([text], .warning)) }
        if case .following(let entity) = mode {
            let isLost = place(of: entity, context) == nil
            parts.append((["follows " + label(of: entity, context) + (isLost ? " (not on the map)" : "")], .note))
        }
        if survey.unplaced > 0 {
            let short = "not placed (\(Format.thousands(survey.unplaced)))"
            parts.append((["\(short): \(unplacedReasons)", short], .warning))
        }
        let count = survey.places.count
        let all = "\(Format.thousands(count)) entit\(count == 1 ? "y" : "ies")"
        let stale = survey.stale > 0 ? ", \(Format.thousands(survey.stale)) stale" : ""
        parts.append(([all + stale, all], .dim))
        if count > crowd.total { parts.append((["\(Format.thousands(count - crowd.total)) outside"], .dim)) }
        if layers.contains(.labels), picture.unlabelled > 0 {
            parts.append((["+\(Format.thousands(picture.unlabelled)) unlabelled"], .dim))
        }
        return parts
    }

    var unplacedReasons: String {
        Unplaced.allCases.filter { survey.unplacedCounts[$0.rawValue] > 0 }.map {
            "\($0.text) \(Format.thousands(survey.unplacedCounts[$0.rawValue]))"
        }.joined(separator: ", ")
    }

    func label(of entity: SelectedEntity, _ context: PaneContext) -> String {
        let model = context.snapshot.model
        guard let space = model.spaceIndex(entity.space), let index = model.entityIndex(entity.id, space: space) else {
            return String(entity.id.description.prefix(8))
        }
        return model.label(of: model.entities[index])
    }

    // MARK: Nothing to see

    /// Says why the map is empty.
    func drawEmptiness(into buffer: inout Buffer, _ view: Rect, _ context: PaneContext) {
        let width = view.width - 2
        guard width > 0 else { return }
        let lines = MapText.wrapped(reasonForEmptiness(context), width: width, glyphs: buffer.glyphs)
        let top = view.y + max(0, (view.height - lines.count) / 2)
        for (row, line) in lines.prefix(view.height).enumerated() {
            let x = view.x + max(1, (view.width - buffer.glyphs.columns(of: line)) / 2)
            buffer.write(line, at: Point(x: x, y: top + row), style: context.style(.hint), maxWidth: view.maxX - x)
        }
    }

    func reasonForEmptiness(_ context: PaneContext) -> String {
        let snapshot = context.snapshot
        let model = snapshot.model
        if model.entities.isEmpty, let words = EmptyPane.wordsOfConnection(snapshot) {
            return words.joined(separator: " ")
        }
        if snapshot.whole.counters.messages == 0, model.counters.messages == 0 {
            if case .reading = snapshot.loading { return "no positions yet: still reading" }
            return "no positions: there is no Spatio message in what was read"
        }
        if survey.unplaced > 0 { return "not placed (\(survey.unplaced)): \(unplacedReasons)" }
        if survey.gone > 0 {
            return "nothing heard lately of \(Format.thousands(survey.gone)) entit\(survey.gone == 1 ? "y" : "ies")"
        }
        if model.entities.isEmpty, !snapshot.whole.entities.isEmpty {
            return "no positions yet: the first ones come later"
        }
        if model.counters.undecrypted > 0 { return "no positions: payloads are sealed, give --keylog FILE" }
        return "no positions: no SPATIAL_UPDATE and no state with a position was seen"
    }
}
