/// How much passes on each interface, from counters that are read now and then.
package struct InterfaceTraffic: Sendable {
    /// What passed in one interval, a second.
    package struct Rate: Equatable, Sendable {
        package var packets: Double
        package var octets: Double

        package init(packets: Double, octets: Double) {
            self.packets = packets
            self.octets = octets
        }
    }

    private struct Entry {
        var packets: UInt64
        var octets: UInt64
        var rates: [Rate?] = []
    }

    /// Rates that are kept of an interface: a minute of them, with one each second.
    package static let historyLimit = 60
    /// What captures on every interface, as libpcap calls it.
    package static let everywhere = "any"

    private var entries: [String: Entry] = [:]
    private var time: Int64?

    package init() {}

    /// Takes all counters as they are at a time. An interface that was not there before has no rate yet, and one whose
    /// counters went back is another one.
    ///
    /// - Parameter now: monotonic nanoseconds.
    package mutating func take(_ counters: [InterfaceCounters], at now: Int64) {
        let seconds = time.map { Double(now - $0) / 1e9 } ?? 0
        time = now
        var next: [String: Entry] = [:]
        var all: Rate?
        for counter in counters {
            // The loopback interface gets in whatever goes out: as a capture there sees it once.
            let isLoop = counter.name == "lo"
            let packets = counter.packetsIn &+ (isLoop ? 0 : counter.packetsOut)
            let octets = counter.octetsIn &+ (isLoop ? 0 : counter.octetsOut)
            var entry = Entry(packets: packets, octets: octets)
            if let before = entries[counter.name], seconds > 0 {
                var rate: Rate?
                if packets >= before.packets, octets >= before.octets {
                    rate = Rate(
                        packets: Double(packets - before.packets) / seconds,
                        octets: Double(octets - before.octets) / seconds)
                }
                entry.rates = Self.adding(rate, to: before.rates)
                if let rate {
                    all = Rate(packets: (all?.packets ?? 0) + rate.packets, octets: (all?.octets ?? 0) + rate.octets)
                }
            }
            next[counter.name] = entry
        }
        if !counters.isEmpty {
            var everywhere = entries[Self.everywhere] ?? Entry(packets: 0, octets: 0)
            if all != nil || !everywhere.rates.isEmpty { everywhere.rates = Self.adding(all, to: everywhere.rates) }
            next[Self.everywhere] = everywhere
        }
        entries = next
    }

    private static func adding(_ rate: Rate?, to rates: [Rate?]) -> [Rate?] {
        Array(rates.suffix(historyLimit - 1)) + [rate]
    }

    /// The rates of an interface, or of all together, the newest last; nil for an interval of which nothing is known.
    package func rates(of name: String) -> [Rate?] { entries[name]?.rates ?? [] }

    /// The kernel counts what passes there.
    package func counts(_ name: String) -> Bool { entries[name] != nil }
}
