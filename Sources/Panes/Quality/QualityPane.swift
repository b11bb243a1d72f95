import Inspection
import Screen

/// Rates, delays and losses over time: graphs, their percentiles, and what costs how much.
package struct QualityPane: InspectorPane {
    private enum View { case graphs, table, cost }

    /// What the picture was made from: as long as it is the same, so is the picture.
    private struct Basis: Equatable {
        var cursor: Int
        var time: Int64
        var messages: Int
        var scope: QualityScope
        var range: QualityRange
        var theme: String
        /// Times of drops that are known.
        var drops: Int
        var dropped: UInt64
    }

    private var view = View.graphs
    private var graph = QualityGraph.octets
    /// Only the selected graph, with its figures below.
    private var isOne = false
    private var isLogarithmic = false
    /// Index into `spans`; nil shows everything that is read.
    private var zoom: Int?
    /// How often the scope was widened: from what is selected to its session, to everything.
    private var widening = 0
    private var cost = CostView()
    private var basis: Basis?
    private var picture: QualityPicture?
    private var contents: [QualityGraphContent] = []
    /// Those that there are, in their order.
    private var graphs: [QualityGraph] = []
    private var tableTop = 0
    private var tableRows = (all: 0, shown: 0)
    /// Where the graphs were drawn.
    private var places: [(graph: QualityGraph, area: Rect)] = []
    /// What was shown last, capture times.
    private var shown: (first: Int64, last: Int64) = (0, 0)

    /// Seconds before the clock.
    private static let spans: [Int64] = [2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400]

    package init() {}

    // MARK: Whose and when

    private func scopes(_ context: PaneContext) -> [QualityScope] {
        switch context.selection.scope {
        case .everything: return [.everything]
        case .session(let session): return [.session(session), .everything]
        case .stream(let stream):
            let streams = context.snapshot.whole.streams
            guard streams.indices.contains(stream) else { return [.everything] }
            return [.stream(stream), .session(streams[stream].session), .everything]
        }
    }

    private func scope(_ context: PaneContext) -> QualityScope {
        let scopes = scopes(context)
        return scopes[widening % scopes.count]
    }

    private func title(_ context: PaneContext, width: Int, _ glyphs: GlyphSet) -> String {
        let whole = context.snapshot.whole
        let name: String
        let hosts = context.snapshot.hostNames
        switch scope(context) {
        case .stream(let index) where whole.streams.indices.contains(index):
            let stream = whole.streams[index]
            name =
                PeerNames.ends(of: stream, whole, hosts, width: max(16, width / 2), glyphs)
                + " \(stream.streamID ?? 0)"
        case .session(let index) where whole.sessions.indices.contains(index):
            name = PeerNames.text(of: whole.sessions[index], whole, hosts, width: max(16, width / 2), glyphs)
        case .everything, .stream, .session: name = "everything"
        }
        return "\(PaneKind.quality.heading)  \(VisibleText.visible(name))"
    }

    private func shownTime(_ snapshot: Snapshot) -> (first: Int64, last: Int64) {
        guard let zoom else { return (snapshot.firstTime, snapshot.lastTime) }
        return (max(snapshot.firstTime, snapshot.time &- Self.spans[zoom] * 1_000_000_000), snapshot.time)
    }

    private mutating func update(_ context: PaneContext, points: Int) {
        let snapshot = context.snapshot
        shown = shownTime(snapshot)
        let range = QualityRange(
            covering: shown.first, to: shown.last, points: points,
            width: snapshot.finestStep(from: shown.first, to: shown.last))
        let basis = Basis(
            cursor: snapshot.cursor, time: snapshot.time, messages: snapshot.index.count, scope: scope(context),
            range: range, theme: context.theme.name, drops: snapshot.dropEvents.count,
            dropped: snapshot.dropEvents.last?.count ?? 0)
        guard basis != self.basis else { return }
        self.basis = basis
        let picture = snapshot.quality(of: basis.scope, over: range)
        let graphs = QualityGraphs(picture: picture, theme: context.theme)
        contents = self.graphs.map(graphs.content)
        self.picture = picture
    }

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        let inside = area.inset()
        places = []
        let isEmpty = context.snapshot.cursor == 0
        if !isEmpty, view != .cost { arrange(inside, context) }
        buffer.drawBox(
            area, style: context.borderStyle, title: title(context, width: area.width, buffer.glyphs),
            titleStyle: context.titleStyle, trailing: isEmpty ? "" : note,
            trailingStyle: context.style(picture?.drops == nil || view == .cost ? .dim : .error))
        guard !isEmpty else {
            EmptyPane.draw(into: &buffer, inside, context, Self.reasonForEmptiness(context.snapshot))
            return
        }
        switch view {
        case .cost: cost.draw(into: &buffer, inside, context, scope(context))
        case .table:
            tableRows = (QualityTable.rows(of: contents), max(0, inside.height - 1))
            tableTop = max(0, min(tableTop, tableRows.all - tableRows.shown))
            QualityTable.draw(contents, into: &buffer, inside, top: tableTop, context)
        case .graphs: drawGraphs(into: &buffer, inside, context)
        }
    }

    /// What is said in the border: which time, how fine, and which of the graphs.
    private var note: String {
        guard view != .cost, let range = basis?.range else { return "" }
        let span = Double(shown.last &- shown.first) / 1e9
        let step = Double(range.step) / 1e9
        var text = span > 0 ? Self.seconds(span) + ", a point each " + Self.seconds(step) : "a single moment"
        if view == .graphs, isLogarithmic { text = "log  " + text }
        // Every figure of this time is of what was left.
        if let drops = picture?.drops { text = "dropped \(Format.thousands(Int(clamping: drops.packets)))  " + text }
        if view == .graphs, places.count < graphs.count {
            text = "\((graphs.firstIndex(of: graph) ?? 0) + 1) of \(graphs.count)  " + text
        }
        return text
    }

    private static func seconds(_ value: Double) -> String {
        if value >= 120 { return QualityPlot.time(value, step: 60) }
        return Format.fixed(value, decimals: value >= 10 || value == value.rounded() ? 0 : value >= 1 ? 1 : 2) + " s"
    }

    private static func reasonForEmptiness(_ snapshot: Snapshot) -> [String] {
        if !snapshot.index.isEmpty { return ["Nothing yet at this time.", "] steps on, > goes to the end."] }
        return EmptyPane.reasonForNoMessages(snapshot)
    }

    /// Smaller than this a graph says less than its figures.
    private static let smallest = Size(width: 42, height: 10)
    /// How much wider than high a graph is best, in cells.
    private static let bestShape = 4.0

    /// Finds out what there is to show, and where each graph goes: as many as fit.
    private mutating func arrange(_ inside: Rect, _ context: PaneContext) {
        graphs = QualityGraph.shown(context.snapshot)
        if !graphs.contains(graph) { graph = .octets }
        let all = graphs
        let mostAcross = isOne ? 1 : max(1, inside.width / Self.smallest.width)
        let mostDown = isOne ? 1 : max(1, inside.height / Self.smallest.height)
        let choices = (1...mostAcross).map { across -> (across: Int, down: Int, shown: Int, shape: Double) in
            let down = min(mostDown, (all.count + across - 1) / across)
            let shape = Double(inside.width / across) / Double(max(1, inside.height / down))
            return (across, down, min(all.count, across * down), abs(shape - Self.bestShape))
        }
        let best = choices.max { ($0.shown, -$0.shape) < ($1.shown, -$1.shape) }
        guard view == .graphs, let best, best.shown > 1 else {
            if view == .graphs { places = [(graph, inside)] }
            update(context, points: QualityPlot.points(width: inside.width))
            return
        }
        let first = min((all.firstIndex(of: graph) ?? 0) / best.shown * best.shown, all.count - best.shown)
        update(context, points: QualityPlot.points(width: inside.width / best.across))
        for (place, graph) in all[first..<first + best.shown].enumerated() {
            let (column, row) = (place % best.across, place / best.across)
            let left = inside.width * column / best.across
            let top = inside.height * row / best.down
            places.append(
                (
                    graph,
                    Rect(
                        x: inside.x + left, y: inside.y + top,
                        width: inside.width * (column + 1) / best.across - left,
                        height: inside.height * (row + 1) / best.down - top)
                ))
        }
    }

    private mutating func drawGraphs(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        if places.count == 1, let content = contents.first(where: { $0.graph == graph }) {
            // One graph has its figures below it.
            let rows = min(QualityTable.rows(of: [content]) + 1, max(0, inside.height - Self.smallest.height))
            let (top, bottom) = inside.splitVertically(at: inside.height - rows)
            places[0].area = top
            QualityTable.draw([content], into: &buffer, bottom, context)
        }
        for (graph, area) in places {
            guard let content = contents.first(where: { $0.graph == graph }) else { continue }
            plot(content, context).draw(into: &buffer, area: area, context)
        }
    }

    private func plot(_ content: QualityGraphContent, _ context: PaneContext) -> QualityPlot {
        QualityPlot(
            content: content, range: basis?.range ?? QualityRange(covering: 0, to: 0, points: 1, width: 1),
            silences: picture?.silences ?? [], first: shown.first, last: shown.last, clock: context.snapshot.time,
            origin: context.snapshot.firstTime, isLogarithmic: isLogarithmic,
            isSelected: content.graph == graph && context.isFocused)
    }

    // MARK: Keys

    package mutating func handle(_ action: Action, _ context: PaneContext) -> [PaneRequest]? {
        switch action {
        case .qualityCost: view = view == .cost ? .graphs : .cost
        case .qualityTable: view = view == .table ? .graphs : .table
        case .qualityScope: return widen(context)
        case .zoomIn: zoomIn(context.snapshot)
        case .zoomOut: zoomOut(context.snapshot)
        case .fit: zoom = nil
        default: return view == .cost ? cost.handle(action, context) : handleInGraphs(action, context)
        }
        return []
    }

    private mutating func handleInGraphs(_ action: Action, _ context: PaneContext) -> [PaneRequest]? {
        if view == .table, let step = rows(of: action) {
            tableTop += step
            return []
        }
        switch action {
        case .searchNext, .right, .down: select(by: 1)
        case .searchPrevious, .left, .up: select(by: -1)
        case .first: graph = .octets
        case .last: graph = graphs.last ?? .rate
        case .qualityScale: isLogarithmic.toggle()
        case .qualityOne:
            isOne.toggle()
            view = .graphs
        case .open: return messages(context).map { [.filter($0), .focus(.messages)] }
        case .onlyThis: return messages(context).map { [.filter($0)] }
        default: return nil
        }
        return []
    }

    /// How far a key scrolls the table.
    private func rows(of action: Action) -> Int? {
        switch action {
        case .up: -1
        case .down: 1
        case .pageUp: -max(1, tableRows.shown - 1)
        case .pageDown: max(1, tableRows.shown - 1)
        case .halfPageUp: -max(1, tableRows.shown / 2)
        case .halfPageDown: max(1, tableRows.shown / 2)
        case .first: -tableRows.all
        case .last: tableRows.all
        default: nil
        }
    }

    private mutating func select(by step: Int) {
        guard let place = graphs.firstIndex(of: graph) else { return }
        graph = graphs[(place + step + graphs.count) % graphs.count]
    }

    private mutating func widen(_ context: PaneContext) -> [PaneRequest] {
        let count = scopes(context).count
        guard count > 1 else { return [.notice("Choose a session or a stream in Streams (1): its figures come here.")] }
        widening = (widening % count + 1) % count
        return []
    }

    /// The filter for the messages whose figures are shown; nil for everything.
    private func messages(_ context: PaneContext) -> String? {
        let whole = context.snapshot.whole
        switch scope(context) {
        case .stream(let index) where whole.streams.indices.contains(index):
            return StreamsPane.filter(whole.streams[index], whole)
        case .session(let index) where whole.sessions.indices.contains(index):
            return StreamsPane.filter(whole.sessions[index])
        case .everything, .stream, .session: return nil
        }
    }

    private mutating func zoomIn(_ snapshot: Snapshot) {
        let whole = snapshot.lastTime &- snapshot.firstTime
        if let zoom {
            self.zoom = max(0, zoom - 1)
        } else {
            zoom = Self.spans.lastIndex { $0 * 1_000_000_000 < whole } ?? 0
        }
    }

    private mutating func zoomOut(_ snapshot: Snapshot) {
        guard let zoom else { return }
        let isWhole = zoom + 1 >= Self.spans.count
        self.zoom =
            isWhole || Self.spans[zoom + 1] * 1_000_000_000 >= snapshot.lastTime &- snapshot.firstTime
            ? nil : zoom + 1
    }

    // MARK: Mouse

    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> [PaneRequest] {
        switch mouse.kind {
        case .wheelUp: scroll(by: -1, context)
        case .wheelDown: scroll(by: 1, context)
        case .press where view == .cost: cost.click(mouse.point, area.inset())
        case .press: return press(mouse.point, context.snapshot)
        case .release, .drag: break
        }
        return []
    }

    private static let wheelRows = 3

    private mutating func scroll(by step: Int, _ context: PaneContext) {
        switch view {
        case .cost: cost.scroll(by: step * Self.wheelRows)
        case .table: tableTop += step * Self.wheelRows
        case .graphs: if step < 0 { zoomIn(context.snapshot) } else { zoomOut(context.snapshot) }
        }
    }

    /// A graph is selected; in the selected one the clock goes to that time.
    private mutating func press(_ point: Point, _ snapshot: Snapshot) -> [PaneRequest] {
        guard view == .graphs, let place = places.first(where: { $0.area.contains(point) }) else { return [] }
        guard place.graph == graph else {
            graph = place.graph
            return []
        }
        let plot = QualityPlot.plotArea(place.area)
        guard plot.contains(point), plot.width > 1, shown.last > shown.first else { return [] }
        let share = Double(point.x - plot.x) / Double(plot.width - 1)
        let time = shown.first &+ Int64(share * Double(shown.last &- shown.first))
        return [.goTo(message: max(0, snapshot.index.count(until: time) - 1))]
    }
}

