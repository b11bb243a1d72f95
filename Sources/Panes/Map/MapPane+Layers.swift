import Glibc
import Inspection
import Screen
import SpatioWire

/// What wins a cell that several layers draw dots into.
private enum Priority {
    static let grid = 0
    static let trail = 5
    static let ring = 8
    static let bounds = 9
    static let region = 10
    static let velocity = 15
    static let heading = 16
    /// The selected entity's own lines go over all others.
    static let selected = 30
}

extension MapPane {
    /// With more entities on the screen their trails and lines are one grey; the selected one keeps its own.
    private static let detailLimit = 500
    /// Length of a heading from the middle of its mark, in cells.
    private static let headingLength = 2.6
    /// A precision ring that is smaller than this many cells across is no more than its mark.
    private static let leastRing = 0.75

    /// Everything that consists of dots: areas' edges, grid, trails and the entities' lines.
    mutating func drawDots(
        into buffer: inout Buffer, _ picture: inout Picture, _ outlines: [MapRegion], _ context: PaneContext
    ) {
        if canvas.glyphs != buffer.glyphs { canvas = DotCanvas(size: .zero, glyphs: buffer.glyphs) }
        canvas.resize(to: picture.view.size)
        canvas.cellAspect = picture.camera.aspect
        if layers.contains(.grid) { drawGrid(&picture, context) }
        for region in outlines {
            draw(
                region.outline, picture, color: context.style(region.isBounds ? .mapScale : .mapRegion).foreground,
                priority: region.isBounds ? Priority.bounds : Priority.region)
            picture.shown.insert(region.isBounds ? .bounds : .region)
        }
        drawDetails(&picture, context)
        canvas.render(into: &buffer, at: picture.view.origin)
    }

    private mutating func draw(_ outline: Outline, _ picture: Picture, color: Color, priority: Int) {
        switch outline {
        case .polygon(let corners):
            canvas.polygon(corners.map { picture.dots($0, on: canvas) }, color: color, priority: priority)
        case .circle(let centre, let radius):
            drawCircle(centre, radius: radius, picture, color: color, priority: priority)
        }
    }

    private mutating func drawCircle(
        _ centre: SIMD2<Double>, radius: Double, _ picture: Picture, color: Color, priority: Int
    ) {
        let across = radius / picture.camera.metresPerColumn * Double(canvas.glyphs.dots.across)
        canvas.circle(center: picture.dots(centre, on: canvas), radius: across, color: color, priority: priority)
    }

    // MARK: Entities

    private mutating func drawDetails(_ picture: inout Picture, _ context: PaneContext) {
        let model = context.snapshot.model
        if crowd.total <= Self.detailLimit {
            for place in survey.places where picture.camera.cell(place.point) != nil {
                let entity = model.entities[Int(place.entity)]
                guard !isSelected(entity, context) else { continue }
                drawDetails(of: entity, place, isSelected: false, &picture, context)
            }
        }
        if let selected = context.selection.entity, let place = self.place(of: selected, context) {
            drawDetails(of: model.entities[Int(place.entity)], place, isSelected: true, &picture, context)
        }
    }

