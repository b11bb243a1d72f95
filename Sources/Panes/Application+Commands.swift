import Inspection
import Screen

/// What the command line does.
extension Application {
    mutating func perform(_ command: Command, wall: Int64) -> [Effect] {
        switch command {
        case .action(let action, let scope):
            // What only another pane can do is done there.
            if scope != .everywhere, scope != focus.scope, let owner = Focus(scope) { focus = owner }
            return perform(action, wall: wall)
        case .seek(let target): return go(to: target, wall: wall)
        case .filter(let text): return apply(filter: text)
        case .space(let space): map.show(space: space)
        case .session(let index):
            streams.select(.session(index))
            selection.scope = .session(index)
            return apply(filter: StreamsPane.filter(snapshot.whole.sessions[index]))
        case .stream(let index):
            streams.select(.stream(index))
            selection.scope = .stream(index)
            return apply(filter: StreamsPane.filter(snapshot.whole.streams[index], snapshot.whole))
        case .speed(let speed): player.set(speed: speed, wall: wall)
        case .layout(let arrangement):
            desk.arrangement = arrangement
            desk.isZoomed = false
            noteLayout()
        case .loop(let loop): set(loop)
        case .set(let setting, let isOn): set(setting, isOn)
        case .help(let topic):
            var words: [String] = []
            if case .pane(let scope) = topic, let focus = Focus(scope) { words = helpWords(for: focus) }
            overlay = .help(topic, words: words, keys: keys)
        case .theme(let name): return [.theme(name)]
        case .write(let path, let choice): return write(to: path, choice)
        case .silence(let rule, let isSilent):
            if isSilent { silenced.insert(rule) } else { silenced.remove(rule) }
        case .quit: return [.quit]
        }
        return []
    }

    /// As Enter in the sheet that asks, filled in.
    private mutating func write(to path: String, _ choice: ExportSheet.Choice?) -> [Effect] {
        beginWriting()
        guard case .export(var export) = sheet else { return [] }
        guard export.fill(path: path, choice) else {
            sheet = nil
            notice = Notice(
                text: choice == .marked ? "No message is marked: Space marks one." : "No filter is in force.",
                role: .hint)
            return []
        }
        sheet = .export(export)
        return handleInSheet(.enter)
    }

    private mutating func set(_ loop: Command.Loop) {
        switch loop {
        case .off: player.loops = false
        case .whole:
            player.clearLoop()
            player.loops = true
        case .part(let start, let end): player.setLoop(from: start, to: end)
        }
    }

    private mutating func set(_ setting: Command.Setting, _ isOn: Bool) {
        switch setting {
        case .gaps: player.skipsGaps = isOn
        case .loop: player.loops = isOn
        case .zoom: desk.isZoomed = isOn
        }
    }

    /// Only the messages of the space that Map and State show, and back.
    mutating func filterBySpace() -> [Effect] {
        guard let id = selection.space, let space = snapshot.whole.spaces.first(where: { $0.id == id }) else {
            notice = Notice(text: "No space is known yet.")
            return []
        }
        let filter = "space == \"\(id)\""
        if filterText == filter { return apply(filter: "") }
        notice = Notice(
            text: "Only the messages of \(VisibleText.visible(space.label)).", role: .note
        )
        return apply(filter: filter)
    }
}
