/// Tells a packet that is seen again on another interface of the same machine, on its way through a bridge, a pair of
/// virtual interfaces or a router, from one that the network has doubled: what is twice on one interface, or was sent
/// twice, is there twice.
///
/// Packets are the same when all octets from the IP header on are, but for those that a router changes: the hop limit
/// and, of IPv4, the header's checksum. Who sees one first sees all of its copies for everybody.
struct SightingTable {
    /// The place where a packet was seen: one interface of one machine.
    typealias Vantage = UInt64

    private struct Sighting {
        /// Of the octets; 0: none.
        var hash = 0
        /// Nanoseconds since the Unix epoch.
        var time: Int64 = 0
        var vantage: Vantage = 0
    }

    /// Packets remembered, 1.5 MB: those of half a second at 100,000 a second. In sets of eight the oldest makes room.
    private static let count = 65_536
    private static let setSize = 8
    /// Nanoseconds that the way from one interface to another may take: a full queue in between included.
    private static let window: Int64 = 1_000_000_000
    /// Octets that the shortest IP header has.
    private static let leastHeader = 20

    private var sightings: [Sighting] = []

    /// Whether another interface has just seen the same packet; remembers it otherwise.
    ///
    /// - Parameters:
    ///   - octets: from the IP header on.
    ///   - machine: packets of different machines are different.
    mutating func isRepeat(
        _ octets: UnsafeRawBufferPointer, at vantage: Vantage, of machine: UInt64, time: Int64
    ) -> Bool {
        guard let hash = Self.hash(octets, machine) else { return false }
        if sightings.isEmpty { sightings = Array(repeating: Sighting(), count: Self.count) }
        let start = Int(truncatingIfNeeded: UInt(bitPattern: hash) % UInt(Self.count / Self.setSize)) * Self.setSize
        var oldest = start
        for place in start..<start + Self.setSize {
            if sightings[place].hash == hash, abs(time - sightings[place].time) <= Self.window {
                if sightings[place].vantage != vantage { return true }
                sightings[place].time = time
                return false
            }
            if sightings[place].time < sightings[oldest].time { oldest = place }
        }
        sightings[oldest] = Sighting(hash: hash, time: time, vantage: vantage)
        return false
    }

    /// Of the packet without the padding of its frame; nil where it is none.
    private static func hash(_ octets: UnsafeRawBufferPointer, _ machine: UInt64) -> Int? {
        guard let start = octets.baseAddress, octets.count >= leastHeader else { return nil }
        var hasher = Hasher()
        hasher.combine(machine)
        func combine(_ range: Range<Int>) {
            hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: octets[range.clamped(to: 0..<octets.count)]))
        }
        switch start.octet(0) >> 4 {
        case 4:
            // Segmentation offload leaves the length at 0.
            let length = Int(start.big16(2))
            combine(0..<8)
            combine(9..<10)
            combine(12..<max(leastHeader, length == 0 ? octets.count : length))
        case 6:
            let length = Int(start.big16(4))
            combine(0..<7)
            combine(8..<(length == 0 ? octets.count : length + 40))
        default: return nil
        }
        let hash = hasher.finalize()
        return hash == 0 ? 1 : hash
    }
}
