import Inspection
import Screen

/// Messages over the time of the capture, with findings and the clock.
package enum TimelinePane {
    /// Rows on a screen of some size: the bars and under them the axis, higher where there is room.
    package static func height(of screen: Size) -> Int { screen.height >= 40 ? 3 : 2 }

    package static func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        let inside = area.inset(left: 1, right: 1)
        guard inside.width > 20, inside.height >= 2 else { return }
        let count = BarStrip.capacity(width: inside.width, glyphs: buffer.glyphs)
        let columns = snapshot.timeline.columns(count)
        let severities = snapshot.severities(columns: columns.count, silenced: context.silenced)
        let bars = Rect(x: inside.x, y: inside.y, width: inside.width, height: inside.height - 1)
        // A few messages beside a burst of thousands must not vanish: the strip draws at least one dot for them.
        let strip = BarStrip(
            values: columns.map { $0.messages == 0 ? nil : Double($0.messages) }, style: context.style(.timeline),
            marks: severities.enumerated().compactMap { place, severity in
                mark(severity, at: place, buffer.glyphs, context)
            },
            cursor: snapshot.index.isEmpty
                ? nil : (bucket(of: snapshot.time, snapshot, count), context.style(.timelineCursor)))
        strip.draw(into: &buffer, in: bars)
        drawAxis(into: &buffer, Rect(x: inside.x, y: inside.maxY - 1, width: inside.width, height: 1), context)
    }

    private static func mark(
        _ severity: Severity, at bucket: Int, _ glyphs: GlyphSet, _ context: PaneContext
    ) -> BarStrip.Mark? {
        guard severity >= .warning else { return nil }
        let style = context.style(severity == .error ? .error : .warning)
        return BarStrip.Mark(bucket: bucket, scalar: "!", style: style)
    }

    private static func bucket(of time: Int64, _ snapshot: Snapshot, _ count: Int) -> Int {
        let span = Double(max(1, snapshot.lastTime - snapshot.firstTime))
        let share = Double(time - snapshot.firstTime) / span
        return max(0, min(count - 1, Int(share * Double(count))))
    }

    /// The capture time under a column of the strip, for a click.
    package static func time(atColumn column: Int, area: Rect, _ snapshot: Snapshot) -> Int64 {
        let width = max(1, area.width - 2)
        let share = (Double(column - area.x - 1) + 0.5) / Double(width)
        return snapshot.firstTime + Int64(max(0, min(1, share)) * Double(snapshot.lastTime - snapshot.firstTime))
    }

    private static func drawAxis(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        let span = snapshot.lastTime - snapshot.firstTime
        guard span > 0, let axis = Axis(covering: 0...Double(span) / 1e9, maximumTicks: max(2, area.width / 14)) else {
            return
        }
        let style = context.style(.dim)
        var free = area.x
        for tick in axis.ticks where tick <= Double(span) / 1e9 {
            let x = area.x + Int(tick / (Double(span) / 1e9) * Double(area.width - 1))
            let text = label(tick, step: axis.step)
            let start = min(x, area.maxX - text.count)
            guard start >= free else { continue }
            free = start + 2 + buffer.write(text, at: Point(x: start, y: area.y), style: style)
        }
    }

    private static func label(_ seconds: Double, step: Double) -> String {
        if seconds >= 120 || step >= 60 {
            let whole = Int(seconds.rounded())
            let minutes = whole / 60 % 60
            let rest = whole % 60
            let clock = (minutes < 10 ? "0" : "") + "\(minutes):" + (rest < 10 ? "0" : "") + "\(rest)"
            return whole >= 3600 ? "\(whole / 3600):\(clock)" : clock
        }
        return Format.fixed(seconds, decimals: step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3) + " s"
    }
}
