import SpatioWire

extension UUID {
    /// A random one (RFC 9562 version 4).
    public static func random() -> UUID {
        let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
        let low = UInt64.random(in: .min ... .max) & ~(3 << 62) | 2 << 62
        return UUID(high: high, low: low)
    }
}

/// Octets that nobody can guess.
public func randomOctets(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
