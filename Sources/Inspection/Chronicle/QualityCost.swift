import SpatioWire

/// What octets are counted by.
package enum CostGroup: CaseIterable, Sendable {
    case entity, type, stream, space

    package var name: String {
        switch self {
        case .entity: "entity"
        case .type: "type"
        case .stream: "stream"
        case .space: "space"
        }
    }
}

/// One line of the cost table.
package struct CostRow: Equatable, Sendable {
    package enum What: Hashable, Sendable {
        /// Indices in the model.
        case entity(Int)
        /// Nil: messages of streams that are not followed.
        case stream(Int?)
        /// Nil: messages without a space.
        case space(Int?)
        /// Nil: messages whose header cannot be read.
        case type(MessageType?)
    }

    package var what: What
    /// A second before the clock.
    package var octets: Double
    /// A second; nil of entities, which share messages.
    package var messages: Double?
}

/// Octets a second by entity, type, stream or space, as of the clock.
package struct CostTable: Equatable, Sendable {
    /// Seconds before the clock that are looked at, where so much was captured.
    package static let window: Int64 = 4_000_000_000
    /// Messages that are looked at: some milliseconds; where more came, the seconds before the clock are fewer.
    package static let messageLimit = 262_144
    /// Rows that are kept of a group: more than anybody scrolls through.
    package static let rowLimit = 1000

    /// The dearest first.
    package var rows: [CostRow] = []
    /// Octets a second of all of them, those beyond the limit too.
    package var total = 0.0
    /// All, those beyond the limit too.
    package var count = 0
    /// Nanoseconds that were looked at; nil where that is none.
    package var span: Int64?

    package init() {}

    /// Rows come in the order of what they are about.
    fileprivate mutating func add(_ row: CostRow) {
        count += 1
        total += row.octets
        rows.append(row)
        // To sort a million of them for the sake of a few takes most of a second.
        if rows.count >= 8 * Self.rowLimit { keepDearest() }
    }

    /// Equal ones stay in the order in which they came, so that rows do not jump about.
    fileprivate mutating func keepDearest() {
        let ordered = rows.enumerated().sorted { first, second in
            first.element.octets != second.element.octets
                ? first.element.octets > second.element.octets : first.offset < second.offset
        }
        rows = ordered.prefix(Self.rowLimit).map(\.element)
    }
}

extension Snapshot {
    /// What costs how much, in a scope that entities and spaces do not know.
    package func cost(by group: CostGroup, of scope: QualityScope = .everything) -> CostTable {
        var table = group == .entity ? entityCost() : messageCost(by: group, scope)
        table.keepDearest()
        return table
    }

    private func entityCost() -> CostTable {
        var table = CostTable()
        for index in model.entities.indices {
            guard let octets = model.entities[index].octetsPerSecond(until: time), octets > 0 else { continue }
            table.add(CostRow(what: .entity(index), octets: octets))
        }
        table.span = cursor > 0 ? 2_000_000_000 : nil
        return table
    }

    private func messageCost(by group: CostGroup, _ scope: QualityScope) -> CostTable {
        var table = CostTable()
        let first = max(
            index.start, cursor - CostTable.messageLimit, min(cursor, index.count(until: time &- CostTable.window)))
        guard cursor > first, let begin = model.firstTime else { return table }
        // Over the real length: from where the window begins, or from the first message that was looked at.
        let isCut = cursor - first == CostTable.messageLimit
        let from = max(begin, isCut ? index[first].time : time &- CostTable.window)
        guard time > from else { return table }
        let seconds = Double(time &- from) / 1e9
        table.span = time &- from
        // Place 0 is for what has none.
        let places =
            switch group {
            case .type: Int(UInt8.max) + 2
            case .space: whole.spaces.count + 1
            case .stream, .entity: whole.streams.count + 1
            }
        var sums = [(octets: Int, messages: Int)](repeating: (0, 0), count: places)
        index.scan(first..<cursor) { _, record in
            guard isInside(record.stream, scope) else { return true }
            let place =
                switch group {
                case .type: record.marks.contains(.hasHeader) ? Int(record.type.rawValue) + 1 : 0
                case .space: record.marks.contains(.hasSpace) ? Int(record.space) + 1 : 0
                case .stream, .entity: Int(record.stream) + 1
                }
            // A message of a stream that is not followed has none.
            let row = place < places ? place : 0
            sums[row].octets += Int(record.size)
            sums[row].messages += 1
            return true
        }
        for (place, sum) in sums.enumerated() where sum.messages > 0 {
            let what: CostRow.What =
                switch group {
                case .type: .type(place > 0 ? MessageType(rawValue: UInt8(place - 1)) : nil)
                case .space: .space(place > 0 ? place - 1 : nil)
                case .stream, .entity: .stream(place > 0 ? place - 1 : nil)
                }
            table.add(
                CostRow(what: what, octets: Double(sum.octets) / seconds, messages: Double(sum.messages) / seconds))
        }
        return table
    }

    private func isInside(_ stream: UInt32, _ scope: QualityScope) -> Bool {
        switch scope {
        case .everything: true
        case .stream(let wanted): Int(stream) == wanted
        case .session(let wanted):
            Int(stream) < whole.streams.count && whole.streams[Int(stream)].session == wanted
        }
    }
}
