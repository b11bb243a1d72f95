@testable import SpatioSession
import SpatioWire
import Testing

/// Two channels with a path between them, under a clock that only moves from one thing that happens to the next. What
/// the path does to datagrams comes from a seed.
struct ChannelPair {
    /// What happens to what is sent.
    struct Path {
        /// Nanoseconds.
        var latency: Int64 = 20_000_000
        /// Nanoseconds more, at random: datagrams overtake each other by it.
        var jitter: Int64 = 0
        var loss = 0.0
        var duplication = 0.0

        static let perfect = Path()
        static let poor = Path(latency: 30_000_000, jitter: 40_000_000, loss: 0.15, duplication: 0.1)
    }

    enum Side { case client, server }

    struct Sent {
        var from: Side
        var at: Int64
        var octets: [UInt8]
    }

    struct Flight {
        var at: Int64
        var number: Int
        var to: Side
        var octets: [UInt8]
    }

    var client: Channel
    var server: Channel
    var path: Path
    private(set) var now: Int64 = 0
    private(set) var clientEvents: [ChannelEvent] = []
    private(set) var serverEvents: [ChannelEvent] = []
    /// Everything that was handed over for sending.
    private(set) var sent: [Sent] = []
    var keepsSent = false
    /// Datagrams for which it says false are lost.
    var passes: (Side, [UInt8]) -> Bool = { _, _ in true }
    private var flights: [Flight] = []
    private var flightNumber = 0
    /// Octets of a byte stream that arrive no earlier than this, so that they stay in order.
    private var streamArrival: [Side: Int64] = [.client: 0, .server: 0]
    private var generator: SeededGenerator
    private let isStream: Bool

    static func moment(_ monotonic: Int64) -> Moment {
        Moment(monotonic: monotonic, wall: 1_793_000_000_000_000 + UInt64(monotonic / 1000))
    }

    init(
        isStream: Bool = false, path: Path = .perfect, seed: UInt64 = 1, startingAt first: UInt32 = 0,
        change: (inout ChannelOptions) -> Void = { _ in }
    ) {
        var client = ChannelOptions(direction: .client, isStream: isStream)
        var server = ChannelOptions(direction: .server, isStream: isStream)
        change(&client)
        change(&server)
        self.client = Channel(client, startingAt: first, at: Self.moment(0))
        self.server = Channel(server, startingAt: first, at: Self.moment(0))
        self.client.peerFlow = server.flow
        self.server.peerFlow = client.flow
        self.path = path
        self.isStream = isStream
        generator = SeededGenerator(state: seed)
    }

    var moment: Moment { Self.moment(now) }

    /// Both ends change to an epoch at once.
    mutating func install(epoch: UInt16, _ protection: Protection, suite: CipherSuite = .chaCha20Poly1305) {
        let keys = SessionKeys(secret: (0..<32).map { UInt8($0) ^ UInt8(truncatingIfNeeded: epoch) }, suite: suite)
        client.install(keys, epoch: epoch, protection: protection)
        server.install(keys, epoch: epoch, protection: protection)
    }

    mutating func send(_ payload: Payload, _ delivery: Delivery, from side: Side = .client) throws {
        if side == .client {
            try client.send(payload, delivery, at: moment)
        } else {
            try server.send(payload, delivery, at: moment)
        }
    }

    /// Lets everything happen until a time, in nanoseconds.
    mutating func run(until end: Int64) {
        var steps = 0
        var stepsAt = now
        while true {
            transmit()
            let next = [client.deadline, server.deadline, flights.first?.at].compactMap { $0 }.min()
            guard let next, next <= end else { break }
            now = max(now, next)
            if now > stepsAt {
                steps = 0
                stepsAt = now
            }
            steps += 1
            guard steps < 10_000 else {
                Issue.record("the deadline stays at \(next), and nothing happens")
                return
            }
            client.advance(to: moment)
            server.advance(to: moment)
            takeEvents()
            arrive()
        }
        now = end
    }

    mutating func run(for duration: Int64) { run(until: now + duration) }

    private mutating func transmit() {
        while let octets = client.nextTransmission(at: moment) { fly(octets, from: .client) }
        while let octets = server.nextTransmission(at: moment) { fly(octets, from: .server) }
    }

    private mutating func fly(_ octets: [UInt8], from side: Side) {
        if keepsSent { sent.append(Sent(from: side, at: now, octets: octets)) }
        let target: Side = side == .client ? .server : .client
        guard !isStream else {
            var rest = octets[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...min(rest.count, 4000), using: &generator)
                let arrival = max(now + path.latency + jitter(), streamArrival[target] ?? 0)
                streamArrival[target] = arrival
                add(Array(rest.prefix(size)), to: target, at: arrival)
                rest = rest.dropFirst(size)
            }
            return
        }
        guard passes(side, octets), Double.random(in: 0..<1, using: &generator) >= path.loss else { return }
        add(octets, to: target, at: now + path.latency + jitter())
        if Double.random(in: 0..<1, using: &generator) < path.duplication {
            add(octets, to: target, at: now + path.latency + jitter() * 3)
        }
    }

    private mutating func jitter() -> Int64 { path.jitter == 0 ? 0 : .random(in: 0...path.jitter, using: &generator) }

    private mutating func add(_ octets: [UInt8], to side: Side, at arrival: Int64) {
        let flight = Flight(at: arrival, number: flightNumber, to: side, octets: octets)
        flightNumber += 1
        let place = flights.firstIndex { $0.at > arrival } ?? flights.count
        flights.insert(flight, at: place)
    }

    private mutating func arrive() {
        while let flight = flights.first, flight.at <= now {
            flights.removeFirst()
            flight.octets.withUnsafeBytes {
                if flight.to == .client {
                    client.receive($0, at: moment)
                } else {
                    server.receive($0, at: moment)
                }
            }
            takeEvents()
        }
    }

    private mutating func takeEvents() {
        while let event = client.nextEvent() { clientEvents.append(event) }
        while let event = server.nextEvent() { serverEvents.append(event) }
    }
}

extension [ChannelEvent] {
    var messages: [SpatioWire.Message] {
        compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    /// The numbers that test messages of one stream carry, in the order they came.
    func numbers(on stream: UInt32) -> [Int] {
        messages.compactMap { message in
            guard message.header.streamID == stream, case .payload(.custom(_, let data)) = message.body else {
                return nil
            }
            return Numbered.number(data)
        }
    }

    var refusals: [(code: ErrorCode, reason: String)] {
        compactMap { if case .refused(let code, let reason) = $0 { (code, reason) } else { nil } }
    }

    var death: ErrorCode? {
        for case .dead(let code, _) in self { return code }
        return nil
    }

    var roundTrips: [Int64] {
        compactMap { if case .roundTrip(let time) = $0 { time } else { nil } }
    }
}

/// Payloads that say their number and can be checked to the last octet.
enum Numbered {
    static func payload(_ number: Int, size: Int = 20) -> Payload { .custom(type: 7, data: data(number, size: size)) }

    static func data(_ number: Int, size: Int) -> [UInt8] {
        let head = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        return head + (4..<max(size, 4)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number &+ $0 >> 6) }
    }

    /// Nil unless every octet is right.
    static func number(_ data: [UInt8]) -> Int? {
        guard data.count >= 4 else { return nil }
        let number = (0..<4).reduce(0) { $0 | Int(data[$1]) << (8 * $1) }
        return data == self.data(number, size: data.count) ? number : nil
    }
}

let millisecond: Int64 = 1_000_000
let second: Int64 = 1_000_000_000
