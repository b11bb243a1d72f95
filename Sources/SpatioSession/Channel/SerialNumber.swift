extension UInt32 {
    /// Whether this sequence comes before the other one by the serial arithmetic of RFC 1982.
    @inline(__always)
    func precedes(_ other: UInt32) -> Bool { Int32(bitPattern: other &- self) > 0 }
}

/// Sequences as RFC 1982 places them around one of them, so that a range over the wrap can be sorted.
@inline(__always)
func serialDistance(from base: UInt32, to sequence: UInt32) -> Int { Int(Int32(bitPattern: sequence &- base)) }
