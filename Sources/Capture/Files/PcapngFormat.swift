/// The block-structured capture file of the IETF draft "PCAP Now Generic" (pcapng).
final class PcapngFormat {
    static let sectionHeaderType: UInt32 = 0x0a0d_0d0a
    /// An enhanced packet block.
    static let packetType: UInt32 = 6
    /// A packet of the largest size and generous options; what is longer is damage.
    static let maximumBlockLength = PcapFormat.maximumCapturedLength + 1024 * 1024
    /// Interfaces cost memory; real files have a handful.
    private static let maximumInterfaces = 65_536

    private enum BlockType: UInt32 {
        case sectionHeader = 0x0a0d_0d0a
        case interfaceDescription = 1
        case obsoletePacket = 2
        case simplePacket = 3
        case nameResolution = 4
        case interfaceStatistics = 5
        case enhancedPacket = 6
    }

    private let name: String
    private let file: UInt8
    private var order = ByteOrder(isSwapped: false)
    /// Of all sections, in the order of the file.
    private var interfaces: [PcapngInterface] = []
    /// Where the current section's interfaces start in `interfaces`.
    private var firstInterface = 0
    /// The interface of the packet before, and its index in `interfaces`: most packets have the same.
    private var latest = PcapngInterface(
        linkType: .ethernet, snapLength: 0, clock: PcapngClock(resolution: 6, offset: 0))
    private var latestIndex = -1
    /// For blocks that have no time of their own.
    private var previousTime: Int64 = 0
    private(set) var annotations = Annotations()

    init(name: String, file: UInt8) {
        self.name = name
        self.file = file
    }

    /// The next packet, where it is an enhanced packet block without options, of the same interface as the packet before,
    /// that lies in the buffer as a whole; else nil, and nothing has been done.
    @inline(__always)
    func buffered(in input: BufferedInput) -> CapturedPacket? {
        guard input.available >= 32 else { return nil }
        let start = input.pointer
        let length = Int(order.load32(start, 4))
        let captured = Int(order.load32(start, 20))
        guard order.load32(start, 0) == BlockType.enhancedPacket.rawValue,
            length <= min(input.available, Self.maximumBlockLength), captured <= PcapFormat.maximumCapturedLength,
            length == 32 + (captured + 3) / 4 * 4, order.load32(start, length - 4) == UInt32(length),
            firstInterface + Int(order.load32(start, 8)) == latestIndex
        else { return nil }
        previousTime = latest.clock.nanoseconds(
            UInt64(order.load32(start, 12)) << 32 | UInt64(order.load32(start, 16)))
        let packet = CapturedPacket(
            time: previousTime, octets: UnsafeRawBufferPointer(start: start + 28, count: captured),
            originalLength: Int(order.load32(start, 24)), linkType: latest.linkType, interface: latestIndex,
            position: input.position + 28, file: file, isOfSeveral: interfaces.count > 1)
        input.consume(length)
        return packet
    }

    /// The next packet; nil at the end of the file.
    func next(from input: BufferedInput) throws(CaptureError) -> CapturedPacket? {
        while true {
            guard try input.fill(12) else {
                if input.available == 0 { return nil }
                throw error(input.position, "cut short within a block's header")
            }
            let start = input.pointer
            let isSection = order.load32(start, 0) == Self.sectionHeaderType
            if isSection { order = try byteOrder(of: start, at: input.position) }
            let length = Int(order.load32(start, 4))
            guard length >= 12, length.isMultiple(of: 4), length <= Self.maximumBlockLength else {
                throw error(input.position, "a block's length of \(length) octets is impossible")
            }
            guard try input.fill(length) else { throw error(input.position, "cut short within a block") }
            let block = Block(
                pointer: input.pointer, length: length, position: input.position, order: order)
            let trailer = order.load32(block.pointer, length - 4)
            guard trailer == UInt32(length) else {
                throw error(input.position, "a block's two lengths differ: \(length) and \(trailer)")
            }
            input.consume(length)
            if let packet = try read(block) { return packet }
        }
    }

    /// Reads the blocks that lie in the buffer as a whole and describe what follows, up to the first of another kind.
    func readDescriptions(from input: BufferedInput) throws(CaptureError) {
        while input.available >= 12 {
            let type = order.load32(input.pointer, 0)
            let length = Int(order.load32(input.pointer, 4))
            let isDescription =
                type == Self.sectionHeaderType || type == BlockType.interfaceDescription.rawValue
            guard isDescription, length >= 12, length <= input.available else { return }
            let block = Block(pointer: input.pointer, length: length, position: input.position, order: order)
            input.consume(length)
            _ = try read(block)
        }
    }

    private func byteOrder(of start: UnsafeRawPointer, at position: UInt64) throws(CaptureError) -> ByteOrder {
        switch start.loadUnaligned(fromByteOffset: 8, as: UInt32.self) {
        case 0x1a2b_3c4d: return ByteOrder(isSwapped: false)
        case 0x4d3c_2b1a: return ByteOrder(isSwapped: true)
        default: throw error(position, "a section's byte-order mark is wrong")
        }
    }

