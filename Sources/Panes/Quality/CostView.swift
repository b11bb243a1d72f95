import Inspection
import Screen
import SpatioWire

/// Octets a second by entity, type, stream or space, as a table.
struct CostView {
    private enum Order: CaseIterable {
        case octets, messages, name

        var title: String {
            switch self {
            case .octets: "by octets/s"
            case .messages: "by messages/s"
            case .name: "by name"
            }
        }
    }

    /// What the rows were made from: as long as it is the same, so are they.
    private struct Basis: Equatable {
        var cursor: Int
        var time: Int64
        var names: Int
        var group: CostGroup
        var scope: QualityScope
        var order: Order
        var isReversed: Bool
    }

    private(set) var group = CostGroup.stream
    private var list = ListState()
    private var order = Order.octets
    private var isReversed = false
    private var basis: Basis?
    private var table = CostTable()
    private var rows: [(row: CostRow, name: String)] = []
    private var height = 1

    // MARK: Rows

    private mutating func update(_ context: PaneContext, _ scope: QualityScope) {
        let snapshot = context.snapshot
        let basis = Basis(
            cursor: snapshot.cursor, time: snapshot.time, names: snapshot.whole.identities, group: group, scope: scope,
            order: order, isReversed: isReversed)
        guard basis != self.basis else { return }
        let isOther = self.basis?.group != group
        let selected = isOther ? nil : selectedRow?.what
        self.basis = basis
        table = snapshot.cost(by: group, of: scope)
        rows = table.rows.map { ($0, Self.name(of: $0.what, snapshot)) }
        switch order {
        case .octets: break
        case .messages: rows = sorted { ($0.row.messages ?? 0) > ($1.row.messages ?? 0) }
        case .name: rows = sorted { $0.name < $1.name }
        }
        if isReversed { rows.reverse() }
        if isOther { list = ListState() }
        // The selection stays with what it is on.
        if let selected, let place = rows.firstIndex(where: { $0.row.what == selected }) { list.selected = place }
    }

    /// Equal ones stay as they are.
    private func sorted(
        _ isBefore: ((row: CostRow, name: String), (row: CostRow, name: String)) -> Bool
    ) -> [(row: CostRow, name: String)] {
        rows.enumerated().sorted { first, second in
            if isBefore(first.element, second.element) { return true }
            return !isBefore(second.element, first.element) && first.offset < second.offset
        }.map(\.element)
    }

    private var selectedRow: CostRow? { rows.indices.contains(list.selected) ? rows[list.selected].row : nil }

    private static func name(of what: CostRow.What, _ snapshot: Snapshot) -> String {
        let model = snapshot.model
        switch what {
        case .entity(let index):
            let entity = model.entities[index]
            let label = model.label(of: entity)
            let id = String(entity.id.description.prefix(8))
            return label == id ? id : "\(label)  \(id)"
        case .type(let type?): return type.description
        case .type(nil): return "unreadable"
        case .stream(let index?) where snapshot.whole.streams.indices.contains(index):
            let stream = snapshot.whole.streams[index]
            let ends = PeerNames.ends(of: stream, snapshot.whole, snapshot.hostNames, width: 44, .braille)
            return "\(ends)  stream \(stream.streamID.map { "\($0)" } ?? "?")" + (stream.isMirrored ? " mirrored" : "")
        case .stream: return "streams that are not followed"
        case .space(let index?) where snapshot.whole.spaces.indices.contains(index):
            return snapshot.whole.spaces[index].label
        case .space: return "without a space"
        }
    }

    // MARK: Drawing

    mutating func draw(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext, _ scope: QualityScope) {
        update(context, scope)
        drawGroups(into: &buffer, area, context)
        let body = area.inset(top: 1)
        guard !rows.isEmpty else {
            let reason =
                table.span == nil
                ? ["No time has passed yet, so there is no rate."]
                : ["Nothing was sent in the last \(Self.seconds(table.span)) before the clock."]
            EmptyPane.draw(into: &buffer, body, context, reason)
            return
        }
        height = max(0, body.height - 1)
        list.settle(count: rows.count, height: height)
        drawHeader(into: &buffer, body, context)
        let greatest = rows.reduce(0) { max($0, $1.row.octets) }
        for line in 0..<min(height, rows.count - list.top) {
            let row = Rect(x: body.x, y: body.y + 1 + line, width: body.width, height: 1)
            draw(rows[list.top + line], into: &buffer, row, greatest, context)
            if list.top + line == list.selected { buffer.restyle(row) { $0 = context.selected($0) } }
        }
    }

    private static func seconds(_ span: Int64?) -> String { Format.fixed(Double(span ?? 0) / 1e9, decimals: 0) + " s" }

    private func drawGroups(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        var x = area.x + buffer.write("octets/s by ", at: area.origin, style: context.style(.dim))
        for group in CostGroup.allCases {
            let style = context.style(group == self.group ? .titleFocused : .hint)
            x += 1 + buffer.write(" \(group.name) ", at: Point(x: x, y: area.y), style: style, maxWidth: area.maxX - x)
        }
        let over = table.span.map { "over \(Self.seconds(max($0, 1_000_000_000)))  " } ?? ""
        let note = over + "\(Format.si(table.total, unit: "B/s")) in \(Format.thousands(table.count))"
        if x + note.count + 1 < area.maxX {
            buffer.write(note, endingAt: Point(x: area.maxX, y: area.y), style: context.style(.dim))
        }
    }

