import Glibc

extension PeerAddress {
    /// Reads `10.7.1.1:401` or `[2001:db8::1]:401`: addresses in numbers only, and never a name that would have to be
    /// looked up.
    public init?(parsing text: String) {
        guard text.utf8.count <= Self.textLimit, let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits) else {
            return nil
        }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            var address = in6_addr()
            guard inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1 else { return nil }
            self = withUnsafeBytes(of: &address) { octets in
                PeerAddress(
                    host: .v6(
                        high: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                        low: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self))), port: port)
            }
        } else {
            var address = in_addr()
            guard inet_pton(AF_INET, String(host), &address) == 1 else { return nil }
            self.init(host: .v4(UInt32(bigEndian: address.s_addr)), port: port)
        }
    }

    /// The longest there is: 45 of an IPv6 address, brackets, a colon and a port.
    private static let textLimit = 53
}
