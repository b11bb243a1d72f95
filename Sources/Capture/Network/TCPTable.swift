/// The TCP connections of a capture, up to a bound; the one that was idle longest is forgotten for a new one.
struct TCPTable {
    /// About 350 octets each; a capture of one service has far fewer at a time.
    static let maximumConnections = 16_384
    /// Octets held behind holes by all connections together.
    static let maximumHeld = 64 * 1024 * 1024

    /// Both ends in a fixed order, so that both directions find the same connection.
    private struct Key: Hashable {
        let lower: Endpoint
        let higher: Endpoint
    }

    private struct Connection {
        var key: Key
        var fromLower = TCPDirection()
        var fromHigher = TCPDirection()
        /// Neighbours in the order of use.
        var newer: Int?
        var older: Int?

        var held: Int { fromLower.held + fromHigher.held }

        mutating func take(
            _ segment: TCPSegment, isFromLower: Bool, _ counters: inout DissectionCounters,
            _ deliver: (TransportUnit) -> Void
        ) {
            if isFromLower {
                Self.take(segment, &fromLower, &fromHigher, &counters, deliver)
            } else {
                Self.take(segment, &fromHigher, &fromLower, &counters, deliver)
            }
        }

        private static func take(
            _ segment: TCPSegment, _ forward: inout TCPDirection, _ backward: inout TCPDirection,
            _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
        ) {
            let context = TCPContext(time: segment.time, source: segment.source, destination: segment.destination)
            if segment.flags.contains(.rst) {
                forward.reset(context, &counters, deliver)
                backward.reset(context.reversed, &counters, deliver)
                return
            }
            if segment.flags.contains(.syn), forward.isOther(startingAt: segment.firstOctet) {
                forward.flush(context, &counters, deliver)
                forward = TCPDirection()
                if !segment.flags.contains(.ack) {
                    backward.flush(context.reversed, &counters, deliver)
                    backward = TCPDirection()
                }
            }
            if segment.flags.contains(.ack) {
                backward.acknowledge(segment.acknowledgement, context.reversed, &counters, deliver)
            }
            forward.take(segment, context, &counters, deliver)
        }
    }

    private var connections: [Connection] = []
    private var indices: [Key: Int] = [:]
    private var newest: Int?
    private var oldest: Int?
    private var held = 0
    private var latestTime: Int64 = .min

    /// Takes a segment and hands on what it made complete.
    mutating func take(
        _ segment: TCPSegment, _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
    ) {
        latestTime = max(latestTime, segment.time)
        let isFromLower = Self.isOrdered(segment.source, segment.destination)
        let key =
            isFromLower
            ? Key(lower: segment.source, higher: segment.destination)
            : Key(lower: segment.destination, higher: segment.source)
        var found = indices[key]
        if found == nil {
            if segment.flags.contains(.rst) { return }
            found = add(key, segment.time, &counters, deliver)
        }
        guard let index = found else { return }
        use(index)
        let before = connections[index].held
        connections[index].take(segment, isFromLower: isFromLower, &counters, deliver)
        held += connections[index].held - before
        if held > Self.maximumHeld { flush(index, segment.time, &counters, deliver) }
    }

    /// Hands on everything that is held, oldest connection first, and forgets all connections.
    mutating func finish(_ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void) {
        var index = oldest
        while let current = index {
            flush(current, latestTime, &counters, deliver)
            index = connections[current].newer
        }
        self = TCPTable()
    }

    private mutating func flush(
        _ index: Int, _ time: Int64, _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
    ) {
        held -= connections[index].held
        let key = connections[index].key
        let context = TCPContext(time: time, source: key.lower, destination: key.higher)
        connections[index].fromLower.flush(context, &counters, deliver)
        connections[index].fromHigher.flush(context.reversed, &counters, deliver)
        held += connections[index].held
    }

    private static func isOrdered(_ first: Endpoint, _ second: Endpoint) -> Bool {
        (first.address.high, first.address.low, first.port) < (second.address.high, second.address.low, second.port)
    }

    /// - Returns: the index of a new connection, in the place of the one idle longest where the table is full.
    private mutating func add(
        _ key: Key, _ time: Int64, _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
    ) -> Int {
        let index: Int
        if connections.count >= Self.maximumConnections, let oldest {
            counters.evictions &+= 1
            flush(oldest, time, &counters, deliver)
            indices[connections[oldest].key] = nil
            unlink(oldest)
            connections[oldest] = Connection(key: key)
            index = oldest
        } else {
            index = connections.count
            connections.append(Connection(key: key))
        }
        indices[key] = index
        link(index)
        return index
    }

    /// Moves a connection to the newest end of the order of use.
    private mutating func use(_ index: Int) {
        if newest == index { return }
        unlink(index)
        link(index)
    }

    private mutating func link(_ index: Int) {
        connections[index].newer = nil
        connections[index].older = newest
        if let newest { connections[newest].newer = index } else { oldest = index }
        newest = index
    }

    private mutating func unlink(_ index: Int) {
        let newer = connections[index].newer
        let older = connections[index].older
        if let newer { connections[newer].older = older } else { newest = older }
        if let older { connections[older].newer = newer } else { oldest = newer }
    }
}
