import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// Dots first, marks and shades over them, and text above all.
    mutating func drawMap(into buffer: inout Buffer, _ picture: inout Picture, _ context: PaneContext) {
        let size = picture.view.size
        if occupancy.size != size { occupancy = OccupancyMap(size: size) } else { occupancy.clear() }
        crowd.count(survey.places, through: picture.camera, time: context.snapshot.time)
        if layers.contains(.altitude) { scaleHeights() }
        if layers.contains(.cost) { drawCost(into: &buffer, &picture, context) }
        var areas = regionAreas(&picture, context)
        areas += groupAreas(&picture, context)
        areas += frustumAreas(&picture, context)
        areas += queryAreas(&picture, context)
        areas += subscriptionAreas(&picture, context)
        drawDots(into: &buffer, &picture, areas, context)
        drawMarks(into: &buffer, ShadeScale(crowd, context.theme, buffer.glyphs), &picture, context)
        drawGhosts(into: &buffer, &picture, context)
        drawVerdicts(into: &buffer, &picture, context)
        // The banner of a replica's world goes over everything there.
        if replicaView != nil { occupancy.mark(Rect(x: 0, y: 0, width: size.width, height: 1)) }
        drawEntityDetails(into: &buffer, picture, context)
        drawLegend(into: &buffer, picture, context)
        drawNames(of: areas.sorted { $0.priority > $1.priority }, into: &buffer, picture, context)
        if layers.contains(.labels) { drawLabels(into: &buffer, &picture, context) }
        drawCross(into: &buffer, picture, context)
    }

    private mutating func scaleHeights() {
        var range: ClosedRange<Double>?
        for place in survey.places where !place.isStale {
            let height = Double(place.height)
            range = range.map { min($0.lowerBound, height)...max($0.upperBound, height) } ?? height...height
        }
        guard let range else { return }
        if heights == nil { heights = HeightScale(range) } else { heights?.widen(to: range) }
    }

    // MARK: Marks

    /// One mark at least for one entity at least, so that nothing small disappears.
    private mutating func drawMarks(
        into buffer: inout Buffer, _ shades: ShadeScale, _ picture: inout Picture, _ context: PaneContext
    ) {
        // The shades of another quantity have the background already.
        let hasShades = layers.contains(.density) && !layers.contains(.cost)
        for y in 0..<crowd.size.height {
            for x in 0..<crowd.size.width {
                let cell = y * crowd.size.width + x
                let count = Int(crowd.counts[cell])
                guard count > 0 else { continue }
                occupancy.mark(Point(x: x, y: y))
                let at = Point(x: picture.view.x + x, y: picture.view.y + y)
                if crowd.isShaded(count), hasShades {
                    buffer[at] = shades.cell(for: count)
                } else {
                    let mark = mark(survey.places[Int(crowd.first[cell])], count: count, &picture, context)
                    buffer[at] = Cell(mark.scalar, style: mark.style.on(buffer[at].style))
                }
            }
        }
        if crowd.hasShades, hasShades { picture.shown.insert(.density) }
        drawSelected(into: &buffer, picture, context)
    }

    /// The kind of one entity, the number of a few.
    private func mark(
        _ place: Survey.Place, count: Int, _ picture: inout Picture, _ context: PaneContext
    ) -> Cell {
        let entity = context.snapshot.model.entities[Int(place.entity)]
        if place.isStale { picture.shown.insert(.stale) }
        let style =
            place.isStale ? context.style(.mapStale) : Style(foreground: color(of: entity, place, context))
        guard count == 1 else {
            return Cell(count > 9 ? "+" : Unicode.Scalar(UInt8(ascii: "0") + UInt8(count)), style: style)
        }
        note(kind: entity.kind ?? 0, &picture)
        return Cell(Self.glyph(ofKind: entity.kind ?? 0), style: style)
    }

    private func note(kind: UInt16, _ picture: inout Picture) {
        guard picture.kinds.count < LegendEntry.mostKinds, !picture.kinds.contains(kind) else { return }
        picture.kinds.append(kind)
    }

    /// Characters that every terminal draws one column wide; circles and diamonds it may not.
    private static let kindGlyphs: [Unicode.Scalar] = ["o", "x", "*", "#", "%", "@", "&", "$"]

    static func glyph(ofKind kind: UInt16) -> Unicode.Scalar { kindGlyphs[Int(kind) % kindGlyphs.count] }

    /// The selected entity and the followed one are never merged into a crowd.
    private func drawSelected(into buffer: inout Buffer, _ picture: Picture, _ context: PaneContext) {
        var special: [(SelectedEntity, Role)] = []
        if case .following(let entity) = mode { special.append((entity, .mapEntity)) }
        if let entity = context.selection.entity { special.append((entity, .mapSelected)) }
        for (id, role) in special {
            guard let place = place(of: id, context), let cell = picture.camera.cell(place.point) else { continue }
            let entity = context.snapshot.model.entities[Int(place.entity)]
            let attributes: Style.Attributes = role == .mapSelected ? .reversed : .bold
            buffer[picture.view.x + cell.x, picture.view.y + cell.y] = Cell(
                Self.glyph(ofKind: entity.kind ?? 0), style: context.style(role).adding(attributes))
        }
    }
}
