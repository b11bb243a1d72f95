import Capture
import SpatioSession
import SpatioWire

/// A pair of endpoints and a transport; `first` is the one that was heard first.
package struct Flow: Equatable, Sendable {
    package var first, second: Endpoint
    package var transport: Transport
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
    /// What the server advertised last.
    package var flowControl: FlowControl?
    /// Indices of its streams, in order of appearance.
    package var streams: [Int] = []
    package var messages = 0
    package var octets = 0
    /// Capture times, nanoseconds since the Unix epoch.
    package var firstTime, lastTime: Int64
    /// Known only through messages that a server mirrored to an observer.
    package var isMirrored = false
    /// The sequence of the CONNECT that began it, to tell its repetition from a new beginning.
    var connectSequence: UInt32?
    var pings = PingTable()
    /// The clock of each side.
    var clocks = Sides(client: SenderClock(), server: SenderClock())
    /// Octets a second that each side may send, as the other told last; 0: as many as it likes.
    var rateLimits = Sides<UInt32>(client: 0, server: 0)

    /// Counts a message of so many octets.
    @inline(__always)
    mutating func count(octets count: Int, time: Int64) {
        messages += 1
        octets += count
        lastTime = time
    }

    /// Who sends from `source`.
    package func direction(from source: Endpoint) -> Direction { source == client ? .client : .server }
}

/// Something of each end of a session.
struct Sides<Value: Sendable>: Sendable {
    var client, server: Value

    @inline(__always)
    subscript(direction: Direction) -> Value {
        get { direction == .client ? client : server }
        set { if direction == .client { client = newValue } else { server = newValue } }
    }
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
    }

    private var entries: [Entry] = []

    mutating func ping(_ id: UInt32, _ direction: Direction, stream: Int, time: Int64) {
        if let index = entries.firstIndex(where: { $0.id == id && $0.direction == direction }) {
            entries[index].isUsable = false
            return
        }
        if entries.count >= Self.limit { entries.removeFirst() }
        entries.append(Entry(id: id, direction: direction, stream: stream, time: time, isUsable: true))
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
