import Inspection

/// What one replica got over time, column by column.
struct LaneStrip {
    enum Column: Equatable {
        /// Nobody knows of it yet, or it has left, or there was no connection to hear of it.
        case absent
        /// It has the newest version, as far as anybody knew then.
        case current
        case behind
        case mark(LaneMark)
    }

    let columns: [Column]

    /// Events of one column that are looked at: beyond that only their number is said.
    private static let looked = 32
    /// Faults of one replica that are marked.
    private static let faultLimit = 4_096

    /// - Parameters:
    ///   - replica: its place in the space; nil for the newest versions themselves, whoever has them.
    ///   - end: when it left; nil while it is there.
    init(_ states: SpaceStates, replica: Int?, _ snapshot: Snapshot, _ window: LaneWindow, end: Int64?) {
        let newest = Self.Series(
            count: states.newest.partitionPoint { $0.message <= snapshot.cursor },
            time: { states.newest[$0].time })
        let count = replica.map { states.eventCount(of: $0, at: snapshot.cursor) } ?? newest.count
        let events = Self.Series(count: count) { place in
            replica.map { states.event(place, of: $0).time } ?? states.newest[place].time
        }
        var columns: [Column] = []
        let gaps = snapshot.gaps
        var next = events.before(window.start(of: 0), from: 0)
        var known = newest.before(window.start(of: 0), from: 0)
        for column in 0..<window.width {
            let first = next
            let limit = window.start(of: column + 1)
            next = events.before(limit, from: next)
            known = newest.before(limit, from: known)
            if first < next {
                columns.append(.mark(Self.mark(states, replica, first..<next)))
            } else if next == 0 || window.start(of: column) > min(end ?? .max, snapshot.time)
                || gaps.contains(where: { $0.start <= window.start(of: column) && limit - 1 <= $0.end })
            {
                columns.append(.absent)
            } else if let replica, known > 0 {
                let last = states.event(next - 1, of: replica)
                let other = states.newest[known - 1]
                columns.append(last.chain != other.chain || last.held < other.version ? .behind : .current)
            } else {
                columns.append(.current)
            }
        }
        if let replica { Self.mark(&columns, faultsOf: replica, states, snapshot, window) }
        self.columns = columns
    }

    /// Times in the order of capture. A clock that runs backwards moves a mark, and nothing worse.
    private struct Series {
        var count: Int
        var time: (Int) -> Int64

        /// How many come before a time; at least `from`.
        func before(_ limit: Int64, from: Int) -> Int {
            var low = from
            var high = count
            while low < high {
                let middle = (low + high) / 2
                if time(middle) < limit { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    private static func mark(_ states: SpaceStates, _ replica: Int?, _ places: Range<Int>) -> LaneMark {
        guard let replica else { return .delta(places.count) }
        var mark = LaneMark.delta(places.count)
        for place in places.prefix(looked) {
            let event = LaneMark(states.event(place, of: replica))
            if case .delta = event { continue }
            mark = max(mark, event)
        }
        return mark
    }

    private static func mark(
        _ columns: inout [Column], faultsOf replica: Int, _ states: SpaceStates, _ snapshot: Snapshot,
        _ window: LaneWindow
    ) {
        let count = states.faultCount(of: replica, at: snapshot.cursor)
        for place in max(0, count - faultLimit)..<count {
            let fault = states.fault(place, of: replica)
            guard let column = window.column(of: fault.time) else { continue }
            let mark = LaneMark(fault.kind)
            if case .mark(let other) = columns[column], other > mark { continue }
            columns[column] = .mark(mark)
        }
    }
}