    /// - Returns: the packet that the block holds, nil for a block of another kind.
    @inline(__always)
    private func read(_ block: Block) throws(CaptureError) -> CapturedPacket? {
        switch BlockType(rawValue: order.load32(block.pointer, 0)) {
        case .enhancedPacket: return try enhancedPacket(block)
        case .simplePacket: return try simplePacket(block)
        case .obsoletePacket: return try obsoletePacket(block)
        case .sectionHeader: try sectionHeader(block)
        case .interfaceDescription: try interfaceDescription(block)
        case .nameResolution: annotations.addNames(of: block)
        case .interfaceStatistics: interfaceStatistics(block)
        case nil: break
        }
        return nil
    }

    private func sectionHeader(_ block: Block) throws(CaptureError) {
        try require(block, 28)
        let version = order.load16(block.pointer, 12)
        guard version == 1 else { throw error(block.position, "pcapng version \(version) is not known") }
        firstInterface = interfaces.count
        annotations.addComments(of: block, from: 24)
    }

    private func interfaceDescription(_ block: Block) throws(CaptureError) {
        try require(block, 20)
        guard interfaces.count < Self.maximumInterfaces else {
            throw error(block.position, "more than \(Self.maximumInterfaces) interfaces")
        }
        interfaces.append(PcapngInterface(block))
        annotations.interfaceNames.append(PcapngInterface.name(block))
        annotations.addComments(of: block, from: 16)
    }

    /// Counters of an interface since its capture began; those of the last block hold.
    private func interfaceStatistics(_ block: Block) {
        guard block.length >= 24 else { return }
        let index = firstInterface + Int(order.load32(block.pointer, 8))
        // What is said of an interface that is not described concerns no packet here.
        guard index < interfaces.count, let drops = InterfaceCapture.Drops(block) else { return }
        annotations.drops[index] = drops
    }

    @inline(__always)
    private func enhancedPacket(_ block: Block) throws(CaptureError) -> CapturedPacket {
        try require(block, 32)
        let captured = Int(order.load32(block.pointer, 20))
        let time = UInt64(order.load32(block.pointer, 12)) << 32 | UInt64(order.load32(block.pointer, 16))
        let packet = try self.packet(
            block, interface: Int(order.load32(block.pointer, 8)), time: time, at: 28, captured: captured,
            original: Int(order.load32(block.pointer, 24)))
        // Padded to four octets; options only where there is room for one.
        let options = 28 + (captured + 3) / 4 * 4
        if block.length - 4 > options { annotations.addComments(of: block, from: options) }
        return packet
    }

    private func obsoletePacket(_ block: Block) throws(CaptureError) -> CapturedPacket {
        try require(block, 32)
        let time = UInt64(order.load32(block.pointer, 12)) << 32 | UInt64(order.load32(block.pointer, 16))
        return try packet(
            block, interface: Int(order.load16(block.pointer, 8)), time: time, at: 28,
            captured: Int(order.load32(block.pointer, 20)), original: Int(order.load32(block.pointer, 24)))
    }

    /// A packet of the section's first interface without a time: the previous packet's is the best guess.
    private func simplePacket(_ block: Block) throws(CaptureError) -> CapturedPacket {
        try require(block, 16)
        let original = Int(order.load32(block.pointer, 8))
        var captured = min(original, block.length - 16)
        if firstInterface < interfaces.count, interfaces[firstInterface].snapLength > 0 {
            captured = min(captured, interfaces[firstInterface].snapLength)
        }
        return try packet(block, interface: 0, time: nil, at: 12, captured: captured, original: original)
    }

    /// - Parameters:
    ///   - interface: index within the section.
    ///   - time: in units of the interface; nil for the time of the previous packet.
    ///   - offset: of the packet's octets within the block.
    @inline(__always)
    private func packet(
        _ block: Block, interface: Int, time: UInt64?, at offset: Int, captured: Int, original: Int
    ) throws(CaptureError) -> CapturedPacket {
        let index = firstInterface + interface
        guard index < interfaces.count else {
            throw error(block.position, "a packet names interface \(interface), which is not described")
        }
        guard captured <= block.length - 4 - offset, captured <= PcapFormat.maximumCapturedLength else {
            throw error(block.position, "a packet of \(captured) octets does not fit into its block")
        }
        latest = interfaces[index]
        latestIndex = index
        if let time { previousTime = latest.clock.nanoseconds(time) }
        return CapturedPacket(
            time: previousTime, octets: UnsafeRawBufferPointer(start: block.pointer + offset, count: captured),
            originalLength: original, linkType: latest.linkType, interface: index,
            position: block.position + UInt64(offset), file: file, isOfSeveral: interfaces.count > 1)
    }

    @inline(__always)
    private func require(_ block: Block, _ length: Int) throws(CaptureError) {
        if block.length < length { throw error(block.position, "a block of \(block.length) octets is too short") }
    }

    private func error(_ position: UInt64, _ reason: String) -> CaptureError {
        CaptureError(file: name, position: position, reason: reason)
    }
}
