/// One end of a conversation: an address and a port.
package struct Endpoint: Hashable, Sendable {
    package var address: IPAddress
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    // Written out, because the one that the compiler writes is not inlined into other modules.
    @inlinable @inline(__always)
    package static func == (left: Endpoint, right: Endpoint) -> Bool {
        left.address == right.address && left.port == right.port
    }
}

extension Endpoint: CustomStringConvertible {
    /// `10.7.1.1:40001` or `[fe80::1]:7728`.
    package var description: String {
        address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    /// Reads what `description` writes.
    package init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits),
            let address = IPAddress(parsing: String(host))
        else { return nil }
        self.init(address: address, port: port)
    }
}

package enum Transport: UInt8, Sendable {
    case udp
    case tcp
}
