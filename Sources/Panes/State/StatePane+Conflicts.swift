import Inspection
import Screen
import SpatioWire

/// The view of conflicts: a list, and under it the selected one with every candidate.
extension StatePane {
    mutating func drawConflicts(
        into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) {
        let count = scene.states.conflictCount(at: context.snapshot.cursor)
        guard count > 0 else {
            conflicts.update(count: 0, height: 0)
            EmptyPane.draw(
                into: &buffer, area, context,
                ["No conflict has been resolved by this time.", "A CONFLICT_RESOLVE would be listed here."])
            return
        }
        let (list, details) = area.splitVertically(at: max(3, min(count + 1, area.height * 2 / 5)))
        let (header, body) = list.splitVertically(at: 1)
        conflicts.top = body.y
        conflicts.update(count: count, height: body.height)
        drawConflictHeader(into: &buffer, header, context)
        for line in 0..<max(0, min(body.height, count - conflicts.list.top)) {
            let place = conflicts.list.top + line
            let row = Rect(x: body.x, y: body.y + line, width: body.width, height: 1)
            draw(scene.states.conflicts[place], into: &buffer, row, scene, context)
            if place == conflicts.list.selected { buffer.restyle(row) { $0 = context.selected($0) } }
        }
        conflicts.read(scene.states.conflicts[conflicts.list.selected], context.snapshot)
        drawCandidates(into: &buffer, details, scene, context)
    }

    private static let timeWidth = 11
    private static let versionWidth = 8
    private static let entityWidth = 14
    private static let strategyWidth = 17

    private func drawConflictHeader(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let style = context.style(.header)
        buffer.fill(area, style: style)
        var x = area.x
        for (title, width) in [
            ("time", Self.timeWidth), ("version", Self.versionWidth), ("entity", Self.entityWidth),
            ("strategy", Self.strategyWidth), ("winner", 10),
        ] {
            buffer.write(title, at: Point(x: x, y: area.y), style: style, maxWidth: max(0, area.maxX - x))
            x += width
        }
    }

    private func draw(
        _ conflict: StateConflict, into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) {
        let snapshot = context.snapshot
        let entity =
            snapshot.whole.entityIndex(conflict.entity, space: scene.index)
            .map { snapshot.whole.label(of: snapshot.whole.entities[$0]) }
            ?? String(conflict.entity.description.prefix(8))
        let winner =
            switch conflict.outcome {
            case .candidate(let place):
                conflict.winner.map { VisibleText.visible(snapshot.whole.name(ofNode: $0)) } ?? "candidate \(place + 1)"
            case .merged: "merged"
            case .neither: "nobody"
            }
        var x = area.x
        for (text, width, role) in [
            (Format.duration(nanoseconds: conflict.time - snapshot.firstTime), Self.timeWidth, Role.text),
            ("v\(conflict.version)", Self.versionWidth, .text),
            (VisibleText.visible(entity), Self.entityWidth, .text), (conflict.strategy.name, Self.strategyWidth, .dim),
            (
                "\(winner) of \(StateText.plural(conflict.candidates, "claim"))", 40,
                conflict.outcome == .neither ? .warning : .good
            ),
        ] where x < area.maxX {
            buffer.write(
                buffer.glyphs.shortened(text, to: min(width - 1, area.maxX - x)), at: Point(x: x, y: area.y),
                style: context.style(role), maxWidth: area.maxX - x)
            x += width
        }
    }

    /// Lines of text, each with its role and how far it is indented.
    private typealias Line = (text: String, role: Role, indent: Int)

