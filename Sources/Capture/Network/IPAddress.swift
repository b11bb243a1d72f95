import Glibc

/// An IPv4 or IPv6 address, as the 128 bits of IPv6. An IPv4 address is held, and counts, as its mapped form `::ffff:a.b.c.d`.
package struct IPAddress: Hashable, Sendable {
    /// The first eight octets, the first of them in the highest bits.
    package var high: UInt64
    /// The last eight octets.
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter ipv4: the four octets, the first in the highest bits.
    package init(ipv4: UInt32) {
        high = 0
        low = 0xffff_0000_0000 | UInt64(ipv4)
    }

    // Written out, because the one that the compiler writes is not inlined into other modules.
    @inlinable @inline(__always)
    package static func == (left: IPAddress, right: IPAddress) -> Bool {
        left.high == right.high && left.low == right.low
    }

    package var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    /// 224.0.0.0/4 or ff00::/8.
    package var isMulticast: Bool {
        isIPv4 ? low >> 28 & 0xf == 0xe : high >> 56 == 0xff
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the canonical text of RFC 5952.
    package var description: String {
        if isIPv4 {
            return "\(low >> 24 & 0xff).\(low >> 16 & 0xff).\(low >> 8 & 0xff).\(low & 0xff)"
        }
        let groups = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
        }
        // The longest run of two or more zero groups becomes "::", the first of several.
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8 && groups[end] == 0 { end += 1 }
            if end - start > max(longest.count, 1) { longest = start..<end }
            start = max(end, start + 1)
        }
        func text(_ part: Range<Int>) -> String {
            groups[part].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return longest.isEmpty ? text(0..<8) : text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
    }

    /// Reads dotted decimal or any valid text of an IPv6 address, without a zone.
    package init?(parsing text: String) {
        var ipv4 = in_addr()
        if inet_pton(AF_INET, text, &ipv4) == 1 {
            self.init(ipv4: UInt32(bigEndian: ipv4.s_addr))
            return
        }
        var ipv6 = in6_addr()
        guard inet_pton(AF_INET6, text, &ipv6) == 1 else { return nil }
        self = withUnsafeBytes(of: &ipv6) { octets in
            IPAddress(
                high: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
