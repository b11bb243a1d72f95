import Inspection
import Screen

/// Which lanes there are, in which order, and what is chosen among them.
struct LaneList {
    enum Order: Int, CaseIterable {
        case appearance, lag, faults, name

        var title: String {
            switch self {
            case .appearance: "as they came"
            case .lag: "behind"
            case .faults: "wrong"
            case .name: "name"
            }
        }
    }

    /// The newest versions, whoever has them, or one replica.
    enum Row {
        case all
        case lane(StateLane)

        var id: ReplicaID? {
            guard case .lane(let lane) = self else { return nil }
            return lane.id
        }

        var replica: Int? {
            guard case .lane(let lane) = self else { return nil }
            return lane.replica
        }
    }

    private(set) var order = Order.appearance
    private(set) var isReversed = false
    var list = ListState()
    var height = 1
    /// Nil: the row of all.
    private(set) var selected: ReplicaID?
    /// The selected version: its place among those of the lane; nil: the last as of the clock.
    private(set) var chosen: Int?
    private(set) var rows: [Row] = [.all]
    /// Nanoseconds that are shown; nil: the whole capture.
    private(set) var span: Int64?

    /// Shorter and longer than these no window helps.
    private static let shortest: Int64 = 1_000_000
    private static let zoomStep: Int64 = 2

    // MARK: Rows

    mutating func update(_ states: SpaceStates, _ context: PaneContext) {
        let snapshot = context.snapshot
        var lanes = states.lanes(at: snapshot.cursor, time: snapshot.time)
        switch order {
        case .appearance: break
        // The worst first; one of an earlier chain is no worse than gone.
        case .lag: lanes = stable(lanes) { ($0.lag ?? 0, $0.lagTime ?? 0) > ($1.lag ?? 0, $1.lagTime ?? 0) }
        case .faults: lanes = stable(lanes) { $0.totals.all > $1.totals.all }
        case .name:
            let names = lanes.map { snapshot.model.name(of: $0.id) }
            lanes = lanes.indices.sorted { (names[$0], $0) < (names[$1], $1) }.map { lanes[$0] }
        }
        if isReversed { lanes.reverse() }
        rows = [.all] + lanes.map { .lane($0) }
        let place = rows.firstIndex { $0.id == selected }
        if place == nil { choose(row: 0) }
        list.selected = place ?? 0
    }

    private func stable(_ lanes: [StateLane], by isWorse: (StateLane, StateLane) -> Bool) -> [StateLane] {
        lanes.indices.sorted { left, right in
            isWorse(lanes[left], lanes[right]) || !isWorse(lanes[right], lanes[left]) && left < right
        }.map { lanes[$0] }
    }

    var row: Row { rows.indices.contains(list.selected) ? rows[list.selected] : .all }

    /// Selects a row, with its newest version.
    mutating func choose(row: Int) {
        list.selected = max(0, min(row, rows.count - 1))
        selected = self.row.id
        chosen = nil
    }

    mutating func choose(version place: Int?) { chosen = place }

    /// Another space.
    mutating func reset() { self = LaneList(order: order, isReversed: isReversed) }

    init() {}

    private init(order: Order, isReversed: Bool) {
        self.order = order
        self.isReversed = isReversed
    }

    mutating func sortNext() { order = Order(rawValue: (order.rawValue + 1) % Order.allCases.count) ?? .appearance }
    mutating func reverse() { isReversed.toggle() }

    // MARK: Versions

    /// Versions of the selected row as of the clock.
    func count(_ states: SpaceStates, at cursor: Int) -> Int {
        row.replica.map { states.eventCount(of: $0, at: cursor) }
            ?? states.newest.partitionPoint { $0.message <= cursor }
    }

    /// The selected version's place; nil before the first.
    func place(_ states: SpaceStates, at cursor: Int) -> Int? {
        let count = count(states, at: cursor)
        return count == 0 ? nil : min(chosen ?? count - 1, count - 1)
    }

    /// Message, from 1, and time of the selected version.
    func version(_ states: SpaceStates, at cursor: Int) -> (message: Int, time: Int64)? {
        guard let place = place(states, at: cursor) else { return nil }
        if let replica = row.replica {
            let event = states.event(place, of: replica)
            return (event.message, event.time)
        }
        return (states.newest[place].message, states.newest[place].time)
    }

    /// One version back or on; from the last one the selection goes with the clock again.
    mutating func step(by step: Int, _ states: SpaceStates, at cursor: Int) {
        guard let place = place(states, at: cursor) else { return }
        let target = max(0, place + step)
        chosen = step > 0 && target >= count(states, at: cursor) - 1 ? nil : target
    }

    // MARK: Time

    mutating func zoom(in isNearer: Bool, _ snapshot: Snapshot) {
        let whole = max(Self.shortest, snapshot.lastTime - snapshot.firstTime)
        if isNearer {
            span = max(Self.shortest, (span ?? whole) / Self.zoomStep)
        } else if let span {
            self.span = span > whole / Self.zoomStep ? nil : span * Self.zoomStep
        }
    }

    mutating func fit() { span = nil }
}
