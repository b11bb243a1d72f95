import Capture
import Foundation
import SpatioSession
import SpatioWire

/// A file that goes with its owner.
final class TemporaryFile {
    let path: String

    init(_ name: String = "capture.pcap") {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("\(Foundation.UUID())-\(name)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Frames built octet by octet.
enum Frame {
    static func datagram(_ payload: [UInt8], from source: Endpoint, to destination: Endpoint) -> [UInt8] {
        let udp = big(source.port) + big(destination.port) + big(UInt16(8 + payload.count)) + [0, 0] + payload
        return ethernet(udp, 17, from: source, to: destination)
    }

    static func segment(
        _ payload: [UInt8], sequence: UInt32, isFirst: Bool, from source: Endpoint, to destination: Endpoint
    ) -> [UInt8] {
        let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sequence >> UInt32($0)) }
        let tcp =
            big(source.port) + big(destination.port) + number + [0, 0, 0, 0, 0x50, isFirst ? 0x02 : 0x10, 0xFF, 0xFF]
            + [0, 0, 0, 0] + payload
        return ethernet(tcp, 6, from: source, to: destination)
    }

    private static func ethernet(
        _ payload: [UInt8], _ number: UInt8, from source: Endpoint, to destination: Endpoint
    ) -> [UInt8] {
        let ip =
            [0x45, 0] + big(UInt16(20 + payload.count)) + [0, 1, 0, 0, 64, number, 0, 0] + address(source)
            + address(destination)
        return [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0] + ip + payload
    }

    private static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

    private static func address(_ endpoint: Endpoint) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: endpoint.address.low >> UInt64($0)) }
    }
}

/// Random traffic that nobody would send: every kind of message and of damage, in an order without sense.
struct RandomTraffic {
    private var generator: SeededGenerator
    private var talk = Talk()
    private let clients = (1...4).map { Sample.endpoint("10.7.1.\($0):\(40_000 + $0)") }
    private let keys: SessionKeys
    private var written: [[UInt8]] = []
    private var streamOffset: UInt32 = 0
    private var time = Sample.start

