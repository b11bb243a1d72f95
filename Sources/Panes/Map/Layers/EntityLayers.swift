import Glibc
import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// With more entities on the screen their trails and lines are one grey; the selected one keeps its own.
    private static let detailLimit = 500
    /// Length of a heading from the middle of its mark, in cells.
    private static let headingLength = 2.6
    /// A precision ring that is smaller than this many cells across is no more than its mark.
    private static let leastRing = 0.75

    /// Everything that consists of dots: areas' edges, grid, trails and the entities' lines.
    mutating func drawDots(
        into buffer: inout Buffer, _ picture: inout Picture, _ areas: [MapArea], _ context: PaneContext
    ) {
        if canvas.glyphs != buffer.glyphs { canvas = DotCanvas(size: .zero, glyphs: buffer.glyphs) }
        canvas.resize(to: picture.view.size)
        canvas.cellAspect = picture.camera.aspect
        if layers.contains(.grid) { drawGrid(&picture, context) }
        for area in areas { draw(area, picture) }
        drawDetails(&picture, context)
        drawGhostLines(&picture, context)
        drawTool(picture, context)
        canvas.render(into: &buffer, at: picture.view.origin)
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
        let lift = isSelected ? MapPriority.selected : 0
        if layers.contains(.trails) { drawTrail(of: place, entity, frame, lift, &picture, context) }
        if layers.contains(.rings) {
            let radius = Double(entity.precision ?? 0) * Double(ringFactor)
            if radius / picture.camera.metresPerColumn >= Self.leastRing {
                let color = isSelected ? context.style(.mapSelected).foreground : context.style(.mapRing).foreground
                drawCircle(place.point, radius: radius, picture, color: color, priority: MapPriority.ring + lift)
                picture.shown.insert(.layer(.rings))
            }
        }
        guard !place.isStale else { return }
        if layers.contains(.velocities) { drawVelocity(of: entity, place, frame, lift, &picture, context) }
        if layers.contains(.headings) { drawHeading(of: entity, place, frame, lift, &picture, context) }
    }

    /// The way that it goes in a second.
    private mutating func drawVelocity(
        of entity: Entity, _ place: Survey.Place, _ frame: FrameResolver.Frame?, _ lift: Int,
        _ picture: inout Picture, _ context: PaneContext
    ) {
        guard let velocity = entity.velocity, velocity.x != 0 || velocity.y != 0 else { return }
        var way = SIMD3(Double(velocity.x), Double(velocity.y), Double(velocity.z))
        if let frame { way = frame.rotation(way) }
        let start = picture.dots(place.point, on: canvas)
        let end = picture.dots(place.point + SIMD2(way.x, way.y), on: canvas)
        canvas.line(
            from: start, to: end, color: color(of: entity, place, context), priority: MapPriority.velocity + lift)
        picture.shown.insert(.layer(.velocities))
    }

    private mutating func drawHeading(
        of entity: Entity, _ place: Survey.Place, _ frame: FrameResolver.Frame?, _ lift: Int,
        _ picture: inout Picture, _ context: PaneContext
    ) {
        guard let orientation = entity.orientation else { return }
        let rotation = (frame?.rotation ?? .none) * Rotation(orientation)
        guard let heading = rotation.heading else { return }
        let start = picture.dots(place.point, on: canvas)
        let length = Self.headingLength * Double(canvas.glyphs.dots.across)
        let end = DotCanvas.Place(start.x + heading.x * length, start.y - heading.y * length / canvas.dotAspect)
        let style = context.style(lift > 0 ? .mapSelected : .mapHeading)
        canvas.line(from: start, to: end, color: style.foreground, priority: MapPriority.heading + lift)
        picture.shown.insert(.layer(.headings))
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
            canvas.set(dots.x, dots.y, color: color, priority: MapPriority.trail + lift)
        }
        picture.shown.insert(.layer(.trails))
    }

    /// By its height where that is wanted, else its own.
    func color(of entity: Entity, _ place: Survey.Place, _ context: PaneContext) -> Color {
        if place.isStale { return context.style(.mapStale).foreground }
        if layers.contains(.altitude), let heights {
            return Theme.step(context.theme.altitude, at: heights.fraction(Double(place.height)))
        }
        return context.theme.entityColor(of: entity.id)
    }
}
