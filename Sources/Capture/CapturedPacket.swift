/// One packet as it was captured: a borrowed view, valid until the next call of the reader that gave it.
package struct CapturedPacket {
    /// The times that a packet can have, in nanoseconds since the Unix epoch: the years 1896 to 2116, which pcap's times
    /// lie in by themselves. The difference of any two of them, and some years more, fits an Int64.
    package static let times = Int64(-1) << 61...Int64(1) << 62 - 1

    /// Octets that are kept of a packet where nobody says how many: what libpcap takes for "everything".
    package static let usualSnapLength = 262_144

    /// Nanoseconds since the Unix epoch, within `times`.
    package var time: Int64
    /// The captured octets; fewer than `originalLength` where the snap length cut the packet.
    package var octets: UnsafeRawBufferPointer
    /// How many octets the packet had on the wire; never less than `octets.count`.
    package var originalLength: Int
    /// Index into the file's list of interfaces, which counts on through all sections of the file.
    package var interface: Int
    /// Offset of `octets[0]` in the file, after decompression.
    package var position: UInt64
    /// Link type, file and whether that has several interfaces in one word. With an odd number of octets at its end the
    /// packet would be copied in overlapping pieces, each time before the stores are through: measured, that stalls for
    /// several nanoseconds a packet.
    private let origin: UInt64

    package var linkType: LinkType { LinkType(rawValue: UInt32(truncatingIfNeeded: origin)) }

    /// Index of the file among those that are open.
    package var file: UInt8 { UInt8(truncatingIfNeeded: origin >> 32) }

    /// Its file has packets of several interfaces.
    package var isOfSeveral: Bool { origin >> 40 != 0 }

    package init(
        time: Int64, octets: UnsafeRawBufferPointer, originalLength: Int, linkType: LinkType, interface: Int = 0,
        position: UInt64 = 0, file: UInt8 = 0, isOfSeveral: Bool = false
    ) {
        self.time = time
        self.octets = octets
        self.originalLength = max(originalLength, octets.count)
        self.interface = interface
        self.position = position
        origin = UInt64(linkType.rawValue) | UInt64(file) << 32 | (isOfSeveral ? 1 << 40 : 0)
    }
}
