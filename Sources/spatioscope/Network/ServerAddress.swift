import ArgumentParser
import Capture
import SpatioNetwork

/// A host by name or address, and a port.
struct ServerAddress: Equatable, Sendable, CustomStringConvertible {
    static let usualPort = UInt16(spatioPort)

    /// A name, or an address without brackets.
    var host: String
    var port: UInt16

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host`, `host:port`, `address`, `[address]`, `[address]:port`.
    init?(parsing text: String) {
        var host = text[...]
        var port = Self.usualPort
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard IPAddress(parsing: String(host))?.isIPv4 == false || host.contains("%") else { return nil }
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = Self.port(rest.dropFirst()) else { return nil }
                port = number
            }
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            guard let number = Self.port(text[text.index(after: colon)...]) else { return nil }
            host = text[..<colon]
            port = number
        } else if text.contains(":"), IPAddress(parsing: text) == nil {
            return nil
        }
        guard !host.isEmpty, host.allSatisfy({ !$0.isWhitespace && $0 != "/" && $0 != "[" && $0 != "]" }) else {
            return nil
        }
        self.init(host: String(host), port: port)
    }

    private static func port(_ text: some StringProtocol) -> UInt16? {
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(text), port > 0 else {
            return nil
        }
        return port
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// - Throws: `ValidationError` for what is no server.
    static func validate(_ text: String) throws {
        guard ServerAddress(parsing: text) == nil else { return }
        throw ValidationError("\(text): not HOST[:PORT]; an IPv6 address with a port stands in brackets")
    }

    /// As an endpoint, where it is the address of a multicast group.
    var multicast: Endpoint? {
        guard let address = IPAddress(parsing: host), address.isMulticast else { return nil }
        return Endpoint(address: address, port: port)
    }
}
