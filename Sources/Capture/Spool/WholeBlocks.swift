/// The blocks of pcapng, in this machine's byte order, that are whole at the beginning of some octets.
struct WholeBlocks: Equatable {
    var octets = 0
    /// Blocks that hold a packet.
    var packets: UInt64 = 0

    /// - Parameter limit: blocks behind so many octets are not looked at; the first one may go over it.
    init(in octets: UnsafeRawBufferPointer, limit: Int = .max) {
        while let length = Self.length(octets, at: self.octets) {
            guard self.octets == 0 || self.octets + length <= limit else { return }
            if octets.loadUnaligned(fromByteOffset: self.octets, as: UInt32.self) == PcapngFormat.packetType {
                packets += 1
            }
            self.octets += length
        }
    }

    /// Those that `input` still has. It is read up to the first that is not whole.
    init(in input: BufferedInput) throws(CaptureError) {
        while try input.fill(12) {
            let announced = Int(input.pointer.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            guard announced <= PcapngFormat.maximumBlockLength, try input.fill(max(12, announced)) else { return }
            let found = WholeBlocks(in: UnsafeRawBufferPointer(start: input.pointer, count: input.available))
            guard found.octets > 0 else { return }
            octets += found.octets
            packets += found.packets
            input.consume(found.octets)
        }
    }

    /// Octets of the block at an offset; nil where no whole one is.
    private static func length(_ octets: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard octets.count - offset >= 12 else { return nil }
        func word(_ place: Int) -> Int { Int(octets.loadUnaligned(fromByteOffset: place, as: UInt32.self)) }
        let length = word(offset + 4)
        guard length >= 12, length.isMultiple(of: 4), length <= octets.count - offset,
            word(offset + length - 4) == length
        else { return nil }
        return length
    }
}
