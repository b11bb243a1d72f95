import CPcap
import Glibc

/// An interface of this machine that libpcap offers.
package struct NetworkInterface: Equatable, Sendable {
    /// What `InterfaceCapture` wants to be told.
    package var name: String
    /// In libpcap's words; nil where it has none.
    package var description: String?
    package var addresses: [IPAddress]
    package var isUp: Bool
    /// Something is at the other end of the cable, as far as that can be known.
    package var isRunning: Bool
    package var isLoopback: Bool

    /// All of them, in libpcap's order: the likely ones come first.
    package static func all() throws(InterfaceError) -> [NetworkInterface] {
        var first: UnsafeMutablePointer<pcap_if_t>?
        var reason = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard pcap_findalldevs(&first, &reason) == 0 else {
            throw .other(interface: "interfaces", reason: String(nulTerminated: reason))
        }
        defer { pcap_freealldevs(first) }
        return sequence(first: first, next: { $0?.pointee.next }).compactMap { $0 }.map { NetworkInterface($0.pointee) }
    }

    /// Whether this process may capture, found out without capturing anything. Where it cannot be known, it may.
    package static var mayCapture: Bool {
        // Of protocol 0, it gets no packet.
        let descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno != EPERM && errno != EACCES }
        close(descriptor)
        return true
    }

    private init(_ entry: pcap_if_t) {
        name = String(cString: entry.name)
        description = entry.description.map { String(cString: $0) }
        isUp = entry.flags & UInt32(PCAP_IF_UP) != 0
        isRunning = entry.flags & UInt32(PCAP_IF_RUNNING) != 0
        isLoopback = entry.flags & UInt32(PCAP_IF_LOOPBACK) != 0
        addresses = sequence(first: entry.addresses, next: { $0?.pointee.next }).compactMap { $0?.pointee.addr }
            .compactMap(IPAddress.init(socketAddress:))
    }
}

extension IPAddress {
    /// Nil where it is an address of another family.
    fileprivate init?(socketAddress: UnsafeMutablePointer<sockaddr>) {
        let raw = UnsafeRawPointer(socketAddress)
        switch Int32(socketAddress.pointee.sa_family) {
        case AF_INET:
            let address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            self.init(ipv4: UInt32(bigEndian: address.s_addr))
        case AF_INET6:
            var address = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            self = withUnsafeBytes(of: &address) { octets in
                IPAddress(
                    high: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    low: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        default: return nil
        }
    }
}

extension String {
    /// Text of a C function's buffer.
    init(nulTerminated buffer: [CChar]) {
        self.init(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
