import SpatioWire

extension Channel {
    /// ORDERED messages that wait for others, by number and by octets; those beyond are not taken, and so not
    /// acknowledged: their sender repeats them.
    private static let heldMessageLimit = 16_384
    private static let heldOctetLimit = 4 << 20
    /// What keeping a message costs beside its payload.
    private static let costOfHolding = 256
    /// PINGs that one turn answers; nobody needs more answers than that at once.
    private static let pendingPingLimit = 8
    /// Streams of a PING that are answered.
    private static let answeredStreams = 256

    /// Takes one datagram, or the next piece of the byte stream.
    public mutating func receive(_ octets: UnsafeRawBufferPointer, at now: Moment) {
        clock = max(clock, now.monotonic)
        guard !isClosed else { return }
        counters.datagramsReceived += 1
        counters.octetsReceived += octets.count
        if options.isStream { receivePiece(octets, at: now) } else { receiveDatagram(octets) }
    }

    private mutating func receiveDatagram(_ octets: UnsafeRawBufferPointer) {
        var offset = 0
        var count = 0
        repeat {
            let rest = UnsafeRawBufferPointer(rebasing: octets[offset...])
            do throws(DecodeError) {
                if let error = Message.leftOver(rest.count, messageCount: count) { throw error }
                let envelope = try Envelope.decode(rest)
                take(UnsafeRawBufferPointer(rebasing: rest[..<envelope.size]), envelope)
                offset += envelope.size
                count += 1
            } catch {
                refuse(error)
                return
            }
        } while offset < octets.count && !isClosed
    }

    private mutating func receivePiece(_ octets: UnsafeRawBufferPointer, at now: Moment) {
        // The framer leaves the channel while it calls back into it.
        var framer = StreamFramer(messageSize: options.maximumMessageSize)
        swap(&framer, &self.framer)
        do throws(DecodeError) {
            try framer.add(octets) { rest, envelope in
                take(UnsafeRawBufferPointer(rebasing: rest[..<envelope.size]), envelope)
                return !isClosed
            }
        } catch {
            counters.refused += 1
            die(.invalidMessage, "the byte stream is broken: \(error)", at: now)
            return
        }
        if !isClosed {
            framer.set(messageSize: options.maximumMessageSize)
            self.framer = framer
        }
    }

    /// - Parameter octets: exactly those of the message.
    private mutating func take(_ octets: UnsafeRawBufferPointer, _ envelope: Envelope) {
        if let error = envelope.checksumError(octets) { return refuse(error) }
        let header = envelope.header
        let origin = options.acceptsMirrored ? envelope.origin : nil
        if origin == nil {
            switch standing(of: header) {
            case .new?: break
            case .known?:
                counters.duplicates += 1
                return
            case .tooFar?:
                return refuse(
                    .invalidMessage, "sequence \(header.sequence) of stream \(header.streamID) is too far ahead")
            case nil: return refuse(.outOfMemory, "over \(Self.incomingStreamLimit) streams")
            }
        }
        let content: [UInt8]?
        let epoch: UInt16?
        switch epochs.open(octets, envelope) {
        case .plain: (content, epoch) = (nil, nil)
        case .verified(let number): (content, epoch) = (nil, number)
        case .opened(let opened, let number): (content, epoch) = (opened, number)
        case .refused(let code, let reason): return refuse(code, reason)
        }
        let body: Message.Body
        do throws(DecodeError) {
            body = try self.body(octets, envelope, content)
        } catch {
            return refuse(error)
        }
        if let epoch, epochs.confirm(epoch) { events.append(.confirmed(epoch: epoch)) }
        var message = Message(
            header: header, address: envelope.address, extensions: envelope.extensions, multicast: envelope.multicast,
            data: envelope.data, body: body)
        message.header.flags.subtract([.encrypted, .signed, .retransmit])
        if let form = envelope.data, form.isWhole, form.compression == .none {
            message.data = nil
            message.header.flags.remove(.data)
        }
        if let origin {
            noteHeard()
            finish(message, assembledAs: mirroredStreams.number(origin, stream: header.streamID), isMirrored: true)
        } else {
            accept(message, size: octets.count)
        }
    }

    /// Nil where the message would begin one stream too many.
    private func standing(of header: MessageHeader) -> ReceivedSequences.Standing? {
        if let stream = incoming[header.streamID] { return stream.received.standing(of: header.sequence) }
        guard incoming.count < Self.incomingStreamLimit else { return nil }
        return ReceivedSequences.standing(of: header.sequence, ifFirstIs: firstSequence)
    }

    /// The payload, or the octets of a segment; a compressed whole is decompressed.
    private func body(
        _ octets: UnsafeRawBufferPointer, _ envelope: Envelope, _ content: [UInt8]?
    ) throws(DecodeError) -> Message.Body {
        let type = envelope.header.type
        guard let form = envelope.data, !form.isWhole || form.compression != .none else {
            guard let content else { return .payload(try Payload.decode(type, octets, range: envelope.payload)) }
            return .payload(try Self.payload(type, content))
        }
        // Compression may make a whole a little larger, but nobody sends it then.
        guard Int(form.totalSize) <= options.maximumMessageSize else {
            throw DecodeError(.tooLarge, at: envelope.payload.lowerBound, "total_size \(form.totalSize)")
        }
        let raw = content ?? Array(octets[envelope.payload])
        guard form.isWhole else { return .segment(raw) }
        let whole = try form.compression.decompress(raw, limit: options.maximumMessageSize)
        return .payload(try Self.payload(type, whole))
    }

