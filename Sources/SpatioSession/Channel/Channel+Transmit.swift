import SpatioWire

extension Channel {
    /// A piece of a byte stream: large enough that its cost does not count.
    private static let streamPiece = 65_536

    /// One datagram, or the next piece of the byte stream; nil when there is nothing to send now: nothing waits, or the
    /// other end's window or rate does not permit it.
    public mutating func nextTransmission(at now: Moment) -> [UInt8]? {
        clock = max(clock, now.monotonic)
        answerPings(at: now)
        let octets = options.isStream ? nextPiece(at: now) : nextDatagram(at: now)
        guard !octets.isEmpty else { return nil }
        limiter.spend(octets.count)
        counters.datagramsSent += 1
        counters.octetsSent += octets.count
        return octets
    }

    private mutating func nextDatagram(at now: Moment) -> [UInt8] {
        var octets: [UInt8] = []
        if isPingUrgent { ping(into: &octets, at: now) }
        while let size = nextSize {
            guard octets.isEmpty || octets.count + size <= options.datagramSize,
                limiter.permits(octets.count + size, at: clock)
            else { break }
            if octets.isEmpty { octets.reserveCapacity(max(size, options.datagramSize)) }
            takeNext(into: &octets)
        }
        // Behind everything else, so that its answer acknowledges that too.
        ping(into: &octets, at: now)
        return octets
    }

    /// A stream may be cut anywhere, so that it keeps to the rate however large its messages are.
    private mutating func nextPiece(at now: Moment) -> [UInt8] {
        var rest: [UInt8] = []
        swap(&rest, &piece)
        if rest.isEmpty {
            // What is collected cannot be overtaken any more.
            let target = limiter.rate == nil ? Self.streamPiece : options.datagramSize
            while let size = nextSize, rest.isEmpty || rest.count + size <= target { takeNext(into: &rest) }
            ping(into: &rest, at: now)
        }
        if limiter.permits(rest.count, at: clock), limiter.rate == nil || rest.count <= options.datagramSize {
            return rest
        }
        var taken: [UInt8] = []
        if limiter.permits(options.datagramSize, at: clock) {
            taken = Array(rest.prefix(options.datagramSize))
            rest.removeFirst(taken.count)
        }
        swap(&rest, &piece)
        return taken
    }

    /// Octets of the message that goes out next. What was to be repeated and is acknowledged by now is still in the
    /// queue, with no octets.
    private var nextSize: Int? {
        guard let item = isReadyFirst ? ready.first : urgent.first else { return nil }
        return item.kind == .again ? repeated(item)?.count ?? 0 : item.octets.count
    }

    /// Octets that can go out next, at least.
    var nextTransmissionSize: Int? { piece.isEmpty ? nextSize : min(piece.count, options.datagramSize) }

    private func repeated(_ item: Ready) -> [UInt8]? {
        outgoing[item.stream]?.unacknowledged.octets(of: item.sequence)
    }

    /// What waits goes out before what is urgent where it has the earlier number of the same stream: a PONG that came
    /// out before the handshake's next step would look like a loss.
    private var isReadyFirst: Bool {
        guard let urgent = urgent.first else { return true }
        guard let ready = ready.first, ready.kind == .once || ready.kind == .reliable else { return false }
        return ready.stream == urgent.stream && ready.sequence < urgent.sequence
    }

