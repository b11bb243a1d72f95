import Inspection
import Screen
import SpatioWire

/// The view of a difference.
extension StatePane {
    /// What is compared: the marked versions; else the selected one with the one before, or with the newest.
    private func sides(
        _ scene: StateScene, _ context: PaneContext
    ) -> (old: DifferenceList.Side, new: DifferenceList.Side)? {
        let cursor = context.snapshot.cursor
        let newest = DifferenceList.Side.newest(cursor: cursor)
        let current = selectedVersion(scene, cursor)
        if let a = valid(marks.a, scene, cursor) {
            return (
                .version(a),
                valid(marks.b, scene, cursor).map { .version($0) } ?? current.map { .version($0) } ?? newest
            )
        }
        if let b = valid(marks.b, scene, cursor), let current { return (.version(current), .version(b)) }
        guard let current else { return nil }
        if let other = contradiction(current, scene, cursor) { return (.version(other), .version(current)) }
        if lanes.row.replica != nil, lanes.chosen == nil { return (.version(current), newest) }
        guard current.place > 0 else { return nil }
        return (.version(VersionMarks.Mark(replica: current.replica, place: current.place - 1)), .version(current))
    }

    /// The version that another replica holds with other content, where the selected one is where the two parted.
    private func contradiction(
        _ mark: VersionMarks.Mark, _ scene: StateScene, _ cursor: Int
    ) -> VersionMarks.Mark? {
        let states = scene.states
        let event = states.event(mark.place, of: mark.replica)
        let fault = faults(of: mark.replica, scene, cursor).last {
            $0.kind == .divergence && $0.message == event.message && $0.version == event.version
        }
        guard let fault, let other = fault.other, let message = fault.otherMessage else { return nil }
        let count = states.eventCount(of: other, at: message)
        return count > 0 ? VersionMarks.Mark(replica: other, place: count - 1) : nil
    }

    /// A mark counts while the clock has reached it.
    private func valid(_ mark: VersionMarks.Mark?, _ scene: StateScene, _ cursor: Int) -> VersionMarks.Mark? {
        guard let mark, mark.place < scene.states.eventCount(of: mark.replica, at: cursor) else { return nil }
        return mark
    }

    /// The selected version; in the lane of all, that of the first replica that got it.
    private func selectedVersion(_ scene: StateScene, _ cursor: Int) -> VersionMarks.Mark? {
        let states = scene.states
        guard let place = lanes.place(states, at: cursor) else { return nil }
        if let replica = lanes.row.replica { return VersionMarks.Mark(replica: replica, place: place) }
        let message = states.newest[place].message
        for replica in states.replicas.indices {
            let count = states.eventCount(of: replica, at: message)
            if count > 0, states.event(count - 1, of: replica).message == message {
                return VersionMarks.Mark(replica: replica, place: count - 1)
            }
        }
        return nil
    }

    // MARK: Drawing

    mutating func drawDifference(
        into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) {
        guard let sides = sides(scene, context) else {
            EmptyPane.draw(
                into: &buffer, area, context,
                [
                    "There is no version before this one to compare it with.",
                    "Left and Right choose another, a and b mark two.",
                ])
            return
        }
        difference.show(sides.old, sides.new, scene, &reader, context.snapshot)
        let (head, body) = area.splitVertically(at: min(3, area.height))
        drawSides(into: &buffer, head, sides.old, sides.new, scene, context)
        difference.height = body.height
        difference.top = body.y
        difference.list.settle(count: difference.rows.count, height: body.height)
        guard let pair = difference.pair else {
            EmptyPane.draw(into: &buffer, body, context, ["The messages of these versions cannot be read any more."])
            return
        }
        if difference.rows.isEmpty {
            EmptyPane.draw(into: &buffer, body, context, ["Both are the same: no field of any entity differs."])
        }
        for line in 0..<max(0, min(body.height, difference.rows.count - difference.list.top)) {
            let place = difference.list.top + line
            let row = Rect(x: body.x, y: body.y + line, width: body.width, height: 1)
            draw(difference.rows[place], pair, into: &buffer, row, scene, context)
            if place == difference.list.selected { buffer.restyle(row) { $0 = context.selected($0) } }
        }
    }

    private func drawSides(
        into buffer: inout Buffer, _ area: Rect, _ old: DifferenceList.Side, _ new: DifferenceList.Side,
        _ scene: StateScene, _ context: PaneContext
    ) {
        for (y, side) in [("A", old, difference.pair?.old), ("B", new, difference.pair?.new)].enumerated()
        where y < area.height {
            let used = buffer.write(side.0 + " ", at: Point(x: area.x, y: area.y + y), style: context.style(.key))
            var text = describe(side.1, scene, context)
            if side.2?.isComplete == false { text += "  (not known in full)" }
            buffer.write(
                buffer.glyphs.shortened(text, to: area.width - used), at: Point(x: area.x + used, y: area.y + y),
                style: context.style(.text), maxWidth: area.width - used)
        }
        guard area.height > 2, let pair = difference.pair else { return }
        let entities = pair.difference.entities
        let counts = [StateDifference.Change.changed, .added, .removed].compactMap { change -> String? in
            let count = entities.count { $0.change == change }
            guard count > 0 else { return nil }
            return "\(count) \(change == .changed ? "changed" : change == .added ? "added" : "removed")"
        }
        let line =
            entities.isEmpty
            ? "no difference"
            : "entities: " + counts.joined(separator: ", ")
                + "; \(StateText.plural(pair.difference.fieldCount, "field"))"
        buffer.fill(Rect(x: area.x, y: area.y + 2, width: area.width, height: 1), style: context.style(.header))
        buffer.write(
            line, at: Point(x: area.x, y: area.y + 2), style: context.style(.header), maxWidth: area.width)
    }

