import Glibc
import Screen

/// A rectangle of the map's plane, metres.
struct Extent: Equatable, Sendable {
    var low: SIMD2<Double>
    var high: SIMD2<Double>

    init(_ point: SIMD2<Double>) {
        low = point
        high = point
    }

    var centre: SIMD2<Double> { low + (high - low) / 2 }

    @inline(__always)
    mutating func include(_ point: SIMD2<Double>) {
        low = pointwiseMin(low, point)
        high = pointwiseMax(high, point)
    }

    func intersects(_ other: Extent) -> Bool {
        low.x <= other.high.x && low.y <= other.high.y && other.low.x <= high.x && other.low.y <= high.y
    }

    func contains(_ other: Extent) -> Bool {
        low.x <= other.low.x && low.y <= other.low.y && other.high.x <= high.x && other.high.y <= high.y
    }
}

/// What part of the plane is on the screen: its centre and its scale, for so many cells of such a shape.
///
/// Scales are whole steps of 2^(1/2), so that zooming out and in again comes back to the same picture.
struct Camera: Equatable, Sendable {
    /// Metres in the plane, in the middle of the view.
    var centre: SIMD2<Double>
    /// Steps of 2^(1/2) from 1 metre a cell, upwards to the whole.
    var step: Int
    /// Cells.
    var size: Size
    /// Height over width of a cell.
    var aspect: Double

    /// A tenth of a millimetre a cell to the whole reach of the plane in one.
    static let steps = -26...86
    /// What shows a single place: some 20 m from edge to edge.
    private static let leastExtent = 20.0
    /// What is nearer together counts as one place, metres.
    private static let onePlace = 1e-3
    /// The share of the view that what is fitted may take: 5 % stay free at every edge.
    private static let filled = 0.9

    init(centre: SIMD2<Double>, step: Int, size: Size, aspect: Double) {
        self.centre = centre
        self.step = min(max(step, Self.steps.lowerBound), Self.steps.upperBound)
        self.size = size
        // What a terminal says of its pixels is not beyond doubt.
        self.aspect = min(max(aspect.isNaN ? 2 : aspect, 0.5), 8)
    }

    /// The whole of an extent, at the largest scale that leaves a margin.
    init(fitting extent: Extent, size: Size, aspect: Double) {
        self.init(centre: extent.centre, step: 0, size: size, aspect: aspect)
        var across = extent.high.x - extent.low.x
        let upwards = extent.high.y - extent.low.y
        if max(across, upwards) < Self.onePlace { across = Self.leastExtent }
        let needed = max(
            across / (Self.filled * Double(max(size.width, 1))),
            upwards / (Self.filled * Double(max(size.height, 1)) * self.aspect))
        // Not below the smallest number whose logarithm fits into an Int.
        let wanted = (2 * log2(max(needed, 1e-9))).rounded(.up)
        step = min(max(Int(wanted), Self.steps.lowerBound), Self.steps.upperBound)
        centre = snapped(extent.centre)
    }

    /// Metres that a cell is wide.
    var metresPerColumn: Double { exp2(Double(step) / 2) }
    /// Metres that a cell is high.
    var metresPerRow: Double { metresPerColumn * aspect }

    /// What can be seen.
    var extent: Extent {
        let half = SIMD2(Double(size.width) * metresPerColumn, Double(size.height) * metresPerRow) / 2
        var extent = Extent(centre - half)
        extent.include(centre + half)
        return extent
    }

    /// Columns and rows from the upper left corner of the view, with their fractions.
    func cells(_ point: SIMD2<Double>) -> SIMD2<Double> {
        SIMD2(
            (point.x - centre.x) / metresPerColumn + Double(size.width) / 2,
            (centre.y - point.y) / metresPerRow + Double(size.height) / 2)
    }

    /// The cell that shows a point; nil outside of the view.
    func cell(_ point: SIMD2<Double>) -> Point? {
        let place = cells(point)
        guard place.x >= 0, place.y >= 0, place.x < Double(size.width), place.y < Double(size.height) else {
            return nil
        }
        return Point(x: Int(place.x), y: Int(place.y))
    }

    /// The point of the plane in the middle of a cell.
    func point(_ cell: Point) -> SIMD2<Double> {
        SIMD2(
            centre.x + (Double(cell.x) + 0.5 - Double(size.width) / 2) * metresPerColumn,
            centre.y - (Double(cell.y) + 0.5 - Double(size.height) / 2) * metresPerRow)
    }

    /// Moves the view by whole cells, to the right and upwards.
    mutating func pan(columns: Int, rows: Int) {
        move(to: centre + SIMD2(Double(columns) * metresPerColumn, Double(rows) * metresPerRow))
    }

    /// Puts the view's centre somewhere, as far as the plane reaches.
    mutating func move(to point: SIMD2<Double>) {
        centre = point.clamped(
            lowerBound: SIMD2(repeating: -MapPlane.reach), upperBound: SIMD2(repeating: MapPlane.reach))
    }

    /// Changes the scale by so many steps, inwards if positive; `anchor` stays where it is on the screen.
    mutating func zoom(_ steps: Int, about anchor: SIMD2<Double>) {
        let before = metresPerColumn
        step = min(max(step - steps, Self.steps.lowerBound), Self.steps.upperBound)
        move(to: anchor + (centre - anchor) * (metresPerColumn / before))
    }

    /// Follows a point with a dead zone: as long as it is in the middle third of the view nothing moves, because moving
    /// redraws everything; else it comes to the middle by whole cells, which leaves the dots within the cells alone.
    mutating func follow(_ point: SIMD2<Double>) {
        let place = cells(point) / SIMD2(Double(max(size.width, 1)), Double(max(size.height, 1)))
        let middle = 1.0 / 3...2.0 / 3
        if middle.contains(place.x), middle.contains(place.y) { return }
        move(to: centre + wholeCells(point - centre))
    }

    private func wholeCells(_ distance: SIMD2<Double>) -> SIMD2<Double> {
        let cell = SIMD2(metresPerColumn, metresPerRow)
        return (distance / cell).rounded(.toNearestOrAwayFromZero) * cell
    }

    /// The nearest corner of a cell, counted from the origin.
    private func snapped(_ point: SIMD2<Double>) -> SIMD2<Double> { wholeCells(point) }
}