    private mutating func takeNext(into octets: inout [UInt8]) {
        guard let item = isReadyFirst ? ready.popFirst() : urgent.popFirst() else { return }
        queuedOctets -= item.octets.count
        switch item.kind {
        case .mirrored:
            octets += item.octets
            counters.messagesSent += 1
        case .own:
            octets += item.octets
            counters.messagesSent += 1
            outgoing[item.stream]?.noteSent(item.sequence)
        case .once, .reliable:
            octets += item.octets
            counters.messagesSent += 1
            outgoing[item.stream]?.noteSent(item.sequence)
            pings.noteSent(isReliable: item.kind == .reliable)
            if item.kind == .reliable { expectAcknowledgement(item) }
        case .again:
            guard let original = repeated(item) else { return }
            let start = octets.count
            octets += original
            counters.messagesSent += 1
            octets.withUnsafeMutableBytes { Self.markRepeated(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
            counters.messagesRepeated += 1
            pings.noteSent(isReliable: true)
            expectAcknowledgement(item)
        }
    }

    private mutating func expectAcknowledgement(_ item: Ready) {
        let repeats = outgoing[item.stream]?.unacknowledged.repeats(of: item.sequence) ?? 0
        let due = clock + roundTrip.timeout(afterRepeats: repeats)
        outgoing[item.stream]?.unacknowledged.note(item.sequence, due: due)
        if !options.isStream { nextRepeat = min(nextRepeat, due) }
    }

    /// A retransmission repeats the original octets; only the RETRANSMIT bit and the checksum differ (profile section 3).
    private static func markRepeated(_ message: UnsafeMutableRawBufferPointer) {
        guard message.count >= WireLimits.headerSize + checksumSize else { return }
        message[flagsOffset] |= UInt8(MessageFlags.retransmit.rawValue >> 8)
        guard message[flagsOffset + 1] & UInt8(MessageFlags.checksum.rawValue) != 0 else { return }
        let place = message.count - checksumSize
        let checksum = crc32c(UnsafeRawBufferPointer(rebasing: message[..<place]))
        message.storeBytes(of: checksum.bigEndian, toByteOffset: place, as: UInt32.self)
    }

    private static let flagsOffset = 2
    private static let checksumSize = 4

    // MARK: Repeating

    mutating func repeatLate(at now: Moment) {
        nextRepeat = .max
        for stream in outgoing.keys.sorted() {
            guard let isEmpty = outgoing[stream]?.unacknowledged.isEmpty, !isEmpty else { continue }
            let late = outgoing[stream]?.unacknowledged.takeDue(by: clock + RoundTripEstimator.granularity)
            guard let late else { continue }
            guard !late.isGivenUp else {
                die(
                    .timeout,
                    "a RELIABLE message on stream \(stream) was repeated \(RoundTripEstimator.repeatLimit) times in vain",
                    at: now)
                return
            }
            for sequence in late.sequences {
                ready.append(Ready(octets: [], stream: stream, sequence: sequence, kind: .again))
            }
            if let due = outgoing[stream]?.unacknowledged.nextDue { nextRepeat = min(nextRepeat, due) }
        }
    }

    // MARK: Pings

    var pingDue: Int64 {
        guard !isQuiet else { return .max }
        return pings.due(
            hasUnacknowledged: windowUsed > 0, isBlocked: !waiting.isEmpty, heardAt: heardAt, roundTrip: roundTrip)
    }

    /// Octets that a PING takes at most.
    var pingSize: Int { 64 + 8 * outgoing.count }

    /// Sends a PING with what goes out next, whatever else is due: any answer shows which keys the other end has.
    public mutating func ping(at now: Moment) {
        clock = max(clock, now.monotonic)
        pings.want()
    }

    /// Sends a PING where one is due, and there is room for it. On a stream, the rate is kept by how it is cut.
    private mutating func ping(into octets: inout [UInt8], at now: Moment) {
        guard !isClosed, clock >= pingDue else { return }
        if !options.isStream {
            let size = pingSize
            guard octets.isEmpty || octets.count + size <= options.datagramSize else { return }
            isPingUrgent = !limiter.permits(octets.count + size, at: clock)
            guard !isPingUrgent else { return }
        }
        let positions = outgoing.mapValues(\.position)
        let id = pings.begin(positions: positions, at: clock)
        let streams = positions.sorted { $0.key < $1.key }
            .map { Ping.StreamPosition(streamID: $0.key, nextSequence: $0.value) }
        guard let item = stamped(.ping(Ping(pingID: id, streams: streams)), at: now) else { return }
        outgoing[0]?.noteSent(item.sequence)
        octets += item.octets
        counters.messagesSent += 1
    }

    private mutating func answerPings(at now: Moment) {
        guard !isClosed, !pendingPings.isEmpty else { return }
        for pending in pendingPings {
            let pong = Pong(
                pingID: pending.ping.pingID, pingTimestamp: pending.timestamp,
                holdTime: UInt32(clamping: (clock - pending.receivedAt) / 1000), flow: options.flow,
                acks: acknowledgements(pending.ping))
            guard let item = stamped(.pong(pong), at: now) else { continue }
            queuedOctets += item.octets.count
            urgent.append(item)
        }
        pendingPings.removeAll(keepingCapacity: true)
    }

    /// What a PONG has beside its acks, at most: header, times, flow, protection, checksum.
    private static let pongParts = 96
    /// An ack without ranges takes 9 octets, or 10 where they are many.
    private static let ackSize = 10
    private static let rangeSize = 8
    /// With fewer ranges a window with many holes could not be told.
    private static let leastRanges = 5

    /// What has arrived of the streams that a PING speaks of, as far as it fits one datagram; each time another part
    /// where it does not.
    private mutating func acknowledgements(_ ping: Ping) -> [Pong.StreamAck] {
        guard !ping.streams.isEmpty else { return [] }
        pongTurn += 1
        var room = options.datagramSize - Self.pongParts
        var acks: [Pong.StreamAck] = []
        let count = ping.streams.count
        // All of them fit where nothing is missing; else another one comes first each time.
        let start = count * (Self.ackSize + Self.leastRanges * Self.rangeSize) <= room ? 0 : pongTurn % count
        for step in 0..<count {
            guard room >= Self.ackSize + Self.leastRanges * Self.rangeSize else { break }
            let position = ping.streams[(start + step) % count]
            let share = max(room / (count - step), Self.ackSize + Self.leastRanges * Self.rangeSize)
            let received = incoming[position.streamID]?.received ?? ReceivedSequences(startingAt: firstSequence)
            let missing = received.missing(
                below: position.nextSequence, most: (share - Self.ackSize) / Self.rangeSize, turn: pongTurn)
            acks.append(
                Pong.StreamAck(streamID: position.streamID, cumulative: received.next, missing: missing))
            room -= Self.ackSize + missing.count * Self.rangeSize
        }
        return acks
    }
}
