/// The classic capture file: a header of 24 octets, then a header of 16 octets before each packet.
struct PcapFormat {
    static let headerLength = 24
    /// Larger than any link's packet, small enough to hold; libpcap's own bound for common links is 256 KiB.
    static let maximumCapturedLength = 16 * 1024 * 1024

    private let order: ByteOrder
    private let nanosecondsPerUnit: Int64
    private let recordHeaderLength: Int
    let linkType: LinkType

    /// Which variant a file is, from its first four octets.
    private enum Magic: UInt32 {
        case microseconds = 0xa1b2_c3d4
        case nanoseconds = 0xa1b2_3c4d
        /// Alexey Kuznetsov's variant: eight more octets before each packet.
        case modified = 0xa1b2_cd34
    }

    /// Whether these first four octets are those of a classic capture file.
    static func recognises(_ start: UnsafeRawPointer) -> Bool {
        let magic = start.loadUnaligned(as: UInt32.self)
        return Magic(rawValue: magic) != nil || Magic(rawValue: magic.byteSwapped) != nil
    }

    /// Takes the file's header from `input`.
    init(name: String, input: BufferedInput) throws(CaptureError) {
        guard try input.fill(Self.headerLength) else {
            throw CaptureError(file: name, position: input.position, reason: "cut short within the file's header")
        }
        let start = input.pointer
        let native = Magic(rawValue: start.loadUnaligned(as: UInt32.self))
        guard let magic = native ?? Magic(rawValue: start.loadUnaligned(as: UInt32.self).byteSwapped) else {
            throw CaptureError(file: name, position: input.position, reason: "not a capture")
        }
        order = ByteOrder(isSwapped: native == nil)
        let version = order.load16(start, 4)
        guard version == 2 else {
            throw CaptureError(file: name, position: 4, reason: "pcap version \(version) is not known")
        }
        nanosecondsPerUnit = magic == .nanoseconds ? 1 : 1000
        recordHeaderLength = magic == .modified ? 24 : 16
        // The upper six bits say whether and how long a frame check sequence follows each packet.
        linkType = LinkType(rawValue: order.load32(start, 20) & 0x03ff_ffff)
        input.consume(Self.headerLength)
    }

    /// The next packet, where all of it lies in the buffer already, which is nearly always so; else nil.
    @inline(__always)
    func buffered(in input: BufferedInput, file: UInt8) -> CapturedPacket? {
        guard input.available >= recordHeaderLength else { return nil }
        let record = input.pointer
        let captured = Int(order.load32(record, 8))
        guard captured <= min(input.available - recordHeaderLength, Self.maximumCapturedLength) else { return nil }
        // Cannot overflow: both factors and the sum stay below 2^63.
        let time = Int64(order.load32(record, 0)) * 1_000_000_000 + Int64(order.load32(record, 4)) * nanosecondsPerUnit
        let packet = CapturedPacket(
            time: time, octets: UnsafeRawBufferPointer(start: record + recordHeaderLength, count: captured),
            originalLength: Int(order.load32(record, 12)), linkType: linkType,
            position: input.position + UInt64(recordHeaderLength), file: file)
        input.consume(recordHeaderLength + captured)
        return packet
    }

    /// The next packet; nil at the end of the file.
    @inline(never)
    func next(from input: BufferedInput, name: String, file: UInt8) throws(CaptureError) -> CapturedPacket? {
        guard try input.fill(recordHeaderLength) else {
            if input.available == 0 { return nil }
            throw CaptureError(file: name, position: input.position, reason: "cut short within a packet's header")
        }
        let captured = Int(order.load32(input.pointer, 8))
        guard captured <= Self.maximumCapturedLength else {
            throw CaptureError(
                file: name, position: input.position,
                reason: "a packet of \(captured) octets is over the limit of \(Self.maximumCapturedLength)")
        }
        guard try input.fill(recordHeaderLength + captured) else {
            throw CaptureError(file: name, position: input.position, reason: "cut short within a packet")
        }
        return buffered(in: input, file: file)
    }
}
