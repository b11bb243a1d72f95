import SpatioWire

/// Who sends what inside a session (profile section 6).
enum Permission {
    /// Why an application at the end of this role may not send a message of this type; nil: it may. An unknown type is
    /// the application's.
    static func refusal(of type: MessageType?, from role: PeerRole) -> Refusal? {
        guard let type else { return nil }
        if isHandshake(type) { return Refusal(.protocolError, "\(type) is the session's own to send") }
        if role == .observer, 0x10...0x2F ~= type.rawValue {
            return Refusal(.protocolError, "\(type): an observer sends no spatial or state message")
        }
        return nil
    }

    /// CONNECT to PONG, and the messages of security.
    static func isHandshake(_ type: MessageType) -> Bool { type.rawValue <= 0x0F || 0x40...0x4F ~= type.rawValue }
}

extension SessionError {
    init(_ error: SendError) {
        switch error {
        case .tooLarge: self = .tooLarge
        case .queueFull, .sequencesExhausted: self = .queueFull
        case .tooManyStreams: self = .notPermitted("more streams than a session keeps")
        case .closed: self = .closed
        }
    }
}
