/// The counters of drops in pcapng's Interface Statistics Block.
extension InterfaceCapture.Drops {
    /// Option codes: isb_ifdrop and isb_osdrop.
    private static let interfaceCode: UInt16 = 5
    private static let kernelCode: UInt16 = 7

    /// Nil where the block says nothing of drops.
    ///
    /// - Parameter block: of 24 octets at least.
    init?(_ block: Block) {
        self.init()
        var isThere = false
        block.forEachOption(from: 20) { code, value in
            guard let start = value.baseAddress, value.count == 8 else { return }
            switch code {
            case Self.interfaceCode: byInterface = block.order.load64(start, 0)
            case Self.kernelCode: byKernel = block.order.load64(start, 0)
            default: return
            }
            isThere = true
        }
        if !isThere { return nil }
    }

    /// As options of a block. It has no counter for what our own ring dropped: to a reader that, too, was lost on the way
    /// from the interface to the file.
    var options: [(code: UInt16, value: UInt64)] {
        [(Self.interfaceCode, byInterface), (Self.kernelCode, byKernel &+ byRing)]
    }
}
