/// Which network layer follows a link-layer header, and where.
enum LinkLayer {
    case network(NetworkProtocol, offset: Int)
    /// Something else than IP.
    case other
    /// The header does not fit into the octets that are there.
    case short
    /// The link type is not known here.
    case unknown

    enum NetworkProtocol {
        case ipv4
        case ipv6
        /// The version field of the packet tells.
        case byVersion
    }

    /// Reads the header of `packet`.
    @inline(__always)
    static func parse(_ octets: UnsafeRawBufferPointer, _ linkType: LinkType) -> LinkLayer {
        if linkType == .ethernet { return etherType(octets, at: 12) }
        return lessUsual(octets, linkType)
    }

    private static func lessUsual(_ octets: UnsafeRawBufferPointer, _ linkType: LinkType) -> LinkLayer {
        switch linkType {
        case .linuxSLL: return etherType(octets, at: 14)
        case .linuxSLL2:
            guard octets.count >= 20 else { return .short }
            return etherType(octets, at: 0, payload: 20)
        case .raw, .rawOfLinux, .rawOfOpenBSD: return .network(.byVersion, offset: 0)
        case .ipv4: return .network(.ipv4, offset: 0)
        case .ipv6: return .network(.ipv6, offset: 0)
        case .null, .loop: return addressFamily(octets)
        default: return .unknown
        }
    }

    /// Reads an EtherType, which usually stands just before its payload, and any VLAN tags.
    @inline(__always)
    private static func etherType(_ octets: UnsafeRawBufferPointer, at start: Int, payload: Int? = nil) -> LinkLayer {
        var offset = payload ?? start + 2
        guard let base = octets.baseAddress, octets.count >= offset else { return .short }
        var type = base.big16(start)
        // 802.1Q, 802.1ad and the older QinQ: two octets of tag, then the next type.
        while type == 0x8100 || type == 0x88a8 || type == 0x9100 {
            guard octets.count >= offset + 4 else { return .short }
            type = base.big16(offset + 2)
            offset += 4
        }
        switch type {
        case 0x0800: return .network(.ipv4, offset: offset)
        case 0x86dd: return .network(.ipv6, offset: offset)
        default: return .other
        }
    }

    /// Reads the four octets of address family before a loopback packet, in either byte order.
    private static func addressFamily(_ octets: UnsafeRawBufferPointer) -> LinkLayer {
        guard let base = octets.baseAddress, octets.count >= 4 else { return .short }
        let value = base.big32(0)
        switch min(value, value.byteSwapped) {
        case 2: return .network(.ipv4, offset: 4)
        // AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, of macOS.
        case 10, 24, 28, 30: return .network(.ipv6, offset: 4)
        default: return .other
        }
    }
}
