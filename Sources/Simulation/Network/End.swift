import Capture
import SpatioSession
import SpatioWire

/// One end of a conversation: it numbers, protects, packs and repeats what it sends, answers pings, and hands over
/// each message that it gets once.
final class End {
    /// What the profile asks for beside the payload.
    struct Form {
        var stream: UInt32 = 0
        var flags: MessageFlags = []
        var priority = Priority.medium
        var address: SpatialAddress?
        var extensions: [ExtensionHeader] = []
        var multicast: MulticastForm?
        var compression = Compression.none
    }

    enum Protection {
        case none
        case sign(SessionKeys)
        case encrypt(SessionKeys)
    }

    private struct Unacknowledged {
        var outgoing: Outgoing
        var sentAt: Int64
        var repeats = 0
    }

    /// Octets of messages in one datagram: fits a frame whatever the IP version.
    static let datagramSize = 1400
    /// A payload over it is sent in segments.
    private static let segmentSize = 1200
    /// RFC 6298 takes no less, and the round trips here are far shorter.
    private static let retransmissionTimeout = Network.nanosecond
    private static let mostRepeats = 6
    /// Ranges in a PONG: an old hole is of a message that nobody repeats.
    private static let mostRanges = 64

    unowned let network: Network
    let local: Endpoint
    let remote: Endpoint
    let direction: Direction
    var protection = Protection.none
    /// On every message.
    var flags: MessageFlags = []
    var flow = FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: 0.05)
    /// Everything but PING and PONG.
    var onMessage: (Message) -> Void = { _ in }
    /// Sees every message before it is sent and after it came, as mirroring needs it.
    var onTraffic: (Message, OriginDirection) -> Void = { _, _ in }
    /// Takes what is ready, one datagram or one piece of a stream at a time.
    var transmit: ([Outgoing], _ isSpared: Bool) -> Void = { _, _ in }
    /// A stream has no datagrams to fill and no need to repeat.
    var isStream = false

    private var nextSequences: [UInt32: UInt32] = [:]
    private var received: [UInt32: ReceivedSequences] = [:]
    private var unacknowledged: [Unacknowledged] = []
    private var outbox: [Outgoing] = []
    private var isClosed = false
    private var isBatching = false
    private var isRepeating = false
    private var nextPing: UInt32 = 0
    private var pinged: [UInt32: [UInt32: UInt32]] = [:]

    init(_ network: Network, local: Endpoint, remote: Endpoint, direction: Direction, isCaptured: Bool = true) {
        self.network = network
        self.local = local
        self.remote = remote
        self.direction = direction
        network.keep(self)
        transmit = { [unowned network] messages, isSpared in
            network.send(messages, from: local, to: remote, isSpared: isSpared, isCaptured: isCaptured)
        }
    }

    // MARK: Sending

    /// Sends a message, in segments if it is large; returns it as it was before it was protected.
    @discardableResult
    func send(_ payload: Payload, _ form: Form = Form(), isSpared: Bool = false) -> Message? {
        let octets = payload.encoded()
        guard form.compression != .none || octets.count > Self.segmentSize && !isStream else {
            return post(.payload(payload), type: payload.type ?? .custom, form, data: nil, isSpared)
        }
        // Batching segments would only fill datagrams twice.
        for (data, segment) in cut(octets, compression: form.compression, segmentSize: Self.segmentSize) {
            post(.segment(segment), type: payload.type ?? .custom, form, data: data, isSpared)
        }
        return nil
    }

    /// Sends what `body` sends in as few datagrams as possible.
    func batch(isSpared: Bool = false, _ body: () -> Void) {
        isBatching = true
        body()
        isBatching = false
        flush(isSpared)
    }

    /// The next sequence of a stream, which is used up.
    func takeSequence(_ stream: UInt32) -> UInt32 {
        let sequence = nextSequences[stream] ?? 0
        nextSequences[stream] = sequence &+ 1
        return sequence
    }

    @discardableResult
    func post(
        _ body: Message.Body, type: MessageType, _ form: Form = Form(), data: DataForm? = nil, _ isSpared: Bool = false
    ) -> Message {
        let message = Message(
            header: MessageHeader(
                type: type, flags: flags.union(form.flags), streamID: form.stream,
                sequence: takeSequence(form.stream), timestamp: network.microseconds, priority: form.priority),
            address: form.address, extensions: form.extensions, multicast: form.multicast, data: data, body: body)
        forward(message, isSpared: isSpared)
        return message
    }

    /// Sends a message as it is, with the sequence that it has; one that is another's (`origin`) is never repeated.
    func forward(_ message: Message, isSpared: Bool = false) {
        guard !isClosed else { return }
        onTraffic(message, direction == .client ? .toServer : .fromServer)
        let outgoing = Outgoing(plain: message, octets: protected(message).encoded())
        if message.header.flags.contains(.reliable), !isStream, !message.isMirrored {
            unacknowledged.append(Unacknowledged(outgoing: outgoing, sentAt: network.now))
            scheduleRepeats()
        }
        outbox.append(outgoing)
        if !isBatching { flush(isSpared) }
    }

    /// Nothing goes out any more.
    func close() {
        isClosed = true
        unacknowledged.removeAll()
    }

    private func protected(_ message: Message) -> Message {
        switch protection {
        case .none: message
        case .sign(let keys): keys.sign(message, from: direction)
        case .encrypt(let keys): keys.seal(message, from: direction)
        }
    }

    private func flush(_ isSpared: Bool) {
        var datagram: [Outgoing] = []
        var size = 0
        for outgoing in outbox {
            if !isStream, size + outgoing.octets.count > Self.datagramSize, !datagram.isEmpty {
                transmit(datagram, isSpared)
                datagram = []
                size = 0
            }
            datagram.append(outgoing)
            size += outgoing.octets.count
        }
        outbox.removeAll()
        if !datagram.isEmpty { transmit(datagram, isSpared) }
    }

    // MARK: Repeating

    private func scheduleRepeats() {
        guard !isRepeating else { return }
        isRepeating = true
        network.every(0.1) { [unowned self] in
            repeatLate()
            isRepeating = !unacknowledged.isEmpty
            return isRepeating
        }
    }

    private func repeatLate() {
        var repeated: [Outgoing] = []
        for index in unacknowledged.indices {
            let entry = unacknowledged[index]
            guard network.now - entry.sentAt >= Self.retransmissionTimeout << Int64(entry.repeats) else { continue }
            unacknowledged[index].repeats += 1
            unacknowledged[index].sentAt = network.now
            if entry.repeats < Self.mostRepeats { repeated.append(Self.retransmission(of: entry.outgoing)) }
        }
        unacknowledged.removeAll { $0.repeats > Self.mostRepeats }
        guard !repeated.isEmpty else { return }
        outbox += repeated
        // The answer to a ping acknowledges them.
        ping()
    }

    /// The original octets; only the RETRANSMIT bit and the checksum differ.
    private static func retransmission(of outgoing: Outgoing) -> Outgoing {
        var copy = outgoing
        copy.isRetransmission = true
        copy.plain.header.flags.insert(.retransmit)
        copy.octets = outgoing.octets.withUnsafeBytes { octets -> [UInt8] in
            guard var (message, _) = try? Message.decode(octets) else { return Array(octets) }
            message.header.flags.insert(.retransmit)
            return message.encoded()
        }
        return copy
    }

    /// Asks the other end what it got, and measures the way there and back.
    func ping() {
        let positions = nextSequences.sorted { $0.key < $1.key }
        pinged[nextPing] = nextSequences
        let streams = positions.map { Ping.StreamPosition(streamID: $0.key, nextSequence: $0.value) }
        send(.ping(Ping(pingID: nextPing, streams: streams)))
        nextPing += 1
    }

    // MARK: Receiving

    func receive(_ messages: [Outgoing]) {
        for outgoing in messages {
            let message = outgoing.plain
            guard !message.isMirrored else { continue }
            let stream = message.header.streamID
            guard received[stream, default: ReceivedSequences()].insert(message.header.sequence) else { continue }
            onTraffic(message, direction == .client ? .fromServer : .toServer)
            switch message.body {
            case .payload(.ping(let ping)): answer(ping, sentAt: message.header.timestamp)
            case .payload(.pong(let pong)): acknowledge(pong)
            default: onMessage(message)
            }
        }
    }

    private func answer(_ ping: Ping, sentAt: UInt64) {
        let hold = UInt32(network.generator.integer(80..<700))
        network.plan(in: Double(hold) * 1e-6) { [unowned self] in
            let acks = ping.streams.map { position in
                let sequences = received[position.streamID] ?? ReceivedSequences()
                return Pong.StreamAck(
                    streamID: position.streamID, cumulative: sequences.next,
                    missing: sequences.missing(below: position.nextSequence).suffix(Self.mostRanges))
            }
            send(
                .pong(Pong(pingID: ping.pingID, pingTimestamp: sentAt, holdTime: hold, flow: flow, acks: acks)))
        }
    }

    private func acknowledge(_ pong: Pong) {
        guard let positions = pinged.removeValue(forKey: pong.pingID) else { return }
        for ack in pong.acks {
            let next = positions[ack.streamID] ?? 0
            unacknowledged.removeAll { entry in
                let header = entry.outgoing.plain.header
                return header.streamID == ack.streamID && header.sequence < next
                    && !ack.missing.contains { $0.first <= header.sequence && header.sequence - $0.first < $0.count }
            }
        }
    }
}

extension Message {
    /// Another session's, as an observer gets it.
    var isMirrored: Bool { extensions.contains { $0.extensionID == ExtensionID.origin } }
}

/// Which sequences of one stream have arrived. Simulated streams begin at 0 and never wrap.
struct ReceivedSequences {
    /// Every lower one has arrived.
    private(set) var next: UInt32 = 0
    private var above: Set<UInt32> = []

    /// False when it had arrived before.
    mutating func insert(_ sequence: UInt32) -> Bool {
        guard sequence >= next, above.insert(sequence).inserted else { return false }
        while above.remove(next) != nil { next += 1 }
        return true
    }

    /// The holes below a sequence.
    func missing(below end: UInt32) -> [Pong.SequenceRange] {
        var ranges: [Pong.SequenceRange] = []
        var sequence = next
        while sequence < end {
            if !above.contains(sequence) {
                if let last = ranges.last, last.first + last.count == sequence {
                    ranges[ranges.count - 1].count += 1
                } else {
                    ranges.append(Pong.SequenceRange(first: sequence, count: 1))
                }
            }
            sequence += 1
        }
        return ranges
    }
}
