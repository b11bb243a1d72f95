import Capture
import SpatioWire

/// Octets that hold a message, or what should have been one, cut out of what a transport carried.
package struct FramedMessage {
    package var time: Int64
    package var source, destination: Endpoint
    package var transport: Transport
    /// From the message's first octet to the end of what there is. Borrowed.
    package var octets: UnsafeRawBufferPointer
    package var origin: OctetOrigin
    package var isLeftOver: Bool
    /// The snap length has cut the datagram that holds it.
    package var isCut = false
    /// Octets of the transport unit before it.
    package var offset: Int
}

/// What was not Spatio.
package struct FramingCounters: Equatable, Sendable {
    /// Datagrams and TCP pieces of other protocols.
    package var otherUnits = 0
    /// Octets skipped in TCP streams until a message was found again.
    package var skippedOctets = 0
    package init() {}
}

/// Finds messages in datagrams and byte streams: on the known ports all of them, elsewhere what looks like Spatio
/// beyond doubt (profile section 2).
package struct MessageFramer {
    /// Octets of messages that are not whole yet, in all TCP directions together: four of the largest. A direction that
    /// would go beyond it gives up its message.
    static let waitingLimit = 4 * WireLimits.largestMessage
    /// TCP directions that are put together at a time; those that were silent longest make room for others.
    static let directionLimit = 4096
    /// Other flows whose recognition is remembered.
    static let flowLimit = 65_536
    /// Datagrams that have to look like Spatio before a flow on another port is taken at its word, so that one accident
    /// does not turn a foreign flow into malformed messages.
    static let recognitions = 3

    package private(set) var counters = FramingCounters()
    private let ports: PortSet
    private var recognised = FlatTable<FlowKey>()
    private var recognitionCounts: [UInt8] = []
    private var directions: [DirectionKey: ByteStream] = [:]
    /// Octets that wait in all of them.
    private var waitingOctets = 0

    struct DirectionKey: Hashable {
        var source, destination: Endpoint
    }

    package init(ports: Set<UInt16>) { self.ports = PortSet(ports) }

    /// Hands on each message of a unit, in order. `consume` says how many octets the message took.
    @inline(__always)
    package mutating func frame(_ unit: TransportUnit, consume: (FramedMessage) -> Int) {
        switch unit.transport {
        case .udp: datagram(unit, consume: consume)
        case .tcp: stream(unit, consume: consume)
        }
    }

    /// Hands on what is left of byte streams whose capture ended.
    package mutating func finish() {
        directions.removeAll()
        waitingOctets = 0
    }

    // MARK: Datagrams

    private mutating func datagram(_ unit: TransportUnit, consume: (FramedMessage) -> Int) {
        if !ports.contains(unit.destination.port), !ports.contains(unit.source.port), !isRecognised(unit) {
            counters.otherUnits += 1
            return
        }
        var offset = 0
        var count = 0
        var last: Int?
        func hand(_ rest: UnsafeRawBufferPointer) -> Int {
            let isLeftOver = Message.leftOver(rest.count, messageCount: count) != nil
            return consume(
                FramedMessage(
                    time: unit.time, source: unit.source, destination: unit.destination, transport: .udp, octets: rest,
                    origin: Self.advance(unit.origin, by: offset), isLeftOver: isLeftOver, isCut: unit.isTruncated,
                    offset: offset))
        }
        while offset < unit.octets.count {
            last = offset
            offset += max(1, hand(UnsafeRawBufferPointer(rebasing: unit.octets[offset...])))
            count += 1
        }
        if unit.isTruncated, Self.isCutBehindMessage(unit, at: last) {
            _ = hand(UnsafeRawBufferPointer(rebasing: unit.octets[unit.octets.count...]))
        }
    }

    /// Whether a datagram was cut between two messages: there is one more then, of which nothing is left.
    ///
    /// - Parameter offset: of the last message.
    private static func isCutBehindMessage(_ unit: TransportUnit, at offset: Int?) -> Bool {
        guard let offset else { return true }
        let last = UnsafeRawBufferPointer(rebasing: unit.octets[offset...])
        return (try? Envelope.decode(last))?.size == last.count
    }

    private static func advance(_ origin: OctetOrigin, by count: Int) -> OctetOrigin {
        guard case .file(let position, let packetPosition, let file) = origin else { return .assembled }
        return .file(position: position + UInt64(count), packetPosition: packetPosition, file: file)
    }

    private mutating func isRecognised(_ unit: TransportUnit) -> Bool {
        let looksRight = Self.isDatagramOfMessages(unit.octets)
        let key = FlowKey(unit.source, unit.destination, unit.transport)
        if let index = recognised.index(of: key) {
            if recognitionCounts[index] >= Self.recognitions { return true }
            if looksRight { recognitionCounts[index] += 1 }
        } else if looksRight, recognised.count < Self.flowLimit {
            _ = recognised.append(key)
            recognitionCounts.append(1)
        }
        return looksRight
    }

    /// Version 1, a known type, no reserved flag, and messages that end exactly where the datagram ends.
    package static func isDatagramOfMessages(_ octets: UnsafeRawBufferPointer) -> Bool {
        guard isPlausibleHeader(octets) else { return false }
        var offset = 0
        while offset < octets.count {
            let rest = UnsafeRawBufferPointer(rebasing: octets[offset...])
            guard let envelope = try? Envelope.decode(rest) else { return false }
            offset += envelope.size
        }
        return true
    }

    static func isPlausibleHeader(_ octets: UnsafeRawBufferPointer) -> Bool {
        octets.count >= WireLimits.headerSize && octets[0] == MessageHeader.version
            && MessageType(rawValue: octets[1]).isKnown && octets[2] & 0xF0 == 0
    }

    // MARK: Byte streams

    private mutating func stream(_ unit: TransportUnit, consume: (FramedMessage) -> Int) {
        let key = DirectionKey(source: unit.source, destination: unit.destination)
        var stream = directions.removeValue(forKey: key) ?? ByteStream()
        let before = stream.waiting
        if unit.isStart { stream = ByteStream() }
        let isKnownPort = ports.contains(unit.destination.port) || ports.contains(unit.source.port)
        if stream.trust == .undecided, isKnownPort { stream.trust = .spatio }
        if stream.trust == .other {
            counters.otherUnits += 1
        } else {
            counters.skippedOctets += stream.take(unit, consume: consume)
            if stream.trust == .other { counters.otherUnits += 1 }
        }
        waitingOctets += stream.waiting - before
        if waitingOctets > Self.waitingLimit {
            waitingOctets -= stream.waiting
            counters.skippedOctets += stream.giveUp()
        }
        if unit.isEnd {
            waitingOctets -= stream.waiting
        } else {
            if directions.count >= Self.directionLimit { forgetSilent() }
            stream.lastTime = unit.time
            directions[key] = stream
        }
    }

    /// The quarter of the directions that was silent longest: many connections vanish without an end.
    private mutating func forgetSilent() {
        let bySilence = directions.sorted { $0.value.lastTime < $1.value.lastTime }
        for (key, stream) in bySilence.prefix(bySilence.count / 4) {
            directions[key] = nil
            waitingOctets -= stream.waiting
            counters.skippedOctets += stream.waiting
        }
    }
}

