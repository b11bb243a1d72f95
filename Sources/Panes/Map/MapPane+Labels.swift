import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// Columns of a label at most: a name from the network can be as long as a message.
    private static let longestLabel = 16

    private enum Rank {
        static let stale = 0
        static let fresh = 1
        static let followed = 2
        static let selected = 3
    }

    mutating func drawLabels(into buffer: inout Buffer, _ picture: inout Picture, _ context: PaneContext) {
        let model = context.snapshot.model
        let candidates = labelCandidates(picture, context)
        var labels: [Label] = []
        var texts: [LabelID: (text: String, style: Style)] = [:]
        labels.reserveCapacity(candidates.count)
        texts.reserveCapacity(candidates.count)
        for place in candidates {
            guard let anchor = picture.camera.cell(place.point) else { continue }
            let entity = model.entities[Int(place.entity)]
            let text = buffer.glyphs.shortened(model.label(of: entity), to: Self.longestLabel)
            let rank = rank(of: entity, place, context)
            // A column more, so that two names in a row do not read as one.
            let width = buffer.glyphs.columns(of: text) + 1
            let id = LabelID(entity.id)
            labels.append(Label(id: id, width: width, anchor: anchor, priority: rank))
            let role: Role = rank == Rank.selected ? .mapSelected : place.isStale ? .mapStale : .mapLabel
            texts[id] = (text, context.style(role))
        }
        let result = placer.place(labels, in: &occupancy)
        let selected = context.selection.entity.map { LabelID($0.id) }
        var isSelectedPlaced = selected == nil
        for placement in result.placements {
            guard let label = texts[placement.id] else { continue }
            if placement.id == selected { isSelectedPlaced = true }
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

extension LabelID {
    fileprivate init(_ id: UUID) { self.init(high: id.high, low: id.low) }
}