    private func drawCandidates(
        into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) {
        guard !area.isEmpty else { return }
        guard let resolution = conflicts.resolution, let reading = conflicts.reading else {
            EmptyPane.draw(into: &buffer, area, context, ["This message cannot be read any more."])
            return
        }
        var lines: [Line] = [(verdict(resolution, reading, context), .header, 0)]
        for (place, candidate) in resolution.candidates.enumerated().prefix(area.height) {
            lines += self.lines(place, candidate, reading, scene, context)
        }
        let fields = resolution.resolved.prefix(area.height).enumerated().map { place, field -> String in
            let sources = reading.sources.indices.contains(place) ? reading.sources[place] : []
            let from = reading.outcome == .merged ? " (\(sources.map { "\($0 + 1)" }.joined(separator: ", ")))" : ""
            return text(field, scene, context) + from
        }
        lines.append(("decided: " + (fields.isEmpty ? "nothing" : fields.joined(separator: "  ")), .added, 0))
        for (y, line) in lines.prefix(area.height).enumerated() {
            let row = Rect(x: area.x, y: area.y + y, width: area.width, height: 1)
            if line.role == .header { buffer.fill(row, style: context.style(.header)) }
            buffer.write(
                buffer.glyphs.shortened(line.text, to: area.width - line.indent),
                at: Point(x: row.x + line.indent, y: row.y), style: context.style(line.role),
                maxWidth: area.width - line.indent)
        }
    }

    private func lines(
        _ place: Int, _ candidate: ConflictResolve.Candidate, _ reading: ConflictReading, _ scene: StateScene,
        _ context: PaneContext
    ) -> [Line] {
        let isWinner = reading.outcome == .candidate(place)
        let author = VisibleText.visible(context.snapshot.model.name(ofNode: candidate.nodeID))
        let stamp =
            candidate.timestamp < 9_000_000_000_000
            ? TimeText.clock(Int64(candidate.timestamp) * 1_000_000) : "\(candidate.timestamp) ms"
        let notes = (reading.latest.contains(place) ? "  latest" : "") + (isWinner ? "  won" : "")
        let fields = candidate.fields.map { text($0, scene, context) }.joined(separator: "  ")
        let role: Role = isWinner ? .good : .text
        return [
            ("\(place + 1) \(author)  entity version \(candidate.entityVersion)  \(stamp)\(notes)", role, 0),
            (fields.isEmpty ? "no field" : fields, role, 4),
        ]
    }

    private func text(_ field: StateField, _ scene: StateScene, _ context: PaneContext) -> String {
        let coordinates = context.snapshot.whole.spaces[scene.index].coordinates
        return VisibleText.visible(field.key) + " " + StateText.value(field.value, key: field.key, coordinates)
    }

    private func verdict(_ resolution: ConflictResolve, _ reading: ConflictReading, _ context: PaneContext) -> String {
        let strategy = resolution.strategy.name
        switch (reading.outcome, reading.followsTimestamps) {
        case (.candidate(let place), let follows):
            let name = VisibleText.visible(context.snapshot.model.name(ofNode: resolution.candidates[place].nodeID))
            let why =
                switch follows {
                case true?: ", whose time stamp is the latest"
                case false?: ", but another's time stamp is later"
                case nil: resolution.strategy == .lastWriteWins ? ", but equal time stamps do not decide" : ""
                }
            return "\(strategy): \(name) won\(why)"
        case (.merged, _): return "\(strategy): the fields of several candidates were put together"
        case (.neither, _): return "\(strategy): something that no candidate had claimed was decided"
        }
    }

    // MARK: Keys

    mutating func handleInConflicts(
        _ action: Action, _ scene: StateScene, _ context: PaneContext
    ) -> [PaneRequest]? {
        guard conflicts.count > 0 else { return nil }
        switch action {
        case .nextEntity: conflicts.step(by: 1)
        case .previousEntity: conflicts.step(by: -1)
        case .open: return [.open(message: scene.states.conflicts[conflicts.list.selected].message - 1)]
        default: guard conflicts.move(action) else { return nil }
        }
        return selectConflict(scene)
    }

    private func selectConflict(_ scene: StateScene) -> [PaneRequest] {
        guard conflicts.list.selected < scene.states.conflicts.count else { return [] }
        let entity = scene.states.conflicts[conflicts.list.selected].entity
        return [.select(SelectedEntity(space: scene.id, id: entity))]
    }

    mutating func clickInConflicts(_ point: Point, _ scene: StateScene) -> [PaneRequest] {
        conflicts.click(point) ? selectConflict(scene) : []
    }
}
