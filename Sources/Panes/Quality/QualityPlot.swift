import Inspection
import Screen

/// Draws one graph: a line of figures, the plot with its axes, what limits it, and where nothing was captured.
struct QualityPlot {
    let content: QualityGraphContent
    let range: QualityRange
    let silences: [Silence]
    /// What is shown begins and ends here; both are capture times.
    let first: Int64
    let last: Int64
    let clock: Int64
    /// The beginning of the capture, from which times are counted.
    let origin: Int64
    let isLogarithmic: Bool
    let isSelected: Bool

    /// Columns for the numbers of the axis.
    private static let labelWidth = 9
    /// Fewer rows than this have no room for a legend of their own.
    private static let legendHeight = 9

    /// Where the plot itself lies in the area of a graph.
    static func plotArea(_ area: Rect) -> Rect {
        area.inset(left: labelWidth, top: area.height >= legendHeight ? 2 : 1, right: 1, bottom: 1)
    }

    /// Steps that a graph of this width has room for: one each column and a half can be told from its neighbours.
    static func points(width: Int) -> Int { max(8, (width - labelWidth - 1) * 2 / 3) }

    func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        drawHeader(into: &buffer, Rect(x: area.x, y: area.y, width: area.width, height: 1), context)
        if area.height >= Self.legendHeight {
            drawLegend(into: &buffer, Rect(x: area.x, y: area.y + 1, width: area.width, height: 1), context)
        }
        let plot = Self.plotArea(area)
        guard plot.width >= 8, plot.height >= 2 else { return }
        drawTimes(into: &buffer, Rect(x: plot.x, y: plot.maxY, width: plot.width, height: 1), context)
        guard !content.isEmpty, let scale else {
            let text = content.emptyReason
            let width = min(buffer.glyphs.columns(of: text), plot.width)
            buffer.write(
                text, at: Point(x: plot.x + (plot.width - width) / 2, y: plot.y + plot.height / 2),
                style: context.style(.dim), maxWidth: plot.width)
            return
        }
        drawSilences(into: &buffer, plot, context)
        drawClock(into: &buffer, plot, context)
        LinePlot.drawLabels(
            of: scale, into: &buffer, in: Rect(x: area.x, y: plot.y, width: Self.labelWidth - 1, height: plot.height),
            style: context.style(.dim)
        ) { content.graph.unit.tick($0) }
        drawCurves(into: &buffer, plot, scale, context)
    }

    // MARK: Words

    private func drawHeader(into buffer: inout Buffer, _ row: Rect, _ context: PaneContext) {
        let style = context.style(isSelected ? .titleFocused : .header)
        var x = row.x + buffer.write(" \(content.graph.title) ", at: row.origin, style: style, maxWidth: row.width)
        // One value is that of the worst where there are several lines: what matters comes first.
        let figures = content.entries.compactMap(\.figures)
        var words = figures.isEmpty ? [] : [("max", figures.map(\.greatest).max())]
        if figures.count == 1, let only = figures.first {
            words = [("now", only.latest), ("p50", only.p50), ("p99", only.p99)] + words
        }
        for (name, value) in words {
            let text = content.text(value)
            let width = name.count + 1 + buffer.glyphs.columns(of: text)
            guard x + 2 + width <= row.maxX else { break }
            x += 2
            x += buffer.write(name + " ", at: Point(x: x, y: row.y), style: context.style(.dim))
            x += buffer.write(text, at: Point(x: x, y: row.y), style: context.style(.fieldValue))
        }
    }

    private func drawLegend(into buffer: inout Buffer, _ row: Rect, _ context: PaneContext) {
        var x = row.x + 1
        let sign = content.points.isEmpty ? (buffer.glyphs.isUnicode ? "\u{2500}" : "-") : "*"
        for entry in content.entries where entry.figures != nil && !entry.name.isEmpty {
            let text = "\(entry.name) \(content.text(entry.figures?.latest))"
            guard x + 2 + buffer.glyphs.columns(of: text) <= row.maxX else { break }
            buffer.write(sign, at: Point(x: x, y: row.y), style: Style(foreground: entry.color))
            x += 2
            x += 2 + buffer.write(text, at: Point(x: x, y: row.y), style: context.style(.dim))
        }
        guard let limit = content.limitName else { return }
        let text = (buffer.glyphs.isUnicode ? "\u{2508} " : ". ") + limit
        guard x + buffer.glyphs.columns(of: text) <= row.maxX else { return }
        buffer.write(text, at: Point(x: x, y: row.y), style: context.style(.warning))
    }

    private func drawTimes(into buffer: inout Buffer, _ row: Rect, _ context: PaneContext) {
        let start = Double(first &- origin) / 1e9
        let end = Double(last &- origin) / 1e9
        guard end > start, let axis = Axis(covering: start...end, maximumTicks: max(2, row.width / 12)) else {
            return
        }
        var free = row.x
        for tick in axis.ticks where tick >= start && tick <= end {
            let x = row.x + Int((tick - start) / (end - start) * Double(row.width - 1))
            let text = Self.time(tick, step: axis.step)
            let place = max(row.x, min(x - (x == row.x ? 0 : text.count / 2), row.maxX - text.count))
            guard place >= free else { continue }
            free = place + 2 + buffer.write(text, at: Point(x: place, y: row.y), style: context.style(.dim))
        }
    }

    /// Seconds, with minutes and hours where they are many.
    static func time(_ seconds: Double, step: Double) -> String {
        guard abs(seconds) < 1e15 else { return "\(seconds)" }
        if seconds >= 120 || step >= 60 {
            let text = Format.duration(nanoseconds: Int64(seconds.rounded()) &* 1_000_000_000)
            return String(text.dropLast(4))
        }
        return Format.fixed(seconds, decimals: step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3) + " s"
    }

    // MARK: Scale

    private var scale: PlotScale? {
        var least = Double.infinity
        var greatest = 0.0
        func see(_ value: Double?) {
            guard let value, value.isFinite else { return }
            greatest = max(greatest, value)
            if value > 0 { least = min(least, value) }
        }
        for line in content.lines { for value in line.values { see(value) } }
        for points in content.points { for sample in points.samples { see(Double(sample.milliseconds)) } }
        for value in content.threshold { see(value) }
        see(content.graph.limit)
        if isLogarithmic, greatest > 0, let axis = LogAxis(covering: least...greatest) { return .logarithmic(axis) }
        // All of it zero: some scale there must be, and one percent is little enough.
        let top = greatest > 0 ? greatest : content.graph.unit == .share ? 0.01 : 1
        return Axis(covering: 0...top).map { .linear($0) }
    }

    // MARK: The plot

    /// Where a time lies, in widths of the plot.
    private func share(of time: Int64) -> Double {
        last > first ? Double(time &- first) / Double(last &- first) : 0.5
    }

    private func column(of time: Int64, in plot: Rect) -> Int {
        let share = max(-1, min(share(of: time), 2))
        return plot.x + Int((share * Double(plot.width - 1)).rounded())
    }

    private func drawCurves(into buffer: inout Buffer, _ plot: Rect, _ scale: PlotScale, _ context: PaneContext) {
        var canvas = DotCanvas(size: plot.size, glyphs: buffer.glyphs, cellAspect: context.cellAspect)
        // The value of a step stands in its middle.
        let begin = share(of: range.start &+ range.step / 2)
        let extent = begin...max(begin, share(of: range.end &- range.step / 2))
        var series: [LinePlot.Series] = []
        let limitColor = context.style(.warning).foreground
        if let limit = content.graph.limit {
            series.append(LinePlot.Series(values: [limit, limit], color: limitColor, priority: 1, isDotted: true))
        } else if !content.threshold.isEmpty {
            series.append(
                LinePlot.Series(
                    values: content.threshold, color: limitColor, priority: 1, extent: extent, isDotted: true))
        }
        for line in content.lines {
            series.append(LinePlot.Series(values: line.values, color: line.color, priority: 2, extent: extent))
        }
        LinePlot(series: series, scale: scale).draw(on: &canvas)
        let across = Double(canvas.width - 1)
        let top = Double(canvas.height - 1)
        for points in content.points {
            for sample in points.samples {
                canvas.set(
                    share(of: sample.time) * across, top - scale.share(of: Double(sample.milliseconds)) * top,
                    color: points.color, priority: 2)
            }
        }
        canvas.render(into: &buffer, at: plot.origin)
    }

    /// Nobody was there, or nobody captured: said in the plot, so that a break is not taken for an error of ours.
    private func drawSilences(into buffer: inout Buffer, _ plot: Rect, _ context: PaneContext) {
        for silence in silences {
            let left = max(plot.x, column(of: silence.start, in: plot))
            let right = min(plot.maxX - 1, column(of: silence.end, in: plot))
            guard left <= right else { continue }
            let area = Rect(x: left, y: plot.y, width: right - left + 1, height: plot.height)
            buffer.fill(area, buffer.glyphs.isUnicode ? "\u{B7}" : ".", style: context.style(.border))
            let text = " nothing for \(Self.time(Double(silence.end &- silence.start) / 1e9, step: 1)) "
            if text.count <= area.width {
                buffer.write(
                    text, at: Point(x: left + (area.width - text.count) / 2, y: plot.y + plot.height / 2),
                    style: context.style(.dim))
            }
        }
    }

    private func drawClock(into buffer: inout Buffer, _ plot: Rect, _ context: PaneContext) {
        guard clock < last else { return }
        let x = column(of: clock, in: plot)
        guard plot.columns.contains(x) else { return }
        let line: Unicode.Scalar = buffer.glyphs.isUnicode ? "\u{2502}" : "|"
        buffer.fill(
            Rect(x: x, y: plot.y, width: 1, height: plot.height), line, style: context.style(.timelineCursor))
    }
}