    static let secret = KeyLog.Entry(
        sessionID: Sample.session, epoch: 0, suite: .chaCha20Poly1305, secret: [UInt8](repeating: 4, count: 32))
    static let keyLog = KeyLog(parsing: Array(KeyLog.line(for: secret).utf8))

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        keys = SessionKeys(Self.secret)
    }

    /// Writes a capture of so many packets.
    mutating func write(_ packets: Int, to path: String) throws {
        var writer = try CaptureWriter(path: path, format: .pcapNanoseconds)
        for _ in 0..<packets {
            time += Int64(number(0..<3_000_000))
            let client = clients[self.number(0..<clients.count)]
            let isUp = chance(0.5)
            let source = isUp ? client : Sample.server
            let destination = isUp ? Sample.server : client
            let octets = payload(from: source, to: destination)
            if chance(0.15) {
                // Everything on one TCP direction, as one long stream of messages.
                try writer.write(
                    time: time,
                    octets: Frame.segment(
                        octets, sequence: streamOffset, isFirst: false, from: clients[0], to: Sample.server))
                streamOffset &+= UInt32(octets.count) &+ (chance(0.02) ? 50 : 0)
            } else {
                try writer.write(time: time, octets: Frame.datagram(octets, from: source, to: destination))
            }
        }
        try writer.close()
    }

    private mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }

    /// What one datagram holds: some messages, now and then an old one again, cut, changed or with something behind it.
    private mutating func payload(from source: Endpoint, to destination: Endpoint) -> [UInt8] {
        if !written.isEmpty, chance(0.08) { return written[number(0..<written.count)] }
        var octets = (0..<number(1..<4)).flatMap { _ in message(from: source, to: destination).encoded() }
        if written.count < 200 { written.append(octets) } else { written[number(0..<200)] = octets }
        if chance(0.02) { octets.removeLast(min(octets.count - 1, number(1..<40))) }
        if chance(0.02) { octets[number(0..<octets.count)] ^= UInt8(1 << number(0..<8)) }
        if chance(0.02) { octets += generator.octets(number(1..<19)) }
        return octets
    }

    private mutating func message(from source: Endpoint, to destination: Endpoint) -> Message {
        let stream = UInt32(number(0..<4))
        var flags: MessageFlags = chance(0.5) ? .checksum : []
        if chance(0.05) { flags.insert(.retransmit) }
        let payload = randomPayload()
        let needsAddress = payload.type == .spatialUpdate || chance(0.2)
        let address =
            needsAddress ? Sample.address(Sample.id(0xA0 + number(0..<3)), stamp: Int(time / 1_000_000 % 100_000)) : nil
        let origin = Origin(
            sessionID: chance(0.5) ? Sample.session : Sample.id(number(0..<9)),
            direction: chance(0.5) ? .toServer : .fromServer, seen: 0)
        let extensions =
            chance(0.06) ? [ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded())] : []
        var message = talk.message(
            payload, from: source, to: destination, stream: stream,
            sequence: chance(0.1) ? UInt32(number(0..<1_000_000)) : nil, flags: flags, address: address,
            extensions: extensions, sent: (time - Sample.start) / 1000)
        if chance(0.05) { return segment(of: message) }
        if chance(0.05) { message.header.type = MessageType(rawValue: 0x7E) }
        if chance(0.05) { return keys.seal(message, from: source == Sample.server ? .server : .client) }
        if chance(0.03) { return keys.sign(message, from: .client) }
        return message
    }

    private mutating func segment(of message: Message) -> Message {
        let segments = cut(message.body.octets, compression: chance(0.5) ? .lz4 : .none, segmentSize: 30)
        let chosen = segments[number(0..<segments.count)]
        var segment = message
        segment.data = chosen.form
        segment.body = .segment(chosen.octets)
        segment.header.flags.insert(.data)
        return segment
    }

    private mutating func randomPayload() -> Payload {
        let entity = number(0..<40)
        let version = UInt64(number(0..<60))
        let fields: [String: Value] = ["name": .string("e\(entity)"), "score": .int(Int64(version))]
        let change: StateChange = [.added, .modified, .modified, .removed][number(0..<4)]
        switch number(0..<16) {
        case 0: return Sample.connect(client: number(0..<3))
        case 1: return Sample.accept(Sample.id(number(0..<9)))
        case 2: return Sample.accept(code: .unauthorized)
        case 3: return chance(0.3) ? Sample.goodbye : Sample.ping
        case 4: return .ping(Ping(pingID: UInt32(number(0..<50))))
        case 5, 6:
            return .pong(
                Pong(
                    pingID: UInt32(number(0..<50)), pingTimestamp: 0, holdTime: UInt32(number(0..<500)),
                    flow: Sample.flow))
        case 7: return Sample.full(version, Sample.entry(.added, entity, version: version, fields))
        case 8, 9: return Sample.delta(version, Sample.entry(change, entity, version: version, fields))
        case 10:
            return .conflictResolve(
                ConflictResolve(
                    spaceID: Sample.space, entityID: Sample.id(entity), version: version, strategy: .merge,
                    candidates: [], resolved: [StateField("score", .int(1))]))
        case 11:
            return .boundUpdate(
                BoundUpdate(regionID: Sample.id(number(0..<5)), bounds: .sphere(center: .zero, radius: Double(entity))))
        default:
            let place = Vector3(Double(number(-90..<90)), Double(number(-90..<90)), 0)
            return Sample.update(entity, at: place)
        }
    }
}

extension Message.Body {
    /// The octets as they would be on the wire.
    var octets: [UInt8] {
        switch self {
        case .payload(let payload): payload.encoded()
        case .sealed(let octets), .segment(let octets): octets
        }
    }
}
