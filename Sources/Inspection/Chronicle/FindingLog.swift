/// Every finding in the order of detection: all are counted, the first of each rule are kept with their text. What came
/// to light with messages that are gone goes with them, and makes room for others.
///
/// The log grows only at its end and each entry says when it came to light, so what it was at any time of the clock is
/// the part of it before that: every question here takes the number of messages that have passed (`cursor`), and is
/// answered by bisection, whatever the log holds.
package struct FindingLog: Sendable {
    /// Findings kept of one rule: enough to look at by hand; a capture of rubbish would have one a message.
    package static let limit = 10_000
    /// Messages of one rule whose numbers are kept, 8 octets each: until then counts and filters are exact at every
    /// time of the clock; beyond, only at the end.
    static let tickLimit = 1 << 20

    /// That a rule found something when a message passed.
    private struct Tick {
        /// The end of the message's number.
        private let low: UInt32
        private let bits: UInt32

        /// - Parameter total: what the rule has counted until and with this message.
        init(message: Int, total: Int, isOwn: Bool) {
            low = UInt32(truncatingIfNeeded: message)
            bits = UInt32(min(total, Int(UInt32.max >> 1))) << 1 | (isOwn ? 1 : 0)
        }

        /// The message, from 1.
        ///
        /// - Parameter base: a message before it, less than 2^32 before: no index is so long.
        func message(after base: Int) -> Int { base + Int(low &- UInt32(truncatingIfNeeded: base)) }

        var total: Int { Int(bits >> 1) }
        /// The message shows it itself, and not an earlier one.
        var isOwn: Bool { bits & 1 != 0 }
    }

    private struct Page {
        var count = 0
        /// The last message that brought something to light.
        var latest = 0
        /// What the kept findings count.
        var keptCount = 0
        /// What was counted with messages that are gone.
        var goneCount = 0
        /// Places in `findings`.
        var kept = ChunkedArray<Int>()
        var ticks = ChunkedArray<Tick>()
    }

    /// In the order of detection.
    package private(set) var findings = ChunkedArray<Finding>()
    /// In the order of `FindingRule.allCases`.
    private var pages = [Page](repeating: Page(), count: FindingRule.allCases.count)
    /// Places of the findings that are about a message before the one that brought them to light.
    private var late = ChunkedArray<Int>()
    /// Messages until this one are gone.
    private var base = 0

    package init() {}

    /// Counts a finding, and keeps it while there is room.
    package mutating func add(_ finding: Finding) {
        let place = finding.rule.place
        pages[place].count += finding.count
        pages[place].latest = max(pages[place].latest, finding.detected)
        note(finding, place)
        guard pages[place].kept.keptCount < Self.limit else { return }
        pages[place].keptCount += finding.count
        if finding.message != finding.detected { late.append(findings.count) }
        pages[place].kept.append(findings.count)
        findings.append(finding)
    }

    private mutating func note(_ finding: Finding, _ place: Int) {
        let isOwn = finding.message == finding.detected
        let last = pages[place].ticks.count - 1
        if last >= pages[place].ticks.start, pages[place].ticks[last].message(after: base) == finding.detected {
            let isOwn = isOwn || pages[place].ticks[last].isOwn
            pages[place].ticks.replace(
                last, with: Tick(message: finding.detected, total: pages[place].count, isOwn: isOwn))
        } else if pages[place].ticks.keptCount < Self.tickLimit {
            pages[place].ticks.append(Tick(message: finding.detected, total: pages[place].count, isOwn: isOwn))
        }
    }

    /// Messages until this one are gone.
    mutating func forget(before message: Int) {
        let first = findings.partitionPoint { $0.detected <= message }
        for place in pages.indices {
            let kept = pages[place].kept.partitionPoint { $0 < first }
            pages[place].kept.scan(0..<kept) { _, finding in
                pages[place].keptCount -= findings[finding].count
                return true
            }
            pages[place].goneCount = count(of: FindingRule.allCases[place], until: message)
            pages[place].kept.removeAll(before: kept)
            let ticks = pages[place].ticks
            pages[place].ticks.removeAll(before: ticks.partitionPoint { $0.message(after: base) <= message })
        }
        late.removeAll(before: late.partitionPoint { $0 < first })
        findings.removeAll(before: first)
        base = max(base, message)
    }

    // MARK: Counting

    /// How often something was found, in everything that was read.
    package func count(of rule: FindingRule) -> Int { pages[rule.place].count }

    /// How often something had been found when so many messages had passed.
    package func count(of rule: FindingRule, until cursor: Int) -> Int {
        let page = pages[rule.place]
        if page.latest <= cursor { return page.count }
        let passed = page.ticks.partitionPoint { $0.message(after: base) <= cursor }
        return page.ticks.at(passed - 1)?.total ?? page.goneCount
    }

    /// How many of the kept findings had come to light when so many messages had passed.
    package func count(until cursor: Int) -> Int { findings.partitionPoint { $0.detected <= cursor } }

    /// Whether a rule found something in a message of a range of numbers when it passed.
    func hasFindings(of rule: FindingRule, in messages: Range<Int>) -> Bool {
        let ticks = pages[rule.place].ticks
        var isFound = false
        let start = ticks.partitionPoint { $0.message(after: base) < messages.lowerBound }
        ticks.scan(start..<ticks.count) { _, tick in
            guard tick.message(after: base) < messages.upperBound else { return false }
            isFound = tick.isOwn
            return !isFound
        }
        return isFound
    }

    /// The message with which a rule found something last before so many had passed; nil when it found nothing.
    package func latestMessage(of rule: FindingRule, until cursor: Int) -> Int? {
        let page = pages[rule.place]
        if page.count > 0, page.latest <= cursor { return page.latest }
        let passed = page.ticks.partitionPoint { $0.message(after: base) <= cursor }
        return page.ticks.at(passed - 1).map { $0.message(after: base) }
    }

    // MARK: What is kept

    /// How many findings of a rule that had come to light by then are kept.
    package func keptCount(of rule: FindingRule, until cursor: Int = .max) -> Int {
        let kept = pages[rule.place].kept
        return kept.partitionPoint { findings[$0].detected <= cursor } - kept.start
    }

    /// What a rule had counted by then and is not kept.
    package func forgotten(_ rule: FindingRule, until cursor: Int) -> Int {
        let page = pages[rule.place]
        guard page.kept.keptCount == Self.limit || page.goneCount > 0,
            keptCount(of: rule, until: cursor) == page.kept.keptCount
        else { return 0 }
        return max(0, count(of: rule, until: cursor) - page.keptCount)
    }

    /// The finding at a place among the kept ones of its rule, in the order of detection.
    package func kept(_ place: Int, of rule: FindingRule) -> Finding {
        let kept = pages[rule.place].kept
        return findings[kept[kept.start + place]]
    }

    /// The first kept finding that comes to light after a message has passed.
    ///
    /// The clock at `finding.detected` is the first that shows it, so asking again from there goes on to the next.
    /// - Parameter message: number of the message, from 1; 0: from the beginning.
    package func next(after message: Int, of rules: some Sequence<FindingRule> = FindingRule.allCases) -> Finding? {
        var found: Int?
        for rule in rules {
            let kept = pages[rule.place].kept
            guard let first = kept.at(kept.start + keptCount(of: rule, until: message)) else { continue }
            found = min(found ?? .max, first)
        }
        return found.map { findings[$0] }
    }

    /// The last kept finding that had come to light before a message passed; of several that came with one message the
    /// first, so that asking again from there goes on to the one before.
    package func previous(before message: Int, of rules: some Sequence<FindingRule> = FindingRule.allCases) -> Finding?
    {
        var found: Int?
        for rule in rules {
            let kept = pages[rule.place].kept
            guard let latest = kept.at(kept.start + keptCount(of: rule, until: message - 1) - 1) else { continue }
            if found.map({ findings[$0].detected < findings[latest].detected }) ?? true { found = latest }
        }
        return found.map { findings[$0] }
    }

    // MARK: By message

    /// The rules, of those in `rules`, that have findings about each message of a range of numbers, from its first on.
    func rules(in range: Range<Int>, of rules: FindingRuleSet) -> [FindingRuleSet] {
        var found = [FindingRuleSet](repeating: FindingRuleSet(), count: range.count)
        messages(in: range, of: rules) { message, rule in
            found[message - range.lowerBound].formUnion(FindingRuleSet(CollectionOfOne(rule)))
        }
        return found
    }

    private func messages(in range: Range<Int>, of rules: FindingRuleSet, _ body: (Int, FindingRule) -> Void) {
        for rule in FindingRule.allCases where rules.contains(rule) {
            let ticks = pages[rule.place].ticks
            let start = ticks.partitionPoint { $0.message(after: base) < range.lowerBound }
            ticks.scan(start..<ticks.count) { _, tick in
                let message = tick.message(after: base)
                guard message < range.upperBound else { return false }
                if tick.isOwn { body(message, rule) }
                return true
            }
        }
        late.scan(late.kept) { _, place in
            let finding = findings[place]
            if rules.contains(finding.rule), range.contains(finding.message) {
                body(finding.message, finding.rule)
            }
            return true
        }
    }
}

/// Some rules, in one word.
struct FindingRuleSet: Equatable, Sendable {
    private(set) var bits: UInt32 = 0

    init() {}
    init(_ rules: some Sequence<FindingRule>) { for rule in rules { bits |= 1 << UInt32(rule.place) } }

    var isEmpty: Bool { bits == 0 }
    mutating func formUnion(_ other: FindingRuleSet) { bits |= other.bits }
    func contains(_ rule: FindingRule) -> Bool { bits & 1 << UInt32(rule.place) != 0 }
}
