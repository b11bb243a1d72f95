import Capture
import SpatioSession
import SpatioWire

/// A TCP connection between two ends, as it looks at the capture point. Both ends always get everything in order; what
/// the capture point sees of it is up to `fate`.
final class TCPConnection {
    /// A segment with octets.
    struct Piece {
        /// Counted from 0 in its direction.
        var number: Int
        /// Neither the first nor the last of what was written at once: it begins and ends inside a message, mostly.
        var isInside: Bool
    }

    enum Fate {
        case normal
        /// Passes twice: its acknowledgement came too late.
        case repeated
        /// Lost before the capture point; passes a retransmission timeout later.
        case late
        /// Overtaken by what follows at once.
        case overtaken
        /// Never passes, though it arrives: the capture has a hole.
        case unseen
    }

    private struct Half {
        var next: UInt32
        /// What the other end has got and acknowledges.
        var delivered: UInt32
        var pieces = 0
        var lastPassage: Int64 = 0
        /// The latest passage of all segments so far: only then everything is there.
        var complete: Int64 = 0
        var lastArrival: Int64 = 0

        init(_ initial: UInt32) {
            next = initial
            delivered = initial
        }
    }

    /// Octets of a segment; both ends announce it.
    private static let segmentSize = 1448
    private static let timeout = Network.nanosecond / 5

    private unowned let network: Network
    private unowned let client: End
    private unowned let server: End
    private let fate: (Direction, Piece) -> Fate
    private var halves: [Direction: Half] = [:]

    init(
        _ network: Network, client: End, server: End, fate: @escaping (Direction, Piece) -> Fate,
        onOpen: @escaping () -> Void
    ) {
        self.network = network
        self.client = client
        self.server = server
        self.fate = fate
        network.keep(self)
        halves[.client] = Half(UInt32(truncatingIfNeeded: network.generator.next()))
        halves[.server] = Half(UInt32(truncatingIfNeeded: network.generator.next()))
        for end in [client, server] {
            end.isStream = true
            end.transmit = { [unowned self, unowned end] messages, _ in write(messages, end.direction) }
        }
        open(onOpen)
    }

    private func end(_ direction: Direction) -> End { direction == .client ? client : server }
    private func distance(_ direction: Direction) -> Int64 { network.distance(of: end(direction).local) }
    private func other(_ direction: Direction) -> Direction { direction == .client ? .server : .client }

    /// The handshake: each flag takes a sequence of its own.
    private func open(_ onOpen: @escaping () -> Void) {
        control(.client, .syn) { [self] in
            control(.server, [.syn, .ack]) { [self] in
                control(.client, .ack) {}
                onOpen()
            }
        }
    }

    func close() {
        control(.client, [.fin, .ack]) { [self] in
            control(.server, [.fin, .ack]) { [self] in control(.client, .ack) {} }
        }
    }

    /// Sends a segment without octets; `onArrival` is called when the other end has it.
    private func control(_ direction: Direction, _ flags: Frames.TCPFlags, _ onArrival: @escaping () -> Void) {
        let time = pass(direction, flags, sequence: halves[direction]?.next ?? 0, [], at: passage(direction))
        let takesSequence = flags.contains(.syn) || flags.contains(.fin)
        if takesSequence { halves[direction]?.next &+= 1 }
        let reached = halves[direction]?.next ?? 0
        arrive(direction, after: time) { [self] in
            if takesSequence { halves[direction]?.delivered = reached }
            onArrival()
        }
    }

    private func write(_ messages: [Outgoing], _ direction: Direction) {
        let octets = messages.flatMap(\.octets)
        var hidden: [Range<Int>] = []
        var offset = 0
        while offset < octets.count {
            let range = offset..<min(offset + Self.segmentSize, octets.count)
            let isInside = offset > 0 && range.upperBound < octets.count
            if send(Array(octets[range]), direction, isInside: isInside) == .unseen { hidden.append(range) }
            offset = range.upperBound
        }
        // What lies in a hole, even in part, is not in the capture.
        var start = 0
        let seen = messages.filter { message in
            let range = start..<start + message.octets.count
            start = range.upperBound
            return !hidden.contains { $0.overlaps(range) }
        }
        let complete = halves[direction]?.complete ?? 0
        network.recorder.complete(seen, at: complete, from: end(direction).local, to: end(direction).remote)
        let reached = halves[direction]?.next ?? 0
        arrive(direction, after: complete) { [self] in
            halves[direction]?.delivered = reached
            control(other(direction), .ack) {}
            end(other(direction)).receive(messages)
        }
    }

    private func send(_ octets: [UInt8], _ direction: Direction, isInside: Bool) -> Fate {
        guard var half = halves[direction] else { return .normal }
        let isCalm = network.end - network.now < Network.calmEnd
        let fate = isCalm ? .normal : fate(direction, Piece(number: half.pieces, isInside: isInside))
        half.pieces += 1
        let usual = passage(direction)
        var time = usual
        switch fate {
        case .normal, .repeated, .unseen: half.lastPassage = usual
        case .late: time = usual + Self.timeout
        case .overtaken: time = usual + 3 * Network.spacing
        }
        let sequence = half.next
        half.next &+= UInt32(octets.count)
        half.complete = max(half.complete, time)
        halves[direction] = half
        if fate != .unseen { _ = pass(direction, [.push, .ack], sequence: sequence, octets, at: time) }
        if fate == .repeated {
            _ = pass(direction, [.push, .ack], sequence: sequence, octets, at: time + Self.timeout)
        }
        return fate
    }

    /// When what is sent now passes the capture point: never before what was sent earlier.
    private func passage(_ direction: Direction) -> Int64 {
        let time = max(
            network.now + distance(direction) + network.jitter(),
            (halves[direction]?.lastPassage ?? 0) + Network.spacing)
        return time - time % 1000
    }

    private func pass(
        _ direction: Direction, _ flags: Frames.TCPFlags, sequence: UInt32, _ octets: [UInt8], at time: Int64
    ) -> Int64 {
        if octets.isEmpty { halves[direction]?.lastPassage = time }
        let end = end(direction)
        let segment = Frames.TCPSegment(
            sequence: sequence, acknowledgement: halves[other(direction)]?.delivered ?? 0, flags: flags, octets: octets)
        network.recorder.record(
            Frames.tcp(from: end.local, to: end.remote, segment), at: time, from: end.local, to: end.remote, [],
            transport: .tcp)
        return time
    }

    private func arrive(_ direction: Direction, after passage: Int64, _ action: @escaping () -> Void) {
        let time = max(
            max(passage, halves[direction]?.complete ?? 0) + distance(other(direction)),
            (halves[direction]?.lastArrival ?? 0) + 1)
        halves[direction]?.lastArrival = time
        network.plan(at: time, action)
    }
}
