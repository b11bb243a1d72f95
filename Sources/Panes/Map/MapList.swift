import Inspection
import Screen
import SpatioWire

/// A list over the map: spaces, what has no place, subscriptions, queries.
struct MapList {
    enum Kind: Equatable {
        case spaces, unplaced, subscriptions, queries

        var title: String {
            switch self {
            case .spaces: "Spaces"
            case .unplaced: "Not placed"
            case .subscriptions: "Subscriptions"
            case .queries: "Queries"
            }
        }

        /// What Enter does.
        var hint: String {
            switch self {
            case .spaces: "Enter shows it, Esc closes"
            case .unplaced: "Enter selects, Esc closes"
            case .subscriptions: "Enter shows it on the map, Esc closes"
            case .queries: "Enter shows it on the map, f its messages, Esc closes"
            }
        }

        /// Why there is nothing in it.
        var emptiness: String {
            switch self {
            case .spaces: "No space is known yet: CONNECT_ACK and the first address tell of them."
            case .unplaced: "Everything in this space has its place on the map."
            case .subscriptions: "Nobody has subscribed to a part of this space: REGION_SUBSCRIBE does that."
            case .queries: "Nobody has asked about this space: SPATIAL_QUERY and the extension spatial-query do."
            }
        }

        /// Titles and widths of the columns; 0 takes what is left.
        var columns: [(title: String, width: Int)] {
            switch self {
            case .spaces: [("name", 20), ("id", 8), ("entities", 8), ("version", 7), ("coordinates", 0)]
            case .unplaced: [("entity", 16), ("why", 22), ("frames", 0)]
            case .subscriptions: [("who", 14), ("id", 5), ("bounds", 24), ("served", 0)]
            case .queries: [("time", 10), ("who", 14), ("came of it", 0)]
            }
        }
    }

    let kind: Kind
    var state = ListState()
    var height = 1
}

extension MapPane {
    /// Columns of a list at most, and queries in it.
    private static let widestList = 110
    private static let mostListed = 1_000
    /// With more entities a frame has no time for the truth about every row, only for the selected one.
    private static let judgedEntities = 5_000

    /// What a row of the list is about.
    private enum Item {
        case space(Int)
        case unplaced(Int, Unplaced)
        case subscription(Int)
        case query(Int)
    }

    mutating func open(_ kind: MapList.Kind, _ context: PaneContext) {
        if list?.kind == kind {
            list = nil
            return
        }
        tool = nil
        list = MapList(kind: kind)
        if kind == .spaces, let space = currentSpace(context.snapshot.model) { list?.state.selected = space }
        survey.keepsUnplaced = kind == .unplaced
    }

    private func items(_ kind: MapList.Kind, _ snapshot: Snapshot) -> [Item] {
        switch kind {
        case .spaces: return snapshot.model.spaces.indices.map { .space($0) }
        case .unplaced: return survey.unplacedEntities.map { .unplaced(Int($0.entity), $0.reason) }
        case .subscriptions: return truths.holding.map { .subscription($0) }
        case .queries:
            let space = space.flatMap { snapshot.model.spaceIndex($0) }
            return snapshot.chronicle.spatial.queries(until: snapshot.cursor, space: space, most: Self.mostListed).map {
                .query($0)
            }
        }
    }

    // MARK: Keys

    /// Keys while a list is open; nil for those that it leaves to others.
    mutating func handleList(_ action: Action, _ context: PaneContext) -> MapResponse? {
        guard var list else { return nil }
        let items = items(list.kind, context.snapshot)
        switch action {
        case .back: self.list = nil
        case .open:
            guard items.indices.contains(list.state.selected) else { return .handled }
            self.list = nil
            return choose(items[list.state.selected], context)
        case .followEntity where list.kind == .queries:
            guard items.indices.contains(list.state.selected), case .query(let place) = items[list.state.selected]
            else {
                return .handled
            }
            let query = context.snapshot.chronicle.spatial.queries[place]
            let answer = query.answer(until: context.snapshot.cursor).map { ", \($0.moment.message)" } ?? ""
            self.list = nil
            return .ask([.filter("number in {\(query.asked.message)\(answer)}"), .focus(.messages)])
        default:
            guard list.state.move(action, count: items.count, height: list.height) else { return nil }
            self.list = list
        }
        return .handled
    }

    private mutating func choose(_ item: Item, _ context: PaneContext) -> MapResponse {
        let snapshot = context.snapshot
        switch item {
        case .space(let index): show(space: snapshot.model.spaces[index].id)
        case .unplaced(let index, _):
            guard index < snapshot.model.entities.count, let space else { return .handled }
            return .select(SelectedEntity(space: space, id: snapshot.model.entities[index].id))
        case .subscription(let place):
            subscription = place
            layers.insert(.subscriptions)
            look(at: snapshot.chronicle.spatial.subscriptions[place].bounds)
        case .query(let place):
            query = place
            layers.insert(.queries)
            if let footprint = snapshot.chronicle.spatial.queries[place].footprint { look(at: footprint) }
        }
        return .handled
    }

    /// Brings a volume into view, unless all of it is there.
    private mutating func look(at volume: BoundingVolume) {
        guard let camera, let extent = plane.outline(of: volume)?.extent, !camera.extent.contains(extent) else {
            return
        }
        self.camera = Camera(fitting: extent, size: camera.size, aspect: camera.aspect)
        mode = .manual
    }

    mutating func scrollList(by rows: Int, _ context: PaneContext) {
        guard var list else { return }
        list.state.scroll(by: rows, count: items(list.kind, context.snapshot).count, height: list.height)
        self.list = list
    }

