import Capture
import SpatioSession
import SpatioWire

/// One message as it stands on the wire, and where it came from.
package struct MessageArrival {
    /// The octets of the message; more may follow it. Borrowed.
    package var octets: UnsafeRawBufferPointer
    /// Capture time, nanoseconds since the Unix epoch.
    package var time: Int64
    package var flow: Int
    /// Sent by the flow's first endpoint.
    package var isForward: Bool
    /// From 1.
    package var number: Int
    /// Too short for a message, and behind whole ones.
    package var isLeftOver: Bool
    /// The snap length has cut the packet, so that octets may be missing at the end.
    package var isCut: Bool

    package init(
        octets: UnsafeRawBufferPointer, time: Int64, flow: Int, isForward: Bool, number: Int, isLeftOver: Bool = false,
        isCut: Bool = false
    ) {
        self.octets = octets
        self.time = time
        self.flow = flow
        self.isForward = isForward
        self.number = number
        self.isLeftOver = isLeftOver
        self.isCut = isCut
    }
}

/// What applying a message brought to light.
package struct MessageOutcome {
    /// Index of its stream; nil where a limit was reached.
    package var stream: Int?
    package var header: MessageHeader?
    /// Octets that the message took; all of them when it cannot be read.
    package var size: Int
    package var marks: MessageMarks = []
    package var severity = Severity.none
    package var space: Int?
    package var error: DecodeError?
    /// Sequences that were missing before it when it came.
    package var lostBefore = 0
    /// The payload as it was opened with a key.
    package var opened: [UInt8]?
    /// What a segmented message amounts to, when this message completes it.
    package var reassembled: (segments: Int, content: Result<[UInt8], DecodeError>)?
    /// Findings that this message gave.
    package var findings: [Finding] = []
    /// What the message says, opened and put together, where it says it for the first time. Nil for entity updates that
    /// came in one plain message: those lie in the model's `updates`.
    package var payload: Payload?
    /// The session it belongs to, and which of its ends sent it.
    package var session: Int?
    package var direction: Direction?
    /// The round trip that a PONG ended, and the stream of its PING.
    package var roundTrip: (stream: Int, milliseconds: Double)?
    /// The same message, seen on the wire or by an observer before.
    package var view: ViewMatch?

    package init(size: Int) { self.size = size }

    /// Findings of one message; a message that gives more is an attack on whoever reads them.
    private static let findingLimit = 16

    /// Notes that something is wrong.
    ///
    /// - Parameter message: the message that shows it, where that is an earlier one.
    mutating func find(
        _ rule: FindingRule, _ arrival: borrowing MessageArrival, message: Int? = nil, count: Int = 1,
        entity: UUID? = nil,
        text: () -> String
    ) {
        // What an earlier message did is no blemish of this one.
        if message == nil { severity = max(severity, rule.severity) }
        guard findings.count < Self.findingLimit else { return }
        let number = arrival.number
        var finding = Finding(
            rule: rule, message: message ?? number, detected: number, time: arrival.time, count: count, text: text())
        finding.stream = stream
        finding.space = space
        finding.entity = entity
        findings.append(finding)
    }
}

extension Model {
    /// Takes one message in. A malformed one is counted and changes nothing else.
    package mutating func apply(_ arrival: MessageArrival) -> MessageOutcome {
        if firstTime == nil { firstTime = arrival.time }
        lastTime = max(lastTime, arrival.time)
        counters.messages += 1
        flows[arrival.flow].lastMessage = counters.messages
        var outcome = MessageOutcome(size: arrival.octets.count)
        let envelope: Envelope
        do throws(DecodeError) {
            if arrival.isLeftOver {
                throw DecodeError(.octetsAfterLastMessage, at: 0, "\(arrival.octets.count) octets")
            }
            envelope = try Envelope.decode(arrival.octets)
        } catch {
            counters.octets += outcome.size
            if arrival.isCut, error.isShortage {
                takeCut(arrival, header: Self.header(arrival), &outcome)
            } else {
                reject(arrival, error, header: Self.header(arrival), &outcome)
            }
            return outcome
        }
        outcome.size = envelope.size
        outcome.header = envelope.header
        counters.octets += envelope.size
        if let error = envelope.checksumError(arrival.octets) {
            outcome.marks.insert(.checksumWrong)
            reject(arrival, error, header: envelope.header, &outcome)
            return outcome
        }
        accept(arrival, envelope, &outcome)
        return outcome
    }

    /// The header of a message that cannot be read any further.
    private static func header(_ arrival: MessageArrival) -> MessageHeader? {
        arrival.isLeftOver ? nil : MessageHeader.peek(arrival.octets)
    }

