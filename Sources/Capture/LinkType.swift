/// What the first octets of a packet are: a number of the tcpdump.org list of link-layer header types.
///
/// The numbers are those written into capture files (`LINKTYPE_...`). They equal libpcap's own `DLT_...` numbers except for
/// raw IP, whose `DLT` number differs between systems and is found in files too; all of them are taken.
package struct LinkType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// BSD loopback: four octets of address family in the byte order of the machine that captured.
    package static let null = LinkType(rawValue: 0)
    package static let ethernet = LinkType(rawValue: 1)
    /// An IPv4 or IPv6 packet without anything before it.
    package static let raw = LinkType(rawValue: 101)
    /// OpenBSD loopback: four octets of address family in network byte order.
    package static let loop = LinkType(rawValue: 108)
    /// Linux cooked capture, the header of 16 octets.
    package static let linuxSLL = LinkType(rawValue: 113)
    package static let ipv4 = LinkType(rawValue: 228)
    package static let ipv6 = LinkType(rawValue: 229)
    /// Linux cooked capture version 2, the header of 20 octets.
    package static let linuxSLL2 = LinkType(rawValue: 276)

    /// Raw IP as Linux, macOS and FreeBSD number it inside libpcap.
    static let rawOfLinux = LinkType(rawValue: 12)
    /// Raw IP as OpenBSD numbers it inside libpcap.
    static let rawOfOpenBSD = LinkType(rawValue: 14)
}
