/// What became of the packets.
package struct DissectionCounters: Equatable, Sendable {
    package var packets: UInt64 = 0
    /// Packets that another interface of the same machine had shown before.
    package var repeats: UInt64 = 0
    /// Packets on a link layer that is not known here.
    package var otherLinkLayer: UInt64 = 0
    /// Frames without IP: ARP, LLDP, 802.3 ...
    package var otherNetwork: UInt64 = 0
    /// IP packets without UDP or TCP.
    package var otherTransport: UInt64 = 0
    /// Headers that are too short or contradict themselves.
    package var malformed: UInt64 = 0
    /// Packets that the snap length cut within a header or a payload.
    package var truncated: UInt64 = 0
    /// IP fragments seen.
    package var fragments: UInt64 = 0
    /// Packets that were put together from fragments.
    package var fragmentsReassembled: UInt64 = 0
    /// Fragments given up: cut by the snap length, contradictory, too old, or too many at a time.
    package var fragmentsDropped: UInt64 = 0
    /// TCP segments that brought nothing new.
    package var tcpRetransmitted: UInt64 = 0
    /// TCP segments that were new in part only.
    package var tcpOverlapping: UInt64 = 0
    /// TCP probes of an idle connection.
    package var tcpKeepAlives: UInt64 = 0
    /// TCP segments with octets behind the end of their direction.
    package var tcpAfterEnd: UInt64 = 0
    /// Holes in TCP directions that were never filled.
    package var tcpGaps: UInt64 = 0
    /// Octets missing in those holes.
    package var tcpGapOctets: UInt64 = 0
    /// TCP connections forgotten to make room for others.
    package var evictions: UInt64 = 0

    package init() {}
}
