/// Values over time as lines, which break where there is no data.
package struct LinePlot: Sendable {
    package struct Series: Sendable {
        /// Left to right at equal distances; nil where there is no data.
        package var values: [Double?]
        package var color: Color
        /// Which one is seen where several meet; see ``DotCanvas``.
        package var priority: Int

        package init(values: [Double?], color: Color, priority: Int = 0) {
            self.values = values
            self.color = color
            self.priority = priority
        }
    }

    package var series: [Series]
    /// From the bottom to the top of the canvas.
    package var range: ClosedRange<Double>

    package init(series: [Series], range: ClosedRange<Double>) {
        self.series = series
        self.range = range
    }

    /// Draws over the whole canvas. A value without neighbours is a dot; one out of range lies beyond the edge.
    package func draw(on canvas: inout DotCanvas) {
        let extent = range.upperBound - range.lowerBound
        guard canvas.width > 0, canvas.height > 0 else { return }
        let top = Double(canvas.height - 1)
        for line in series {
            let distance = line.values.count > 1 ? Double(canvas.width - 1) / Double(line.values.count - 1) : 0
            var previous: DotCanvas.Place?
            for (index, value) in line.values.enumerated() {
                guard let value, value.isFinite else {
                    previous = nil
                    continue
                }
                let share = extent > 0 ? (value - range.lowerBound) / extent : 0.5
                let place = DotCanvas.Place(Double(index) * distance, top - share * top)
                canvas.line(from: previous ?? place, to: place, color: line.color, priority: line.priority)
                previous = place
            }
        }
    }

    /// Writes the numbers of an axis beside a plot, each in the row of its value, aligned right.
    ///
    /// Of two numbers for one row the lower one is left out.
    package static func drawLabels(
        of axis: Axis, into buffer: inout Buffer, in rect: Rect, style: Style, format: (Double) -> String
    ) {
        guard !rect.isEmpty, axis.highest > axis.lowest else { return }
        var taken: Set<Int> = []
        for tick in axis.ticks.reversed() {
            let share = (tick - axis.lowest) / (axis.highest - axis.lowest)
            let row = rect.maxY - 1 - Int((share * Double(rect.height - 1)).rounded())
            guard taken.insert(row).inserted else { continue }
            buffer.write(format(tick), endingAt: Point(x: rect.maxX, y: row), style: style, maxWidth: rect.width)
        }
    }
}