    /// A click selects a row, on the selected one it is Enter; beside the list it closes it.
    mutating func clickList(_ point: Point, view: Rect, _ context: PaneContext) -> MapResponse {
        guard var list else { return .handled }
        let area = Self.listArea(view)
        guard area.contains(point) else {
            self.list = nil
            return .handled
        }
        let row = list.state.top + point.y - area.y - 2
        guard point.y >= area.y + 2, row < items(list.kind, context.snapshot).count, point.y < area.maxY - 1 else {
            return .handled
        }
        if row == list.state.selected { return handleList(.open, context) ?? .handled }
        list.state.selected = row
        self.list = list
        return .handled
    }

    // MARK: Drawing

    private static func listArea(_ view: Rect) -> Rect {
        let width = min(view.width, widestList)
        return Rect(x: view.x + (view.width - width) / 2, y: view.y, width: width, height: view.height)
    }

    /// - Parameter known: what is known at all, whosever world the map shows.
    mutating func drawList(into buffer: inout Buffer, _ view: Rect, _ known: Snapshot, _ context: PaneContext) {
        guard var list, view.height >= 4, view.width >= 12 else { return }
        let items = items(list.kind, known)
        let area = Self.listArea(view)
        buffer.fill(area, style: context.style(.text))
        buffer.drawBox(
            area, style: context.style(.borderFocused),
            title: "\(list.kind.title) (\(Format.thousands(items.count)))", titleStyle: context.style(.titleFocused),
            trailing: list.kind.hint, trailingStyle: context.style(.dim))
        let inside = area.inset()
        list.height = max(1, inside.height - 1)
        list.state.settle(count: items.count, height: list.height)
        self.list = list
        guard !items.isEmpty else {
            for (row, line) in MapText.wrapped(list.kind.emptiness, width: inside.width - 2, glyphs: buffer.glyphs)
                .prefix(inside.height).enumerated()
            {
                buffer.write(
                    line, at: Point(x: inside.x + 1, y: inside.y + row), style: context.style(.hint),
                    maxWidth: inside.width - 2)
            }
            return
        }
        write(
            list.kind.columns.map(\.title), list.kind, into: &buffer, at: inside.origin, inside.width,
            context.style(.header))
        for line in 0..<min(list.height, items.count - list.state.top) {
            let place = list.state.top + line
            let isSelected = place == list.state.selected
            let (texts, role) = row(of: items[place], isSelected: isSelected, known, context)
            let at = Point(x: inside.x, y: inside.y + 1 + line)
            var style = context.style(role)
            if isSelected {
                style = context.selected(style)
                buffer.fill(Rect(x: at.x, y: at.y, width: inside.width, height: 1), style: style)
            }
            write(texts, list.kind, into: &buffer, at: at, inside.width, style)
        }
    }

    private func write(
        _ texts: [String], _ kind: MapList.Kind, into buffer: inout Buffer, at point: Point, _ width: Int,
        _ style: Style
    ) {
        var x = point.x + 1
        for (text, column) in zip(texts, kind.columns) {
            let room = min(column.width == 0 ? width : column.width, point.x + width - 1 - x)
            guard room > 0 else { return }
            buffer.write(buffer.glyphs.shortened(text, to: room), at: Point(x: x, y: point.y), style: style)
            x += room + 1
        }
    }

    private mutating func row(
        of item: Item, isSelected: Bool, _ known: Snapshot, _ context: PaneContext
    ) -> (texts: [String], role: Role) {
        let model = known.model
        switch item {
        case .space(let index):
            let space = model.spaces[index]
            let texts = [
                space.name ?? Format.noData, String(space.id.description.prefix(8)), Format.thousands(space.entities),
                space.stateVersion.map { "\($0)" } ?? Format.noData, space.coordinates?.name ?? Format.noData,
            ]
            return (texts, space.id == self.space ? .good : .text)
        case .unplaced(let index, let reason):
            guard index < model.entities.count else { return ([], .text) }
            let entity = model.entities[index]
            return ([model.label(of: entity), reason.text, FrameChain.text(of: entity, model)], .text)
        case .subscription(let place):
            let subscription = known.chronicle.spatial.subscriptions[place]
            let isJudged = isSelected || model.entities.count <= Self.judgedEntities
            let truth = isJudged ? truths.subscription(place, known) : nil
            let texts = [
                Self.who(
                    subscription.session, subscription.subscriber, toldBy: subscription.begun.message, known.whole),
                "\(subscription.id)",
                MapText.volume(subscription.bounds),
                truth.map(Self.text) ?? "every \(Format.thousands(subscription.interval)) ms",
            ]
            return (texts, truth.map { $0.silent + $0.outside > 0 } ?? false ? .warning : .text)
        case .query(let place):
            let query = known.chronicle.spatial.queries[place]
            let isJudged = isSelected || model.entities.count <= Self.judgedEntities
            let truth = isJudged ? truths.query(place, known) : nil
            let texts = [
                Format.duration(nanoseconds: query.asked.time - known.firstTime),
                Self.who(query.session, query.asker, toldBy: query.asked.message, known.whole),
                Self.text(of: query, truth, known),
            ]
            let isWrong = truth.map { $0.count(of: .missed) + $0.count(of: .extra) > 0 } ?? false
            switch query.status(until: known.cursor, at: known.time) {
            case .unanswered: return (texts, .error)
            case .late: return (texts, .warning)
            case .waiting: return (texts, .dim)
            case .answered: return (texts, isWrong ? .warning : .text)
            }
        }
    }
}
