import Inspection
import Screen
import SpatioWire

/// The list of messages, or their ladder: all, or those that the filter lets through.
package struct MessageListPane {
    /// The selection goes with the newest message.
    package private(set) var isFollowing = true
    var times = MessageTimes()
    /// The messages as arrows between the peers.
    package private(set) var isLadder = false
    /// The filter that follows something, and what it follows, for the title.
    var followed: (filter: String, title: String)?
    private(set) var columns = ColumnList.usual
    private var ladder = MessageLadder()
    private var rules = ColorRules()
    private var list = ListState()
    /// The row of the list that each line of the pane shows.
    private var lines: [Int?] = []
    /// The selected message: it stays selected when a filter changes the rows.
    private var anchor: Int?
    private var height = 1
    /// Rows that had gone when the list was drawn last.
    private var listStart = 0
    /// Rows that were decoded for the screen before: a frame decodes only what is new in it.
    private var rows: [Int: MessageRow] = [:]
    private static let rowLimit = 2000
    /// A message that tells of more entities than this tells of all, and marks none.
    private static let entityLimit = 256

    package init() {}

    // MARK: Selection

    /// The row that is selected as things stand; -1 in an empty list.
    package func selectedRow(in snapshot: Snapshot) -> Int {
        let last = snapshot.listCount - 1
        if isFollowing {
            // What the clock has not reached yet is not there to be followed.
            return snapshot.isAtEnd ? last : max(min(0, last), snapshot.row(of: snapshot.cursor) - 1)
        }
        return min(anchor.map { snapshot.row(of: $0) } ?? list.selected, last)
    }

    /// The index of the selected message.
    package func selected(in snapshot: Snapshot) -> Int? {
        let row = selectedRow(in: snapshot)
        return row >= 0 ? snapshot.listed(row) : nil
    }

    /// Selects a message, or the next one that the filter lets through.
    package mutating func select(_ message: Int) {
        anchor = message
        isFollowing = false
    }

    package mutating func follow() { isFollowing = true }

    /// Lets go of the newest message and stays where it is.
    package mutating func detach(in snapshot: Snapshot) {
        if let message = selected(in: snapshot) { select(message) }
    }

    /// Forgets what was decoded: schemas or keys may tell more now.
    package mutating func forget() { rows.removeAll() }

    /// The entity that a message tells of, when it is one.
    package mutating func onlyEntity(of message: Int, _ snapshot: Snapshot) -> SelectedEntity? {
        let entities = row(of: message, snapshot).entities
        return entities.count == 1 ? entities[0] : nil
    }

    // MARK: Looks

    mutating func show(_ columns: ColumnList) {
        self.columns = columns
        // The fields of the new columns have to be looked up.
        forget()
    }

    mutating func show(_ rules: [ColorRule]) {
        self.rules = ColorRules(rules)
        forget()
    }

    mutating func toggleLadder() { isLadder.toggle() }

    /// The message from which times count.
    func reference(_ marks: Marks) -> Int? { times.reference ?? marks.messages.first }

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        let inside = area.inset()
        height = max(0, inside.height - (isLadder ? MessageLadder.headerHeight(inside) : 1))
        list.selected = selectedRow(in: snapshot)
        list.lose(snapshot.listStart - listStart)
        listStart = snapshot.listStart
        list.settle(count: snapshot.listCount, height: height)
        if isLadder { ladder.settle(inside, times, selected: list.selected, snapshot) }
        drawBox(into: &buffer, area, context)
        guard snapshot.listCount > 0 else {
            lines = []
            EmptyPane.draw(into: &buffer, inside, context, Self.reasonForEmptiness(snapshot))
            return
        }
        if isLadder {
            drawLadder(into: &buffer, inside, context)
        } else {
            drawList(into: &buffer, inside, context)
        }
    }

    private mutating func drawList(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        let columns = MessageColumns(width: inside.width, self.columns, times, snapshot)
        columns.drawHeader(into: &buffer, inside, context)
        lines = Array(list.top..<list.top + min(height, snapshot.listCount - list.top))
        for (line, row) in (list.top..<list.top + lines.count).enumerated() {
            let place = Point(x: inside.x, y: inside.y + 1 + line)
            let message = snapshot.listed(row)
            let content = self.row(of: message, snapshot)
            columns.draw(
                message, content, rowContext(row, content, context), at: place, into: &buffer, context)
            if row == list.selected {
                select(Rect(x: inside.x, y: place.y, width: inside.width, height: 1), &buffer, context)
            }
        }
    }

    private mutating func drawLadder(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        ladder.drawHeader(into: &buffer, inside, context, selected: snapshot.listed(list.selected))
        lines = ladder.lines(from: list.top, selected: list.selected, height: height, snapshot)
        let top = inside.y + MessageLadder.headerHeight(inside)
        for (line, row) in lines.enumerated() {
            let y = top + line
            guard let row else {
                // A long silence: the line before the message that ends it.
                if line + 1 < lines.count, let next = lines[line + 1] {
                    ladder.drawGap(before: next, y: y, into: &buffer, context)
                }
                continue
            }
            let message = snapshot.listed(row)
            let content = self.row(of: message, snapshot)
            ladder.draw(message, content, rowContext(row, content, context), y: y, into: &buffer, context)
            if row == list.selected {
                select(Rect(x: inside.x, y: y, width: inside.width, height: 1), &buffer, context)
            }
        }
        for y in top + lines.count..<max(top + lines.count, inside.maxY) {
            ladder.drawLanes(y: y, into: &buffer, context)
        }
    }

    private func select(_ row: Rect, _ buffer: inout Buffer, _ context: PaneContext) {
        buffer.restyle(row) { $0 = context.selected($0) }
    }

    private func rowContext(_ row: Int, _ content: MessageRow, _ context: PaneContext) -> MessageRowContext {
        let snapshot = context.snapshot
        let entity = context.selection.entity
        return MessageRowContext(
            before: row > 0 ? snapshot.index[snapshot.listed(row - 1)].time : nil,
            reference: reference(context.selection.marks).flatMap { snapshot.index.at($0)?.time },
            entityMark: entity.flatMap { content.entities.contains($0) ? context.theme.entityColor(of: $0.id) : nil },
            isMarked: context.selection.marks.contains(snapshot.listed(row)))
    }

    private func drawBox(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        buffer.drawBox(
            area, style: context.borderStyle, title: title(snapshot), titleStyle: context.titleStyle,
            trailing: state(snapshot),
            trailingStyle: context.style(snapshot.filter == nil && snapshot.picked == nil ? .dim : .filterValid))
    }

    private func title(_ snapshot: Snapshot) -> String {
        var title = "2 Messages"
        if isLadder { title += ", ladder" }
        if snapshot.picked == nil, let followed, snapshot.filter?.filter.text == followed.filter {
            title += " of \(followed.title)"
        }
        return title
    }

    private func state(_ snapshot: Snapshot) -> String {
        var words: [String] = []
        if isLadder, !ladder.hiddenPeers.isEmpty { words.append(ladder.hiddenPeers) }
        if snapshot.listCount > 0 {
            words.append("\(Format.thousands(list.selected + 1)) of \(Format.thousands(snapshot.listCount))")
        }
        if snapshot.picked != nil {
            words.append("marked ones only")
        } else if let filter = snapshot.filter {
            words.append("filtered from \(Format.thousands(snapshot.index.keptCount))")
            if filter.examined < snapshot.index.count, snapshot.loading == .done {
                words.append(
                    "\(100 * (filter.examined - snapshot.index.start) / max(1, snapshot.index.keptCount)) % looked at")
            }
        }
        if isFollowing, snapshot.listCount > 0 { words.append("following") }
        return words.joined(separator: ", ")
    }

    private static func reasonForEmptiness(_ snapshot: Snapshot) -> [String] {
        if let filter = snapshot.filter, !snapshot.index.isEmpty {
            if filter.examined < snapshot.index.count { return ["Filtering ..."] }
            return [
                "None of \(Format.thousands(snapshot.index.keptCount)) messages passes the filter.",
                "/ changes it, Esc shows all.",
            ]
        }
        return EmptyPane.reasonForNoMessages(snapshot)
    }

    private mutating func row(of message: Int, _ snapshot: Snapshot) -> MessageRow {
        if let known = rows[message] { return known }
        if rows.count > Self.rowLimit { rows.removeAll(keepingCapacity: true) }
        let record = snapshot.index[message]
        var row = MessageRow(
            summary: snapshot.reader.hasRemoved(record)
                ? "its octets have made room for later ones" : "its octets cannot be read any more")
        let map = snapshot.fieldMap(of: message)
        if let map {
            row.summary =
                record.marks.isCut
                ? MessageSummary.cut(after: Int(record.size))
                : MessageSummary.text(record.type, map: map, model: snapshot.whole)
            row.entities = Self.entities(in: map)
            for field in columns.fields { row.fields[field] = field.text(in: map) }
        }
        row.look = rules.look(of: message, snapshot) { map }
        rows[message] = row
        return row
    }

    /// The row of a message as one line of text, for copying.
    mutating func line(of message: Int, _ snapshot: Snapshot) -> String {
        let record = snapshot.index[message]
        var words = ["\(message + 1)", times.seconds(record.time - snapshot.firstTime)]
        if let stream = snapshot.whole.stream(of: record) {
            words.append(
                PeerNames.source(of: stream, snapshot.whole, snapshot.hostNames) + " > "
                    + PeerNames.destination(of: stream, snapshot.whole, snapshot.hostNames)
            )
            if let id = stream.streamID { words.append("stream \(id) #\(record.sequence)") }
        }
        words.append(MessageColumns.typeName(record))
        words += MessageColumns.notes(record, message, snapshot).map { "[\($0)]" }
        words.append(row(of: message, snapshot).summary)
        return VisibleText.visible(words.joined(separator: "  "))
    }

    /// Whether a message tells of an entity.
    mutating func tells(_ message: Int, of entity: SelectedEntity, _ snapshot: Snapshot) -> Bool {
        row(of: message, snapshot).entities.contains(entity)
    }

    /// The first entity that a message tells of.
    mutating func firstEntity(of message: Int, _ snapshot: Snapshot) -> SelectedEntity? {
        row(of: message, snapshot).entities.first
    }

    /// The entities that a message tells of, each once.
    private static func entities(in map: FieldMap) -> [SelectedEntity] {
        var space: UUID?
        var entities: [SelectedEntity] = []
        for field in map.fields {
            guard case .uuid(let id) = field.value else { continue }
            if field.name == "space_id" {
                space = id
            } else if field.name == "entity_id", let space {
                let entity = SelectedEntity(space: space, id: id)
                guard !entities.contains(entity) else { continue }
                guard entities.count < entityLimit else { return [] }
                entities.append(entity)
            }
        }
        return entities
    }

    /// The text of a row as search sees it.
    package mutating func searchText(of message: Int, _ snapshot: Snapshot) -> String {
        let record = snapshot.index[message]
        var text = MessageColumns.typeName(record) + " " + row(of: message, snapshot).summary
        if let stream = snapshot.whole.stream(of: record) {
            let ends = snapshot.whole.endpoints(of: stream)
            text += " \(ends.source) \(ends.destination) \(snapshot.whole.sessions[stream.session].name)"
        }
        return text
    }

    // MARK: Keys

    /// True when the selection moved.
    package mutating func handle(_ action: Action, _ snapshot: Snapshot) -> Bool {
        switch action {
        case .follow: isFollowing = true
        case .left where isLadder: ladder.scroll(by: -1)
        case .right where isLadder: ladder.scroll(by: 1)
        default:
            let before = selectedRow(in: snapshot)
            list.selected = before
            guard list.move(action, count: snapshot.listCount, height: height), snapshot.listCount > 0 else {
                return false
            }
            if action == .last {
                // Going to the last one takes up following again; going up ends it.
                isFollowing = true
            } else if list.selected != before {
                select(snapshot.listed(list.selected))
            }
            return true
        }
        return false
    }

    package mutating func scroll(by amount: Int, _ snapshot: Snapshot) {
        guard snapshot.listCount > 0 else { return }
        list.scroll(by: amount, count: snapshot.listCount, height: height)
        select(snapshot.listed(list.selected))
    }

    /// Selects the row under a point of the pane; false when there is none.
    package mutating func click(_ point: Point, area: Rect, _ snapshot: Snapshot) -> Bool {
        let line = point.y - area.y - 1 - (isLadder ? MessageLadder.headerHeight(area.inset()) : 1)
        guard lines.indices.contains(line), let row = lines[line], row < snapshot.listCount else { return false }
        select(snapshot.listed(row))
        return true
    }

    package static let help = [
        "Every message in capture order. Enter moves the clock to it and goes to its fields.",
        "Grey messages came later than the clock's time. The list goes with the newest one (\"following\") until you move up; "
            + "G takes it up again.",
        "A * before a number: this message tells of the entity that is selected, here or on the map. A square: it is marked.",
        "! before a type: something is wrong with the message, and [brackets] say what. The colour is the family of the "
            + "type, or what a rule of the theme gives it.",
        "L shows the same messages as a ladder: each an arrow from who sends to who receives, broken where it is a "
            + "repetition, with an x before it where messages were lost; Left and Right go to other peers.",
    ]
}
