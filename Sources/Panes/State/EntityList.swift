import Inspection
import Screen
import SpatioWire

/// The fields of one entity with their history.
struct EntityList {
    enum Row {
        case heading(String)
        /// A field as it is now.
        case field(StateField)
        /// A change: its place in the history.
        case change(Int)
        /// One of the fields that it changed.
        case changed(Int, StateDifference.Field)
    }

    private struct Key: Equatable {
        var space: Int
        var entity: UUID
        var replica: ReplicaID?
        var cursor: Int
    }

    private(set) var content: StateContent?
    private(set) var entries: [StateHistoryEntry] = []
    private(set) var rows: [Row] = []
    /// More entities than this stand in the order of their ids: names take too long to sort while the clock plays.
    private static let namedLimit = 4_096
    /// Entities of the content in the order of their names.
    private(set) var order: [UUID] = []
    private var key: Key?
    private var orderKey: (space: Int, cursor: Int, replica: ReplicaID?)?
    var list = ListState()
    var height = 1
    var top = 0

    /// Reads the entities that there are.
    mutating func update(
        _ scene: StateScene, _ replica: ReplicaID?, _ reader: inout StateReader, _ snapshot: Snapshot
    ) {
        if let orderKey, orderKey == (scene.index, snapshot.cursor, replica) { return }
        orderKey = (scene.index, snapshot.cursor, replica)
        content =
            if let replica { reader.content(of: replica, space: scene.index, snapshot) } else {
                reader.newest(space: scene.index, snapshot)
            }
        order = []
        guard let content else { return }
        guard content.entities.count <= Self.namedLimit else {
            order = content.entities.keys.sorted()
            return
        }
        let names = content.entities.keys.map { ($0, content.label(of: $0)) }
        order = names.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }

    /// Reads an entity's history, unless it is that of the frame before.
    mutating func show(_ entity: UUID, _ scene: StateScene, _ replica: ReplicaID?, _ snapshot: Snapshot) {
        let new = Key(space: scene.index, entity: entity, replica: replica, cursor: snapshot.cursor)
        guard new != key else { return }
        if key?.entity != entity { list = ListState() }
        key = new
        entries = snapshot.history(of: entity, space: scene.index)
        rows = []
        if let fields = content?.entities[entity]?.fields {
            rows.append(.heading(replica == nil ? "fields" : "fields at this replica"))
            for field in fields { rows.append(.field(field)) }
        }
        rows.append(.heading(entries.isEmpty ? "no change was captured" : "changes, the last one first"))
        for place in entries.indices.reversed() {
            rows.append(.change(place))
            for field in entries[place].fields { rows.append(.changed(place, field)) }
        }
    }

    /// The entity next to one in the order of names.
    func entity(after entity: UUID?, forward: Bool) -> UUID? {
        guard !order.isEmpty else { return nil }
        guard let entity, let place = order.firstIndex(of: entity) else { return forward ? order.first : order.last }
        return order[(place + (forward ? 1 : order.count - 1)) % order.count]
    }

    /// The message of the selected change.
    var message: Int? {
        guard rows.indices.contains(list.selected) else { return nil }
        switch rows[list.selected] {
        case .change(let place), .changed(let place, _): return entries[place].message
        case .field(let field):
            return entries.last { $0.fields.contains { $0.key == field.key } }?.message
        case .heading: return nil
        }
    }

    mutating func scroll(by amount: Int) { list.scroll(by: amount, count: rows.count, height: height) }

    mutating func click(_ point: Point) {
        let row = list.top + point.y - top
        if point.y >= top, row < rows.count { list.selected = row }
    }
}
