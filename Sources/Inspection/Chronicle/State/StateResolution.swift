import SpatioWire

/// Who won a conflict.
package enum ConflictOutcome: Hashable, Sendable {
    /// Exactly this candidate's fields were decided for: its place in the message.
    case candidate(Int)
    /// Each field is some candidate's, but no candidate's are all of them.
    case merged
    /// Something that no candidate had claimed.
    case neither
}

/// A resolved conflict, read: whose fields won, and whether the time stamps say the same.
package struct ConflictReading: Sendable {
    package let outcome: ConflictOutcome
    /// Whose candidate won; nil where none did as it was.
    package let winner: UUID?
    /// The candidates with the latest time stamp: several where the stamps do not decide.
    package let latest: [Int]
    /// Whether the latest one won, as LAST_WRITE_WINS has it; nil under another strategy, and where two candidates with
    /// other fields have the latest stamp.
    package let followsTimestamps: Bool?
    /// For each resolved field the candidates that claimed its value.
    package let sources: [[Int]]

    /// Candidates and fields that are looked at: real conflicts have a handful.
    private static let candidateLimit = 64
    private static let fieldLimit = 1_024

    package init(_ resolution: ConflictResolve) {
        let claims = resolution.candidates.prefix(Self.candidateLimit).map { Self.content($0.fields) }
        let resolved = resolution.resolved.prefix(Self.fieldLimit)
        sources = resolved.map { field in claims.indices.filter { claims[$0][field.key] == field.value } }
        let decision = Self.content(Array(resolved))
        let place = claims.firstIndex(of: decision)
        winner = place.map { resolution.candidates[$0].nodeID }
        outcome =
            place.map { .candidate($0) }
            ?? (!sources.isEmpty && sources.allSatisfy { !$0.isEmpty } ? .merged : .neither)
        let newest = resolution.candidates.prefix(Self.candidateLimit).map(\.timestamp).max()
        let latest = claims.indices.filter { resolution.candidates[$0].timestamp == newest }
        self.latest = latest
        let isDecided = Set(latest.map { claims[$0] }).count == 1
        followsTimestamps =
            resolution.strategy == .lastWriteWins && isDecided ? latest.contains { claims[$0] == decision } : nil
    }

    private static func content(_ fields: [StateField]) -> [String: Value] {
        Dictionary(fields.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// `the latest of 2 candidates won`
    func sentence(_ count: Int) -> String {
        let candidates = "\(count) candidate\(count == 1 ? "" : "s")"
        switch (outcome, followsTimestamps) {
        case (.candidate, true): return "the latest of \(candidates) won"
        case (_, false): return "of \(candidates) it was not the latest that won"
        case (.candidate(let place), nil): return "candidate \(place + 1) of \(count) won"
        case (.merged, _): return "\(candidates) were merged"
        case (.neither, _): return "none of \(candidates) won"
        }
    }
}
