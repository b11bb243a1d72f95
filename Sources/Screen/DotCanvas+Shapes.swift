extension DotCanvas {
    /// A place in dots; see ``DotCanvas`` for where (0, 0) is.
    package struct Place: Equatable, Sendable {
        package var x: Double
        package var y: Double

        package init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// Draws a straight line with both of its ends.
    package mutating func line(from start: Place, to end: Place, color: Color, priority: Int = 0) {
        guard let (start, end) = clipped(start, end) else { return }
        // Inside of the canvas by at most half a dot, so the conversion cannot fail.
        var x = Int(start.x.rounded())
        var y = Int(start.y.rounded())
        let lastX = Int(end.x.rounded())
        let lastY = Int(end.y.rounded())
        let ink = Self.ink(color, priority)
        let acrossDistance = abs(lastX - x)
        let downDistance = -abs(lastY - y)
        let stepX = x < lastX ? 1 : -1
        let stepY = y < lastY ? 1 : -1
        var error = acrossDistance + downDistance
        while true {
            if x >= 0, y >= 0, x < width, y < height { mark(x: x, y: y, ink: ink) }
            if x == lastX && y == lastY { return }
            let doubled = 2 * error
            if doubled >= downDistance {
                error += downDistance
                x += stepX
            }
            if doubled <= acrossDistance {
                error += acrossDistance
                y += stepY
            }
        }
    }

    /// Draws lines through places, in order; `isClosed` adds the one from the last to the first.
    package mutating func polyline(_ places: [Place], isClosed: Bool = false, color: Color, priority: Int = 0) {
        guard let first = places.first, var previous = places.first else { return }
        guard places.count > 1 else {
            set(first.x, first.y, color: color, priority: priority)
            return
        }
        for place in places.dropFirst() {
            line(from: previous, to: place, color: color, priority: priority)
            previous = place
        }
        if isClosed { line(from: previous, to: first, color: color, priority: priority) }
    }

    /// Draws the outline of a polygon.
    package mutating func polygon(_ places: [Place], color: Color, priority: Int = 0) {
        polyline(places, isClosed: true, color: color, priority: priority)
    }

    /// Draws a circle that is round on the screen.
    /// - Parameter radius: in dots *across*; it is divided by ``dotAspect`` for the dots down
    package mutating func circle(center: Place, radius: Double, color: Color, priority: Int = 0) {
        ellipse(center: center, across: radius, down: radius / dotAspect, color: color, priority: priority)
    }

    /// Draws an ellipse without gaps, in time proportional to the part of it that can be seen.
    /// - Parameters:
    ///   - across: half of its width in dots
    ///   - down: half of its height in dots
    package mutating func ellipse(
        center: Place, across: Double, down: Double, color: Color, priority: Int = 0
    ) {
        guard across.isFinite, down.isFinite, center.x.isFinite, center.y.isFinite, across >= 0, down >= 0 else {
            return
        }
        guard across >= 0.5 || down >= 0.5 else {
            set(center.x, center.y, color: color, priority: priority)
            return
        }
        // Where the outline is flat each column has one dot, where it is steep each row; they meet where the slope is 1.
        let diagonal = (across * across + down * down).squareRoot()
        let flat = across * (across / diagonal)
        for x in visible(from: center.x - flat, to: center.x + flat, count: width) {
            let distance = (Double(x) - center.x) / across
            // Past the end of a small circle, and 0 / 0 of one without width.
            guard abs(distance) <= 1 else { continue }
            let half = down * (1 - distance * distance).squareRoot()
            set(Double(x), center.y - half, color: color, priority: priority)
            set(Double(x), center.y + half, color: color, priority: priority)
        }
        let steep = down * (down / diagonal)
        for y in visible(from: center.y - steep, to: center.y + steep, count: height) {
            let distance = (Double(y) - center.y) / down
            guard abs(distance) <= 1 else { continue }
            let half = across * (1 - distance * distance).squareRoot()
            set(center.x - half, Double(y), color: color, priority: priority)
            set(center.x + half, Double(y), color: color, priority: priority)
        }
    }

    /// The whole numbers between two bounds that lie on the canvas, one more at each end so that no gap opens where the
    /// two halves of an outline meet.
    private func visible(from low: Double, to high: Double, count: Int) -> Range<Int> {
        let last = Double(count)
        let first = Int(min(max(low.rounded(.down), 0), last))
        let end = Int(min(max(high.rounded(.up) + 1, 0), last))
        return first..<max(first, end)
    }

    /// The part of a line that lies on the canvas (half a dot around the centres of the outermost ones), nil if none:
    /// Cohen and Sutherland's clipping. Unclipped ends would cost time or overflow.
    private func clipped(_ start: Place, _ end: Place) -> (Place, Place)? {
        guard start.x.isFinite, start.y.isFinite, end.x.isFinite, end.y.isFinite, width > 0, height > 0 else {
            return nil
        }
        let right = Double(width) - 0.5
        let bottom = Double(height) - 0.5
        // NaN, which differences of enormous numbers can give, counts as outside.
        func sides(_ place: Place) -> UInt8 {
            (place.x >= -0.5 ? place.x > right ? 2 : 0 : 1) | (place.y >= -0.5 ? place.y > bottom ? 8 : 0 : 4)
        }
        var start = start
        var end = end
        var startSides = sides(start)
        var endSides = sides(end)
        // Each round settles one side of one end. Rounding could undo one for numbers far out: eight rounds are enough
        // for all that is exact, and what is not settled then is not seen.
        for _ in 0..<8 {
            if startSides | endSides == 0 { return (start, end) }
            if startSides & endSides != 0 { return nil }
            let outside = startSides != 0 ? startSides : endSides
            var place = Place(0, 0)
            if outside & 12 != 0 {
                place.y = outside & 8 != 0 ? bottom : -0.5
                place.x = start.x + (end.x - start.x) * ((place.y - start.y) / (end.y - start.y))
            } else {
                place.x = outside & 2 != 0 ? right : -0.5
                place.y = start.y + (end.y - start.y) * ((place.x - start.x) / (end.x - start.x))
            }
            if startSides != 0 {
                start = place
                startSides = sides(place)
            } else {
                end = place
                endSides = sides(place)
            }
        }
        return nil
    }
}
