import Inspection
import Screen
import SpatioWire

/// The view of lanes.
extension StatePane {
    /// Columns of the table left of the lanes, for some width.
    struct LaneColumns {
        let name, version, lag, time, wrong: Int
        var table: Int { name + version + lag + time + wrong }

        init(width: Int) {
            name = max(10, min(20, width / 6))
            version = width >= 50 ? 7 : 6
            lag = 7
            time = width >= 56 ? 9 : 0
            wrong = width >= 64 ? 7 : 0
        }
    }

    /// Rows under the lanes: the times, and what there is to say of the selected version.
    private static func footer(height: Int) -> Int { height >= 14 ? 4 : height >= 11 ? 3 : height >= 6 ? 1 : 0 }

    mutating func drawLanes(
        into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) {
        let columns = LaneColumns(width: area.width)
        let (header, below) = area.splitVertically(at: 1)
        let (body, footer) = below.splitVertically(at: -Self.footer(height: area.height))
        drawHeader(into: &buffer, header, columns, context)
        lanes.height = body.height
        lanes.list.settle(count: lanes.rows.count, height: body.height)
        let strip = Rect(x: area.x + columns.table + 1, y: body.y, width: area.width - columns.table - 1, height: 1)
        let window = LaneWindow(context.snapshot, span: lanes.span, width: strip.width)
        for line in 0..<max(0, min(body.height, lanes.rows.count - lanes.list.top)) {
            let place = lanes.list.top + line
            let row = Rect(x: area.x, y: body.y + line, width: area.width, height: 1)
            drawRow(place, into: &buffer, row, columns, scene, context)
            guard !strip.isEmpty else { continue }
            drawStrip(place, into: &buffer, strip.offset(y: line), window, scene, context)
        }
        guard !footer.isEmpty else { return }
        drawTimes(into: &buffer, Rect(x: strip.x, y: footer.y, width: strip.width, height: 1), window, context)
        drawFooter(into: &buffer, footer.inset(top: 1), scene, context)
    }

    private func drawHeader(
        into buffer: inout Buffer, _ area: Rect, _ columns: LaneColumns, _ context: PaneContext
    ) {
        let style = context.style(.header)
        buffer.fill(area, style: style)
        buffer.write("replica", at: area.origin, style: style, maxWidth: columns.name)
        var x = area.x + columns.name
        for (title, width) in [
            ("has", columns.version), ("behind", columns.lag), ("for", columns.time), ("wrong", columns.wrong),
        ] where width > 0 {
            x += width
            buffer.write(title, endingAt: Point(x: x, y: area.y), style: style)
        }
    }

    private func drawRow(
        _ place: Int, into buffer: inout Buffer, _ area: Rect, _ columns: LaneColumns, _ scene: StateScene,
        _ context: PaneContext
    ) {
        let row = lanes.rows[place]
        let cells = cells(row, scene, context)
        let name: String
        var style = context.style(.text)
        switch row {
        case .all:
            name = "anywhere"
            style = context.style(.note)
        case .lane(let lane):
            name = VisibleText.visible(context.snapshot.model.name(of: lane.id))
            if end(of: lane, context) != nil || lane.isOfEarlierChain { style = context.style(.dim) }
        }
        // What has no name has an address or an id: ends tell them apart.
        buffer.write(
            buffer.glyphs.shortenedInMiddle(name, to: columns.name - 1), at: area.origin, style: style,
            maxWidth: columns.name - 1)
        var x = area.x + columns.name
        for (cell, width) in zip(cells, [columns.version, columns.lag, columns.time, columns.wrong]) where width > 0 {
            x += width
            buffer.write(cell.text, endingAt: Point(x: x, y: area.y), style: cell.style, maxWidth: width - 1)
        }
        guard place == lanes.list.selected else { return }
        buffer.restyle(Rect(x: area.x, y: area.y, width: columns.table, height: 1)) { $0 = context.selected($0) }
    }

    private func cells(_ row: LaneList.Row, _ scene: StateScene, _ context: PaneContext) -> [(
        text: String, style: Style
    )] {
        let text = context.style(.text)
        let dim = context.style(.dim)
        guard case .lane(let lane) = row else {
            let newest = scene.states.newestVersion(at: context.snapshot.cursor)?.version
            return [(newest.map { "\($0)" } ?? Format.noData, text)]
        }
        let hasLeft = end(of: lane, context) != nil
        let version = ("\(lane.version)", hasLeft || lane.isOfEarlierChain ? dim : text)
        let wrong = lane.totals.all
        let faults = (
            wrong == 0 ? "0" : Format.thousands(wrong),
            wrong == 0 ? text : context.style(Self.isBad(lane.totals) ? .error : .warning)
        )
        // Who has left is not behind.
        if hasLeft { return [version, ("left", dim), (Format.noData, dim), faults] }
        guard let lag = lane.lag, let time = lane.lagTime else {
            return [version, ("restart", dim), (Format.noData, dim), faults]
        }
        return [
            version, (Format.thousands(lag), lag > 0 ? context.style(.warning) : text),
            (lag > 0 ? StateText.duration(time) : "0", lag > 0 ? context.style(.warning) : text), faults,
        ]
    }

