import Glibc
import NIOCore
import SpatioSession

/// The group of discovery (profile section 2) on one interface: hears what is sent to it there, and sends to it there and
/// no further. Nothing waits; one thread at a time.
///
/// Once it is open it takes no system calls but `recvfrom`, `write` and `close`, so that a program may give up the rest.
public final class DiscoveryLink {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public let interface: LinkInterface
    /// Readable when there is something to `receive`.
    public let descriptor: Int32
    /// A socket of its own: with a port that no other server on this machine has, its messages are told from theirs.
    private let output: Int32

    /// - Throws: what cannot be had on this interface.
    public init(_ interface: LinkInterface) throws(Failure) {
        self.interface = interface
        let address = interface.isIPv6 ? MulticastSocket.discoveryIPv6 : MulticastSocket.discoveryIPv4
        let family = interface.isIPv6 ? AF_INET6 : AF_INET
        descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        output = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0, output >= 0, let group = try? SocketAddress(ipAddress: address, port: spatioPort) else {
            throw Self.failure(interface)
        }
        try open(group)
    }

    private func open(_ group: SocketAddress) throws(Failure) {
        // Several programs are in the group on one machine.
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, Int32(1))
        // Without these, each link would hear what comes on all of them. Kernels before 4.20 lack the second: a server
        // is then heard several times, and listed once.
        let bound = group.withSockAddr { bind(descriptor, $0, socklen_t($1)) == 0 }
        let joined: Bool
        let connected: Bool
        if interface.isIPv6 {
            set(descriptor, Int32(IPPROTO_IPV6), Self.ipv6MulticastAll, Int32(0))
            var request = ipv6_mreq()
            if case .v6(let address) = group { request.ipv6mr_multiaddr = address.address.sin6_addr }
            request.ipv6mr_interface = interface.index
            joined = set(descriptor, Int32(IPPROTO_IPV6), IPV6_JOIN_GROUP, request)
            set(output, Int32(IPPROTO_IPV6), IPV6_MULTICAST_HOPS, Self.hops)
            connected =
                set(output, Int32(IPPROTO_IPV6), IPV6_MULTICAST_IF, Int32(bitPattern: interface.index))
                && group.withSockAddr { connect(output, $0, socklen_t($1)) == 0 }
        } else {
            set(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_ALL, Int32(0))
            var request = ip_mreqn()
            if case .v4(let address) = group { request.imr_multiaddr = address.address.sin_addr }
            request.imr_ifindex = Int32(bitPattern: interface.index)
            joined = set(descriptor, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, request)
            set(output, Int32(IPPROTO_IP), IP_MULTICAST_TTL, Self.hops)
            // Also where it comes from: the loopback interface brings nothing that seems to come from another one.
            if case .v4(let host)? = interface.addresses.first { request.imr_address.s_addr = host.bigEndian }
            connected =
                set(output, Int32(IPPROTO_IP), IP_MULTICAST_IF, request)
                && group.withSockAddr { connect(output, $0, socklen_t($1)) == 0 }
        }
        guard bound, joined, connected else { throw Self.failure(interface) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if output >= 0 { close(output) }
    }

    /// Discovery is for those who are on the same network.
    private static let hops: Int32 = 1
    /// `IPV6_MULTICAST_ALL`, which older headers lack.
    static let ipv6MulticastAll: Int32 = 29

    private static func failure(_ interface: LinkInterface) -> Failure {
        Failure(description: "\(interface.name): \(String(cString: strerror(errno)))")
    }

    @discardableResult
    private func set<Value>(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Value) -> Bool {
        withUnsafePointer(to: value) {
            setsockopt(descriptor, level, option, $0, socklen_t(MemoryLayout<Value>.size)) == 0
        }
    }

    // MARK: Datagrams

    /// The next datagram that has come, cut where the buffer ends; nil where there is none.
    public func receive(into buffer: UnsafeMutableRawBufferPointer) -> (count: Int, source: PeerAddress)? {
        while true {
            var storage = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, buffer.baseAddress, buffer.count, 0, $0, &size)
                }
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if let source = storage.peerAddress { return (count, source) }
        }
    }

    /// Sends a datagram to the group. One that cannot go out now is lost, as on any network; the next one will.
    public func send(_ octets: [UInt8]) {
        while write(output, octets, octets.count) < 0, errno == EINTR {}
    }
}

extension sockaddr_storage {
    fileprivate var peerAddress: PeerAddress? {
        withUnsafePointer(to: self) { pointer in
            let raw = UnsafeRawPointer(pointer)
            return switch Int32(ss_family) {
            case AF_INET: PeerAddress(SocketAddress(raw.loadUnaligned(as: sockaddr_in.self)))
            case AF_INET6: PeerAddress(SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self)))
            default: nil
            }
        }
    }
}
