import Inspection
import Screen
import SpatioWire

/// What is compared, and the rows that show how it differs.
struct DifferenceList {
    /// One side of a comparison.
    enum Side: Equatable {
        /// A version of a replica, by its place among the replica's own.
        case version(VersionMarks.Mark)
        /// The newest content as of so many messages.
        case newest(cursor: Int)
    }

    enum Row {
        case entity(Int)
        case field(entity: Int, field: Int)
    }

    /// Both sides, read.
    struct Pair {
        var old, new: StateContent
        var difference: StateDifference
        /// Names of the entities, in the order of the difference.
        var labels: [String]
    }

    private(set) var pair: Pair?
    private var key: (space: Int, old: Side, new: Side)?
    private(set) var rows: [Row] = []
    var list = ListState()
    var height = 1
    /// The first row on the screen.
    var top = 0

    /// Reads both sides, unless they are those of the frame before.
    mutating func show(
        _ old: Side, _ new: Side, _ scene: StateScene, _ reader: inout StateReader, _ snapshot: Snapshot
    ) {
        if let key, key.space == scene.index, key.old == old, key.new == new { return }
        key = (scene.index, old, new)
        pair = nil
        rows = []
        list.selected = 0
        guard let before = Self.content(old, scene, &reader, snapshot),
            let after = Self.content(new, scene, &reader, snapshot)
        else { return }
        let difference = StateDifference(before, after, coordinates: snapshot.whole.spaces[scene.index].coordinates)
        let labels = difference.entities.map {
            ($0.change == .removed ? before : after).label(of: $0.id)
        }
        pair = Pair(old: before, new: after, difference: difference, labels: labels)
        for (place, entity) in difference.entities.enumerated() {
            rows.append(.entity(place))
            for field in entity.fields.indices { rows.append(.field(entity: place, field: field)) }
        }
    }

    private static func content(
        _ side: Side, _ scene: StateScene, _ reader: inout StateReader, _ snapshot: Snapshot
    ) -> StateContent? {
        switch side {
        case .version(let mark):
            reader.content(of: mark.replica, events: mark.place + 1, space: scene.index, snapshot)
        case .newest: reader.newest(space: scene.index, snapshot)
        }
    }

    /// The entity of a row.
    func entity(_ row: Int) -> StateDifference.Entity? {
        guard let pair, rows.indices.contains(row) else { return nil }
        switch rows[row] {
        case .entity(let place), .field(let place, _): return pair.difference.entities[place]
        }
    }

    /// Selects the next entity, or the one before.
    mutating func selectEntity(forward: Bool) {
        let heads = rows.indices.filter { if case .entity = rows[$0] { true } else { false } }
        let now = list.selected
        if let next = forward ? heads.first(where: { $0 > now }) : heads.last(where: { $0 < now }) {
            list.selected = next
        }
    }

    mutating func scroll(by amount: Int) { list.scroll(by: amount, count: rows.count, height: height) }
}
