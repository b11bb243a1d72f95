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
        let outlines = layers.contains(.regions) ? regions(picture, context) : []
        drawDots(into: &buffer, &picture, outlines, context)
        drawMarks(into: &buffer, ShadeScale(crowd, context.theme, buffer.glyphs), &picture, context)
        drawLegend(into: &buffer, picture, context)
        drawNames(of: outlines, into: &buffer, picture, context)
        if layers.contains(.labels) { drawLabels(into: &buffer, &picture, context) }
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

    // MARK: Regions

    /// The edges that the view could show, the space's own first.
    private func regions(_ picture: Picture, _ context: PaneContext) -> [MapRegion] {
        let space = context.snapshot.model.spaces[picture.space]
        var result: [MapRegion] = []
        if let bounds = space.info?.bounds, let outline = plane.outline(of: bounds) {
            result.append(MapRegion(outline: outline, isBounds: true, name: ""))
        }
        let view = picture.camera.extent
        for region in space.regions.values {
            guard let outline = plane.outline(of: region.bounds), let extent = outline.extent,
                extent.low.x <= view.high.x, extent.low.y <= view.high.y, extent.high.x >= view.low.x,
                extent.high.y >= view.low.y
            else { continue }
            result.append(
                MapRegion(outline: outline, isBounds: false, name: name(of: region, picture.space, context)))
        }
        // A dictionary has another order in every run, and the first names get the room.
        return result.sorted { $0.isBounds != $1.isBounds ? $0.isBounds : $0.name < $1.name }
    }

    private func name(of region: BoundUpdate, _ space: Int, _ context: PaneContext) -> String {
        let model = context.snapshot.model
        if let id = region.entityID, let index = model.entityIndex(id, space: space) {
            return "region of " + model.label(of: model.entities[index])
        }
        return "region " + String(region.regionID.description.prefix(8))
    }

    private mutating func drawNames(
        of regions: [MapRegion], into buffer: inout Buffer, _ picture: Picture, _ context: PaneContext
    ) {
        for region in regions where !region.name.isEmpty {
            guard let cell = picture.camera.cell(region.outline.top) else { continue }
            // Along the upper edge, a little way in.
            let rect = Rect(x: cell.x + 1, y: cell.y, width: buffer.glyphs.columns(of: region.name), height: 1)
            guard occupancy.isFree(rect) else { continue }
            occupancy.mark(rect)
            buffer.write(
                region.name, at: Point(x: picture.view.x + rect.x, y: picture.view.y + rect.y),
                style: context.style(.mapRegion))
        }
    }

    // MARK: Marks

    /// One mark at least for one entity at least, so that nothing small disappears.
    private mutating func drawMarks(
        into buffer: inout Buffer, _ shades: ShadeScale, _ picture: inout Picture, _ context: PaneContext
    ) {
        for y in 0..<crowd.size.height {
            for x in 0..<crowd.size.width {
                let cell = y * crowd.size.width + x
                let count = Int(crowd.counts[cell])
                guard count > 0 else { continue }
                occupancy.mark(Point(x: x, y: y))
                let at = Point(x: picture.view.x + x, y: picture.view.y + y)
                buffer[at] =
                    crowd.isShaded(count)
                    ? shades.cell(for: count)
                    : mark(survey.places[Int(crowd.first[cell])], count: count, &picture, context)
            }
        }
        if crowd.hasShades { picture.shown.insert(.density) }
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
            return Cell(Unicode.Scalar(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: count)), style: style)
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

    // MARK: Labels

    /// Columns of a label at most: a name from the network can be as long as a message.
    private static let longestLabel = 16

    private enum Rank {
        static let stale = 0
        static let fresh = 1
        static let followed = 2
        static let selected = 3
    }

    private mutating func drawLabels(into buffer: inout Buffer, _ picture: inout Picture, _ context: PaneContext) {
        let model = context.snapshot.model
        var labels: [Label<UUID>] = []
        var texts: [UUID: (text: String, style: Style)] = [:]
        for place in labelCandidates(picture, context) {
            guard let anchor = picture.camera.cell(place.point) else { continue }
            let entity = model.entities[Int(place.entity)]
            let text = buffer.glyphs.shortened(model.label(of: entity), to: Self.longestLabel)
            let rank = rank(of: entity, place, context)
            // A column more, so that two names in a row do not read as one.
            let width = buffer.glyphs.columns(of: text) + 1
            labels.append(Label(id: entity.id, width: width, anchor: anchor, priority: rank))
            let role: Role = rank == Rank.selected ? .mapSelected : place.isStale ? .mapStale : .mapLabel
            texts[entity.id] = (text, context.style(role))
        }
        let result = placer.place(labels, in: &occupancy)
        var isSelectedPlaced = context.selection.entity == nil
        for placement in result.placements {
            guard let label = texts[placement.id] else { continue }
            if placement.id == context.selection.entity?.id { isSelectedPlaced = true }
            write(label.text, at: placement.rect, label.style, into: &buffer, picture)
        }
        if !isSelectedPlaced, let selected = labels.first(where: { $0.priority == Rank.selected }),
            let label = texts[selected.id]
        {
            // No room beside it: then over whatever is there, because what was asked for must be named.
            let slots = LabelSlot.allCases.lazy.map { $0.rect(anchor: selected.anchor, width: selected.width) }
            let rect = slots.first { $0.intersection(Rect(picture.view.size)) == $0 }
            if let rect { write(label.text, at: rect, label.style, into: &buffer, picture) }
        }
        // That a crowd has no names needs no saying.
        picture.unlabelled = crowd.isCrowded ? 0 : crowd.total - result.placements.count
    }

    private func write(_ text: String, at rect: Rect, _ style: Style, into buffer: inout Buffer, _ picture: Picture) {
        buffer.write(
            text, at: Point(x: picture.view.x + rect.x, y: picture.view.y + rect.y), style: style,
            maxWidth: picture.view.width - rect.x)
    }

    private func rank(of entity: Entity, _ place: Survey.Place, _ context: PaneContext) -> Int {
        if isSelected(entity, context) { return Rank.selected }
        if case .following(let followed) = mode, followed.id == entity.id { return Rank.followed }
        return place.isStale ? Rank.stale : Rank.fresh
    }

    /// All in view; of a crowd only the selected and the followed one, because a few names among thousands tell nothing.
    private func labelCandidates(_ picture: Picture, _ context: PaneContext) -> [Survey.Place] {
        guard crowd.isCrowded else { return survey.places.filter { picture.camera.cell($0.point) != nil } }
        var wanted = context.selection.entity.map { [$0] } ?? []
        if case .following(let followed) = mode, !wanted.contains(followed) { wanted.append(followed) }
        return wanted.compactMap { place(of: $0, context) }
    }
}
