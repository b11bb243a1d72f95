import SpatioWire

/// Where a peer is.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Host: Hashable, Sendable {
        /// In the order in which people write it: 127.0.0.1 is 0x7F00_0001.
        case v4(UInt32)
        case v6(high: UInt64, low: UInt64)

        /// Who counts as one when connections are counted: an IPv6 host has a whole /64 to itself.
        var counted: Host {
            switch self {
            case .v4: self
            case .v6(let high, _): .v6(high: high, low: 0)
            }
        }
    }

    public var host: Host
    public var port: UInt16
    /// 0: datagrams. Else the number of a connection, chosen by who accepted it and never used again.
    public var connection: UInt32

    public init(host: Host, port: UInt16, connection: UInt32 = 0) {
        self.host = host
        self.port = port
        self.connection = connection
    }

    public var isStream: Bool { connection != 0 }

    func encode(into writer: inout WireWriter) {
        switch host {
        case .v4(let address):
            writer.u8(4)
            writer.u32(address)
        case .v6(let high, let low):
            writer.u8(6)
            writer.u64(high)
            writer.u64(low)
        }
        writer.u16(port)
    }

    /// `10.7.1.1:401` or `[2001:db8::1]:401`.
    public var description: String {
        switch host {
        case .v4(let address):
            let parts = stride(from: 24, through: 0, by: -8).map { String(address >> UInt32($0) & 0xFF) }
            return parts.joined(separator: ".") + ":\(port)"
        case .v6(let high, let low):
            return "[\(Self.text(high, low))]:\(port)"
        }
    }

    /// An IPv6 address by RFC 5952: the longest run of two or more zeros is left out.
    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        let parts = [high, low].flatMap { half in
            stride(from: 48, through: 0, by: -16).map { half >> UInt64($0) & 0xFFFF }
        }
        var longest = 0..<0
        var start = 0
        for (place, part) in parts.enumerated() {
            if part != 0 { start = place + 1 }
            if place + 1 - start > max(1, longest.count) { longest = start..<place + 1 }
        }
        func joined(_ parts: ArraySlice<UInt64>) -> String {
            parts.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !longest.isEmpty else { return joined(parts[...]) }
        return joined(parts[..<longest.lowerBound]) + "::" + joined(parts[longest.upperBound...])
    }
}
