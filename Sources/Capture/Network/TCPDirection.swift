/// One direction of a TCP connection: puts its octets in order.
///
/// What comes in order is handed on at once, where it lies. What comes behind a hole is copied and held until the hole is
/// filled, or until it is clear that it will not be: the other side has acknowledged beyond it, so the capture lost it.
struct TCPDirection {
    /// Octets held behind a hole, before the hole is given up. Beyond the window of most connections.
    static let maximumHeld = 1024 * 1024
    /// What a held piece costs besides its octets, so that many tiny ones count too.
    static let costOfPiece = 128
    /// The largest window of RFC 7323: what is further away belongs to another connection.
    private static let farAway = 1 << 30
    /// Data within this of the end of a closed direction is a leftover of it, not of a new connection.
    private static let leftoverReach = 16 * 1024 * 1024

    private struct Piece {
        var sequence: UInt32
        var octets: [UInt8]
        var origin: OctetOrigin
    }

    /// What it has in hand, with `costOfPiece` for each piece.
    private(set) var held = 0
    /// The first sequence number that was seen; a SYN that fits it is a retransmission.
    private var first: UInt32?
    /// The sequence number that the next octet to hand on has; nil before the first.
    private var next: UInt32?
    /// Sequence number behind the last octet, once a FIN has told.
    private var end: UInt32?
    /// The highest acknowledgement that the other side has sent.
    private var acknowledged: UInt32?
    /// Held pieces: in order, apart from each other, all behind `next`.
    private var pieces: [Piece] = []
    private var hasDelivered = false
    private var isClosed = false

    /// How far `sequence` is ahead of `other`, by the serial arithmetic of RFC 1982; negative if behind.
    private static func distance(_ sequence: UInt32, from other: UInt32) -> Int {
        Int(Int32(bitPattern: sequence &- other))
    }

    /// Whether a SYN with this first octet starts another connection than the one at hand.
    func isOther(startingAt sequence: UInt32) -> Bool {
        first != sequence
    }

    /// Takes a segment of this direction.
    mutating func take(
        _ segment: TCPSegment, _ context: TCPContext, _ counters: inout DissectionCounters,
        _ deliver: (TransportUnit) -> Void
    ) {
        let isBeginning = segment.flags.contains(.syn)
        let isEnding = segment.flags.contains(.fin)
        guard isBeginning || isEnding || !segment.octets.isEmpty else { return }
        if let next {
            let distance = Self.distance(segment.firstOctet, from: next)
            if abs(distance) > (isClosed ? Self.leftoverReach : Self.farAway) {
                // Another connection, whose start was not captured.
                flush(context, &counters, deliver)
                self = TCPDirection()
            } else if isClosed {
                if distance < 0 { counters.tcpRetransmitted &+= 1 } else { counters.tcpAfterEnd &+= 1 }
                return
            }
        }
        let next = self.next ?? segment.firstOctet
        if self.next == nil {
            first = next
            self.next = next
        }
        if isEnding, end == nil, Self.distance(segment.end, from: next) >= 0 { end = segment.end }
        insert(segment, next, context, &counters, deliver)
        settle(context, &counters, deliver)
    }

    /// Takes an acknowledgement by the other side.
    ///
    /// - Parameter context: of this direction.
    mutating func acknowledge(
        _ sequence: UInt32, _ context: TCPContext, _ counters: inout DissectionCounters,
        _ deliver: (TransportUnit) -> Void
    ) {
        if let acknowledged, Self.distance(sequence, from: acknowledged) <= 0 { return }
        acknowledged = sequence
        if !pieces.isEmpty || end != nil { settle(context, &counters, deliver) }
    }

    /// Hands on everything that is held, because nothing more will come.
    mutating func flush(
        _ context: TCPContext, _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
    ) {
        while !pieces.isEmpty { skipHole(context, &counters, deliver) }
        if end != nil { close(context, &counters, deliver) }
    }

    /// Ends the direction where it is: the connection was reset.
    mutating func reset(
        _ context: TCPContext, _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
    ) {
        flush(context, &counters, deliver)
        close(context, &counters, deliver)
    }