    private func describe(_ side: DifferenceList.Side, _ scene: StateScene, _ context: PaneContext) -> String {
        let snapshot = context.snapshot
        switch side {
        case .version(let mark):
            let event = scene.states.event(mark.place, of: mark.replica)
            let name = VisibleText.visible(snapshot.model.name(of: scene.states.replicas[mark.replica].id))
            let version = event.flags.contains(.late) ? event.held : event.version
            return "\(name) v\(version)  \(event.kind.name) at "
                + Format.duration(nanoseconds: event.time - snapshot.firstTime)
        case .newest:
            let version = difference.pair?.new.version ?? scene.states.newestVersion(at: snapshot.cursor)?.version
            return "newest v\(version.map { "\($0)" } ?? Format.noData), as of the clock"
        }
    }

    private func draw(
        _ row: DifferenceList.Row, _ pair: DifferenceList.Pair, into buffer: inout Buffer, _ area: Rect,
        _ scene: StateScene, _ context: PaneContext
    ) {
        switch row {
        case .entity(let place):
            let entity = pair.difference.entities[place]
            let style = context.style(StateText.role(entity.change)).adding(.bold)
            var text = StateText.sign(entity.change) + " " + VisibleText.visible(pair.labels[place])
            text += "  " + versions(entity)
            buffer.write(
                buffer.glyphs.shortened(text, to: area.width), at: area.origin, style: style, maxWidth: area.width)
        case .field(let place, let field):
            let coordinates = context.snapshot.whole.spaces[scene.index].coordinates
            draw(pair.difference.entities[place].fields[field], coordinates, into: &buffer, area, context)
        }
    }

    private func versions(_ entity: StateDifference.Entity) -> String {
        switch (entity.oldVersion, entity.newVersion) {
        case (let old?, let new?): old == new ? "version \(new)" : "version \(old) > \(new)"
        case (nil, let new?): "added, version \(new)"
        case (_, nil): "removed"
        }
    }

    /// Columns of a field's name.
    private static let keyWidth = 14

    /// Writes the name of a field; returns the column where its value begins.
    func drawKey(_ key: String, into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) -> Int {
        let width = min(Self.keyWidth - 1, area.width - 2)
        buffer.write(
            buffer.glyphs.shortened(VisibleText.visible(key), to: width), at: Point(x: area.x + 2, y: area.y),
            style: context.style(.fieldName), maxWidth: width)
        return area.x + 2 + Self.keyWidth
    }

    /// `  score         5 -> 10   +5`
    func draw(
        _ field: StateDifference.Field, _ coordinates: CoordinateSystem.Kind?, into buffer: inout Buffer, _ area: Rect,
        _ context: PaneContext
    ) {
        var x = drawKey(field.key, into: &buffer, area, context)
        func put(_ text: String, _ role: Role) {
            guard x < area.maxX else { return }
            let room = area.maxX - x
            x += buffer.write(
                buffer.glyphs.shortened(text, to: room), at: Point(x: x, y: area.y), style: context.style(role),
                maxWidth: room)
        }
        if let old = field.old {
            put(StateText.value(old, key: field.key, coordinates), field.new == nil ? .removed : .text)
        }
        if field.old != nil, field.new != nil { put(buffer.glyphs.isUnicode ? " \u{2192} " : " > ", .dim) }
        if let new = field.new {
            put(StateText.value(new, key: field.key, coordinates), field.old == nil ? .added : .changed)
        }
        if let measure = field.measure { put("  " + StateText.measure(measure), .note) }
    }

    // MARK: Keys

    mutating func handleInDifference(
        _ action: Action, _ scene: StateScene, _ context: PaneContext
    ) -> [PaneRequest]? {
        let cursor = context.snapshot.cursor
        switch action {
        case .left: lanes.step(by: -1, scene.states, at: cursor)
        case .right: lanes.step(by: 1, scene.states, at: cursor)
        case .markVersion, .markOtherVersion: return mark(action, scene, context)
        case .nextEntity:
            difference.selectEntity(forward: true)
            return selectedEntity(scene)
        case .previousEntity:
            difference.selectEntity(forward: false)
            return selectedEntity(scene)
        case .open:
            guard let entity = difference.entity(difference.list.selected) else { return [] }
            return [.open(message: entity.message)]
        default:
            guard difference.list.move(action, count: difference.rows.count, height: difference.height) else {
                return nil
            }
            return selectedEntity(scene)
        }
        return []
    }

    private func selectedEntity(_ scene: StateScene) -> [PaneRequest] {
        guard let entity = difference.entity(difference.list.selected) else { return [] }
        return [.select(SelectedEntity(space: scene.id, id: entity.id))]
    }

    mutating func clickInDifference(_ point: Point, _ scene: StateScene) -> [PaneRequest] {
        let row = difference.list.top + point.y - difference.top
        guard point.y >= difference.top, row < difference.rows.count else { return [] }
        difference.list.selected = row
        return selectedEntity(scene)
    }
}
