import Capture

/// A pcapng file that gets packets as they were captured, and packets that are made for messages.
struct PacketOutput: ~Copyable {
    private struct Interface: Hashable {
        var file: UInt8
        var number: Int
        var linkType: LinkType
    }

    private struct Direction: Hashable {
        var source, destination: Endpoint
    }

    var writer: CaptureWriter
    private(set) var packets = 0
    private var interfaces: [Interface: Int] = [:]
    /// That of packets that were never on a wire.
    private var ownInterface: Int?
    /// The sequence number of the next octet of each TCP direction.
    private var sequences: [Direction: UInt32] = [:]

    /// TCP directions that have a number of their own; more than a capture of one service has.
    private static let directionLimit = 65_536
    /// What the interface of made packets is called.
    private static let ownName = "spatioscope"

    /// - Parameter descriptor: closed with the writer.
    init(descriptor: Int32, path: String) throws(CaptureError) {
        writer = try CaptureWriter(descriptor: descriptor, name: path, format: .pcapng, linkType: nil)
    }

    /// A packet as it was captured.
    mutating func write(_ packet: CapturedPacket, interfaceName name: String) throws(CaptureError) {
        let key = Interface(file: packet.file, number: packet.interface, linkType: packet.linkType)
        let interface: Int
        if let known = interfaces[key] {
            interface = known
        } else {
            interface = try writer.addInterface(linkType: packet.linkType, name: name.isEmpty ? nil : name)
            interfaces[key] = interface
        }
        try writer.write(
            time: packet.time, octets: packet.octets, originalLength: packet.originalLength, interface: interface)
        packets += 1
    }

    /// Messages in packets of their own: over UDP in as few datagrams as hold them, over TCP as the next octets of the
    /// connection. False where one is too long for a datagram.
    mutating func write(
        _ messages: [[UInt8]], _ flow: (source: Endpoint, destination: Endpoint, transport: Transport), time: Int64
    ) throws(CaptureError) -> Bool {
        switch flow.transport {
        case .udp:
            guard messages.allSatisfy({ $0.count <= PacketBuilder.largestDatagram }) else { return false }
            var datagram: [UInt8] = []
            for message in messages {
                if !datagram.isEmpty, datagram.count + message.count > PacketBuilder.largestDatagram {
                    try write(PacketBuilder.udp(from: flow.source, to: flow.destination, datagram), time: time)
                    datagram = []
                }
                datagram += message
            }
            guard !datagram.isEmpty else { return true }
            try write(PacketBuilder.udp(from: flow.source, to: flow.destination, datagram), time: time)
        case .tcp:
            for message in messages { try writeSegments(message, flow.source, flow.destination, time: time) }
        }
        return true
    }

    private mutating func writeSegments(
        _ octets: [UInt8], _ source: Endpoint, _ destination: Endpoint, time: Int64
    ) throws(CaptureError) {
        let direction = Direction(source: source, destination: destination)
        let back = Direction(source: destination, destination: source)
        var start = 0
        repeat {
            let end = min(octets.count, start + PacketBuilder.largestSegment)
            let sequence = sequences[direction] ?? 1
            try write(
                PacketBuilder.tcp(
                    from: source, to: destination, sequence: sequence, acknowledgement: sequences[back] ?? 1,
                    Array(octets[start..<end])), time: time)
            if sequences.count < Self.directionLimit || sequences[direction] != nil {
                sequences[direction] = sequence &+ UInt32(end - start)
            }
            start = end
        } while start < octets.count
    }

    private mutating func write(_ packet: [UInt8], time: Int64) throws(CaptureError) {
        let interface: Int
        if let ownInterface {
            interface = ownInterface
        } else {
            interface = try writer.addInterface(linkType: .raw, name: Self.ownName)
            ownInterface = interface
        }
        try writer.write(time: time, octets: packet, interface: interface)
        packets += 1
    }
}