    /// Hands on or holds what is new of the segment's octets; where segments overlap, the first that came wins.
    private mutating func insert(
        _ segment: TCPSegment, _ next: UInt32, _ context: TCPContext, _ counters: inout DissectionCounters,
        _ deliver: (TransportUnit) -> Void
    ) {
        let octets = segment.octets
        guard !octets.isEmpty else { return }
        let start = Self.distance(segment.firstOctet, from: next)
        if start == 0 && pieces.isEmpty {
            emit(octets, segment.origin, context, deliver)
            return
        }
        if start == -1 && octets.count == 1 {
            counters.tcpKeepAlives &+= 1
            return
        }
        let new = missing(in: start..<(start + octets.count), of: next)
        let newOctets = new.reduce(0) { $0 + $1.count }
        if newOctets == 0 {
            counters.tcpRetransmitted &+= 1
        } else if newOctets < octets.count {
            counters.tcpOverlapping &+= 1
        }
        for range in new {
            let part = UnsafeRawBufferPointer(rebasing: octets[(range.lowerBound - start)..<(range.upperBound - start)])
            let origin = segment.origin.advanced(by: range.lowerBound - start)
            if range.lowerBound == 0 {
                emit(part, origin, context, deliver)
            } else {
                hold(Piece(sequence: next &+ UInt32(range.lowerBound), octets: Array(part), origin: origin))
            }
        }
        drain(context, deliver)
    }

    /// What of `range`, counted from `next`, has not come yet.
    private func missing(in range: Range<Int>, of next: UInt32) -> [Range<Int>] {
        var missing: [Range<Int>] = []
        var start = max(range.lowerBound, 0)
        for piece in pieces where start < range.upperBound {
            let offset = Self.distance(piece.sequence, from: next)
            if offset >= range.upperBound { break }
            if start < offset { missing.append(start..<offset) }
            start = max(start, offset + piece.octets.count)
        }
        if start < range.upperBound { missing.append(start..<range.upperBound) }
        return missing
    }

    private mutating func hold(_ piece: Piece) {
        let before = pieces.lastIndex { Self.distance($0.sequence, from: piece.sequence) < 0 }
        pieces.insert(piece, at: before.map { $0 + 1 } ?? 0)
        held += piece.octets.count + Self.costOfPiece
    }

    /// Does what has become possible: gives up holes that will not be filled, and closes.
    private mutating func settle(
        _ context: TCPContext, _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
    ) {
        while let piece = pieces.first, hasAcknowledged(piece.sequence) || held > Self.maximumHeld {
            skipHole(context, &counters, deliver)
        }
        guard let end, let next, !isClosed else { return }
        // Where the other side was not captured, no acknowledgement will ever tell.
        if acknowledged == nil {
            flush(context, &counters, deliver)
        } else if pieces.isEmpty, next == end || hasAcknowledged(end) {
            close(context, &counters, deliver)
        }
    }

    private func hasAcknowledged(_ sequence: UInt32) -> Bool {
        acknowledged.map { Self.distance($0, from: sequence) >= 0 } ?? false
    }

    /// Goes on behind the first hole.
    private mutating func skipHole(
        _ context: TCPContext, _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
    ) {
        guard let piece = pieces.first, let next else { return }
        let gap = countGap(Self.distance(piece.sequence, from: next), &counters)
        self.next = piece.sequence
        drain(context, gap: gap, deliver)
    }

    private func countGap(_ octets: Int, _ counters: inout DissectionCounters) -> Int {
        guard octets > 0 else { return 0 }
        counters.tcpGaps &+= 1
        counters.tcpGapOctets &+= UInt64(octets)
        return octets
    }

    /// Hands on the held pieces that have become contiguous.
    private mutating func drain(_ context: TCPContext, gap: Int = 0, _ deliver: (TransportUnit) -> Void) {
        var count = 0
        var gap = gap
        while count < pieces.count, pieces[count].sequence == next {
            let piece = pieces[count]
            held -= piece.octets.count + Self.costOfPiece
            piece.octets.withUnsafeBytes { emit($0, piece.origin, context, gap: gap, deliver) }
            gap = 0
            count += 1
        }
        pieces.removeFirst(count)
    }

    /// Hands on octets that start at `next`.
    private mutating func emit(
        _ octets: UnsafeRawBufferPointer, _ origin: OctetOrigin, _ context: TCPContext, gap: Int = 0,
        _ deliver: (TransportUnit) -> Void
    ) {
        next = next.map { $0 &+ UInt32(truncatingIfNeeded: octets.count) }
        deliver(
            TransportUnit(
                time: context.time, source: context.source, destination: context.destination, transport: .tcp,
                octets: octets, origin: origin, gap: gap, isStart: !hasDelivered))
        hasDelivered = true
    }

    /// Says that the direction has ended, unless it never carried an octet.
    private mutating func close(
        _ context: TCPContext, _ counters: inout DissectionCounters, _ deliver: (TransportUnit) -> Void
    ) {
        guard !isClosed, let next else { return }
        let gap = end.map { countGap(Self.distance($0, from: next), &counters) } ?? 0
        pieces = []
        held = 0
        isClosed = true
        if let end { self.next = end &+ 1 }
        guard hasDelivered else { return }
        deliver(
            TransportUnit(
                time: context.time, source: context.source, destination: context.destination, transport: .tcp,
                octets: UnsafeRawBufferPointer(start: nil, count: 0), origin: .assembled, gap: gap, isEnd: true))
    }
}
