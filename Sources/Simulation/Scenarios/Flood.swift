import Capture
import SpatioWire

/// As many updates as wanted, each in a datagram of its own and all of one form: a template for each client, of which
/// only what changes is written for a packet.
enum Flood {
    private static let messages = 2_000_000
    private static let clients = 100
    private static let entities = 10_000
    /// Nanoseconds between packets: 100,000 a second, ten updates a second of each of the usual entities.
    private static let interval: Int64 = 10_000
    /// Metres; who comes to the edge turns back.
    private static let edge = 500.0

    private struct Mover {
        var position: Vector3
        /// Metres per second.
        var velocity: Vector3
        var id: UUID
        var updates = 0
    }

    /// Where the parts that change lie in a packet.
    private struct Places {
        static let message = Frames.ethernetSize + 20 + Frames.udpSize
        static let udpChecksum = Frames.ethernetSize + 20 + 6
        static let sequence = message + 8
        static let timestamp = message + 12
        // Behind the header: version, space_id, coordinate system without parameters, then the position.
        static let senderPosition = message + 20 + 1 + 16 + 2
        static let addressTimestamp = senderPosition + 24 + 1 + 4 + 4
        // Behind the address: the payload's length (one octet), the count, then the update.
        static let entityID = addressTimestamp + 8 + 1 + 1 + 1
        static let position = entityID + 16 + 2
    }

    static func write(_ options: SimulationOptions, to path: String) throws(CaptureError) -> SimulationReport {
        var generator = Generator(seed: options.seed, of: .flood)
        let spaceID = generator.uuid()
        let total = options.entities ?? entities
        var movers = (0..<total).map { _ in mover(&generator) }
        let server = Endpoint(address: IPAddress(ipv4: 0x0A07_0001), port: 7728)
        let sources = (0..<min(clients, total)).map {
            Endpoint(address: IPAddress(ipv4: UInt32(0x0A07_0101 + $0)), port: UInt16(40_001 + $0))
        }
        var templates = sources.map { template(from: $0, to: server, spaceID) }
        var sequences = [UInt32](repeating: 0, count: sources.count)
        let isClassic = path.hasSuffix(".pcap")
        var writer = try CaptureWriter(
            path: path, format: isClassic ? .pcap : .pcapng, interface: isClassic ? nil : "simulated")
        let count = count(options)
        var time = Network.epoch * Network.nanosecond
        for number in 0..<count {
            let index = number % total
            let client = index % sources.count
            movers[index].position = step(&movers[index], Double(interval) * 1e-9 * Double(total))
            movers[index].updates += 1
            let mover = movers[index]
            let sequence = sequences[client]
            sequences[client] += 1
            templates[client].withUnsafeMutableBytes { packet in
                patch(packet, mover, sequence: sequence, microseconds: UInt64(time / 1000))
            }
            // Each client is a little farther from the server than the one before.
            let captured = time + Int64(client) * 100
            try templates[client].withOctets { (octets) throws(CaptureError) in
                try writer.write(time: captured, octets: octets)
            }
            time += interval
        }
        try writer.close()
        return report(movers, spaceID, sources, server, sequences, templates)
    }

    private static func count(_ options: SimulationOptions) -> Int {
        if let messages = options.messages { return messages }
        guard let duration = options.duration else { return messages }
        return max(1, Int(duration * Double(Network.nanosecond)) / Int(interval))
    }

    private static func mover(_ generator: inout Generator) -> Mover {
        let heading = Vector3(generator.bell(), generator.bell(), 0)
        let velocity = heading * (1.4 / max(heading.length, 0.01))
        return Mover(
            position: Vector3(generator.number(-edge...edge), generator.number(-edge...edge), 0).rounded(to: 1000),
            velocity: velocity, id: generator.uuid())
    }

    private static func step(_ mover: inout Mover, _ seconds: Double) -> Vector3 {
        if abs(mover.position.x) > edge, (mover.position.x < 0) == (mover.velocity.x < 0) { mover.velocity.x.negate() }
        if abs(mover.position.y) > edge, (mover.position.y < 0) == (mover.velocity.y < 0) { mover.velocity.y.negate() }
        return Vector3(
            mover.position.x + mover.velocity.x * seconds, mover.position.y + mover.velocity.y * seconds, 0)
    }

    private static func template(from source: Endpoint, to server: Endpoint, _ spaceID: UUID) -> [UInt8] {
        let message = Message(
            header: MessageHeader(type: .spatialUpdate, streamID: 1, sequence: 0, timestamp: 0),
            address: SpatialAddress(spaceID: spaceID, precision: 0.05, confidence: 0.95, timestamp: 0),
            body: .payload(
                .spatialUpdate(
                    SpatialUpdate(updates: [
                        EntityUpdate(entityID: .zero, kind: 1, position: .zero)
                    ]))))
        return Frames.udp(from: source, to: server, message.encoded())
    }

    private static func patch(
        _ packet: UnsafeMutableRawBufferPointer, _ mover: Mover, sequence: UInt32, microseconds: UInt64
    ) {
        func store<T: FixedWidthInteger>(_ value: T, _ offset: Int) {
            packet.storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
        }
        store(sequence, Places.sequence)
        store(microseconds, Places.timestamp)
        store(microseconds / 1000, Places.addressTimestamp)
        store(mover.id.high, Places.entityID)
        store(mover.id.low, Places.entityID + 8)
        for place in [Places.senderPosition, Places.position] {
            store(mover.position.x.bitPattern, place)
            store(mover.position.y.bitPattern, place + 8)
        }
        store(UInt16(0), Places.udpChecksum)
        let checksum = udpChecksum(UnsafeRawBufferPointer(packet))
        store(checksum == 0 ? 0xFFFF : checksum, Places.udpChecksum)
    }

    /// The checksum of RFC 1071 over the UDP datagram and its pseudo header, four octets at a time.
    private static func udpChecksum(_ packet: UnsafeRawBufferPointer) -> UInt16 {
        // The pseudo header: both addresses, which lie just before the datagram, the protocol and the length.
        let start = Frames.ethernetSize + 12
        let length = packet.count - Frames.ethernetSize - 20
        var sum = UInt64(17 + length)
        var offset = start
        while offset + 4 <= packet.count {
            sum += UInt64(UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            offset += 4
        }
        var shift: UInt64 = 24
        while offset < packet.count {
            sum += UInt64(packet[offset]) << shift
            shift -= 8
            offset += 1
        }
        while sum >> 16 != 0 { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(truncatingIfNeeded: sum)
    }

    private static func report(
        _ movers: [Mover], _ spaceID: UUID, _ sources: [Endpoint], _ server: Endpoint, _ sequences: [UInt32],
        _ templates: [[UInt8]]
    ) -> SimulationReport {
        var report = SimulationReport()
        report.messages = sequences.reduce(0) { $0 + Int($1) }
        report.packets = report.messages
        report.streams = zip(sources.indices, sequences).compactMap { index, count in
            guard count > 0 else { return nil }
            var truth = StreamTruth(source: sources[index], destination: server, transport: .udp, streamID: 1)
            truth.messages = Int(count)
            truth.octets = Int(count) * (templates[index].count - Places.message)
            return truth
        }
        report.entities = movers.filter { $0.updates > 0 }.map { mover in
            var truth = EntityTruth(spaceID: spaceID, entityID: mover.id)
            truth.updates = mover.updates
            truth.position = mover.position
            truth.coordinateSystem = .cartesian(nil)
            return truth
        }.sorted { $0.entityID < $1.entityID }
        return report
    }
}
