/// Small captures of every format, with a bit of everything inside.
enum Sample: CaseIterable {
    case pcap
    case pcapBigNanoseconds
    case pcapng
    case pcapngBig
    case gzip
    case lz4
    case zstd

    var octets: Octets {
        switch self {
        case .pcap: Pcap.file(Self.records)
        case .pcapBigNanoseconds: Pcap.file(Self.records, order: .big, magic: 0xa1b2_3c4d)
        case .pcapng: Self.pcapng(Pcapng(order: .little))
        case .pcapngBig: Self.pcapng(Pcapng(order: .big))
        case .gzip: Compression.gzip.compress(Self.pcap.octets)
        case .lz4: Compression.lz4.compress(Self.pcap.octets)
        case .zstd: Compression.zstd.compress(Self.pcap.octets)
        }
    }

    /// Whether libpcap reads it without help.
    var isPlain: Bool {
        switch self {
        case .pcap, .pcapBigNanoseconds, .pcapng, .pcapngBig: true
        case .gzip, .lz4, .zstd: false
        }
    }

    private static let frames: [Octets] = [
        Packet.datagram(pattern(64)),
        Packet.ethernet(Packet.ipv6(Packet.udp(pattern(20))), type: 0x86dd),
        Packet.ethernet(Packet.ipv4(Packet.udp(pattern(5)) + pattern(13), length: 33), tags: [[0x81, 0, 0, 5]]),
        Packet.ethernet(Packet.ipv4(Octets(Packet.udp(pattern(64))[..<40]), identification: 9, more: true)),
        Packet.ethernet(Packet.ipv4(Octets(Packet.udp(pattern(64))[40...]), identification: 9, offset: 40)),
        Packet.ethernet(
            Packet.ipv6Fragment(
                Octets(Packet.udp(pattern(32))[..<16]), next: 17, offset: 0, more: true, identification: 5),
            type: 0x86dd),
        Packet.ethernet(
            Packet.ipv6Fragment(
                Octets(Packet.udp(pattern(32))[16...]), next: 17, offset: 16, more: false, identification: 5),
            type: 0x86dd),
        tcp(at: 0, [], .syn), tcp(at: 1, pattern(20), .ack), tcp(at: 41, pattern(20), .ack),
        tcp(at: 21, pattern(20), .ack), tcp(at: 71, pattern(9), [.ack, .fin]),
        Packet.ethernet(pattern(28), type: 0x0806),
    ]

    private static func tcp(at sequence: Int, _ octets: Octets, _ flags: Packet.Flags) -> Octets {
        let segment = Packet.tcp(
            octets, from: 40002, to: 7728, sequence: sequence, acknowledgement: 0, flags: flags)
        return Packet.ethernet(Packet.ipv4(segment, protocolNumber: 6))
    }

    private static var records: [Record] {
        frames.enumerated().map { Record(seconds: 1_793_000_000 + $0, fraction: $0 * 1001, octets: $1) }
    }

    private static func pcapng(_ make: Pcapng) -> Octets {
        let comment = make.option(1, Array("remark".utf8)) + make.option(0, [])
        let nanoseconds = make.option(9, [9]) + make.option(0, [])
        let names = make.option(1, [10, 7, 0, 1] + Array("server\0".utf8)) + make.option(0, [])
        var file = make.section(options: comment) + make.interface() + make.interface(options: nanoseconds)
        file += make.block(4, names)
        for (index, frame) in frames.enumerated() {
            let units = index % 2 == 0 ? 1_000_000 : 1_000_000_000
            file += make.packet(
                frame, interface: index % 2, time: (1_793_000_000 + index) * units + index * 1000,
                options: index % 3 == 0 ? comment : [])
        }
        return file + make.simplePacket(frames[0]) + make.block(5, make.order.u32(0) + make.order.u64(0))
    }
}