extension QualityPane {
    package static let keys: [KeyBinding] = [
        KeyBinding(["n"], .searchNext, .quality, "next graph", hint: "graph"),
        KeyBinding(["N"], .searchPrevious, .quality, "graph before", hint: "graph"),
        KeyBinding(["v"], .qualityOne, .quality, "this graph alone, with its percentiles; and back", hint: "alone"),
        KeyBinding(["t"], .qualityTable, .quality, "percentiles of everything; and back", hint: "table"),
        KeyBinding(["c"], .qualityCost, .quality, "what costs how much; and back", hint: "cost"),
        KeyBinding(["o"], .qualityScope, .quality, "of whom: what is selected, its session, everything", hint: "of"),
        KeyBinding(["+", "="], .zoomIn, .quality, "a shorter time before the clock", hint: "time"),
        KeyBinding(["-"], .zoomOut, .quality, "a longer time", hint: "time"),
        KeyBinding(["0"], .fit, .quality, "the whole time"),
        KeyBinding(["L"], .qualityScale, .quality, "logarithmic scale, and back", hint: "log"),
        KeyBinding(["s"], .sortNext, .quality, "cost: sort by the next column"),
        KeyBinding(["S"], .sortReverse, .quality, "cost: reverse the order"),
        KeyBinding([.enter], .open, .quality, "the messages of what is shown; cost: of this line, or the entity"),
        KeyBinding(["f"], .onlyThis, .quality, "filter to them, staying here"),
    ]