    private mutating func reject(
        _ arrival: MessageArrival, _ error: DecodeError, header: MessageHeader?, _ outcome: inout MessageOutcome
    ) {
        counters.malformed += 1
        outcome.error = error
        outcome.header = header
        outcome.marks.insert(.malformed)
        if header != nil { outcome.marks.insert(.hasHeader) }
        let source = arrival.isForward ? flows[arrival.flow].first : flows[arrival.flow].second
        if let session = session(of: arrival.flow, from: source, time: arrival.time) {
            let key = StreamKey(
                session: UInt32(session), streamID: nil, direction: sessions[session].direction(from: source))
            if let stream = stream(key, arrival) {
                streams[stream].malformed += 1
                streams[stream].lastMessage = counters.messages
                streams[stream].lastTime = arrival.time
                outcome.stream = stream
            }
        }
        outcome.find(error.reason == .checksum ? .checksum : .malformed, arrival) { error.description }
    }

    // MARK: Well-formed envelopes

    private mutating func accept(
        _ arrival: MessageArrival, _ envelope: Envelope, _ outcome: inout MessageOutcome
    ) {
        let header = envelope.header
        outcome.marks.insert(.hasHeader)
        let source = arrival.isForward ? flows[arrival.flow].first : flows[arrival.flow].second

        // The payload is decoded before anything changes, because a malformed one changes nothing.
        let content: Content
        do throws(DecodeError) {
            content = try plainContent(arrival, envelope)
        } catch {
            reject(arrival, error, header: header, &outcome)
            return
        }
        guard let (session, direction, isMirrored) = place(arrival, envelope, content, source: source) else {
            counters.overflow += 1
            return
        }
        let key = StreamKey(
            session: UInt32(session), streamID: header.streamID, direction: direction,
            mirroredOn: isMirrored ? flows[arrival.flow].ordinal : nil)
        guard let stream = stream(key, arrival) else {
            counters.overflow += 1
            return
        }
        outcome.stream = stream
        outcome.session = session
        outcome.direction = direction
        // A repeated PING tells nothing new but that nobody can say which one its PONG answers.
        let isNew =
            count(arrival, header, size: envelope.size, session, stream, &outcome, envelope) || header.type == .ping
        if let address = envelope.address {
            if let space = space(address.spaceID) {
                outcome.space = space
                outcome.marks.insert(.hasSpace)
                spaces[space].coordinates = address.coordinateSystem.kind
            } else {
                counters.overflow += 1
            }
        }
        if !header.type.isKnown {
            outcome.marks.insert(.unknownType)
            outcome.find(.unknownType, arrival) { "type 0x\(String(header.type.rawValue, radix: 16))" }
        }
        var context = Meaning(
            arrival: arrival, header: header, address: envelope.address, session: session, direction: direction,
            stream: stream, space: outcome.space)
        guard isAuthentic(arrival, envelope, context, &outcome) else { return }
        switch content {
        case .updates:
            if isNew { applyUpdates(context, size: envelope.size, &outcome) }
        case .payload(let payload):
            if isNew { apply(payload, &context, &outcome) }
        case .segment(let octets):
            if isNew { assemble(octets, envelope, &context, &outcome) }
        case .sealed: openSealed(envelope, &context, isNew: isNew, &outcome)
        case .unknown: break
        }
        if let space = context.space, outcome.space == nil {
            outcome.space = space
            outcome.marks.insert(.hasSpace)
        }
    }

    /// What a payload holds, as far as that can be said without keys and other messages.
    enum Content {
        /// Entity updates, left in `updates`.
        case updates
        case payload(Payload)
        case segment([UInt8])
        case sealed
        case unknown
    }

    private mutating func plainContent(
        _ arrival: MessageArrival, _ envelope: Envelope
    ) throws(DecodeError) -> Content {
        let flags = envelope.header.flags
        if flags.contains(.encrypted) { return .sealed }
        if let data = envelope.data, !data.isWhole || data.compression != .none {
            let octets = Array(arrival.octets[envelope.payload])
            guard data.isWhole else { return .segment(octets) }
            return try wholeContent(
                octets, envelope, at: envelope.payload.lowerBound, limit: sizeLimit(arrival.flow))
        }
        if envelope.header.type == .spatialUpdate {
            updates.removeAll(keepingCapacity: true)
            try SpatialUpdate.decode(payload: envelope.payload, of: arrival.octets, into: &updates)
            return .updates
        }
        guard envelope.header.type.isKnown else { return .unknown }
        return .payload(try Payload.decode(envelope.header.type, arrival.octets, range: envelope.payload))
    }