    private static func isBad(_ totals: StateTotals) -> Bool {
        totals.forks + totals.divergences + totals.brokenChains > 0
    }

    /// When a client left, as of the clock; nil while it is there.
    private func end(of lane: StateLane, _ context: PaneContext) -> Int64? {
        let sessions = context.snapshot.model.sessions
        guard lane.id.side == .client, sessions.indices.contains(lane.id.session) else { return nil }
        let session = sessions[lane.id.session]
        return session.state == .closed ? session.lastTime : nil
    }

    // MARK: Strips

    private func drawStrip(
        _ place: Int, into buffer: inout Buffer, _ area: Rect, _ window: LaneWindow, _ scene: StateScene,
        _ context: PaneContext
    ) {
        let row = lanes.rows[place]
        var end: Int64?
        if case .lane(let lane) = row { end = self.end(of: lane, context) }
        let strip = LaneStrip(scene.states, replica: row.replica, context.snapshot, window, end: end)
        let isUnicode = buffer.glyphs.isUnicode
        for (x, column) in strip.columns.enumerated() {
            let cell: Cell
            switch column {
            case .absent: cell = Cell(" ", style: context.style(.text))
            case .current: cell = Cell(isUnicode ? "\u{2500}" : "-", style: context.style(.dim))
            case .behind: cell = Cell(isUnicode ? "\u{254C}" : ".", style: context.style(.warning))
            case .mark(let mark): cell = Cell(mark.glyph(buffer.glyphs), style: context.style(mark.role))
            }
            buffer[area.x + x, area.y] = cell
        }
        if lanes.span == nil, let clock = window.column(of: context.snapshot.time),
            clock < strip.columns.count - 1, case .absent = strip.columns[clock + 1]
        {
            let style = context.style(.timelineCursor)
            buffer[area.x + clock + 1, area.y] = Cell(isUnicode ? "\u{2502}" : "|", style: style)
        }
        guard place == lanes.list.selected else { return }
        let version = lanes.version(scene.states, at: context.snapshot.cursor)
        guard let column = version.flatMap({ window.column(of: $0.time) }) else { return }
        buffer.restyle(Rect(x: area.x + column, y: area.y, width: 1, height: 1)) { $0 = context.selected($0) }
    }

    private func drawTimes(
        into buffer: inout Buffer, _ area: Rect, _ window: LaneWindow, _ context: PaneContext
    ) {
        let first = context.snapshot.firstTime
        let style = context.style(.dim)
        let start = Format.duration(nanoseconds: window.start - first)
        let used = buffer.write(start, at: area.origin, style: style, maxWidth: area.width)
        let end = Format.duration(nanoseconds: window.end - first)
        guard area.width - used > end.count else { return }
        buffer.write(end, endingAt: Point(x: area.maxX, y: area.y), style: style)
    }

    // MARK: What there is to say

    private func drawFooter(
        into buffer: inout Buffer, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) {
        guard !area.isEmpty else { return }
        var lines = words(scene, context)
        if area.height > lines.count { lines += legend(buffer.glyphs, width: area.width).map { ($0, .hint) } }
        for (y, line) in lines.prefix(area.height).enumerated() {
            buffer.write(
                buffer.glyphs.shortened(line.text, to: area.width), at: Point(x: area.x, y: area.y + y),
                style: context.style(line.role), maxWidth: area.width)
        }
    }

    /// What the marks mean, in as many lines as it takes.
    private func legend(_ glyphs: GlyphSet, width: Int) -> [String] {
        var lines: [String] = [""]
        for mark in LaneMark.legend {
            let entry = "\(String(mark.glyph(glyphs))) \(mark.name)"
            let line = lines[lines.count - 1]
            if line.isEmpty || line.count + 2 + entry.count > width {
                lines.append(entry)
            } else {
                lines[lines.count - 1] = line + "  " + entry
            }
        }
        return lines.filter { !$0.isEmpty }
    }