/// Ports as a bit each: they are asked for with every datagram, and hashing takes longer.
private struct PortSet {
    private var words = [UInt64](repeating: 0, count: 1 << 16 / 64)

    init(_ ports: some Sequence<UInt16>) { for port in ports { words[Int(port >> 6)] |= 1 << UInt64(port & 63) } }

    @inline(__always)
    func contains(_ port: UInt16) -> Bool { words[Int(port >> 6)] >> UInt64(port & 63) & 1 != 0 }
}

/// One direction of a TCP connection as a run of messages: what is not whole yet waits, what is no message is skipped.
private struct ByteStream {
    enum Trust { case undecided, spatio, other }

    var trust = Trust.undecided
    /// Capture time of what came last.
    var lastTime: Int64 = 0
    /// After a gap or rubbish: octets are skipped until a message begins.
    private var isLost = false
    private var pending: [UInt8] = []

    /// Octets of a message that is not whole yet.
    var waiting: Int { pending.count }

    /// Drops what waits and looks for the next message; returns how many octets that were.
    mutating func giveUp() -> Int {
        defer {
            pending = []
            isLost = true
        }
        return pending.count
    }

    /// Octets to look at before an unknown stream that shows no whole message counts as foreign, and before what looked
    /// like the beginning of a message in a damaged stream was none.
    private static let patience = 65_536
    /// The largest message, and the longest that may come before its payload.
    private static let pendingLimit = WireLimits.largestMessage + 65_536

    /// Returns how many octets were skipped.
    mutating func take(_ unit: TransportUnit, consume: (FramedMessage) -> Int) -> Int {
        var skipped = 0
        if unit.gap > 0 {
            skipped += pending.count
            pending.removeAll()
            isLost = true
        }
        // Joined in the middle of a message: that is no fault of anybody's.
        if unit.isStart, trust == .spatio, !MessageFramer.isPlausibleStart(unit.octets) { isLost = true }
        if pending.isEmpty {
            // The common case: messages lie whole in the segment and are handed on where they lie.
            let used = walk(unit.octets, unit, isInPlace: true, &skipped, consume: consume)
            pending.append(contentsOf: unit.octets[used...])
        } else {
            // Taken out and put back, so that octets that wait for more are never copied.
            var held: [UInt8] = []
            swap(&held, &pending)
            held.append(contentsOf: unit.octets)
            let used = held.withUnsafeBytes { walk($0, unit, isInPlace: false, &skipped, consume: consume) }
            if used > 0 { held.removeFirst(used) }
            swap(&held, &pending)
        }
        if trust == .other { pending = [] }
        if unit.isEnd, !pending.isEmpty, trust == .spatio {
            if isLost {
                skipped += pending.count
            } else {
                pending.withUnsafeBytes { octets in
                    _ = consume(Self.framed(octets, unit, offset: 0, isInPlace: false))
                }
            }
        }
        return skipped
    }

