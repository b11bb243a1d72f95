import Inspection
import Screen
import SpatioWire

/// What wins a cell that several layers draw dots into.
enum MapPriority {
    static let grid = 0
    static let hatch = 1
    static let trail = 5
    static let ring = 8
    static let bounds = 9
    static let region = 10
    static let group = 11
    static let frustum = 12
    static let subscription = 13
    static let query = 14
    static let velocity = 15
    static let heading = 16
    static let ghost = 20
    /// The subscription or query that is looked at.
    static let focus = 25
    /// The selected entity's own lines go over all others.
    static let selected = 30
    static let tool = 40
}

/// The edge of a part of space, and what is written at it.
struct MapArea {
    var outline: Outline
    var style: Style
    var priority: Int
    var name = ""
    /// A part that is covered, not only edged.
    var isHatched = false
}

extension MapPane {
    /// Dots of the canvas from dot to dot of a hatching.
    private static let hatchStep = 4
    /// Outlines of a layer that are drawn; more is a mesh in which nothing can be seen.
    static let mostAreas = 64

    /// The outline of a volume, if the map shows such coordinates and it comes into view.
    func visibleOutline(
        of volume: BoundingVolume, in coordinates: CoordinateSystem.Kind?, _ picture: Picture
    ) -> Outline? {
        if let coordinates {
            guard coordinates == (plane.isGeodetic ? .geodetic : .cartesian) else { return nil }
        }
        guard let outline = plane.outline(of: volume), let extent = outline.extent else { return nil }
        return picture.camera.extent.intersects(extent) ? outline : nil
    }

    mutating func draw(_ area: MapArea, _ picture: Picture) {
        draw(area.outline, picture, color: area.style.foreground, priority: area.priority)
        if area.isHatched, case .polygon(let corners) = area.outline {
            hatch(corners, picture, color: area.style.foreground)
        }
    }

    private mutating func draw(_ outline: Outline, _ picture: Picture, color: Color, priority: Int) {
        switch outline {
        case .polygon(let corners):
            canvas.polygon(corners.map { picture.dots($0, on: canvas) }, color: color, priority: priority)
        case .circle(let centre, let radius):
            drawCircle(centre, radius: radius, picture, color: color, priority: priority)
        }
    }

    mutating func drawCircle(
        _ centre: SIMD2<Double>, radius: Double, _ picture: Picture, color: Color, priority: Int
    ) {
        let across = radius / picture.camera.metresPerColumn * Double(canvas.glyphs.dots.across)
        canvas.circle(center: picture.dots(centre, on: canvas), radius: across, color: color, priority: priority)
    }

    /// Sparse dots over the inside of a convex polygon, row by row.
    private mutating func hatch(_ corners: [SIMD2<Double>], _ picture: Picture, color: Color) {
        let places = corners.map { picture.dots($0, on: canvas) }
        for y in stride(from: 0, to: canvas.height, by: Self.hatchStep) {
            var low = Double.infinity
            var high = -Double.infinity
            for (index, start) in places.enumerated() {
                let end = places[(index + 1) % places.count]
                let line = Double(y)
                guard min(start.y, end.y) <= line, line < max(start.y, end.y) else { continue }
                let x = start.x + (end.x - start.x) * ((line - start.y) / (end.y - start.y))
                low = min(low, x)
                high = max(high, x)
            }
            let first = max(0, (low / Double(Self.hatchStep)).rounded(.up))
            let last = min(high, Double(canvas.width))
            guard first.isFinite, first * Double(Self.hatchStep) <= last else { continue }
            for x in stride(from: first * Double(Self.hatchStep), through: last, by: Double(Self.hatchStep)) {
                canvas.set(x, Double(y), color: color, priority: MapPriority.hatch)
            }
        }
    }

    /// Names stand along the upper edge, a little way in, or to the left of it, or a row under or over it.
    mutating func drawNames(
        of areas: [MapArea], into buffer: inout Buffer, _ picture: Picture, _ context: PaneContext
    ) {
        for area in areas where !area.name.isEmpty {
            guard let anchor = area.outline.anchor(in: picture.camera.extent),
                let cell = picture.camera.cell(anchor)
            else { continue }
            let text = buffer.glyphs.shortened(area.name, to: picture.view.width)
            let width = buffer.glyphs.columns(of: text)
            // What would stand over the right edge begins so early that it does not.
            let places = [min(cell.x + 1, picture.view.width - width), max(0, cell.x - width)]
            let rects = [0, 1, -1].flatMap { row in
                places.map { Rect(x: $0, y: cell.y + row, width: width, height: 1) }
            }
            guard let rect = rects.first(where: { occupancy.isFree($0) }) else { continue }
            occupancy.mark(rect)
            buffer.write(
                text, at: Point(x: picture.view.x + rect.x, y: picture.view.y + rect.y), style: area.style)
        }
    }
}