    /// The selected version, and what is wrong with its replica.
    private func words(_ scene: StateScene, _ context: PaneContext) -> [(text: String, role: Role)] {
        let snapshot = context.snapshot
        guard let place = lanes.place(scene.states, at: snapshot.cursor) else { return [] }
        guard case .lane(let lane) = lanes.row else {
            let newest = scene.states.newest[place]
            let time = Format.duration(nanoseconds: newest.time - snapshot.firstTime)
            return [("v\(newest.version) first seen in message \(Format.thousands(newest.message)) at \(time)", .text)]
        }
        let event = scene.states.event(place, of: lane.replica)
        var lines: [(text: String, role: Role)] = [(describe(event, scene, context), .text)]
        if place == lane.events - 1, let comparison = compare(lane, event, scene, context) { lines.append(comparison) }
        let faults = faults(of: lane.replica, scene, snapshot.cursor)
        let fault = faults.last { $0.message == event.message } ?? faults.last
        if let fault { lines.append((describe(fault, scene, context), LaneMark(fault.kind).role)) }
        return lines
    }

    /// Faults of a replica that are searched for those of one message.
    private static let searchedFaults = 256

    /// The last faults of a replica as of the clock.
    func faults(of replica: Int, _ scene: StateScene, _ cursor: Int) -> [StateFault] {
        let count = scene.states.faultCount(of: replica, at: cursor)
        return (max(0, count - Self.searchedFaults)..<count).map { scene.states.fault($0, of: replica) }
    }

    private func describe(_ event: StateEvent, _ scene: StateScene, _ context: PaneContext) -> String {
        let other = scene.name(of: event.other, at: event.message, context.snapshot)
        let base = event.base.map { " on v\($0)" } ?? ""
        let notes = [
            (StateEvent.Flags.late, "late"), (.restart, "begins anew"), (.contested, "contested"),
            (.regression, "older"),
        ]
        .filter { event.flags.contains($0.0) }.map { ", " + $0.1 }.joined()
        return
            "v\(event.version) \(event.kind.name)\(base) \(event.flags.contains(.own) ? "to" : "from") \(other)\(notes), "
            + "message \(Format.thousands(event.message)) at "
            + Format.duration(nanoseconds: event.time - context.snapshot.firstTime) + ", "
            + (event.entries == 1 ? "1 entity" : "\(Format.thousands(event.entries)) entities")
            + ", \(Format.bytes(event.octets))"
    }

    private func describe(_ fault: StateFault, _ scene: StateScene, _ context: PaneContext) -> String {
        let other = fault.other.map { scene.name(of: $0, at: fault.message, context.snapshot) }
        let place = ", message \(Format.thousands(fault.message))"
        switch fault.kind {
        case .gap: return "gap before v\(fault.version)" + place
        case .regression: return "got the older v\(fault.version) again" + place
        case .fork: return "v\(fault.version) was sent with other content, too" + place
        case .divergence: return "diverges from \(other ?? "another") at v\(fault.version)" + place
        case .deltaChain: return "the full v\(fault.version) is not what the deltas add up to" + place
        }
    }

    /// Who else has this version, and whether with the same content.
    private func compare(
        _ lane: StateLane, _ event: StateEvent, _ scene: StateScene, _ context: PaneContext
    ) -> (text: String, role: Role)? {
        guard let content = event.content else { return ("what it has is not known in full", .dim) }
        var same = 0
        var others: [String] = []
        for case .lane(let other) in lanes.rows where other.id != lane.id && other.version == lane.version {
            let last = scene.states.event(other.events - 1, of: other.replica)
            guard last.chain == event.chain, let its = last.content else { continue }
            if its == content { same += 1 } else { others.append(context.snapshot.model.name(of: other.id)) }
        }
        if let first = others.first {
            let more = others.count > 1 ? " and \(others.count - 1) more" : ""
            return ("other content under this version than " + VisibleText.visible(first) + more, .error)
        }
        return same > 0 ? ("the same content as \(StateText.plural(same, "other replica"))", .good) : nil
    }

    // MARK: Keys

    mutating func handleInLanes(_ action: Action, _ scene: StateScene, _ context: PaneContext) -> [PaneRequest]? {
        let cursor = context.snapshot.cursor
        switch action {
        case .sortNext: lanes.sortNext()
        case .sortReverse: lanes.reverse()
        case .zoomIn: lanes.zoom(in: true, context.snapshot)
        case .zoomOut: lanes.zoom(in: false, context.snapshot)
        case .fit: lanes.fit()
        case .nextEntity: return findFault(forward: true, scene, context)
        case .previousEntity: return findFault(forward: false, scene, context)
        case .left: lanes.step(by: -1, scene.states, at: cursor)
        case .right: lanes.step(by: 1, scene.states, at: cursor)
        case .markVersion, .markOtherVersion: return mark(action, scene, context)
        case .onlyThis: return filter(scene, context)
        case .open:
            guard let version = lanes.version(scene.states, at: cursor) else { return [] }
            return [.open(message: version.message - 1)]
        default:
            guard lanes.list.move(action, count: lanes.rows.count, height: lanes.height) else { return nil }
            lanes.choose(row: lanes.list.selected)
            return [.showReplica(lanes.selected)]
        }
        return []
    }

