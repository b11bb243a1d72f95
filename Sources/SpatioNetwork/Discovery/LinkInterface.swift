import Glibc
import NIOCore
import SpatioSession

/// An interface that is up, with its addresses of one family: one way to those who are in a group there.
public struct LinkInterface: Hashable, Sendable {
    public var name: String
    /// The kernel's number of it.
    public var index: UInt32
    public var isIPv6: Bool
    /// Never empty.
    public var addresses: [PeerAddress.Host]

    /// All of this machine, in the kernel's order. A machine has a few; of one with hundreds, which has them for its
    /// containers, the first are enough.
    public static func all() -> [LinkInterface] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var links: [LinkInterface] = []
        for entry in sequence(first: first, next: { $0?.pointee.ifa_next }).compactMap({ $0?.pointee }) {
            guard entry.ifa_flags & UInt32(IFF_UP) != 0, let name = entry.ifa_name,
                let host = entry.ifa_addr.flatMap({ PeerAddress.Host($0) })
            else { continue }
            let index = if_nametoindex(name)
            guard index != 0 else { continue }
            if let place = links.firstIndex(where: { $0.index == index && $0.isIPv6 == host.isIPv6 }) {
                links[place].addresses.append(host)
            } else if links.count < limit {
                links.append(
                    LinkInterface(
                        name: String(cString: name), index: index, isIPv6: host.isIPv6, addresses: [host]))
            }
        }
        return links
    }

    private static let limit = 64
}

extension PeerAddress.Host {
    /// Nil where it is neither IPv4 nor IPv6.
    fileprivate init?(_ address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let address = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            self = .v4(UInt32(bigEndian: address.sin_addr.s_addr))
        case AF_INET6:
            let address = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            guard let peer = PeerAddress(SocketAddress(address)) else { return nil }
            self = peer.host
        default: return nil
        }
    }
}
