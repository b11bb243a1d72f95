import SpatioWire

/// One thing that is wrong, and where.
package struct Finding: Hashable, Sendable {
    package var rule: FindingRule
    /// The message that shows it, from 1 as users count messages.
    package var message: Int
    /// The message with which it came to light: the same, or a later one, where something did not come. What the clock
    /// has not reached yet is not found yet.
    package var detected: Int
    /// Capture time of the detection, nanoseconds since the Unix epoch.
    package var time: Int64
    /// How often it counts: lost sequences are one finding.
    package var count = 1
    package var text: String
    /// Indices in the model, and the entity, where it is about one.
    package var stream: Int?
    package var space: Int?
    package var entity: UUID?

    package init(rule: FindingRule, message: Int, detected: Int? = nil, time: Int64, count: Int = 1, text: String) {
        self.rule = rule
        self.message = message
        self.detected = detected ?? message
        self.time = time
        self.count = count
        self.text = text
    }

    package var severity: Severity { rule.severity }
}

/// Every finding in the order of detection: all are counted, the first of each rule are kept.
package struct FindingLog: Sendable {
    /// Findings kept of one rule: enough to look at by hand; a capture of rubbish would have one a message.
    package static let limit = 10_000

    /// In the order of detection.
    package private(set) var findings = ChunkedArray<Finding>()
    /// Those that are kept, and all, of each rule in the order of `allCases`.
    private var kept = [Int](repeating: 0, count: FindingRule.allCases.count)
    private var counts = [Int](repeating: 0, count: FindingRule.allCases.count)

    package init() {}

    /// How often something was found, in everything that was read.
    package func count(of rule: FindingRule) -> Int { counts[rule.place] }

    /// How many of a rule are not kept.
    package func forgotten(_ rule: FindingRule) -> Int { counts[rule.place] - kept[rule.place] }

    /// Counts a finding, and keeps it while there is room.
    package mutating func add(_ finding: Finding) {
        let place = finding.rule.place
        counts[place] += finding.count
        guard findings.count < Self.limit * 4, kept[place] < Self.limit else { return }
        kept[place] += 1
        findings.append(finding)
    }

    /// How many of the kept findings had come to light when so many messages had passed.
    package func count(until messages: Int) -> Int { findings.partitionPoint { $0.detected <= messages } }
}
