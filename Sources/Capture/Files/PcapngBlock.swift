/// A block of a pcapng file, whole and with both its lengths checked.
struct Block {
    let pointer: UnsafeRawPointer
    let length: Int
    let position: UInt64
    let order: ByteOrder

    /// Calls `body` with code and value of each option from `offset` on, until the end of the options or of sense.
    func forEachOption(from offset: Int, _ body: (UInt16, UnsafeRawBufferPointer) -> Void) {
        var offset = offset
        while offset + 4 <= length - 4 {
            let code = order.load16(pointer, offset)
            let count = Int(order.load16(pointer, offset + 2))
            guard code != 0, offset + 4 + count <= length - 4 else { return }
            body(code, UnsafeRawBufferPointer(start: pointer + offset + 4, count: count))
            offset += 4 + (count + 3) / 4 * 4
        }
    }
}

/// What a reader of packets needs of an Interface Description Block.
struct PcapngInterface {
    let linkType: LinkType
    /// 0 for no limit.
    let snapLength: Int
    let clock: PcapngClock

    init(linkType: LinkType, snapLength: Int, clock: PcapngClock) {
        self.linkType = linkType
        self.snapLength = snapLength
        self.clock = clock
    }

    /// - Parameter block: of 20 octets at least.
    init(_ block: Block) {
        var resolution: UInt8 = 6
        var offset: Int64 = 0
        block.forEachOption(from: 16) { code, value in
            guard let start = value.baseAddress else { return }
            if code == 9, value.count == 1 { resolution = start.octet(0) }
            if code == 14, value.count == 8 { offset = Int64(bitPattern: block.order.load64(start, 0)) }
        }
        self.init(
            linkType: LinkType(rawValue: UInt32(block.order.load16(block.pointer, 8))),
            snapLength: Int(block.order.load32(block.pointer, 12)),
            clock: PcapngClock(resolution: resolution, offset: offset))
    }

    /// The name that the block gives its interface; empty where it gives none.
    static func name(_ block: Block) -> String {
        var name = ""
        block.forEachOption(from: 16) { code, value in
            if code == 2 { name = String(decoding: value, as: UTF8.self) }
        }
        return name
    }
}

/// How an interface counts time.
struct PcapngClock {
    private enum Unit {
        /// So many nanoseconds.
        case multiple(UInt64)
        /// So many units are a nanosecond.
        case part(UInt64)
        /// A second divided by two to this power.
        case binary(UInt64)
    }

    private let unit: Unit
    /// Nanoseconds to add.
    private let offset: Int64

    /// - Parameters:
    ///   - resolution: the option if_tsresol: a negative power of 10, or of 2 where the highest bit is set.
    ///   - offset: the option if_tsoffset, in seconds.
    init(resolution: UInt8, offset: Int64) {
        let exponent = Int(resolution & 0x7f)
        if resolution & 0x80 != 0 {
            unit = .binary(UInt64(exponent))
        } else if exponent <= 9 {
            unit = .multiple((exponent..<9).reduce(1) { power, _ in power * 10 })
        } else if exponent <= 28 {
            unit = .part((9..<exponent).reduce(1) { power, _ in power * 10 })
        } else {
            // Such units are so short that all of UInt64 is less than a nanosecond.
            unit = .multiple(0)
        }
        let (nanoseconds, overflow) = offset.multipliedReportingOverflow(by: 1_000_000_000)
        self.offset = overflow ? (offset < 0 ? .min : .max) : nanoseconds
    }

    /// Nanoseconds since the Unix epoch, clamped to `CapturedPacket.times`.
    func nanoseconds(_ count: UInt64) -> Int64 {
        let (sum, overflow) = Int64(clamping: scaled(count)).addingReportingOverflow(offset)
        let time = overflow ? (offset < 0 ? .min : .max) : sum
        return max(CapturedPacket.times.lowerBound, min(time, CapturedPacket.times.upperBound))
    }

    private func scaled(_ count: UInt64) -> UInt64 {
        switch unit {
        case .multiple(let factor):
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            return overflow ? .max : product
        case .part(let divisor):
            return count / divisor
        case .binary(let exponent):
            let product = count.multipliedFullWidth(by: 1_000_000_000)
            if exponent >= 64 { return product.high >> (exponent - 64) }
            if product.high >> exponent != 0 { return .max }
            return product.high << (64 - exponent) | product.low >> exponent
        }
    }
}
