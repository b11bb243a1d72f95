/// How bad a finding is.
package enum Severity: UInt8, Comparable, CaseIterable, Sendable {
    case none, note, warning, error

    package var name: String {
        switch self {
        case .none: "none"
        case .note: "note"
        case .warning: "warning"
        case .error: "error"
        }
    }

    package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
}

/// What can be wrong with a message or between messages.
package enum FindingRule: String, CaseIterable, Sendable {
    /// The octets are not a well-formed message (profile section 1).
    case malformed
    /// The CRC-32C does not fit the octets (profile section 3).
    case checksum
    /// A type that the profile does not list (profile section 5).
    case unknownType = "unknown_type"
    /// Sequences of a stream that never came.
    case loss
    /// A delta that applies to a version which its receiver does not have.
    case versionGap = "version_gap"
    /// The tag or signature of a protected message does not fit its octets (profile section 8).
    case signature

    package var severity: Severity {
        switch self {
        case .malformed, .checksum, .signature: .error
        case .loss, .versionGap: .warning
        case .unknownType: .note
        }
    }
}

/// One thing that is wrong, and where.
package struct Finding: Hashable, Sendable {
    package var rule: FindingRule
    /// From 1, as users count messages.
    package var message: Int
    /// Nanoseconds since the Unix epoch.
    package var time: Int64
    package var text: String

    package init(rule: FindingRule, message: Int, time: Int64, text: String) {
        self.rule = rule
        self.message = message
        self.time = time
        self.text = text
    }

    package var severity: Severity { rule.severity }
}

/// All findings are counted; the first of them are kept.
package struct FindingLog: Sendable {
    /// Enough to look at by hand; a capture of rubbish would have one a message.
    package static let limit = 10_000

    package private(set) var findings: [Finding] = []
    private var counts = [Int](repeating: 0, count: FindingRule.allCases.count)

    package init() {}

    package func count(of rule: FindingRule) -> Int { counts[Self.position(rule)] }

    /// Counts a finding; `text` is only asked for when the finding is kept.
    package mutating func add(_ rule: FindingRule, message: Int, time: Int64, count: Int = 1, text: () -> String) {
        counts[Self.position(rule)] += count
        guard findings.count < Self.limit else { return }
        findings.append(Finding(rule: rule, message: message, time: time, text: text()))
    }

    /// Takes back what turned out not to be: a sequence that was missing came late.
    mutating func withdraw(_ rule: FindingRule, count: Int) { counts[Self.position(rule)] -= count }

    private static func position(_ rule: FindingRule) -> Int {
        switch rule {
        case .malformed: 0
        case .checksum: 1
        case .unknownType: 2
        case .loss: 3
        case .versionGap: 4
        case .signature: 5
        }
    }
}
