import Capture
import Inspection
import SpatioSession
import SpatioWire

/// Makes up sessions, streams, entities and versions as fast as messages can be handed over: encoded once, and then only
/// the ids in them are changed.
struct Flood {
    /// A message whose ids are filled in.
    private struct Template {
        private let octets: [UInt8]
        private let places: [Int]

        /// - Parameter id: that is to be replaced wherever it stands.
        init(_ message: Message, id: UUID) {
            let octets = message.encoded()
            let wanted = Flood.octets(of: id)
            places = octets.indices.filter { octets[$0...].starts(with: wanted) }
            self.octets = octets
        }

        func filled(_ id: UUID) -> [UInt8] {
            var result = octets
            let new = Flood.octets(of: id)
            for place in places { for (offset, octet) in new.enumerated() { result[place + offset] = octet } }
            return result
        }
    }

    /// Of a session that goes on beside it.
    static let regular = Sample.endpoint("10.9.9.9:49999")
    static let regularEntity = UUID(high: 0x4E45_5645_5247_4F4E, low: 1)
    private static let mark = UUID(high: 0x464C_4F4F_4446_4C4F, low: 0x4F44_464C_4F4F_4445)

    private var talk = Talk()
    private let connect, accept, move, ping, pong, query, full, goodbye: Template
    private var regularSequence: UInt32 = 0
    /// Sessions so far.
    private(set) var sessions = 0
    private(set) var messages = 0
    private(set) var now = Sample.start

    init() {
        var talk = Talk()
        func template(_ payload: Payload, stream: UInt32 = 0, sequence: UInt32, address: SpatialAddress? = nil)
            -> Template
        {
            Template(
                talk.message(payload, stream: stream, sequence: sequence, address: address), id: Self.mark)
        }
        connect = template(
            .connect(
                Connect(config: ConnectionConfig(capabilities: []), clientID: Self.mark, role: .participant, name: "x")),
            sequence: 0)
        accept = template(Sample.accept(Self.mark), sequence: 0)
        move = template(
            .spatialUpdate(SpatialUpdate(updates: [EntityUpdate(entityID: Self.mark, kind: 1, position: .zero)])),
            stream: 1, sequence: 0, address: Sample.address())
        ping = template(Sample.ping, sequence: 1)
        pong = template(
            .pong(Pong(pingID: 1, pingTimestamp: 0, holdTime: 0, flow: Sample.flow)), sequence: 1)
        query = template(
            .spatialQuery(
                SpatialQuery(queryID: 1, parameters: .radius(center: .zero, radius: 1), maxResults: 1, timeout: 100)),
            stream: 1, sequence: 1, address: Sample.address(Self.mark))
        full = template(
            .stateSync(
                StateSync(
                    spaceID: Sample.space, version: 1, timestamp: 1, delta: false,
                    entries: [
                        StateSyncEntry(
                            change: .added, entityID: Self.mark, entityVersion: 1,
                            fields: [StateField("name", .string("x"))])
                    ])), stream: 2, sequence: 0)
        goodbye = template(Sample.goodbye, sequence: 2)
    }

    private static func octets(of id: UUID) -> [UInt8] {
        [id.high, id.low].flatMap { half in (0..<8).reversed().map { UInt8(truncatingIfNeeded: half >> UInt64(8 * $0)) }
        }
    }

    /// Where a session's client sends from: each from another port.
    static func client(_ number: Int) -> Endpoint {
        Endpoint(
            address: IPAddress(ipv4: 0x0A00_0000 | UInt32(number / 50_000)), port: UInt16(10_000 + number % 50_000))
    }

    static func id(_ number: Int) -> UUID { UUID(high: 0xF100_D000_0000_4000, low: 1 << 63 | UInt64(number)) }

    /// One session, from CONNECT to DISCONNECT, with an entity, a query in a space and a state of its own: 8 messages;
    /// and one of the session that goes on.
    mutating func session(to feed: LiveFeed) {
        sessions += 1
        let client = Self.client(sessions)
        let id = Self.id(sessions)
        for (template, isClients) in [
            (connect, true), (accept, false), (move, true), (ping, true), (pong, false), (query, true), (full, false),
            (goodbye, true),
        ] {
            let (source, destination) = isClients ? (client, Sample.server) : (Sample.server, client)
            send(template.filled(id), source, destination, feed)
        }
        let message = talk.message(
            .spatialUpdate(
                SpatialUpdate(updates: [
                    EntityUpdate(entityID: Self.regularEntity, kind: 1, position: Vector3(Double(sessions % 10), 0, 0))
                ])), from: Self.regular, stream: 1, sequence: regularSequence,
            address: Sample.address(stamp: Int((now - Sample.start) / 1_000_000)), sent: (now - Sample.start) / 1000)
        regularSequence &+= 1
        send(message.encoded(), Self.regular, Sample.server, feed)
    }

    private mutating func send(_ octets: [UInt8], _ source: Endpoint, _ destination: Endpoint, _ feed: LiveFeed) {
        // 5,000 messages a second.
        now += 200_000
        messages += 1
        feed.datagram(octets, from: source, to: destination, at: now)
    }
}
