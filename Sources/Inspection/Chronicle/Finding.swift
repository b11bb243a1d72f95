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
