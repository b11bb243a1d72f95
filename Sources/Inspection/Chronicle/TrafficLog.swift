/// How often something came and how many octets it took, as of any message.
///
/// The first 4,095 times are kept each; from then on every second, fourth ... one, so that a figure is never off by more
/// than 1/2,048 and the log grows with the logarithm of what it counts. Which ones are kept follows from their number
/// alone: the log as of a message is the same whatever came behind it.
package struct TrafficLog: Sendable {
    package struct Entry: Equatable, Sendable {
        /// The message, from 1.
        package var number: Int
        /// Messages and octets until then, with this one.
        package var messages: Int
        package var octets: UInt64
        /// Capture time, nanoseconds since the Unix epoch.
        package var time: Int64
    }

    /// Times that are kept of each doubling; a power of two. Figures are shown in three digits.
    private static let kept = 2048
    /// Seconds that a rate looks back, as for streams.
    private static let window: Int64 = 4_000_000_000

    package private(set) var entries: [Entry] = []
    /// The first time.
    package private(set) var first: Entry?
    /// Of the entries, the first is what was known where the index begins.
    private var hasForgotten = false
    private var messages = 0
    private var octets: UInt64 = 0

    package init() {}

    mutating func add(number: Int, time: Int64, octets count: Int) {
        messages += 1
        octets &+= UInt64(clamping: count)
        let step = max(1, 1 << (Int.bitWidth - 1 - messages.leadingZeroBitCount) / Self.kept)
        guard messages % step == 0 else { return }
        let entry = Entry(number: number, messages: messages, octets: octets, time: time)
        if first == nil { first = entry }
        entries.append(entry)
    }

    /// Messages until this one are gone from the index, and nobody asks for what was before it: many logs take no more
    /// than the index does.
    mutating func forget(before message: Int) {
        let gone = count(until: message) - 1
        guard gone > 0 else { return }
        entries = Array(entries[gone...])
        hasForgotten = true
    }

    /// Entries until a message, with it.
    private func count(until cursor: Int) -> Int { entries.prefixCount { $0.number <= cursor } }

    /// What had come when so many messages had passed; nil when nothing had.
    package func latest(until cursor: Int) -> Entry? {
        let count = count(until: cursor)
        return count > 0 ? entries[count - 1] : nil
    }

    /// Messages and octets a second over the last 4 seconds before `time`, or since the first one where that is less;
    /// nil where that is no time at all.
    package func perSecond(until cursor: Int, time: Int64) -> (messages: Double, octets: Double)? {
        let count = count(until: cursor)
        guard count > 0, let oldest = entries.first else { return nil }
        let latest = entries[count - 1]
        let start = time.subtractingReportingOverflow(Self.window).partialValue
        let before = entries[..<count].prefixCount { $0.time <= start }
        let since = hasForgotten ? oldest : Entry(number: 0, messages: 0, octets: 0, time: oldest.time)
        let base = before > 0 ? entries[before - 1] : since
        let elapsed = before > 0 ? Double(Self.window) / 1e9 : (Double(time) - Double(oldest.time)) / 1e9
        guard elapsed > Self.leastTime else { return nil }
        return (Double(latest.messages - base.messages) / elapsed, Double(latest.octets - base.octets) / elapsed)
    }

    /// Seconds: a rate over less says more about the interval than about the traffic.
    private static let leastTime = 0.05

    /// Seconds between one time and the next, over the last few; nil before the second.
    package func interval(until cursor: Int) -> Double? {
        let count = count(until: cursor)
        guard count > 1 else { return nil }
        let latest = entries[count - 1]
        let earlier = entries[max(0, count - 1 - Self.intervals)]
        return (Double(latest.time) - Double(earlier.time)) / 1e9 / Double(latest.messages - earlier.messages)
    }

    /// Intervals that make the usual one.
    private static let intervals = 8
}

extension RandomAccessCollection where Index == Int {
    /// How many elements, from the first on, are `inside`; those that are must all come before those that are not.
    func prefixCount(_ inside: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if inside(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low - startIndex
    }
}
