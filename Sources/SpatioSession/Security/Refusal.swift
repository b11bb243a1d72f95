import SpatioWire

/// Why something was turned down: the code for machines, the reason for people.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: ErrorCode
    public var reason: String

    public init(_ code: ErrorCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { "\(code): \(reason)" }
}

/// How a session ended.
public struct Closing: Hashable, Sendable, CustomStringConvertible {
    public var category: ErrorCategory
    public var code: ErrorCode
    public var reason: String
    /// The other side said so, by DISCONNECT or by a CONNECT_ACK that refuses.
    public var byPeer: Bool

    public init(_ refusal: Refusal, byPeer: Bool) {
        self.init(category: ErrorCategory(of: refusal.code), code: refusal.code, reason: refusal.reason, byPeer: byPeer)
    }

    public init(category: ErrorCategory, code: ErrorCode, reason: String, byPeer: Bool) {
        self.category = category
        self.code = code
        self.reason = reason
        self.byPeer = byPeer
    }

    public var description: String { "\(code)\(reason.isEmpty ? "" : ": \(reason)")" }
}

/// Why a message cannot be sent.
public enum SessionError: Error, Hashable, Sendable {
    /// The handshake is not over yet.
    case notReady
    /// Whoever has this role, or is at this end, does not send messages of this kind.
    case notPermitted(String)
    /// Over the negotiated `max_message_size`.
    case tooLarge
    /// The peer takes less than it is sent; try again when it has acknowledged something.
    case queueFull
    case closed
}

extension ErrorCategory {
    /// The category that an error belongs to: neither table of the specification says so, but the groups of the one are
    /// the entries of the other.
    public init(of code: ErrorCode) {
        self =
            switch code.rawValue {
            case 0x00: .none
            case 0x01...0x0F: .invalidMessage
            case 0x10...0x2F: .spatialError
            case 0x30...0x3F: .streamError
            case 0x40...0x4F: .securityError
            case 0x50...0x5F: .resourceError
            default: .extensionError
            }
    }
}
