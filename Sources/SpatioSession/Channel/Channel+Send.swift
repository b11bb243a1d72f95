import SpatioWire

extension Channel {
    /// On a byte stream, larger payloads are cut, so that others find a place between.
    private static let streamSegment = 16_384
    /// What mirroring adds to a message that was cut for one datagram: the `origin`, and a seal where there was none.
    private static let roomForMirroring = 48
    /// Segments of fewer octets are mostly header.
    private static let smallestSegment = 64
    /// No message is sent this far ahead of the oldest RELIABLE one of its stream that is not acknowledged, and none is
    /// cut into more segments: both together fit the other end's window of received sequences.
    private static let aheadLimit = ReceivedSequences.windowSize / 2
    private static let checksumSize = 4
    /// A payload's length, where it does not fit one octet; with it the largest segment is known.
    private static let lengthSize = 4
    /// A datagram holds 65,507 octets; a mirrored message without segments goes into one, whatever the path makes of it.
    private static let largestDatagram = 65_000

    /// Sends a payload: numbered, cut where it is large, protected and encoded at once, under the keys that are
    /// installed now. It goes out with `nextTransmission`.
    ///
    /// - Throws: why nothing of it was taken.
    public mutating func send(_ payload: Payload, _ delivery: Delivery, at now: Moment) throws(SendError) {
        clock = max(clock, now.monotonic)
        guard !isClosed else { throw .closed }
        let content = payload.encoded()
        guard content.count <= options.maximumMessageSize else { throw .tooLarge }
        guard queuedOctets < Self.queueLimit else { throw .queueFull }
        let stream = try open(delivery.stream)
        var message = Message(
            header: MessageHeader(
                type: payload.type ?? .custom, flags: flags(delivery), streamID: delivery.stream, sequence: stream.next,
                timestamp: now.wall, priority: delivery.priority),
            address: delivery.address, extensions: delivery.extensions, multicast: delivery.multicast,
            body: .segment(content))
        let target = options.isStream ? Self.streamSegment : options.datagramSize
        var whole: (octets: [UInt8], compression: Compression) = (content, .none)
        if delivery.compresses, options.compression != .none {
            let compressed = options.compression.compress(content)
            if compressed.count < content.count { whole = (compressed, options.compression) }
        }
        if whole.compression == .none, content.count < target {
            let octets = epochs.protect(message).encoded()
            if octets.count <= target {
                try check(stream, count: 1)
                enqueue(octets, delivery.stream, isReliable: delivery.reliable)
                report(payload, message)
                return
            }
        }
        // The form has the same size whatever it says.
        message.header.flags.insert(.data)
        message.data = DataForm(
            compression: whole.compression, totalSize: 0, segmentOffset: 0, segmentSize: 0, lastSegment: true)
        let parts =
            message.encodedPrefix().count + Self.lengthSize + epochs.overhead + Self.checksumSize
            + Self.roomForMirroring
        let segmentSize = target - parts
        guard segmentSize >= Self.smallestSegment else { throw .tooLarge }
        let segments = cut(whole: whole.octets, compression: whole.compression, segmentSize: segmentSize)
        guard segments.count <= Int(Self.aheadLimit) else { throw .tooLarge }
        try check(stream, count: segments.count)
        message.data = segments.first?.form
        report(payload, message)
        for segment in segments {
            message.data = segment.form
            message.body = .segment(segment.octets)
            enqueue(epochs.protect(message).encoded(), delivery.stream, isReliable: delivery.reliable)
            message.header.sequence &+= 1
        }
    }

    /// Sends a message of another session, which carries the `origin` extension header, to an observer: as it is, on
    /// the stream and with the sequence it had there, but protected by this channel's keys. It is never repeated.
    ///
    /// Messages of several sessions may have the same stream and sequence, and so the same nonce where this channel
    /// seals: the profile has it so (sections 6 and 8). Whoever cannot accept that turns observers away under ENCRYPT.
    ///
    /// - Returns: false when it was dropped, because too much waits already or the channel is closed.
    @discardableResult
    public mutating func forward(_ message: Message, at now: Moment) -> Bool {
        clock = max(clock, now.monotonic)
        guard !isClosed, queuedOctets < Self.queueLimit else {
            counters.forwardsDropped += 1
            return false
        }
        var copy = message
        copy.signature = nil
        copy.header.flags.subtract([.signed, .encrypted, .retransmit])
        guard case .payload(let payload) = message.body else {
            mirror(copy)
            return true
        }
        if let form = message.data, !form.isWhole || form.compression != .none {
            let segmentSize = max(Int(form.segmentSize), 1)
            mirror(&copy, cut(payload.encoded(), compression: form.compression, segmentSize: segmentSize))
            return true
        }
        let octets = epochs.protect(copy).encoded()
        if octets.count <= Self.largestDatagram || options.isStream {
            post(Ready(octets: octets, stream: message.header.streamID, sequence: 0, kind: .mirrored))
        } else {
            // Its segments take sequences that other messages of its stream have: they cannot be told apart from the
            // originals by them, but there is no other way to say so much in datagrams.
            copy.header.flags.insert(.data)
            let room = Self.largestDatagram - copy.encodedPrefix().count - Self.roomForMirroring
            guard room >= Self.smallestSegment else {
                counters.forwardsDropped += 1
                return false
            }
            mirror(&copy, cut(payload.encoded(), compression: .none, segmentSize: room))
        }
        return true
    }