    private static func payload(_ type: MessageType, _ content: [UInt8]) throws(DecodeError) -> Payload {
        try content.withOctets { (octets) throws(DecodeError) in
            try Payload.decode(type, octets, range: 0..<octets.count)
        }
    }

    private mutating func noteHeard() {
        counters.messagesReceived += 1
        heardAt = clock
    }

    /// Takes a message into its stream: now, or once what it has to wait for has come.
    private mutating func accept(_ message: Message, size: Int) {
        let header = message.header
        let isReliable = header.flags.contains(.reliable)
        var stream = incoming[header.streamID] ?? IncomingStream(startingAt: firstSequence, at: clock)
        // Taken out, so that it is changed in place.
        incoming[header.streamID] = nil
        defer { if !isClosed { incoming[header.streamID] = stream } }
        let cost = size + Self.costOfHolding
        let waits =
            header.flags.contains(.ordered) && (isReliable || stream.hasReliable)
            && stream.received.next.precedes(header.sequence) && !stream.ordered.isOvertaken(header.sequence)
        if waits, heldMessages >= Self.heldMessageLimit || heldOctets + cost > Self.heldOctetLimit {
            return refuse(.outOfMemory, "too much waits for ORDERED messages before it")
        }
        noteHeard()
        if isReliable { stream.hasReliable = true } else { stream.hasUnreliable = true }
        stream.received.insert(header.sequence)
        stream.forgetOldHoles(at: clock, patience: roundTrip.patience)
        if waits {
            stream.ordered.hold(
                OrderedDelivery.Held(sequence: header.sequence, item: message, size: cost, since: clock))
            heldMessages += 1
            heldOctets += cost
        } else if header.flags.contains(.ordered) {
            deliverOrdered(message, &stream)
        } else {
            finish(message, assembledAs: UInt64(header.streamID))
        }
        release(&stream)
    }

    private mutating func deliverOrdered(_ message: Message, _ stream: inout IncomingStream<Message>) {
        if stream.ordered.isOvertaken(message.header.sequence) {
            guard message.header.flags.contains(.reliable) else {
                counters.overtaken += 1
                return
            }
            counters.late += 1
        }
        stream.ordered.pass(message.header.sequence)
        finish(message, assembledAs: UInt64(message.header.streamID))
    }

    /// Hands over what has nothing to wait for any more.
    private mutating func release(_ stream: inout IncomingStream<Message>) {
        guard !stream.ordered.isEmpty else { return }
        for held in stream.ordered.release(before: stream.received.next) {
            heldMessages -= 1
            heldOctets -= held.size
            finish(held.item, assembledAs: UInt64(held.item.header.streamID))
        }
    }

    /// Gives up the holes that ORDERED messages have waited for long enough.
    mutating func giveUpHoles(at now: Moment) {
        for id in incoming.keys.sorted() {
            guard var stream = incoming[id], let end = stream.waitingEnds(roundTrip), end <= clock else { continue }
            incoming[id] = nil
            stream.giveUpHoles(at: clock, roundTrip)
            release(&stream)
            if !isClosed { incoming[id] = stream }
        }
    }

    /// Hands over a message, or puts a segment to the others and hands over the whole.
    ///
    /// - Parameter isMirrored: it is another session's, and whatever it says is not said to this end.
    private mutating func finish(_ message: Message, assembledAs stream: UInt64, isMirrored: Bool = false) {
        if reportsTraffic, case .payload = message.body { events.append(.passed(message, isSent: false)) }
        switch message.body {
        case .payload where isMirrored: events.append(.message(message))
        case .payload(.ping(let ping)): note(ping, message.header)
        case .payload(.pong(let pong)): acknowledge(pong)
        case .payload: events.append(.message(message))
        case .sealed: break
        case .segment(let octets):
            guard let form = message.data,
                let whole = assembler.add(
                    stream: stream, sequence: message.header.sequence, form: form, type: message.header.type,
                    octets: octets)
            else { return }
            finish(message, whole, form, isMirrored: isMirrored)
        }
    }

    private mutating func finish(
        _ last: Message, _ whole: SegmentAssembler.Assembled, _ form: DataForm, isMirrored: Bool
    ) {
        do throws(DecodeError) {
            let content = try whole.compression.decompress(whole.octets, limit: options.maximumMessageSize)
            var message = last
            message.body = .payload(try Self.payload(last.header.type, content))
            message.header.sequence = whole.firstSequence
            // Every segment but the last has the same size; the last one may have come last.
            let size = form.lastSegment ? Int(form.segmentOffset) / max(whole.segments - 1, 1) : Int(form.segmentSize)
            message.data?.segmentOffset = 0
            message.data?.segmentSize = UInt16(clamping: size)
            message.data?.lastSegment = false
            finish(message, assembledAs: 0, isMirrored: isMirrored)
        } catch {
            refuse(error)
        }
    }

    private mutating func note(_ ping: Ping, _ header: MessageHeader) {
        guard pendingPings.count < Self.pendingPingLimit else {
            counters.pingsIgnored += 1
            return
        }
        var bounded = ping
        if ping.streams.count > Self.answeredStreams { bounded.streams = Array(ping.streams[..<Self.answeredStreams]) }
        pendingPings.append(PendingPing(ping: bounded, timestamp: header.timestamp, receivedAt: clock))
    }

    private mutating func refuse(_ error: DecodeError) {
        let code: ErrorCode =
            switch error.reason {
            case .version: .versionMismatch
            case .notFinite: .invalidCoordinates
            default: .invalidMessage
            }
        refuse(code, error.description)
    }
}
