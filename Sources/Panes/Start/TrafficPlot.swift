import Capture
import Screen

/// The octets of one interface over the last minute, large.
struct TrafficPlot {
    let interface: StartInterface

    /// Columns for the numbers of the axis.
    private static let labelWidth = 10
    /// From here on it tells something that the line in the list does not.
    static let leastHeight = 8

    func draw(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let plot = area.inset(left: Self.labelWidth, top: 1, right: 1, bottom: 1)
        let values = interface.rates.map { $0?.octets }
        guard plot.width >= 8, plot.height >= 2, let highest = values.compactMap({ $0 }).max(),
            let axis = Axis(covering: 0...max(highest, 1), maximumTicks: max(2, plot.height / 3))
        else { return }
        LinePlot.drawLabels(
            of: axis, into: &buffer, in: Rect(x: area.x, y: plot.y, width: Self.labelWidth - 1, height: plot.height),
            style: context.style(.dim)
        ) { Format.si($0, unit: "B/s") }
        var canvas = DotCanvas(size: plot.size, glyphs: buffer.glyphs)
        // What is not known yet lies on the left, so that a second has its place.
        let missing = [Double?](repeating: nil, count: max(0, InterfaceTraffic.historyLimit - values.count))
        let line = LinePlot.Series(values: missing + values, color: context.style(.timeline).foreground)
        LinePlot(series: [line], scale: .linear(axis)).draw(on: &canvas)
        canvas.render(into: &buffer, at: plot.origin)
        let style = context.style(.dim)
        buffer.write("a minute ago", at: Point(x: plot.x, y: plot.maxY), style: style, maxWidth: plot.width)
        buffer.write("now", endingAt: Point(x: plot.maxX, y: plot.maxY), style: style, maxWidth: plot.width)
    }
}