    private mutating func mirror(_ message: inout Message, _ segments: [(form: DataForm, octets: [UInt8])]) {
        for segment in segments {
            message.data = segment.form
            message.body = .segment(segment.octets)
            mirror(message)
            message.header.sequence &+= 1
        }
    }

    private mutating func mirror(_ message: Message) {
        let octets = epochs.protect(message).encoded()
        post(Ready(octets: octets, stream: message.header.streamID, sequence: 0, kind: .mirrored))
    }

    /// Uses up one sequence of a stream for a message that was sent without this channel.
    @discardableResult
    public mutating func takeSequence(on stream: UInt32) -> UInt32 {
        let sequence = outgoing[stream]?.next ?? firstSequence
        outgoing[stream, default: OutgoingStream(startingAt: firstSequence)].skip()
        return sequence
    }

    /// Sends every RELIABLE message again that is not acknowledged, now: the other end is known not to have kept it.
    public mutating func repeatUnacknowledged(at now: Moment) {
        clock = max(clock, now.monotonic)
        guard !isClosed, !options.isStream else { return }
        for stream in outgoing.keys.sorted() {
            for sequence in outgoing[stream]?.unacknowledged.takeSent() ?? [] {
                ready.append(Ready(octets: [], stream: stream, sequence: sequence, kind: .again))
            }
        }
    }

    // MARK: Inside

    /// - Parameter message: the whole, or the first segment.
    private mutating func report(_ payload: Payload, _ message: Message) {
        guard reportsTraffic else { return }
        var whole = message
        whole.body = .payload(payload)
        events.append(.passed(whole, isSent: true))
    }

    func flags(_ delivery: Delivery) -> MessageFlags {
        options.checksums ? delivery.flags.union(.checksum) : delivery.flags
    }

    private func open(_ stream: UInt32) throws(SendError) -> OutgoingStream {
        if let known = outgoing[stream] { return known }
        guard outgoing.count < Self.outgoingStreamLimit else { throw .tooManyStreams }
        return OutgoingStream(startingAt: firstSequence)
    }

    private func check(_ stream: OutgoingStream, count: Int) throws(SendError) {
        if let oldest = stream.unacknowledged.oldest, stream.next &- oldest > Self.aheadLimit { throw .queueFull }
        if epochs.current != nil, stream.isExhausted(by: count) { throw .sequencesExhausted }
    }

    /// Queues the next message of a stream.
    private mutating func enqueue(_ octets: [UInt8], _ stream: UInt32, isReliable: Bool) {
        var state = outgoing[stream] ?? OutgoingStream(startingAt: firstSequence)
        outgoing[stream] = nil
        let sequence = state.next
        state.next &+= 1
        let item = Ready(octets: octets, stream: stream, sequence: sequence, kind: isReliable ? .reliable : .once)
        if isReliable {
            state.unacknowledged.append(
                Unacknowledged.Entry(sequence: sequence, octets: options.isStream ? [] : octets, size: octets.count))
        }
        queuedOctets += octets.count
        if state.waiting > 0 || isReliable && (!waiting.isEmpty || !fitsWindow(octets.count)) {
            state.waiting += 1
            waiting.append(item)
        } else {
            if isReliable { windowUsed += octets.count }
            ready.append(item)
        }
        outgoing[stream] = state
    }

    private func fitsWindow(_ size: Int) -> Bool { windowUsed + size <= Int(peerFlow.windowSize) }

    /// Lets messages into the window that it has room for now.
    mutating func admitWaiting() {
        while let item = waiting.first {
            if item.kind == .reliable {
                guard fitsWindow(item.octets.count) else { return }
                windowUsed += item.octets.count
            }
            _ = waiting.popFirst()
            outgoing[item.stream]?.waiting -= 1
            ready.append(item)
        }
    }

    private mutating func post(_ item: Ready) {
        queuedOctets += item.octets.count
        ready.append(item)
    }

    /// A message of the channel itself on the control stream, past everything that waits; nil when its sequences are
    /// used up.
    mutating func stamped(_ payload: Payload, at now: Moment) -> Ready? {
        let stream = outgoing[0] ?? OutgoingStream(startingAt: firstSequence)
        guard epochs.current == nil || !stream.isExhausted(by: 1) else { return nil }
        let message = Message(
            header: MessageHeader(
                type: payload.type ?? .custom, flags: options.checksums ? .checksum : [], streamID: 0,
                sequence: stream.next, timestamp: now.wall, priority: .high),
            body: .payload(payload))
        outgoing[0, default: stream].next &+= 1
        report(payload, message)
        return Ready(octets: epochs.protect(message).encoded(), stream: 0, sequence: stream.next, kind: .own)
    }
}
