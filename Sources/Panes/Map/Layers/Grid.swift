import Glibc
import Screen

/// Lines at round numbers: metres, or degrees on the earth.
enum Grid {
    struct Line: Equatable {
        var start, end: SIMD2<Double>
    }

    /// Cells from line to line, at least: less is noise.
    private static let leastCells = 10.0
    /// Dots of the canvas from dot to dot.
    static let dotSpacing = 4.0
    /// Dots of the canvas; more would be no line across a screen.
    static let longest = 40_000.0
    /// Metres that a degree of latitude is long.
    private static let degreeLength = 111_320.0
    /// Straight pieces of a meridian or parallel across the view.
    private static let pieces = 12

    /// Metres between lines.
    static func step(_ camera: Camera) -> Double {
        Axis.niceStep(atLeast: leastCells * camera.metresPerColumn)
    }

    /// The lines that cross the view.
    static func lines(_ camera: Camera, step: Double) -> [Line] {
        let extent = camera.extent
        // Lines begin at a multiple of the step, so that their dots stay in place while the view moves.
        let start = SIMD2(multiple(of: step, atMost: extent.low.x), multiple(of: step, atMost: extent.low.y))
        return multiples(of: step, from: extent.low.x, to: extent.high.x).map {
            Line(start: SIMD2($0, start.y), end: SIMD2($0, extent.high.y))
        }
            + multiples(of: step, from: extent.low.y, to: extent.high.y).map {
                Line(start: SIMD2(start.x, $0), end: SIMD2(extent.high.x, $0))
            }
    }

    /// Degrees between lines.
    static func degreeStep(_ camera: Camera) -> Double {
        min(Axis.niceStep(atLeast: leastCells * camera.metresPerColumn / degreeLength), 20)
    }

    /// Meridians and parallels through the view, in pieces.
    static func graticule(_ camera: Camera, _ tangent: TangentPlane, step: Double) -> [Line] {
        let (low, high) = degrees(camera, tangent)
        var lines: [Line] = []
        func add(from start: SIMD2<Double>, to end: SIMD2<Double>) {
            var previous: SIMD2<Double>?
            for piece in 0...pieces {
                let place = start + (end - start) * (Double(piece) / Double(pieces))
                let point = tangent.project(longitude: place.x, latitude: place.y, height: 0)
                if let previous, let point { lines.append(Line(start: previous, end: point)) }
                previous = point
            }
        }
        for longitude in multiples(of: step, from: low.x, to: high.x) {
            add(from: SIMD2(longitude, low.y), to: SIMD2(longitude, high.y))
        }
        for latitude in multiples(of: step, from: low.y, to: high.y) {
            add(from: SIMD2(low.x, latitude), to: SIMD2(high.x, latitude))
        }
        return lines
    }

    /// The degrees that the view can show, a little more than less.
    private static func degrees(
        _ camera: Camera, _ tangent: TangentPlane
    ) -> (low: SIMD2<Double>, high: SIMD2<Double>) {
        let half = (camera.extent.high - camera.extent.low) / 2
        let reach = (half * half).sum().squareRoot()
        // The angle at the earth's centre; a quarter turn is all that can be seen.
        let angle = reach < TangentPlane.semiMajorAxis ? asin(reach / TangentPlane.semiMajorAxis) * 180 / .pi : 90
        let low = max(tangent.latitude - angle, -90)
        let high = min(tangent.latitude + angle, 90)
        // Towards a pole meridians crowd, and around it all of them are in view.
        let level = cos(min(max(abs(low), abs(high)), 90) * .pi / 180)
        let turn = level > 0 ? min(angle / level, 180) : 180
        return (SIMD2(tangent.longitude - turn, low), SIMD2(tangent.longitude + turn, high))
    }

    private static func multiple(of step: Double, atMost value: Double) -> Double {
        (value / step).rounded(.down) * step
    }

    private static func multiples(of step: Double, from low: Double, to high: Double) -> [Double] {
        let first = (low / step).rounded(.up)
        let last = (high / step).rounded(.down)
        guard first <= last, last - first < 1000 else { return [] }
        return (0...Int(last - first)).map { (first + Double($0)) * step }
    }
}
