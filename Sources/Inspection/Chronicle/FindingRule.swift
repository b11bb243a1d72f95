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
        case .teleport:
            "An entity moved by more than 1 m and 3 times the precision of both places, faster than 3 times its "
                + "stated speed and 50 m/s. One stream is believed for each entity; coming back after it was gone is no move."
        case .nonUnitQuaternion:
            "The length of an orientation differs from 1 by more than 0.001; told once until it is right again."
        case .outOfBounds:
            "A position lies outside the bounds of its space by more than its precision; told once until it is "
                + "inside again."
        case .unansweredQuery: "A query got no response within its timeout (5 s where none is stated) and 0.1 s more."
        case .authenticationFailure:
            "A server refused somebody's credentials: AUTH_FAILED, UNAUTHORIZED, INVALID_SIGNATURE or TOKEN_EXPIRED "
                + "in CONNECT_ACK or AUTH_RESPONSE."
        case .clearTextCredentials:
            "A token went over the network in clear: unsealed, in a session without security, or given by a server."
        case .signature: "The tag or the signature of a protected message does not fit its octets."
        case .replay:
            "A protected message came again without RETRANSMIT, more than 1 s after it was due; or a proof of a "
                + "token was used in a second session."
        case .rateLimit:
            "In two seconds in a row somebody sent over 1.1 times the octets that the other end allows, or a peer "
                + "says RATE_LIMITED or BANDWIDTH_EXCEEDED."
        case .clockSkew:
            "A sender's time stamps are over 1 s ahead of the capture, over 5 s behind, or over 1 s behind for a "
                + "second without exception; or they jumped by so much; or an address is over 1 s younger than its message."
        case .stale:
            "An entity that a client tells of was silent for more than 10 of its usual intervals (each at least "
                + "100 ms), and is heard of again; those that are silent now are listed below."
        case .dependency: "An extension depends on another that is not there, or too old."
        }
    }

    /// Where the rule stands in `allCases`.
    var place: Int { Self.places[self] ?? 0 }

    private static let places = Dictionary(
        uniqueKeysWithValues: zip(allCases, allCases.indices))
}
