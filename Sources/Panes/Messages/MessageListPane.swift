import Inspection
import Screen
import SpatioWire

/// The list of messages: all, or those that the filter lets through.
package struct MessageListPane {
    package enum TimeFormat: Int, CaseIterable, Sendable {
        case sinceStart, ofDay, sinceBefore

        var title: String {
            switch self {
            case .sinceStart: "time"
            case .ofDay: "time of day"
            case .sinceBefore: "since last"
            }
        }
    }

    /// What a row says, decoded once.
    private struct Row {
        var summary: String
        var entities: [SelectedEntity]
    }

    /// The selection goes with the newest message.
    package private(set) var isFollowing = true
    package private(set) var timeFormat = TimeFormat.sinceStart
    private var list = ListState()
    /// The selected message: it stays selected when a filter changes the rows.
    private var anchor: Int?
    private var height = 1
    /// Rows that were decoded for the screen before: a frame decodes only what is new in it.
    private var rows: [Int: Row] = [:]
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

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        let inside = area.inset()
        height = max(0, inside.height - 1)
        list.selected = selectedRow(in: snapshot)
        list.settle(count: snapshot.listCount, height: height)
        drawBox(into: &buffer, area, context)
        guard snapshot.listCount > 0 else {
            EmptyPane.draw(into: &buffer, inside, context, Self.reasonForEmptiness(snapshot))
            return
        }
        let columns = MessageColumns(width: inside.width, timeFormat: timeFormat, snapshot)
        columns.drawHeader(into: &buffer, inside, context)
        let entity = context.selection.entity
        for line in 0..<min(height, snapshot.listCount - list.top) {
            let row = list.top + line
            let message = snapshot.listed(row)
            let before = row > 0 ? snapshot.index[snapshot.listed(row - 1)].time : nil
            let place = Point(x: inside.x, y: inside.y + 1 + line)
            let content = self.row(of: message, snapshot)
            let mark = entity.flatMap { content.entities.contains($0) ? context.theme.entityColor(of: $0.id) : nil }
            columns.draw(
                message, before: before, summary: content.summary, mark: mark, at: place, into: &buffer, context)
            if row == list.selected {
                buffer.restyle(Rect(x: inside.x, y: place.y, width: inside.width, height: 1)) {
                    $0 = context.selected($0)
                }
            }
        }
    }

    private func drawBox(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        buffer.drawBox(
            area, style: context.borderStyle, title: "2 Messages", titleStyle: context.titleStyle,
            trailing: state(snapshot), trailingStyle: context.style(snapshot.filter == nil ? .dim : .filterValid))
    }

    private func state(_ snapshot: Snapshot) -> String {
        var words: [String] = []
        if snapshot.listCount > 0 {
            words.append("\(Format.thousands(list.selected + 1)) of \(Format.thousands(snapshot.listCount))")
        }
        if let filter = snapshot.filter {
            words.append("filtered from \(Format.thousands(snapshot.index.count))")
            if filter.examined < snapshot.index.count, snapshot.loading == .done {
                words.append("\(100 * filter.examined / max(1, snapshot.index.count)) % looked at")
            }
        }
        if isFollowing, snapshot.listCount > 0 { words.append("following") }
        return words.joined(separator: ", ")
    }

    private static func reasonForEmptiness(_ snapshot: Snapshot) -> [String] {
        if let filter = snapshot.filter, !snapshot.index.isEmpty {
            if filter.examined < snapshot.index.count { return ["Filtering ..."] }
            return [
                "None of \(Format.thousands(snapshot.index.count)) messages passes the filter.",
                "/ changes it, Esc shows all.",
            ]
        }
        return EmptyPane.reasonForNoMessages(snapshot)
    }

    private mutating func row(of message: Int, _ snapshot: Snapshot) -> Row {
        if let known = rows[message] { return known }
        if rows.count > Self.rowLimit { rows.removeAll(keepingCapacity: true) }
        let record = snapshot.index[message]
        var row = Row(summary: "its octets cannot be read any more", entities: [])
        if let map = snapshot.fieldMap(of: message) {
            row.summary = MessageSummary.text(record.type, map: map, model: snapshot.whole)
            row.entities = Self.entities(in: map)
        }
        rows[message] = row
        return row
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
        case .timeFormat: timeFormat = TimeFormat(rawValue: (timeFormat.rawValue + 1) % 3) ?? .sinceStart
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
        let line = point.y - area.y - 2
        guard line >= 0, line < height, list.top + line < snapshot.listCount else { return false }
        select(snapshot.listed(list.top + line))
        return true
    }

    package static let help = [
        "Every message in capture order. Enter moves the clock to it and goes to its fields.",
        "Grey messages came later than the clock's time. The list goes with the newest one (\"following\") until you move up; "
            + "G takes it up again.",
        "A * before a number: this message tells of the entity that is selected, here or on the map.",
        "! before a type: something is wrong with the message, and [brackets] say what. The colour is the family of the "
            + "type.",
    ]
}
