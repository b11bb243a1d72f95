import Inspection
import Screen
import SpatioWire

/// The versions of a space: who has which, and how they differ.
///
/// Keeps how it looks at them, and what it has read again for the screen before.
package struct StatePane: InspectorPane {
    enum View: Int, CaseIterable {
        case lanes, difference, entity, conflicts

        var title: String {
            switch self {
            case .lanes: "Lanes"
            case .difference: "Difference"
            case .entity: "Entity"
            case .conflicts: "Conflicts"
            }
        }
    }

    package static let keys: [KeyBinding] = [
        KeyBinding(["v"], .nextView, .state, "next view: lanes, difference, entity, conflicts", hint: "view"),
        KeyBinding(["V"], .previousView, .state, "view before"),
        KeyBinding(
            [.enter], .open, .state, "open the message of the selected version, change or conflict", hint: "open"),
        KeyBinding(
            ["a"], .markVersion, .state, "take the selected version as A of the difference; again: no more",
            hint: "compare"),
        KeyBinding(["b"], .markOtherVersion, .state, "take it as B of the difference", hint: "compare"),
        KeyBinding(["n"], .nextEntity, .state, "next: what is wrong with this replica, entity, conflict"),
        KeyBinding(["N"], .previousEntity, .state, "the one before"),
        KeyBinding(["s"], .sortNext, .state, "sort the lanes: as they came, behind, wrong, name"),
        KeyBinding(["S"], .sortReverse, .state, "reverse the order"),
        KeyBinding(["+", "="], .zoomIn, .state, "half the time, up to the clock"),
        KeyBinding(["-"], .zoomOut, .state, "twice the time"),
        KeyBinding(["0"], .fit, .state, "the whole capture"),
        KeyBinding(["f"], .onlyThis, .state, "only the state messages of the selected replica"),
        KeyBinding(["m"], .nextSpace, .state, "next space that has versions"),
    ]

    package static let help = [
        "Who has which version of a space's state. Each lane is a replica: a client, or a server with all its sessions.",
        "The first lane shows when each version was seen for the first time, whoever had it.",
        LaneMark.legend.map { "\(String($0.glyph(.braille))) \($0.name)" }.joined(separator: "  ")
            + "  2...9 + so many in one column",
        "A line drawn through: it has the newest version; dotted: it is behind. A lane ends where its client left.",
        "behind: versions that it lacks. for: since the first of them was seen anywhere. wrong: gaps, older versions,",
        "forks, divergences and broken delta chains that came to light until the clock.",
        "Up and Down select a replica, and the map shows its world; the first lane shows what is known at all.",
        "Left and Right go from version to version. The difference is that to the version before; of the last version",
        "of a replica that to the newest; or between A and B, marked with a and b in any lane.",
        "A divergence is the same version with other content; whoever is only behind does not diverge.",
        "Claims of two clients that collide count as a fork only when nobody has resolved them within a second.",
    ]

    var view = View.lanes
    var lanes = LaneList()
    var marks = VersionMarks()
    var difference = DifferenceList()
    var history = EntityList()
    var conflicts = ConflictList()
    var reader = StateReader()
    private var space: UUID?

    package init() {}

    // MARK: Space

    /// The space that is shown, with what is known of its versions; nil when it has none.
    func shown(_ context: PaneContext) -> StateScene? {
        let snapshot = context.snapshot
        let wanted = context.selection.space.flatMap { snapshot.whole.spaceIndex($0) }
        guard let index = wanted ?? snapshot.chronicle.states.known.first,
            let states = snapshot.chronicle.states[index], snapshot.whole.spaces.indices.contains(index),
            states.newestVersion(at: snapshot.cursor) != nil
        else { return nil }
        return StateScene(index: index, id: snapshot.whole.spaces[index].id, states: states)
    }

    /// The next space that has versions as of the clock; nil where there is no other.
    private func nextSpace(_ context: PaneContext) -> UUID? {
        let snapshot = context.snapshot
        let all = snapshot.chronicle.states.known.filter {
            snapshot.chronicle.states[$0]?.newestVersion(at: snapshot.cursor) != nil
        }
        let current = context.selection.space.flatMap { snapshot.whole.spaceIndex($0) } ?? -1
        guard let next = all.first(where: { $0 > current }) ?? all.first, next != current else { return nil }
        return snapshot.whole.spaces[next].id
    }

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        let scene = shown(context)
        if scene?.id != space {
            space = scene?.id
            lanes.reset()
            marks = VersionMarks()
        }
        drawBox(into: &buffer, area, scene, context)
        let inside = area.inset()
        guard let scene else {
            EmptyPane.draw(into: &buffer, inside, context, reasonForEmptiness(context))
            return
        }
        guard inside.height >= 3 else { return }
        lanes.update(scene.states, context)
        let (tabs, rest) = inside.splitVertically(at: 1)
        drawTabs(into: &buffer, tabs, scene, context)
        switch view {
        case .lanes: drawLanes(into: &buffer, rest, scene, context)
        case .difference: drawDifference(into: &buffer, rest, scene, context)
        case .entity: drawEntity(into: &buffer, rest, scene, context)
        case .conflicts: drawConflicts(into: &buffer, rest, scene, context)
        }
    }

    private func drawBox(into buffer: inout Buffer, _ area: Rect, _ scene: StateScene?, _ context: PaneContext) {
        var title = PaneKind.state.heading
        var trailing = ""
        if let scene, let newest = scene.states.newestVersion(at: context.snapshot.cursor) {
            title += "  " + VisibleText.visible(context.snapshot.whole.spaces[scene.index].label)
            trailing = "v\(newest.version)"
        }
        if context.snapshot.chronicle.states.overflow > 0 { trailing += " not all kept" }
        buffer.drawBox(
            area, style: context.borderStyle, title: buffer.glyphs.shortened(title, to: max(8, area.width / 2)),
            titleStyle: context.titleStyle, trailing: trailing, trailingStyle: context.style(.dim))
    }

    /// What a tab is called, with what it has to show.
    private func tab(_ view: View, _ scene: StateScene, _ context: PaneContext) -> String {
        let count = view == .conflicts ? scene.states.conflictCount(at: context.snapshot.cursor) : 0
        return count > 0 ? "\(view.title) \(Format.thousands(count))" : view.title
    }

    private func drawTabs(into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext) {
        for (view, columns) in tabPlaces(area, scene, context) {
            let isShown = view == self.view
            let style = isShown ? context.style(.header).adding(.reversed) : context.style(.dim)
            buffer.write(
                " \(tab(view, scene, context)) ", at: Point(x: columns.lowerBound, y: area.y), style: style,
                maxWidth: area.maxX - columns.lowerBound)
        }
        let used = tabPlaces(area, scene, context).last?.columns.upperBound ?? area.x
        guard let text = tabNote(scene, context), area.maxX - used >= 12 else { return }
        let width = area.maxX - used - 2
        buffer.write(
            buffer.glyphs.shortened(text, to: width), endingAt: Point(x: area.maxX, y: area.y),
            style: context.style(.dim), maxWidth: width)
    }

    private func tabPlaces(
        _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) -> [(view: View, columns: Range<Int>)] {
        var x = area.x
        return View.allCases.map { view in
            let width = tab(view, scene, context).count + 2
            defer { x += width + 1 }
            return (view, x..<x + width)
        }
    }

    /// What stands at the right end of the tab line.
    private func tabNote(_ scene: StateScene, _ context: PaneContext) -> String? {
        switch view {
        case .lanes:
            let count = lanes.rows.count - 1
            let sort = lanes.order == .appearance && !lanes.isReversed ? "" : ", by \(lanes.order.title)"
            return StateText.plural(count, "replica") + sort
        case .difference, .entity, .conflicts: return nil
        }
    }

    private func reasonForEmptiness(_ context: PaneContext) -> [String] {
        let snapshot = context.snapshot
        guard !snapshot.index.isEmpty else { return EmptyPane.reasonForNoMessages(snapshot) }
        let known = snapshot.chronicle.states.known
        if known.isEmpty {
            if let words = EmptyPane.wordsOfConnection(snapshot) { return words }
            if case .reading = snapshot.loading { return ["Reading ..."] }
            return [
                "No message about the state of a space.",
                "STATE_SYNC, STATE_RESPONSE, DELTA_UPDATE and CONFLICT_RESOLVE would fill this.",
            ] + (snapshot.whole.counters.undecrypted > 0 ? ["Sealed ones need their keys: --keylog FILE."] : [])
        }
        let here = context.selection.space.flatMap { snapshot.whole.spaceIndex($0) }
        if let here, !known.contains(here) {
            let name = VisibleText.visible(snapshot.whole.spaces[here].label)
            return [
                "Nobody speaks of the state of \(String(name.prefix(40))).", "m shows the next space that has one.",
            ]
        }
        return ["No version yet at this time.", "} goes to the next one, > to the end."]
    }

    // MARK: Keys

    package mutating func handle(_ action: Action, _ context: PaneContext) -> [PaneRequest]? {
        switch action {
        case .nextView: view = View(rawValue: (view.rawValue + 1) % View.allCases.count) ?? .lanes
        case .previousView:
            view = View(rawValue: (view.rawValue + View.allCases.count - 1) % View.allCases.count) ?? .lanes
        case .nextSpace:
            guard let next = nextSpace(context) else { return [.notice("There is no other space with versions.")] }
            return [.showSpace(next)]
        default:
            guard let scene = shown(context) else { return nil }
            switch view {
            case .lanes: return handleInLanes(action, scene, context)
            case .difference: return handleInDifference(action, scene, context)
            case .entity: return handleInEntity(action, scene, context)
            case .conflicts: return handleInConflicts(action, scene, context)
            }
        }
        return []
    }

    /// Rows that one notch of the wheel moves.
    private static let wheelRows = 3

    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> [PaneRequest] {
        guard let scene = shown(context) else { return [] }
        let (tabs, rest) = area.inset().splitVertically(at: 1)
        switch mouse.kind {
        case .wheelUp: scroll(by: -Self.wheelRows)
        case .wheelDown: scroll(by: Self.wheelRows)
        case .press where tabs.contains(mouse.point):
            let hit = tabPlaces(tabs, scene, context).first { $0.columns.contains(mouse.point.x) }
            if let hit { view = hit.view }
        case .press where rest.contains(mouse.point): return click(mouse.point, rest, scene, context)
        case .press, .drag, .release: break
        }
        return []
    }

    private mutating func scroll(by rows: Int) {
        switch view {
        case .lanes: lanes.list.scroll(by: rows, count: lanes.rows.count, height: lanes.height)
        case .difference: difference.scroll(by: rows)
        case .entity: history.scroll(by: rows)
        case .conflicts: conflicts.scroll(by: rows)
        }
    }

    private mutating func click(
        _ point: Point, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) -> [PaneRequest] {
        switch view {
        case .lanes: return clickInLanes(point, area, scene, context)
        case .difference: return clickInDifference(point, scene)
        case .entity: history.click(point)
        case .conflicts: return clickInConflicts(point, scene)
        }
        return []
    }
}

/// The space that is looked at.
struct StateScene {
    /// In the model of everything that is read.
    let index: Int
    let id: UUID
    let states: SpaceStates

    /// What a replica is called, by its place among those of the space, as a message has it.
    func name(of replica: Int, at message: Int, _ snapshot: Snapshot) -> String {
        states.replica(replica, at: message).map { VisibleText.visible(snapshot.model.name(of: $0)) } ?? "somebody gone"
    }
}

/// Versions that were marked to be compared.
struct VersionMarks: Equatable {
    /// A version of a replica: its place among the replica's own.
    struct Mark: Equatable {
        var replica: Int
        var place: Int
    }

    var a, b: Mark?
}