    /// A compressed payload in one piece.
    func wholeContent(
        _ octets: [UInt8], _ envelope: Envelope, at offset: Int, limit: Int
    ) throws(DecodeError) -> Content {
        guard let data = envelope.data else { return .unknown }
        let content: [UInt8]
        do throws(DecodeError) {
            content = try data.compression.decompress(octets, limit: limit)
        } catch {
            throw DecodeError(error.reason, at: offset + error.offset, error.detail)
        }
        guard envelope.header.type.isKnown else { return .unknown }
        do throws(DecodeError) {
            return .payload(
                try content.withOctets { (content) throws(DecodeError) in
                    try Payload.decode(envelope.header.type, content, range: 0..<content.count)
                })
        } catch {
            throw DecodeError(
                error.reason, at: offset,
                "at octet \(error.offset) of the content" + (error.detail.map { ": \($0)" } ?? ""))
        }
    }

    private func sizeLimit(_ flow: Int) -> Int {
        let session = flowSessions[flow]
        return session < 0 ? WireLimits.defaultMessageSize : sessions[session].sizeLimit
    }

    /// The session and direction that the message belongs to: those of its `origin` where it is mirrored.
    private mutating func place(
        _ arrival: MessageArrival, _ envelope: Envelope, _ content: Content, source: Endpoint
    ) -> (session: Int, direction: Direction, isMirrored: Bool)? {
        if envelope.header.flags.contains(.extensions), let origin = envelope.origin {
            guard let session = mirroredSession(origin.sessionID, arrival) else { return nil }
            return (session, origin.direction == .toServer ? .client : .server, true)
        }
        if case .payload(.connect(let connect)) = content {
            connecting(connect, arrival, sequence: envelope.header.sequence, from: source)
        }
        guard let session = session(of: arrival.flow, from: source, time: arrival.time) else { return nil }
        return (session, sessions[session].direction(from: source), false)
    }

    /// Counts the message in its session and stream; false when it was seen before.
    ///
    /// - Parameter envelope: nil where the message is cut.
    @inline(__always)
    mutating func count(
        _ arrival: MessageArrival, _ header: MessageHeader, size: Int, _ session: Int, _ stream: Int,
        _ outcome: inout MessageOutcome, _ envelope: Envelope? = nil
    ) -> Bool {
        sessions[session].count(octets: size, time: arrival.time)
        let mayHide = flows[arrival.flow].lastCut(arrival.isForward) >= max(1, streams[stream].lastMessage)
        streams[stream].count(
            header.type, octets: size, time: arrival.time, message: counters.messages)
        let isRetransmit = header.flags.contains(.retransmit)
        if isRetransmit {
            outcome.marks.insert(.retransmit)
            streams[stream].retransmits += 1
            counters.retransmits += 1
        }
        let lostBefore = streams[stream].sequences.lost
        let unsettledBefore = streams[stream].sequences.unsettled
        defer {
            counters.lost += streams[stream].sequences.lost - lostBefore
            unsettled += streams[stream].sequences.unsettled - unsettledBefore
        }
        // What was behind a cut has come, too.
        if mayHide { streams[stream].sequences.skip(to: header.sequence) }
        let arrivalOrder = streams[stream].sequences.arrive(header.sequence)
        switch arrivalOrder {
        case .inOrder: break
        case .ahead(let missing):
            outcome.marks.insert(.lostBefore)
            outcome.lostBefore = Int(missing)
            outcome.find(.loss, arrival, count: Int(missing)) {
                missing == 1
                    ? "sequence \(header.sequence &- 1) is missing"
                    : "\(missing) sequences are missing before \(header.sequence)"
            }
        case .late(let wasMissing):
            outcome.marks.insert(.reordered)
            streams[stream].reordered += 1
            counters.reordered += 1
            let change = streams[stream].sequences.lost - lostBefore
            if !wasMissing, change > 0 {
                outcome.find(.loss, arrival, count: change) { "\(change) sequences are missing behind it" }
            }
        case .again:
            if isRetransmit {
                streams[stream].repeats += 1
                counters.repeats += 1
            } else {
                outcome.marks.insert(.duplicate)
                streams[stream].duplicates += 1
                counters.duplicates += 1
            }
            return false
        case .restart: forgetUnacknowledged(stream)
        }
        if header.flags.contains(.reliable) { awaitAcknowledgement(stream, header.sequence, octets: size) }
        streams[stream].jitter.add(captured: arrival.time, sent: header.timestamp)
        if let envelope, arrivalOrder.isForward, !isRetransmit {
            examineClock(arrival, envelope, session, stream, &outcome)
        }
        return true
    }
}
