import Glibc
import NIOCore
import SpatioSession

extension PeerAddress {
    /// Nil for what is neither IPv4 nor IPv6.
    ///
    /// - Parameter connection: the number of a TCP connection; 0 for datagrams.
    public init?(_ address: SocketAddress, connection: UInt32 = 0) {
        switch address {
        case .v4(let address):
            self.init(
                host: .v4(UInt32(bigEndian: address.address.sin_addr.s_addr)),
                port: UInt16(bigEndian: address.address.sin_port), connection: connection)
        case .v6(let address):
            let port = UInt16(bigEndian: address.address.sin6_port)
            self = withUnsafeBytes(of: address.address.sin6_addr) { octets in
                let high = UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
                let low = UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                return PeerAddress(host: .v6(high: high, low: low), port: port, connection: connection)
            }
        case .unixDomainSocket: return nil
        }
    }

    /// The address as sockets take it. The scope of a link-local IPv6 address is not kept in it.
    public var socketAddress: SocketAddress {
        switch host {
        case .v4(let octets):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = octets.bigEndian
            return SocketAddress(address)
        case .v6(let high, let low):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { octets in
                octets.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
                octets.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            return SocketAddress(address)
        }
    }
}