    private static let figureWidth = 11

    /// Columns of the name, and of the bar.
    private static func columns(_ width: Int) -> (name: Int, bar: Int) {
        let rest = max(0, width - 3 * figureWidth)
        let name = min(rest, max(20, rest * 6 / 10))
        return (name, max(0, rest - name - 1))
    }

    private func drawHeader(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let style = context.style(.header)
        buffer.fill(Rect(x: area.x, y: area.y, width: area.width, height: 1), style: style)
        buffer.write(
            "\(group.name)  \(order.title)\(isReversed ? ", least first" : "")", at: area.origin, style: style,
            maxWidth: Self.columns(area.width).name)
        for (place, name) in ["octets/s", "share", "messages/s"].enumerated() {
            let x = area.x + Self.columns(area.width).name + (place + 1) * Self.figureWidth
            buffer.write(name, endingAt: Point(x: x, y: area.y), style: style)
        }
    }

    private func draw(
        _ row: (row: CostRow, name: String), into buffer: inout Buffer, _ area: Rect, _ greatest: Double,
        _ context: PaneContext
    ) {
        let columns = Self.columns(area.width)
        buffer.write(
            buffer.glyphs.shortened(VisibleText.visible(row.name), to: columns.name - 1), at: area.origin,
            style: style(of: row.row.what, context))
        let share = table.total > 0 ? row.row.octets / table.total : nil
        let texts = [
            Format.si(row.row.octets, unit: "B/s"), QualityUnit.share.text(share),
            QualityUnit.perSecond.text(row.row.messages),
        ]
        for (place, text) in texts.enumerated() {
            let x = area.x + columns.name + (place + 1) * Self.figureWidth
            buffer.write(text, endingAt: Point(x: x, y: area.y), style: context.style(.fieldValue))
        }
        guard columns.bar > 0, greatest > 0 else { return }
        let length = max(1, Int((row.row.octets / greatest * Double(columns.bar)).rounded()))
        buffer.fill(
            Rect(x: area.maxX - columns.bar, y: area.y, width: length, height: 1),
            buffer.glyphs.isUnicode ? "\u{25A0}" : "#", style: context.style(.timeline))
    }

    private func style(of what: CostRow.What, _ context: PaneContext) -> Style {
        switch what {
        case .entity(let index):
            Style(foreground: context.theme.entityColor(of: context.snapshot.model.entities[index].id))
        case .type(let type?): context.style(MessageFamily(type).role)
        case .type, .stream, .space: context.style(.text)
        }
    }

    // MARK: Keys

    /// Nil: the action means nothing here.
    mutating func handle(_ action: Action, _ context: PaneContext) -> [PaneRequest]? {
        switch action {
        case .left: change(by: -1)
        case .right: change(by: 1)
        case .sortNext:
            let orders = Order.allCases
            order = orders[((orders.firstIndex(of: order) ?? 0) + 1) % orders.count]
        case .sortReverse: isReversed.toggle()
        case .open: return open(context, isStaying: false)
        case .onlyThis: return open(context, isStaying: true)
        default: return list.move(action, count: rows.count, height: height) ? [] : nil
        }
        return []
    }

    private mutating func change(by step: Int) {
        let groups = CostGroup.allCases
        let place = groups.firstIndex(of: group) ?? 0
        group = groups[(place + step + groups.count) % groups.count]
    }

    /// Selects the entity, or filters to the messages.
    private func open(_ context: PaneContext, isStaying: Bool) -> [PaneRequest] {
        guard let what = selectedRow?.what else { return [] }
        let whole = context.snapshot.whole
        let filter: String
        switch what {
        case .entity(let index):
            let entity = context.snapshot.model.entities[index]
            let space = whole.spaces[entity.space].id
            if !isStaying { return [.select(SelectedEntity(space: space, id: entity.id)), .focus(.map)] }
            filter = "entity == \"\(entity.id)\""
        case .type(let type?): filter = "type == \(type.description.lowercased())"
        case .stream(let index?) where whole.streams.indices.contains(index):
            filter = StreamsPane.filter(whole.streams[index], whole)
        case .space(let index?) where whole.spaces.indices.contains(index):
            filter = "space == \"\(whole.spaces[index].id)\""
        case .type, .stream, .space: return [.notice("No filter can say which messages these are.")]
        }
        return isStaying ? [.filter(filter)] : [.filter(filter), .focus(.messages)]
    }

    mutating func scroll(by rows: Int) { list.scroll(by: rows, count: self.rows.count, height: height) }

    /// Selects the row under a point.
    mutating func click(_ point: Point, _ area: Rect) {
        let line = point.y - area.y - 2
        guard line >= 0, line < height, list.top + line < rows.count else { return }
        list.selected = list.top + line
    }
}
