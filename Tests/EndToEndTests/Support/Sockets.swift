import Foundation
import Glibc
import Synchronization

/// A socket could not be opened.
struct SocketError: Error {
    var code = errno
}

extension sockaddr_in {
    /// An IPv4 address in numbers and a port.
    init(_ host: String, port: Int) {
        self.init()
        sin_family = sa_family_t(AF_INET)
        sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        inet_pton(AF_INET, host, &sin_addr)
    }

    /// Hands it on as system calls take it.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: self) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Lets a system call write it.
    mutating func fill<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &self) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &size) }
        }
    }
}

/// A UDP socket that has a port of the loopback interface and never answers.
final class SilentSocket: Sendable {
    let descriptor: Int32
    let port: Int

    init() throws {
        let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        descriptor = number
        guard sockaddr_in("127.0.0.1", port: 0).withSocketAddress({ bind(number, $0, $1) }) == 0 else {
            throw SocketError()
        }
        var bound = sockaddr_in()
        _ = bound.fill { getsockname(number, $0, $1) }
        port = Int(UInt16(bigEndian: bound.sin_port))
    }

    deinit { close(descriptor) }

    /// The next datagram and who sent it.
    func receive() -> (octets: [UInt8], source: sockaddr_in)? {
        var octets = [UInt8](repeating: 0, count: 65_536)
        var source = sockaddr_in()
        let size = octets.count
        let count = source.fill { recvfrom(descriptor, &octets, size, 0, $0, $1) }
        return count < 0 ? nil : (Array(octets.prefix(count)), source)
    }
}

/// Sends datagrams to a multicast group; who is in it on this machine hears them.
final class MulticastSender {
    let group: String
    let port: Int
    private let descriptor: Int32
    private let isIPv6: Bool

    /// A PING without streams and checksum, as profile 1 has it.
    static let ping: [UInt8] =
        [1, 3, 0, 0] + [UInt8](repeating: 0, count: 4 + 4 + 8) + [5, 0, 0, 0, 7, 0]

    /// - Parameter group: an address, IPv6 where it has a colon; the port is one that is free.
    init(group: String) throws {
        self.group = group
        port = try SilentSocket().port
        isIPv6 = group.contains(":")
        descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError() }
        // It goes no further than this machine.
        if isIPv6 {
            var hops: CInt = 0
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_MULTICAST_HOPS, &hops, socklen_t(MemoryLayout<CInt>.size))
        } else {
            var hops: CUnsignedChar = 0
            setsockopt(descriptor, Int32(IPPROTO_IP), IP_MULTICAST_TTL, &hops, 1)
        }
    }

    /// Group and port, as programs take them.
    var address: String { isIPv6 ? "[\(group)]:\(port)" : "\(group):\(port)" }

    deinit { close(descriptor) }

    /// - Returns: false where there is no way to the group.
    @discardableResult
    func send(_ octets: [UInt8]) -> Bool {
        let descriptor = descriptor
        guard isIPv6 else {
            return sockaddr_in(group, port: port).withSocketAddress {
                sendto(descriptor, octets, octets.count, 0, $0, $1)
            } == octets.count
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = UInt16(port).bigEndian
        guard inet_pton(AF_INET6, group, &address.sin6_addr) == 1 else { return false }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, octets, octets.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        } == octets.count
    }
}

/// Passes datagrams between one client and a server on the loopback interface, and keeps what passed.
final class DatagramRelay: Sendable {
    let port: Int
    private let state: RelayState

    /// - Parameter server: its port.
    init(to server: Int) throws {
        let outer = try SilentSocket()
        let inner = try SilentSocket()
        port = outer.port
        let state = RelayState()
        self.state = state
        let thread = Thread { Self.run(outer, inner, sockaddr_in("127.0.0.1", port: server), state) }
        thread.start()
    }

    deinit { state.isOver.store(true, ordering: .relaxed) }

    /// Everything that passed, both ways.
    var traffic: Data { state.traffic.withLock { $0 } }

    private static func run(_ outer: SilentSocket, _ inner: SilentSocket, _ server: sockaddr_in, _ state: RelayState) {
        var client: sockaddr_in?
        while !state.isOver.load(ordering: .relaxed) {
            var polled = [outer, inner].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, 2, 50) > 0 else { continue }
            if polled[0].revents != 0, let (octets, source) = outer.receive() {
                client = source
                pass(octets, from: inner, to: server, state)
            }
            if polled[1].revents != 0, let (octets, _) = inner.receive(), let client {
                pass(octets, from: outer, to: client, state)
            }
        }
    }

    private static func pass(_ octets: [UInt8], from socket: SilentSocket, to address: sockaddr_in, _ state: RelayState)
    {
        state.traffic.withLock { $0.append(contentsOf: octets) }
        _ = address.withSocketAddress { sendto(socket.descriptor, octets, octets.count, 0, $0, $1) }
    }
}

private final class RelayState: Sendable {
    let traffic = Mutex(Data())
    let isOver = Atomic(false)
}
