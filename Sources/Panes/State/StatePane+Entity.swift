import Inspection
import Screen
import SpatioWire

/// The view of an entity.
extension StatePane {
    /// The selected entity, if it is of this space; else the first one there is.
    private func entity(_ scene: StateScene, _ context: PaneContext) -> UUID? {
        if let selected = context.selection.entity, selected.space == scene.id { return selected.id }
        return history.order.first
    }

    mutating func drawEntity(
        into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) {
        history.update(scene, lanes.selected, &reader, context.snapshot)
        guard let id = entity(scene, context) else {
            EmptyPane.draw(
                into: &buffer, area, context,
                ["No entity has fields in this state.", "A full state or a delta that names one would fill this."])
            return
        }
        history.show(id, scene, lanes.selected, context.snapshot)
        let (head, body) = area.splitVertically(at: 1)
        drawHead(into: &buffer, head, id, context)
        history.height = body.height
        history.top = body.y
        history.list.settle(count: history.rows.count, height: body.height)
        for line in 0..<max(0, min(body.height, history.rows.count - history.list.top)) {
            let place = history.list.top + line
            let row = Rect(x: body.x, y: body.y + line, width: body.width, height: 1)
            draw(history.rows[place], into: &buffer, row, scene, context)
            if place == history.list.selected { buffer.restyle(row) { $0 = context.selected($0) } }
        }
    }

    private func drawHead(into buffer: inout Buffer, _ area: Rect, _ id: UUID, _ context: PaneContext) {
        let entity = history.content?.entities[id]
        let name = history.content?.label(of: id) ?? String(id.description.prefix(8))
        let used = buffer.write(
            buffer.glyphs.shortened(VisibleText.visible(name), to: area.width / 2), at: area.origin,
            style: Style(foreground: context.theme.entityColor(of: id), attributes: .bold), maxWidth: area.width)
        let place =
            history.order.firstIndex(of: id).map { "  \($0 + 1) of \(Format.thousands(history.order.count))" } ?? ""
        let state = entity.map { "entity version \($0.version), \(StateText.plural($0.fields.count, "field"))" }
        let known = history.content?.isComplete == false ? ", not known in full" : ""
        let text = "  " + (state ?? "not in the state") + known + place + "  \(id)"
        buffer.write(
            buffer.glyphs.shortened(text, to: area.width - used), at: Point(x: area.x + used, y: area.y),
            style: context.style(.dim), maxWidth: area.width - used)
    }

    private func draw(
        _ row: EntityList.Row, into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) {
        let coordinates = context.snapshot.whole.spaces[scene.index].coordinates
        switch row {
        case .heading(let text):
            buffer.fill(area, style: context.style(.header))
            buffer.write(text, at: area.origin, style: context.style(.header), maxWidth: area.width)
        case .field(let field):
            let x = drawKey(field.key, into: &buffer, area, context)
            buffer.write(
                buffer.glyphs.shortened(
                    StateText.value(field.value, key: field.key, coordinates), to: area.maxX - x),
                at: Point(x: x, y: area.y), style: context.style(.fieldValue), maxWidth: area.maxX - x)
        case .changed(_, let field): draw(field, coordinates, into: &buffer, area, context)
        case .change(let place):
            let entry = history.entries[place]
            let time = Format.duration(nanoseconds: entry.time - context.snapshot.firstTime)
            let author = scene.name(of: entry.author, at: entry.message + 1, context.snapshot)
            let winner =
                entry.winner.map { ", won by " + VisibleText.visible(context.snapshot.model.name(ofNode: $0)) } ?? ""
            let text =
                "\(StateText.sign(entry.change)) v\(entry.version)  \(time)  \(entry.kind.name) from \(author)\(winner)"
            buffer.write(
                buffer.glyphs.shortened(text, to: area.width), at: area.origin,
                style: context.style(StateText.role(entry.change)), maxWidth: area.width)
        }
    }

    // MARK: Keys

    mutating func handleInEntity(_ action: Action, _ scene: StateScene, _ context: PaneContext) -> [PaneRequest]? {
        switch action {
        case .nextEntity, .previousEntity:
            let now = entity(scene, context)
            guard let next = history.entity(after: now, forward: action == .nextEntity) else { return [] }
            return [.select(SelectedEntity(space: scene.id, id: next))]
        case .open: return history.message.map { [.open(message: $0)] } ?? []
        default:
            return history.list.move(action, count: history.rows.count, height: history.height) ? [] : nil
        }
    }
}
