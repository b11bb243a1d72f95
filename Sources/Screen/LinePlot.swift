/// Values over time as lines, which break where there is no data.
package struct LinePlot: Sendable {
    package struct Series: Sendable {
        /// Left to right at equal distances; nil where there is no data.
        package var values: [Double?]
        package var color: Color
        /// Which one is seen where several meet; see ``DotCanvas``.
        package var priority: Int
        /// Where the first and the last value lie, in widths of the canvas from its left edge; they may lie beyond it.
        package var extent: ClosedRange<Double>
        /// Only every third dot is drawn: for what limits a line, so that nobody takes it for one.
        package var isDotted: Bool

        package init(
            values: [Double?], color: Color, priority: Int = 0, extent: ClosedRange<Double> = 0...1,
            isDotted: Bool = false
        ) {
            self.values = values
            self.color = color
            self.priority = priority
            self.extent = extent
            self.isDotted = isDotted
        }
    }

    package var series: [Series]
    /// Where values lie between the bottom (0) and the top of the canvas (1).
    private var share: @Sendable (Double) -> Double

    /// - Parameter range: from the bottom to the top of the canvas.
    package init(series: [Series], range: ClosedRange<Double>) {
        self.series = series
        let extent = range.upperBound - range.lowerBound
        share = { extent > 0 ? ($0 - range.lowerBound) / extent : 0.5 }
    }

    package init(series: [Series], scale: PlotScale) {
        self.series = series
        share = { scale.share(of: $0) }
    }

    /// Draws over the whole canvas. A value without neighbours is a dot; one out of range lies beyond the edge.
    package func draw(on canvas: inout DotCanvas) {
        guard canvas.width > 0, canvas.height > 0 else { return }
        let top = Double(canvas.height - 1)
        for line in series {
            let first = line.extent.lowerBound * Double(canvas.width - 1)
            let width = (line.extent.upperBound - line.extent.lowerBound) * Double(canvas.width - 1)
            let distance = line.values.count > 1 ? width / Double(line.values.count - 1) : 0
            var previous: DotCanvas.Place?
            for (index, value) in line.values.enumerated() {
                guard let value, value.isFinite else {
                    previous = nil
                    continue
                }
                let place = DotCanvas.Place(first + Double(index) * distance, top - share(value) * top)
                let start = previous ?? place
                if line.isDotted {
                    dot(from: start, to: place, line, on: &canvas)
                } else {
                    canvas.line(from: start, to: place, color: line.color, priority: line.priority)
                }
                previous = place
            }
        }
    }

    private func dot(
        from start: DotCanvas.Place, to end: DotCanvas.Place, _ line: Series, on canvas: inout DotCanvas
    ) {
        let last = min(Double(canvas.width), end.x)
        var x = (max(0, start.x) / 3).rounded(.up) * 3
        while x <= last {
            let share = end.x > start.x ? (x - start.x) / (end.x - start.x) : 1
            canvas.set(x, start.y + share * (end.y - start.y), color: line.color, priority: line.priority)
            x += 3
        }
    }

    /// Writes the numbers of an axis beside a plot, each in the row of its value, aligned right.
    ///
    /// Of two numbers for one row the lower one is left out.
    package static func drawLabels(
        of axis: Axis, into buffer: inout Buffer, in rect: Rect, style: Style, format: (Double) -> String
    ) {
        drawLabels(of: .linear(axis), into: &buffer, in: rect, style: style, format: format)
    }

    /// The same for any scale.
    package static func drawLabels(
        of scale: PlotScale, into buffer: inout Buffer, in rect: Rect, style: Style, format: (Double) -> String
    ) {
        guard !rect.isEmpty else { return }
        var taken: Set<Int> = []
        for tick in scale.ticks.reversed() {
            let row = rect.maxY - 1 - Int((scale.share(of: tick) * Double(rect.height - 1)).rounded())
            guard taken.insert(row).inserted else { continue }
            buffer.write(format(tick), endingAt: Point(x: rect.maxX, y: row), style: style, maxWidth: rect.width)
        }
    }
}