    package static let help = [
        "Rates, delays and losses over time, as of the clock, of what is selected in Streams (1); o widens that.",
        "A line breaks where there is nothing to tell; 0 is drawn as 0. Dots fill a time in which nothing was captured.",
        "octets/s, messages/s: over the real length of each step. The time shown ends at the clock, or is all of it.",
        "rtt: PING to PONG at the capture point, less the time the other side held it; each point is one.",
        "response time: from a query or request to its response, a colour a kind; never of one that was repeated.",
        "jitter: RFC 3550, the greatest of each step, of the worst stream. <0.5 ms: senders tell whole milliseconds.",
        "loss: of the sequences expected; dotted is the threshold over which a sender has to slow down.",
        "dropped, in red: packets of this time that the capture did not take in; its figures may be worse than it was.",
        "late and again: first arrivals behind a higher sequence; copies; RETRANSMIT. Shares of messages.",
        "window used: RELIABLE octets that no PONG has acknowledged yet, of what the receiver allows at once.",
        "rate limit used: octets a second of what the receiver allows. Over 100 % somebody is to be throttled.",
        "observer behind the wire: from the wire to an observer, where both are watched; below 0 he was first.",
        "Cost (c): left and right change between entity, type, stream and space.",
        "A click in the selected graph moves the clock there; the wheel changes the time shown.",
    ]
}
