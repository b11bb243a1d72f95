import Glibc
import NIOCore

/// Looks a host up.
enum HostAddresses {
    struct Failure: Error {
        var text: String
    }

    /// More addresses of one name are not tried.
    private static let limit = 16

    /// Every address of a host, in the order in which the system would have them tried (RFC 6724). It blocks.
    ///
    /// - Parameter host: a name, or an address without brackets.
    static func resolve(_ host: String, port: UInt16) throws(Failure) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &first)
        guard code == 0 else { throw Failure(text: words(for: code, host)) }
        defer { freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        for entry in sequence(first: first, next: { $0?.pointee.ai_next }) {
            guard let entry, let address = address(entry.pointee), !addresses.contains(address) else { continue }
            addresses.append(address)
        }
        guard !addresses.isEmpty else { throw Failure(text: "the name \(host) has no address") }
        return Array(addresses.prefix(limit))
    }

    private static func address(_ entry: addrinfo) -> SocketAddress? {
        guard let raw = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET where entry.ai_addrlen >= MemoryLayout<sockaddr_in>.size:
            return SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6 where entry.ai_addrlen >= MemoryLayout<sockaddr_in6>.size:
            return SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
        default: return nil
        }
    }

    private static func words(for code: Int32, _ host: String) -> String {
        switch code {
        case EAI_NONAME: "the name \(host) has no address"
        case EAI_SYSTEM: String(cString: strerror(errno))
        default: String(cString: gai_strerror(code))
        }
    }
}