    private mutating func drawDetails(
        of entity: Entity, _ place: Survey.Place, isSelected: Bool, _ picture: inout Picture, _ context: PaneContext
    ) {
        let frame = survey.frame(of: entity, context.snapshot.model, plane)
        let lift = isSelected ? Priority.selected : 0
        if layers.contains(.trails) { drawTrail(of: place, entity, frame, lift, &picture, context) }
        if layers.contains(.rings) {
            let radius = Double(entity.precision ?? 0)
            if radius / picture.camera.metresPerColumn >= Self.leastRing {
                let color = isSelected ? context.style(.mapSelected).foreground : context.style(.mapRing).foreground
                drawCircle(place.point, radius: radius, picture, color: color, priority: Priority.ring + lift)
                picture.shown.insert(.ring)
            }
        }
        guard layers.contains(.headings), !place.isStale else { return }
        let start = picture.dots(place.point, on: canvas)
        if let velocity = entity.velocity, velocity.x != 0 || velocity.y != 0 {
            var way = SIMD3(Double(velocity.x), Double(velocity.y), Double(velocity.z))
            if let frame { way = frame.rotation(way) }
            let end = picture.dots(place.point + SIMD2(way.x, way.y), on: canvas)
            canvas.line(
                from: start, to: end, color: color(of: entity, place, context), priority: Priority.velocity + lift)
            picture.shown.insert(.velocity)
        }
        guard let orientation = entity.orientation else { return }
        let rotation = (frame?.rotation ?? .none) * Rotation(orientation)
        guard let heading = rotation.heading else { return }
        let length = Self.headingLength * Double(canvas.glyphs.dots.across)
        let end = DotCanvas.Place(start.x + heading.x * length, start.y - heading.y * length / canvas.dotAspect)
        let style = context.style(isSelected ? .mapSelected : .mapHeading)
        canvas.line(from: start, to: end, color: style.foreground, priority: Priority.heading + lift)
        picture.shown.insert(.heading)
    }

    private mutating func drawTrail(
        of place: Survey.Place, _ entity: Entity, _ frame: FrameResolver.Frame?, _ lift: Int, _ picture: inout Picture,
        _ context: PaneContext
    ) {
        let model = context.snapshot.model
        guard Int(place.entity) < model.trails.count else { return }
        let trail = model.trails[Int(place.entity)]
        guard trail.count > 1 else { return }
        let color = context.style(lift > 0 ? .mapSelected : .mapTrail).foreground
        let offset = FrameResolver.offset(of: entity)
        for position in trail.positions {
            let past = Vector3(position.x, position.y, entity.position?.z ?? 0)
            // As its frame stands now: where that was then is not known.
            let point = frame.map { $0.place(past, offset: offset) } ?? (try? plane.place(past))
            guard let point else { continue }
            let dots = picture.dots(SIMD2(point.x, point.y), on: canvas)
            canvas.set(dots.x, dots.y, color: color, priority: Priority.trail + lift)
        }
        picture.shown.insert(.trail)
    }

    /// By its height where that is wanted, else its own.
    func color(of entity: Entity, _ place: Survey.Place, _ context: PaneContext) -> Color {
        if place.isStale { return context.style(.mapStale).foreground }
        if layers.contains(.altitude), let heights {
            return Theme.step(context.theme.altitude, at: heights.fraction(Double(place.height)))
        }
        return context.theme.entityColor(of: entity.id)
    }

    // MARK: Grid

    private mutating func drawGrid(_ picture: inout Picture, _ context: PaneContext) {
        let color = context.style(.mapGrid).foreground
        let step: Double
        switch plane {
        case .metric:
            step = Grid.step(picture.camera)
            for line in Grid.lines(picture.camera, step: step) { drawDotted(line, picture, color) }
        case .tangent(let tangent):
            step = Grid.degreeStep(picture.camera)
            for line in Grid.graticule(picture.camera, tangent, step: step) { drawDotted(line, picture, color) }
        }
        picture.gridStep = step
        picture.shown.insert(.grid)
    }

    /// One dot a cell or two, so that the grid stays behind everything; counted from the start of the line, which is fixed
    /// in space, so that the dots move with the view.
    private mutating func drawDotted(_ line: Grid.Line, _ picture: Picture, _ color: Color) {
        let start = picture.dots(line.start, on: canvas)
        let end = picture.dots(line.end, on: canvas)
        let across = end.x - start.x
        let down = end.y - start.y
        let length = max(abs(across), abs(down))
        // A line that is much longer than the screen comes from nowhere on it.
        guard length < Grid.longest else { return }
        for distance in stride(from: 0, through: length, by: Grid.dotSpacing) {
            let share = length > 0 ? distance / length : 0
            canvas.set(start.x + across * share, start.y + down * share, color: color, priority: Priority.grid)
        }
    }
}

/// The edge of a part of space.
struct MapRegion {
    let outline: Outline
    /// Of the space itself.
    let isBounds: Bool
    let name: String
}
