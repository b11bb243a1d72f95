import SpatioWire

/// What the application does to open sessions.
extension Server {
    /// Sends a message to one client.
    public mutating func send(
        _ payload: Payload, _ delivery: Delivery, to handle: SessionHandle, at now: Moment
    ) throws(SessionError) {
        guard let slot = slot(of: handle), let phase = sessions[slot]?.phase, phase != .closing else { throw .closed }
        guard phase == .open else { throw .notReady }
        if let refusal = Permission.refusal(of: payload.type, from: .server) { throw .notPermitted(refusal.reason) }
        do throws(SendError) {
            try sessions[slot]?.channel.send(payload, delivery, at: now)
        } catch {
            throw SessionError(error)
        }
        drain(slot, at: now)
        settle(slot)
    }

    /// Octets received of one client since its session began, of datagrams or of the stream.
    public func octetsReceived(of handle: SessionHandle) -> Int { counters(of: handle)?.octetsReceived ?? 0 }

    /// Mirrors a message of another session, which has `origin`, to an observer: on the stream and with the sequence it
    /// had there, and never repeated. False: the observer takes less than it is sent, and this message was left out.
    ///
    /// Under ENCRYPT the nonce is made of that stream and sequence, so that messages of two sessions may share one: a
    /// weakness of the profile (see `ServerConfiguration.refusesSealedObservers`).
    @discardableResult
    public mutating func forward(_ message: Message, to handle: SessionHandle, at now: Moment) -> Bool {
        guard let slot = slot(of: handle), sessions[slot]?.phase == .open else { return false }
        let isTaken = sessions[slot]?.channel.forward(message, at: now) ?? false
        settle(slot)
        return isTaken
    }

    /// Changes to new keys as soon as that is possible; without security there is nothing to change.
    public mutating func rekey(_ handle: SessionHandle, at now: Moment) {
        guard let slot = slot(of: handle), sessions[slot]?.phase == .open else { return }
        sessions[slot]?.security?.wantRekey()
        drain(slot, at: now)
        settle(slot)
    }

    /// Ends one session and tells its client why.
    public mutating func disconnect(_ handle: SessionHandle, _ refusal: Refusal, at now: Moment) {
        guard let slot = slot(of: handle) else { return }
        finish(slot, Closing(refusal, byPeer: false), saying: Disconnect(refusal), at: now)
    }

    /// Ends every session, tells every client, and takes nobody any more. It is over when `nextTransmission` gives
    /// nothing.
    public mutating func close(reason: String, at now: Moment) {
        isClosing = true
        let farewell = Refusal(.success, reason)
        for slot in sessions.indices {
            finish(slot, Closing(farewell, byPeer: false), saying: Disconnect(farewell), at: now)
        }
    }
}
