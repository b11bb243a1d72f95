/// Findings as of the clock.
extension Snapshot {
    /// How often something has been found. Sequences that were missing and came after all are not lost.
    package func count(of rule: FindingRule) -> Int {
        rule == .loss ? model.counters.lost : chronicle.findings.count(of: rule, until: cursor)
    }

    /// How often something of a severity has been found by the rules that are not silenced.
    package func count(of severity: Severity, silenced: Set<FindingRule> = []) -> Int {
        FindingRule.allCases.reduce(0) { sum, rule in
            rule.severity == severity && !silenced.contains(rule) ? sum + count(of: rule) : sum
        }
    }

    /// The worst that the rules which are not silenced found in each of so many equal parts of a time: what the time
    /// line marks.
    package func severities(
        columns count: Int, of range: ClosedRange<Int64>, silenced: Set<FindingRule>
    ) -> [Severity] {
        let rules = FindingRule.allCases.filter { !silenced.contains($0) && chronicle.findings.count(of: $0) > 0 }
        let span = Double(max(1, range.upperBound - range.lowerBound))
        var start = index.count(until: range.lowerBound - 1) + 1
        return (0..<count).map { column in
            let share = Double(column + 1) / Double(count)
            let time = column + 1 == count ? range.upperBound : range.lowerBound + Int64(span * share) - 1
            let end = index.count(until: time) + 1
            defer { start = max(start, end) }
            guard start < end else { return .none }
            let found = rules.filter { chronicle.findings.hasFindings(of: $0, in: start..<end) }
            return found.map(\.severity).max() ?? .none
        }
    }
}