    /// To the next version with which something is wrong, in the selected lane; in that of all: wherever it is.
    private mutating func findFault(forward: Bool, _ scene: StateScene, _ context: PaneContext) -> [PaneRequest] {
        let cursor = context.snapshot.cursor
        let states = scene.states
        guard let replica = lanes.row.replica, let place = lanes.place(states, at: cursor) else {
            let count = states.faults.partitionPoint { $0.detected <= cursor }
            guard count > 0 else { return [.notice("Nothing is wrong with the versions until here.")] }
            let fault = states.faults[forward ? 0 : count - 1]
            guard let row = lanes.rows.firstIndex(where: { $0.replica == fault.replica }) else { return [] }
            lanes.choose(row: row)
            choose(message: fault.message, of: fault.replica, states, cursor)
            return [.showReplica(lanes.selected)]
        }
        let now = states.event(place, of: replica).message
        let messages = (0..<states.faultCount(of: replica, at: cursor)).map { states.fault($0, of: replica).message }
        // Past the last one it goes on with the first.
        let next =
            forward
            ? messages.filter { $0 > now }.min() ?? messages.min()
            : messages.filter { $0 < now }.max() ?? messages.max()
        guard let next else { return [.notice("Nothing is wrong with this replica until here.")] }
        choose(message: next, of: replica, states, cursor)
        return []
    }

    private mutating func choose(message: Int, of replica: Int, _ states: SpaceStates, _ cursor: Int) {
        let count = states.eventCount(of: replica, at: message)
        lanes.choose(version: max(0, count - 1))
    }

    /// Marks the selected version as A or B, or takes the mark away.
    mutating func mark(_ action: Action, _ scene: StateScene, _ context: PaneContext) -> [PaneRequest] {
        guard let replica = lanes.row.replica, let place = lanes.place(scene.states, at: context.snapshot.cursor) else {
            return [.notice("Select the lane of a replica: A and B are versions that somebody has.")]
        }
        let mark = VersionMarks.Mark(replica: replica, place: place)
        let version = scene.states.event(place, of: replica).version
        let isA = action == .markVersion
        let old = isA ? marks.a : marks.b
        let new = old == mark ? nil : mark
        if isA { marks.a = new } else { marks.b = new }
        let name = isA ? "A" : "B"
        guard new != nil else { return [.notice("\(name) is no longer marked.")] }
        return [.notice("\(name) is v\(version); v shows the difference.")]
    }

    /// The state messages of the selected replica's session, or of the space.
    private func filter(_ scene: StateScene, _ context: PaneContext) -> [PaneRequest] {
        let types = "(type == state_sync || type == state_response || type == delta_update || type == conflict_resolve)"
        let sessions = context.snapshot.model.sessions
        guard let id = lanes.selected, id.side == .client, sessions.indices.contains(id.session) else {
            return [.filter("space == \"\(scene.id)\" && \(types)")]
        }
        let session = sessions[id.session]
        if let id = session.id { return [.filter("session == \"\(id)\" && \(types)")] }
        return [.filter("endpoint == \"\(session.client)\" && endpoint == \"\(session.server)\" && \(types)")]
    }

    mutating func clickInLanes(
        _ point: Point, _ area: Rect, _ scene: StateScene, _ context: PaneContext
    ) -> [PaneRequest] {
        let line = point.y - area.y - 1
        guard line >= 0, line < lanes.height, lanes.list.top + line < lanes.rows.count else { return [] }
        lanes.choose(row: lanes.list.top + line)
        let left = area.x + LaneColumns(width: area.width).table + 1
        if point.x >= left {
            let window = LaneWindow(context.snapshot, span: lanes.span, width: area.maxX - left)
            let limit = window.start(of: point.x - left + 1)
            let count = lanes.count(scene.states, at: context.snapshot.cursor)
            let place = (0..<count).partitionPoint { time(of: $0, scene) < limit }
            if place > 0 { lanes.choose(version: place - 1) }
        }
        return [.showReplica(lanes.selected)]
    }

    private func time(of place: Int, _ scene: StateScene) -> Int64 {
        lanes.row.replica.map { scene.states.event(place, of: $0).time } ?? scene.states.newest[place].time
    }
}

extension Range<Int> {
    /// How many, from the first on, are `inside`; those that are come before those that are not.
    fileprivate func partitionPoint(_ inside: (Int) -> Bool) -> Int {
        var low = lowerBound
        var high = upperBound
        while low < high {
            let middle = (low + high) / 2
            if inside(middle) { low = middle + 1 } else { high = middle }
        }
        return low - lowerBound
    }
}
