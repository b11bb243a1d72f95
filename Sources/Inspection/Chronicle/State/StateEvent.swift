import SpatioWire

/// A version that a replica got, or made and told others of.
package struct StateEvent: Sendable {
    package enum Kind: UInt8, CaseIterable, Sendable {
        /// STATE_SYNC with everything.
        case full
        /// STATE_SYNC with changes to the version before.
        case incremental
        /// STATE_RESPONSE, with everything or with changes.
        case response
        /// DELTA_UPDATE.
        case delta
        /// CONFLICT_RESOLVE.
        case conflict

        package var name: String {
            switch self {
            case .full: "full state"
            case .incremental: "changes"
            case .response: "response"
            case .delta: "delta"
            case .conflict: "conflict resolved"
            }
        }
    }

    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The replica sent it, and so has it.
        package static let own = Flags(rawValue: 1)
        /// It applies to a version that the replica does not have.
        package static let gap = Flags(rawValue: 2)
        /// Older than what the replica has, which therefore keeps what it has.
        package static let regression = Flags(rawValue: 4)
        /// It came late and fills a hole.
        package static let late = Flags(rawValue: 8)
        /// Other content than what the replica had got under this version.
        package static let contested = Flags(rawValue: 16)
        /// The versions begin anew with it.
        package static let restart = Flags(rawValue: 32)
        /// It holds everything: what came before need not be known.
        package static let whole = Flags(rawValue: 64)
        /// The replica had said before that it has no more than what this applies to.
        package static let fellBack = Flags(rawValue: 128)
    }

    /// Number of the message, from 1, and its capture time in nanoseconds since the Unix epoch.
    package var message: Int
    package var time: Int64
    package var version: UInt64
    /// The version that it applies to; nil for a full state.
    package var base: UInt64?
    package var kind: Kind
    package var flags: Flags
    /// Whose version it is, and who told of it or was told: indices in the space's replicas.
    package var replica: Int
    package var other: Int
    /// The chain of versions that it belongs to: they begin anew with the server.
    package var chain: Int
    /// The newest version that the replica has got, this one included.
    package var held: UInt64
    /// A hash over the replica's content after it, for comparing within one run of the program; nil where that content
    /// is not known in full.
    package var content: UInt64?
    /// Entities that it names.
    package var entries: Int
    /// Octets of the message.
    package var octets: Int

    /// Whether it changed nothing at the replica.
    package var isIgnored: Bool { flags.contains(.regression) }
}

/// Something that is wrong with the versions of a replica.
package struct StateFault: Sendable {
    package enum Kind: UInt8, CaseIterable, Sendable {
        case gap, regression, fork, divergence, deltaChain

        package var rule: FindingRule {
            switch self {
            case .gap: .versionGap
            case .regression: .versionRegression
            case .fork: .fork
            case .divergence: .divergence
            case .deltaChain: .deltaChain
            }
        }
    }

    package var kind: Kind
    /// The message that shows it, its time, and the message with which it came to light.
    package var message: Int
    package var time: Int64
    package var detected: Int
    package var version: UInt64
    /// Whose it is: an index in the space's replicas.
    package var replica: Int
    /// Who sent or holds the other content.
    package var other: Int?
    /// The message that told the other content.
    package var otherMessage: Int?
    /// What is wrong with this replica so far, this included.
    package internal(set) var totals = StateTotals()
}

/// How often something was wrong with the versions of a replica.
package struct StateTotals: Equatable, Sendable {
    package var gaps = 0
    package var regressions = 0
    package var forks = 0
    package var divergences = 0
    package var brokenChains = 0

    package var all: Int { gaps + regressions + forks + divergences + brokenChains }

    mutating func count(_ kind: StateFault.Kind) {
        switch kind {
        case .gap: gaps += 1
        case .regression: regressions += 1
        case .fork: forks += 1
        case .divergence: divergences += 1
        case .deltaChain: brokenChains += 1
        }
    }
}

/// A conflict that was resolved, with the first message that says so.
package struct StateConflict: Sendable {
    package var message: Int
    package var time: Int64
    package var version: UInt64
    package var entity: UUID
    package var strategy: ConflictStrategy
    package var candidates: Int
    package var outcome: ConflictOutcome
    /// Whose candidate won; nil where none did as it was.
    package var winner: UUID?
}
