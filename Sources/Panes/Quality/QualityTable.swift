import Inspection
import Screen

/// How the figures of a range lie: now, percentiles, greatest, a row each.
enum QualityTable {
    private static let columns = ["now", "p50", "p90", "p99", "max", "values"]
    private static let columnWidth = 11
    private static let leastName = 16

    /// Rows that all of these have together.
    static func rows(of contents: [QualityGraphContent]) -> Int {
        contents.reduce(0) { $0 + max(1, $1.entries.count { $0.figures != nil }) }
    }

    /// - Parameter top: rows that are scrolled over.
    static func draw(
        _ contents: [QualityGraphContent], into buffer: inout Buffer, _ area: Rect, top: Int = 0, _ context: PaneContext
    ) {
        guard area.height > 0 else { return }
        let count = max(1, min(columns.count, (area.width - leastName) / columnWidth))
        let nameWidth = area.width - count * columnWidth
        let header = context.style(.header)
        buffer.fill(Rect(x: area.x, y: area.y, width: area.width, height: 1), style: header)
        buffer.write("of the time shown", at: area.origin, style: header, maxWidth: nameWidth)
        for (place, name) in columns.prefix(count).enumerated() {
            let end = Point(x: area.x + nameWidth + (place + 1) * columnWidth, y: area.y)
            buffer.write(name, endingAt: end, style: header)
        }
        var y = area.y + 1 - top
        for content in contents {
            let entries = content.entries.filter { $0.figures != nil }
            let isOnly = entries.count <= 1
            for entry in entries.isEmpty ? [(name: "", color: Color.standard, figures: nil)] : entries {
                defer { y += 1 }
                guard y > area.y, y < area.maxY else { continue }
                let title = content.graph == .order ? "" : content.graph.title + " "
                let name = isOnly ? content.graph.title : title + entry.name
                buffer.write(
                    buffer.glyphs.shortened(name, to: nameWidth - 1), at: Point(x: area.x, y: y),
                    style: isOnly ? context.style(.text) : Style(foreground: entry.color))
                draw(entry.figures, content, at: Point(x: area.x + nameWidth, y: y), count, into: &buffer, context)
            }
        }
    }

    private static func draw(
        _ figures: QualityFigures?, _ content: QualityGraphContent, at place: Point, _ count: Int,
        into buffer: inout Buffer, _ context: PaneContext
    ) {
        let texts = [figures?.latest, figures?.p50, figures?.p90, figures?.p99, figures?.greatest].map(content.text)
        let values = figures.map { Format.thousands($0.count) } ?? Format.noData
        for (column, text) in (texts + [values]).prefix(count).enumerated() {
            buffer.write(
                text, endingAt: Point(x: place.x + (column + 1) * columnWidth, y: place.y),
                style: context.style(figures == nil ? .dim : .fieldValue), maxWidth: columnWidth - 1)
        }
    }
}
