import Inspection
import Screen

/// A pane without content says why, and what would fill it.
enum EmptyPane {
    static func reasonForNoMessages(_ snapshot: Snapshot) -> [String] {
        if case .reading = snapshot.loading { return ["Reading ..."] }
        if snapshot.packets == 0 {
            return snapshot.problems.isEmpty
                ? ["The capture is empty: it holds no packet."] : ["Nothing could be read: ! says why."]
        }
        return [
            "No Spatio message in \(StatusLine.plural(Int(clamping: snapshot.packets), "packet")).",
            "Only port 7728 is looked at, unless --port names others.",
        ]
    }

    static func draw(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext, _ lines: [String]) {
        let top = area.y + max(0, (area.height - lines.count) / 2)
        for (place, line) in lines.enumerated() where top + place < area.maxY {
            let width = min(buffer.glyphs.columns(of: line), area.width)
            buffer.write(
                line, at: Point(x: area.x + (area.width - width) / 2, y: top + place), style: context.style(.dim),
                maxWidth: area.width)
        }
    }
}
