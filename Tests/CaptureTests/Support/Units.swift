import Capture

/// A transport unit that outlives the closure it was given to.
struct Unit: Equatable {
    var time: Int64
    var source: String
    var destination: String
    var transport: Transport
    var octets: Octets
    var origin: OctetOrigin
    var gap: Int
    var isStart: Bool
    var isEnd: Bool
    var isTruncated: Bool

    init(_ unit: TransportUnit) {
        time = unit.time
        source = unit.source.description
        destination = unit.destination.description
        transport = unit.transport
        octets = Octets(unit.octets)
        origin = unit.origin
        gap = unit.gap
        isStart = unit.isStart
        isEnd = unit.isEnd
        isTruncated = unit.isTruncated
    }
}

/// A dissector whose units are kept.
struct Bench {
    var dissector = Dissector()
    var units: [Unit] = []
    /// Where the next packet lies in the file that the packets seem to come from.
    var position: UInt64 = 1000

    var counters: DissectionCounters { dissector.counters }

    init() {}

    /// Dissects frames one after the other.
    init(_ frames: [Octets], linkType: LinkType = .ethernet) {
        for frame in frames { take(frame, linkType: linkType) }
    }

    mutating func take(
        _ frame: Octets, linkType: LinkType = .ethernet, time: Int64 = 1_793_000_000_000_000_000,
        originalLength: Int? = nil
    ) {
        let position = position
        self.position += 1_000_000
        var units: [Unit] = []
        frame.withUnsafeBytes { octets in
            let packet = CapturedPacket(
                time: time, octets: octets, originalLength: originalLength ?? frame.count, linkType: linkType,
                position: position, file: 3)
            dissector.dissect(packet) { units.append(Unit($0)) }
        }
        self.units += units
    }

    mutating func finish() {
        var units: [Unit] = []
        dissector.finish { units.append(Unit($0)) }
        self.units += units
    }
}