    private static func framed(
        _ octets: UnsafeRawBufferPointer, _ unit: TransportUnit, offset: Int, isInPlace: Bool
    ) -> FramedMessage {
        var origin = OctetOrigin.assembled
        if isInPlace, case .file(let position, let packetPosition, let file) = unit.origin {
            origin = .file(position: position + UInt64(offset), packetPosition: packetPosition, file: file)
        }
        return FramedMessage(
            time: unit.time, source: unit.source, destination: unit.destination, transport: .tcp, octets: octets,
            origin: origin, isLeftOver: false, offset: offset)
    }

    /// Hands on whole messages and returns how many octets are done with.
    private mutating func walk(
        _ octets: UnsafeRawBufferPointer, _ unit: TransportUnit, isInPlace: Bool, _ skipped: inout Int,
        consume: (FramedMessage) -> Int
    ) -> Int {
        var offset = 0
        while offset < octets.count, trust != .other {
            let rest = UnsafeRawBufferPointer(rebasing: octets[offset...])
            if isLost {
                let found = Self.findMessage(rest)
                skipped += found.skip
                offset += found.skip
                if !found.isFound { break }
                isLost = false
                continue
            }
            switch Self.measure(rest) {
            case .whole(let size):
                trust = .spatio
                let message = UnsafeRawBufferPointer(rebasing: rest[..<size])
                _ = consume(Self.framed(message, unit, offset: offset, isInPlace: isInPlace))
                offset += size
            case .partial:
                if trust == .undecided, rest.count > Self.patience || !MessageFramer.isPlausibleStart(rest) {
                    trust = .other
                }
                if rest.count > Self.pendingLimit { isLost = true } else { return offset }
            case .broken:
                guard trust == .spatio else {
                    trust = .other
                    break
                }
                _ = consume(Self.framed(Self.damaged(rest), unit, offset: offset, isInPlace: isInPlace))
                isLost = true
                offset += 1
                skipped += 1
            }
        }
        return min(offset, octets.count)
    }

    private enum Measure { case whole(Int), partial, broken }

    /// How long the message at the beginning is. More octets can only help where they ran out.
    private static func measure(_ octets: UnsafeRawBufferPointer) -> Measure {
        do throws(DecodeError) {
            return .whole(try Envelope.decode(octets).size)
        } catch {
            let ranOut = error.reason == .truncated || error.reason == .countPastEnd
            let canCome = error.stated.map { $0 <= UInt64(WireLimits.largestMessage) } ?? true
            return ranOut && canCome && MessageFramer.isPlausibleStart(octets) ? .partial : .broken
        }
    }

    /// What is shown of a message in a damaged stream: up to where the next one may begin.
    private static func damaged(_ octets: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let rest = UnsafeRawBufferPointer(rebasing: octets[1...])
        return UnsafeRawBufferPointer(rebasing: octets[..<(1 + findMessage(rest).skip)])
    }

    /// Octets before the next place where a message begins beyond doubt; where there is none, before the first place
    /// where one may begin whose rest is still to come.
    private static func findMessage(_ octets: UnsafeRawBufferPointer) -> (skip: Int, isFound: Bool) {
        var open: Int?
        for offset in octets.indices where octets[offset] == MessageHeader.version {
            let rest = UnsafeRawBufferPointer(rebasing: octets[offset...])
            guard MessageFramer.isPlausibleStart(rest) else { continue }
            switch measure(rest) {
            case .whole: if isCredible(rest) { return (offset, true) }
            case .partial: if open == nil, rest.count <= patience { open = offset }
            case .broken: break
            }
        }
        return (open ?? octets.count, false)
    }

    /// It decodes to the end and its checksum fits; without one, something like a message follows at once.
    private static func isCredible(_ octets: UnsafeRawBufferPointer) -> Bool {
        guard let (message, size) = try? Message.decode(octets) else { return false }
        if message.header.flags.contains(.checksum) { return true }
        let next = UnsafeRawBufferPointer(rebasing: octets[size...])
        return next.isEmpty || MessageFramer.isPlausibleStart(next)
    }
}

extension MessageFramer {
    /// The first octets of a header, as many as there are.
    static func isPlausibleStart(_ octets: UnsafeRawBufferPointer) -> Bool {
        guard !octets.isEmpty, octets[0] == MessageHeader.version else { return false }
        if octets.count > 1, !MessageType(rawValue: octets[1]).isKnown { return false }
        return octets.count <= 2 || octets[2] & 0xF0 == 0
    }
}
