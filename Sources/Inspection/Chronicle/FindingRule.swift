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

/// What can be wrong with a message or between messages. The raw value is the name that users see and type.
package enum FindingRule: String, CaseIterable, Hashable, Sendable {
    case malformed
    case checksum
    case unknownType = "unknown_type"
    case loss
    case versionGap = "version_gap"
    case versionRegression = "version_regression"
    case fork
    case divergence
    case deltaChain = "delta_chain"
    case conflict
    case teleport
    case nonUnitQuaternion = "non_unit_quaternion"
    case outOfBounds = "out_of_bounds"
    case unansweredQuery = "unanswered_query"
    case authenticationFailure = "authentication_failure"
    case clearTextCredentials = "clear_text_credentials"
    case signature
    case replay
    case rateLimit = "rate_limit"
    case clockSkew = "clock_skew"
    case stale
    case dependency

    package var severity: Severity {
        switch self {
        case .malformed, .checksum, .signature, .fork, .divergence, .deltaChain, .authenticationFailure,
            .clearTextCredentials, .replay:
            .error
        case .loss, .versionGap, .versionRegression, .teleport, .nonUnitQuaternion, .outOfBounds, .unansweredQuery,
            .rateLimit, .clockSkew, .dependency:
            .warning
        case .unknownType, .conflict, .stale: .note
        }
    }

    /// What the rule looks for, for the users: one sentence, with its bounds.
    package var explanation: String {
        switch self {
        case .malformed: "The octets are not a well-formed message."
        case .checksum: "The CRC-32C at the end of the message does not fit its octets."
        case .unknownType: "The message has a type that the protocol does not list."
        case .loss: "Sequences between the lowest and the highest of a stream never came."
        case .versionGap: "A delta applies to a version that its receiver does not have."
        case .versionRegression: "A receiver got an older version of the state than it had."
        case .fork: "The same version was sent with different content."
        case .divergence: "Two replicas hold the same version with different content."
        case .deltaChain: "A full state differs from what the deltas before it add up to."
        case .conflict: "Several nodes changed an entity at once, and a conflict was resolved."
        case .teleport: "An entity moved faster than its velocity and precision explain."
        case .nonUnitQuaternion: "The length of an orientation is not 1."
        case .outOfBounds: "A position lies outside the bounds of its space."
        case .unansweredQuery: "A query got no response within its timeout (5 s where none is stated) and 0.1 s more."
        case .authenticationFailure: "A server refused somebody's credentials."
        case .clearTextCredentials: "A token went over the network in clear."
        case .signature: "The tag or the signature of a protected message does not fit its octets."
        case .replay: "A protected message or a proof that may be used once came again."
        case .rateLimit: "More octets a second were sent than the receiver had allowed, or a peer said so."
        case .clockSkew: "A sender's clock is far from the capture's, or jumped."
        case .stale: "Nothing was heard of an entity for longer than its usual intervals explain."
        case .dependency: "An extension depends on another that is not there, or too old."
        }
    }

    /// Where the rule stands in `allCases`.
    var place: Int { Self.places[self] ?? 0 }

    private static let places = Dictionary(
        uniqueKeysWithValues: zip(allCases, allCases.indices))
}
