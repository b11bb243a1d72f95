/// What came in each step.
struct StepSums {
    struct Sum {
        var octets = 0
        var messages = 0
        /// Less than none where more came late than was newly missing.
        var lost = 0
        var duplicates = 0
        var reordered = 0
        var retransmits = 0
        var repeats = 0

        mutating func add(_ counts: QualityCounts, since last: QualityCounts) {
            octets += counts.octets - last.octets
            messages += Int(counts.messages &- last.messages)
            lost += Int(Int32(truncatingIfNeeded: counts.lost &- last.lost))
            duplicates += Int(counts.duplicates &- last.duplicates)
            reordered += Int(counts.reordered &- last.reordered)
            retransmits += Int(counts.retransmits &- last.retransmits)
            repeats += Int(counts.repeats &- last.repeats)
        }

        mutating func add(_ other: Sum) {
            octets += other.octets
            messages += other.messages
            lost += other.lost
            duplicates += other.duplicates
            reordered += other.reordered
            retransmits += other.retransmits
            repeats += other.repeats
        }
    }

    private let range: QualityRange
    private var sums: [Sum]

    init(_ range: QualityRange) {
        self.range = range
        sums = [Sum](repeating: Sum(), count: range.count)
    }

    mutating func add(_ sum: Sum, at step: Int) { sums[step].add(sum) }

    /// - Parameters:
    ///   - now: what the counters stand at as of the clock, which stands in the interval `present`.
    mutating func add(
        _ run: QualityRun<QualitySample>, now: QualityCounts, _ present: Int64, _ width: Int64
    ) {
        let first = run.count(before: floorDivided(range.start, by: width))
        let last = max(first, run.count(before: min(present, floorDivided(range.end, by: width))))
        var before = first > 0 ? run[first - 1].counts : QualityCounts()
        run.forEach(first..<last) { mark in
            let step = range.place(of: mark.slot &* width)
            if range.contains(step) { sums[step].add(mark.counts, since: before) }
            before = mark.counts
        }
        let step = range.place(of: present &* width)
        if range.contains(step) { sums[step].add(now, since: before) }
    }

    /// Rates need time, shares need messages.
    func fill(_ line: inout QualityLine, _ seconds: [Double?]) {
        for (step, sum) in sums.enumerated() {
            if let seconds = seconds[step] {
                line.octets[step] = Double(sum.octets) / seconds
                line.messages[step] = Double(sum.messages) / seconds
            }
            guard sum.messages > 0 else { continue }
            let firsts = sum.messages - sum.duplicates - sum.repeats
            let expected = firsts + max(0, sum.lost)
            if expected > 0 { line.loss[step] = Double(max(0, sum.lost)) / Double(expected) }
            if firsts > 0 { line.reordered[step] = Double(sum.reordered) / Double(firsts) }
            line.duplicates[step] = Double(sum.duplicates) / Double(sum.messages)
            line.retransmits[step] = Double(sum.retransmits) / Double(sum.messages)
        }
    }
}
