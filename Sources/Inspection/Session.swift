import Capture
import SpatioSession
import SpatioWire

/// A pair of endpoints and a transport; `first` is the one that was heard first.
package struct Flow: Equatable, Sendable {
    package var first, second: Endpoint
    package var transport: Transport
    /// Its number among all that there ever were: another flow may take its place in the model.
    var ordinal: UInt32 = 0
    /// The last message on it that did not go the short way, from 1.
    var lastMessage = 0
    /// The last message of each way that the snap length has cut, from 1.
    private var cutForward = 0
    private var cutBackward = 0

    init(first: Endpoint, second: Endpoint, transport: Transport, ordinal: UInt32 = 0) {
        self.first = first
        self.second = second
        self.transport = transport
        self.ordinal = ordinal
    }

    func lastCut(_ isForward: Bool) -> Int { isForward ? cutForward : cutBackward }

    mutating func setLastCut(_ isForward: Bool, _ message: Int) {
        if isForward { cutForward = message } else { cutBackward = message }
    }
}

/// A flow as a key: the endpoints in an order that does not depend on who sends.
struct FlowKey: FlatKey {
    var lower, upper: Endpoint
    var transport: Transport

    @inline(__always)
    init(_ source: Endpoint, _ destination: Endpoint, _ transport: Transport) {
        let isOrdered =
            (source.address.high, source.address.low, source.port)
            <= (destination.address.high, destination.address.low, destination.port)
        lower = isOrdered ? source : destination
        upper = isOrdered ? destination : source
        self.transport = transport
    }

    @inline(__always)
    func isSame(as other: FlowKey) -> Bool {
        lower == other.lower && upper == other.upper && transport.rawValue == other.transport.rawValue
    }

    @inline(__always)
    func mixed(with seed: UInt64) -> UInt64 {
        let ports = UInt64(lower.port) << 32 | UInt64(upper.port) << 8 | UInt64(transport.rawValue)
        return mix(
            mix(lower.address.low ^ seed) &+ mix(upper.address.low &+ seed) &* 31 &+ lower.address.high
                &+ upper.address.high &* 7 ^ ports)
    }
}

extension UUID: FlatKey {
    @inline(__always)
    package func mixed(with seed: UInt64) -> UInt64 { mix(high ^ seed) &+ mix(low &+ seed) }

    @inline(__always)
    package func isSame(as other: UUID) -> Bool { self == other }
}

/// A conversation: a CONNECT and its CONNECT_ACK on a flow; or, joined in the middle, the flow itself.
package struct Session: Sendable {
    package enum State: Equatable, Sendable {
        /// Seen from the middle on.
        case joined
        case connecting
        case open
        case refused(ErrorCode)
        case closed
    }

    /// From CONNECT_ACK, or from the key that opened it.
    package var id: UUID?
    package var flow: Int
    package var client, server: Endpoint
    package var transport: Transport
    package var state: State
    package var security: SecurityLevel = .none
    /// The negotiated `max_message_size`, octets.
    package var sizeLimit = WireLimits.defaultMessageSize
    package var clientID, serverID: UUID?
    package var role: PeerRole?
    /// What the client calls itself in CONNECT.
    package var name = ""
    /// What each end may send, as the other one advertised it last.
    package var allowances = PerEnd<FlowControl?>(nil)
    /// Octets of RELIABLE messages that each end has sent and the other has not acknowledged.
    var outstanding = PerEnd(0)
    /// Whether an acknowledgement for an end was seen: without any, nobody can say what is under way.
    var isAcknowledged = PerEnd(false)
    /// Indices of its streams, in order of appearance.
    package var streams: [Int] = []
    package var messages = 0
    package var octets = 0
    /// Capture times, nanoseconds since the Unix epoch.
    package var firstTime, lastTime: Int64
    /// Known only through messages that a server mirrored to an observer.
    package var isMirrored = false
    /// The message with which it began, as far as it was seen, from 1: what is told of this place in the model by earlier
    /// messages was another session.
    package var since = 0
    /// The sequence of the CONNECT that began it, to tell its repetition from a new beginning.
    var connectSequence: UInt32?
    var pings = PingTable()
    /// The clock of each side.
    var clocks = PerEnd(SenderClock())

    /// Counts a message of so many octets.
    @inline(__always)
    mutating func count(octets count: Int, time: Int64) {
        messages += 1
        octets += count
        lastTime = time
    }

    /// Octets a second that an end may send; 0: as many as it likes.
    @inline(__always)
    func rateLimit(of sender: Direction) -> UInt32 { allowances[sender]?.rateLimit ?? 0 }

    /// Octets of RELIABLE messages under way from an end, about: those captured whose acknowledgement was not. Nil while
    /// none was seen at all, as in a session that nobody can decrypt.
    package func unacknowledged(of sender: Direction) -> Int? {
        isAcknowledged[sender] ? outstanding[sender] : nil
    }

    /// What its client is called: by itself, else by its address, or by the session's id where only a server tells of it
    /// and the address would be the observer's.
    package var clientLabel: String {
        if !name.isEmpty { return name }
        return mirroredLabel ?? client.description
    }

    /// The first digits of the id of a session that is known only through a mirror.
    package var mirroredLabel: String? {
        guard isMirrored, let id else { return nil }
        return "session \(id.description.prefix(8))"
    }

    /// Who sends from `source`.
    package func direction(from source: Endpoint) -> Direction { source == client ? .client : .server }
}

/// The PINGs of a session that wait for their PONG.
///
/// A repeated ping_id gives no sample, for nobody can say which PING was answered (Karn).
struct PingTable: Sendable {
    /// A peer pings every few seconds; 64 outlast any answer.
    static let limit = 64

    private struct Entry {
        var id: UInt32
        var direction: Direction
        var stream: Int
        var time: Int64
        var isUsable: Bool
        /// Where its sender's streams stood.
        var positions: [Ping.StreamPosition]
    }

    /// PINGs whose positions are kept: their PONGs come within moments. Positions of one: peers have a few streams.
    private static let positioned = 4
    private static let positionLimit = 64

    private var entries: [Entry] = []

    mutating func ping(_ ping: Ping, _ direction: Direction, stream: Int, time: Int64) {
        let id = ping.pingID
        if let index = entries.firstIndex(where: { $0.id == id && $0.direction == direction }) {
            entries[index].isUsable = false
            return
        }
        if entries.count >= Self.limit { entries.removeFirst() }
        if entries.count >= Self.positioned { entries[entries.count - Self.positioned].positions = [] }
        entries.append(
            Entry(
                id: id, direction: direction, stream: stream, time: time, isUsable: true,
                positions: Array(ping.streams.prefix(Self.positionLimit))))
    }

    /// Where a stream stood when the PING was sent that a PONG of the other end answers; nil where that is not known.
    func position(of stream: UInt32, in id: UInt32, from direction: Direction) -> UInt32? {
        entries.first { $0.id == id && $0.direction == direction }?
            .positions.first { $0.streamID == stream }?.nextSequence
    }

    /// The PING that this PONG answers: its stream and capture time; nil when there is no unambiguous one.
    mutating func pong(_ id: UInt32, _ direction: Direction) -> (stream: Int, time: Int64)? {
        guard let index = entries.firstIndex(where: { $0.id == id && $0.direction != direction }),
            entries[index].isUsable
        else { return nil }
        entries[index].isUsable = false
        return (entries[index].stream, entries[index].time)
    }
}
