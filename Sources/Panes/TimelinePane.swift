import Inspection
import Screen

/// Messages over the time of the capture, with findings, the loop and the clock.
package struct TimelinePane {
    /// Rows on a screen of some size: the bars and under them the axis, higher where there is room.
    package static func height(of screen: Size) -> Int { screen.height >= 40 ? 3 : 2 }

    /// The part of the capture that is shown; nil: all of it.
    private var range: ClosedRange<Int64>?
    /// Where the clock was when this was drawn last.
    private var seen: Int64 = 0
    private var basis: Basis?
    /// What the columns show, worked out once for a basis.
    private var columns: [TimeHistogram.Bucket] = []

    /// What the columns were worked out from.
    private struct Basis: Equatable {
        var messages: Int
        var findings: Int
        var range: ClosedRange<Int64>
        var count: Int
        var silenced: Set<FindingRule>
    }

    package init() {}

    // MARK: The range

    /// Nothing is nearer than that, nanoseconds.
    private static let narrowest: Int64 = 1_000_000

    /// What is shown; nil where no time passes.
    package func shown(_ snapshot: Snapshot) -> ClosedRange<Int64>? {
        guard snapshot.firstTime < snapshot.lastTime else { return nil }
        let whole = snapshot.firstTime...snapshot.lastTime
        guard let range, range.overlaps(whole) else { return whole }
        return range.clamped(to: whole)
    }

    package mutating func showAll() { range = nil }

    /// Half the time (`+1`) or twice as much (`-1`), so that a time stays where it is.
    package mutating func zoom(_ step: Int, about time: Int64, _ snapshot: Snapshot) {
        guard let shown = shown(snapshot) else { return }
        let span = Double(shown.upperBound - shown.lowerBound)
        let whole = Double(snapshot.lastTime - snapshot.firstTime)
        let new = max(Double(Self.narrowest), step > 0 ? span / 2 : span * 2)
        guard new < whole else { return showAll() }
        let share = max(0, min(1, Double(time - shown.lowerBound) / span))
        move(to: Double(time - snapshot.firstTime) - share * new, length: new, snapshot)
    }

    /// A clock that leaves what is shown takes the range along.
    private mutating func follow(_ snapshot: Snapshot) {
        defer { seen = snapshot.time }
        guard let range, snapshot.time != seen, !range.contains(snapshot.time) else { return }
        let length = Double(range.upperBound - range.lowerBound)
        move(to: Double(snapshot.time - snapshot.firstTime) - length / 10, length: length, snapshot)
    }

    /// - Parameter start: nanoseconds since the first message
    private mutating func move(to start: Double, length: Double, _ snapshot: Snapshot) {
        let whole = Double(snapshot.lastTime - snapshot.firstTime)
        guard length < whole else { return showAll() }
        let start = snapshot.firstTime + Int64(max(0, min(start, whole - length)))
        range = start...start + Int64(length)
    }

    // MARK: Columns

    private mutating func work(out range: ClosedRange<Int64>, _ count: Int, _ context: PaneContext) {
        let snapshot = context.snapshot
        let basis = Basis(
            messages: snapshot.index.count, findings: snapshot.chronicle.findings.findings.count, range: range,
            count: count, silenced: context.silenced)
        guard basis != self.basis else { return }
        self.basis = basis
        defer {
            if !context.silenced.isEmpty {
                let severities = snapshot.severities(columns: count, of: range, silenced: context.silenced)
                for column in columns.indices { columns[column].severity = severities[column] }
            }
        }
        guard self.range != nil else {
            columns = snapshot.timeline.columns(count, until: range.upperBound)
            return
        }
        columns = [TimeHistogram.Bucket](repeating: TimeHistogram.Bucket(), count: count)
        let span = Double(range.upperBound - range.lowerBound)
        let first = snapshot.index.count(until: range.lowerBound &- 1)
        snapshot.index.scan(first..<max(first, snapshot.index.count(until: range.upperBound))) { _, record in
            guard range.contains(record.time) else { return true }
            let column = min(count - 1, Int(Double(record.time - range.lowerBound) / span * Double(count)))
            columns[column].messages &+= 1
            columns[column].severity = max(columns[column].severity, record.severity)
            return true
        }
    }

    // MARK: Drawing

    /// - Parameter player: whose loop is marked
    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext, player: Player) {
        let snapshot = context.snapshot
        let inside = area.inset(left: 1, right: 1)
        guard inside.width > 20, inside.height >= 2, !snapshot.index.isEmpty else { return }
        follow(snapshot)
        let instant = snapshot.firstTime...snapshot.firstTime
        let range = shown(snapshot) ?? instant
        let count = BarStrip.capacity(width: inside.width, glyphs: buffer.glyphs)
        work(out: range, count, context)
        let bars = Rect(x: inside.x, y: inside.y, width: inside.width, height: inside.height - 1)
        // A few messages beside a burst of thousands must not vanish: the strip draws at least one dot for them.
        var strip = BarStrip(
            values: columns.map { $0.messages == 0 ? nil : Double($0.messages) }, style: context.style(.timeline),
            cursor: Self.bucket(of: snapshot.time, range, count).map { ($0, context.style(.timelineCursor)) })
        strip.marks = gapMarks(range, count, context, buffer.glyphs)
        strip.marks += dropMarks(range, count, context)
        strip.marks += columns.indices.compactMap { mark(at: $0, context) }
        strip.marks += handMarks(range, count, context) + loopMarks(player, range, count, context)
        strip.draw(into: &buffer, in: bars)
        let axis = Rect(x: inside.x, y: inside.maxY - 1, width: inside.width, height: 1)
        if range == instant {
            buffer.write("all at one moment", at: axis.origin, style: context.style(.dim))
        } else {
            drawAxis(into: &buffer, axis, range, context)
        }
    }

    private func mark(at bucket: Int, _ context: PaneContext) -> BarStrip.Mark? {
        switch columns[bucket].severity {
        case .error: BarStrip.Mark(bucket: bucket, scalar: "!", style: context.style(.error))
        case .warning: BarStrip.Mark(bucket: bucket, scalar: "*", style: context.style(.warning))
        case .note, .none: nil
        }
    }

    /// Messages that were marked by hand. Of very many the first ones stand for all: the strip has a few hundred columns.
    private func handMarks(_ range: ClosedRange<Int64>, _ count: Int, _ context: PaneContext) -> [BarStrip.Mark] {
        let index = context.snapshot.index
        return context.selection.marks.messages.prefix(Self.handMarkLimit).compactMap { message in
            guard let time = index.at(message)?.time, let bucket = Self.bucket(of: time, range, count) else {
                return nil
            }
            return BarStrip.Mark(bucket: bucket, scalar: "'", style: context.style(.marked))
        }
    }

    private static let handMarkLimit = 1000

    private func loopMarks(
        _ player: Player, _ range: ClosedRange<Int64>, _ count: Int, _ context: PaneContext
    ) -> [BarStrip.Mark] {
        let marks: [(Int64?, Unicode.Scalar)] = [(player.loopStart, "A"), (player.loopEnd, "B")]
        return marks.compactMap { time, letter in
            guard let time, let bucket = Self.bucket(of: time, range, count) else { return nil }
            return BarStrip.Mark(bucket: bucket, scalar: letter, style: context.style(.marked))
        }
    }

    /// A line through the times without a connection, and a sign where each begins.
    private func gapMarks(
        _ range: ClosedRange<Int64>, _ count: Int, _ context: PaneContext, _ glyphs: GlyphSet
    ) -> [BarStrip.Mark] {
        context.snapshot.gaps.flatMap { gap -> [BarStrip.Mark] in
            guard gap.end >= range.lowerBound, gap.start <= range.upperBound,
                let first = Self.bucket(of: max(gap.start, range.lowerBound), range, count),
                let last = Self.bucket(of: min(gap.end, range.upperBound), range, count)
            else { return [] }
            let line: Unicode.Scalar = glyphs.isUnicode ? "\u{2504}" : "-"
            return (first...max(first, last)).map { bucket in
                let isStart = bucket == first && gap.start >= range.lowerBound
                return BarStrip.Mark(
                    bucket: bucket, scalar: isStart ? "x" : line, style: context.style(isStart ? .error : .warning))
            }
        }
    }

    /// A sign where the capture dropped packets.
    private func dropMarks(_ range: ClosedRange<Int64>, _ count: Int, _ context: PaneContext) -> [BarStrip.Mark] {
        context.snapshot.dropEvents.flatMap { event -> [BarStrip.Mark] in
            guard event.end >= range.lowerBound, event.start <= range.upperBound,
                let first = Self.bucket(of: max(event.start, range.lowerBound), range, count),
                let last = Self.bucket(of: min(event.end, range.upperBound), range, count)
            else { return [] }
            return (first...max(first, last)).map {
                BarStrip.Mark(bucket: $0, scalar: "d", style: context.style(.error))
            }
        }
    }

    /// Nil for what is not shown.
    private static func bucket(of time: Int64, _ range: ClosedRange<Int64>, _ count: Int) -> Int? {
        guard range.contains(time) else { return nil }
        let span = Double(max(1, range.upperBound - range.lowerBound))
        return max(0, min(count - 1, Int(Double(time - range.lowerBound) / span * Double(count))))
    }

    /// The capture time under a column of the strip, for a click.
    package func time(atColumn column: Int, area: Rect, _ snapshot: Snapshot) -> Int64 {
        guard let range = shown(snapshot) else { return snapshot.firstTime }
        let width = max(1, area.width - 2)
        let share = (Double(column - area.x - 1) + 0.5) / Double(width)
        return range.lowerBound + Int64(max(0, min(1, share)) * Double(range.upperBound - range.lowerBound))
    }

    private func drawAxis(
        into buffer: inout Buffer, _ area: Rect, _ range: ClosedRange<Int64>, _ context: PaneContext
    ) {
        let first = Double(range.lowerBound - context.snapshot.firstTime) / 1e9
        let last = Double(range.upperBound - context.snapshot.firstTime) / 1e9
        guard let axis = Axis(covering: first...last, maximumTicks: max(2, area.width / 14)) else { return }
        let style = context.style(.dim)
        var free = area.x
        for tick in axis.ticks where tick >= first && tick <= last {
            let x = area.x + Int((tick - first) / (last - first) * Double(area.width - 1))
            let text = Self.label(tick, step: axis.step)
            let start = min(x, area.maxX - text.count)
            guard start >= free else { continue }
            free = start + 2 + buffer.write(text, at: Point(x: start, y: area.y), style: style)
        }
    }

    private static func label(_ seconds: Double, step: Double) -> String {
        if seconds >= 120 || step >= 60 {
            let whole = Int(step >= 1 ? seconds.rounded() : seconds.rounded(.down))
            let minutes = whole / 60 % 60
            let rest = whole % 60
            let clock = (minutes < 10 ? "0" : "") + "\(minutes):" + (rest < 10 ? "0" : "") + "\(rest)"
            let fraction =
                step >= 1 ? "" : String(Format.fixed(seconds - Double(whole), decimals: decimals(step)).dropFirst())
            return (whole >= 3600 ? "\(whole / 3600):\(clock)" : clock) + fraction
        }
        return Format.fixed(seconds, decimals: decimals(step)) + " s"
    }

    private static func decimals(_ step: Double) -> Int {
        step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : step >= 0.001 ? 3 : 6
    }
}
