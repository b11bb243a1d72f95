import Inspection
import Screen

/// A pane without content says why, and what would fill it.
enum EmptyPane {
    static func reasonForNoMessages(_ snapshot: Snapshot) -> [String] {
        if let words = wordsOfConnection(snapshot) { return words }
        if case .reading = snapshot.loading { return ["Reading ..."] }
        if snapshot.packets == 0, snapshot.loading == .live { return ["Nothing has come yet."] }
        if snapshot.packets == 0 {
            return snapshot.problems.isEmpty
                ? ["The capture is empty: it holds no packet."] : ["Nothing could be read: ! says why."]
        }
        return [
            "No Spatio message in \(StatusLine.plural(Int(clamping: snapshot.packets), "packet")).",
            "Only port 7728 is looked at, unless --port names others.",
        ]
    }

    /// Why a pane has nothing to show at the clock: there is no message at all, or none has come yet; else what the pane
    /// itself says, which should end with what would fill it.
    static func reason(_ snapshot: Snapshot, _ own: @autoclosure () -> [String]) -> [String] {
        if snapshot.index.isEmpty { return reasonForNoMessages(snapshot) }
        if let words = wordsOfConnection(snapshot), snapshot.isAtEnd { return words }
        if snapshot.cursor == 0 { return ["Nothing yet at this time.", "] steps on, > goes to the end."] }
        return own()
    }

    /// Why there is nothing to show of a message; nil: of none.
    static func reasonForNoFields(of message: Int?, _ snapshot: Snapshot) -> [String] {
        guard let message, snapshot.index.count > message else { return ["Select a message."] }
        if snapshot.reader.hasRemoved(snapshot.index[message]) {
            return ["The octets of this message have made room for later ones.", "--spool keeps more of them."]
        }
        return ["The octets of this message cannot be read any more."]
    }

    /// What is so with a connection that does not bring anything, and what to do about it; nil where one does, or where
    /// there is none.
    static func wordsOfConnection(_ snapshot: Snapshot) -> [String]? {
        let states = snapshot.connectionStates
        guard !states.isEmpty, !states.contains(where: { $0.entry.state.isJoined }) || snapshot.index.isEmpty else {
            return nil
        }
        // Of interfaces that are there it is known what has come.
        let isCapturing = states.contains { if case .capturing = $0.entry.state { true } else { false } }
        guard !isCapturing else { return nil }
        return states.flatMap { name, entry in
            entry.words(name, now: snapshot.connectionTime)
        }
    }

    /// Draws lines in the middle of an area, broken where they are too long for it.
    static func draw(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext, _ lines: [String]) {
        let lines = lines.flatMap { buffer.glyphs.wrapped($0, to: area.width) }
        let top = area.y + max(0, (area.height - lines.count) / 2)
        for (place, line) in lines.enumerated() where top + place < area.maxY {
            let width = min(buffer.glyphs.columns(of: line), area.width)
            buffer.write(
                line, at: Point(x: area.x + (area.width - width) / 2, y: top + place), style: context.style(.dim),
                maxWidth: area.width)
        }
    }
}
