import SpatioSession
import SpatioWire

extension SpaceServer {
    /// Answers to one PEER_DISCOVER; who wants more asks again from elsewhere.
    static let announcementLimit = 64
    /// Octets of what a peer says of itself: addresses and groups, not a book.
    static let announcementOctets = 4096

    /// A client looks for peers: every one that matches is announced to it, the server among them.
    mutating func discover(_ config: PeerConfig, from handle: SessionHandle) {
        guard let session = sessions[handle] else { return }
        guard config.peerID == session.clientID else {
            return fault(handle, .unauthorized, "a peer speaks for itself only")
        }
        guard Payload.peerDiscover(config).encoded().count <= Self.announcementOctets else {
            return fault(handle, .storageFull, "a peer says too much of itself")
        }
        guard sessions[handle]?.queries.take(at: now.monotonic) ?? false else {
            return fault(handle, .rateLimited, "too many requests")
        }
        sessions[handle]?.peer = config
        let roles = config.capabilities.roles
        if roles.isEmpty || roles.contains(.server) {
            send(.peerAnnounce(ownAnnouncement(for: session)), .control, to: handle)
        }
        let found = others(than: handle).filter { other in
            guard let announced = sessions[other]?.announced?.peer else { return false }
            return (roles.isEmpty || !Set(roles).isDisjoint(with: announced.capabilities.roles))
                && isNear(handle, other, within: Double(config.capabilities.spatialRange))
        }
        for other in found.prefix(Self.announcementLimit) {
            if let announced = sessions[other]?.announced { send(.peerAnnounce(announced), .control, to: handle) }
        }
    }

    private func ownAnnouncement(for session: Session) -> PeerAnnounce {
        PeerAnnounce(
            peer: PeerConfig(
                peerID: serverID,
                capabilities: PeerCapabilities(
                    spatialRange: 0, maxConnections: UInt16(clamping: plan.limits.sessions),
                    bandwidth: plan.flow.rateLimit, roles: [.server, .relay]),
                discoveryMode: .rendezvous(servers: plan.endpoints), relayConfig: plan.relays.first),
            endpoints: plan.endpoints, groups: session.spaces.flatMap { spaces[$0].plan.groups })
    }

    /// Whether two are near each other in one of their spaces. 0: anywhere; of whom no place is known, it is not known
    /// that he is far.
    private func isNear(_ first: SessionHandle, _ second: SessionHandle, within range: Double) -> Bool {
        guard range > 0, let session = sessions[first] else { return true }
        var isFar = false
        for number in session.spaces {
            guard let here = position(of: first, in: number), let there = position(of: second, in: number),
                let distance = here.distance(to: there, in: spaces[number].coordinates)
            else { continue }
            if distance <= range { return true }
            isFar = true
        }
        return !isFar
    }

    /// A peer says what it is and in which groups; those who looked for peers or are some themselves are told.
    mutating func take(_ announce: PeerAnnounce, from handle: SessionHandle) {
        guard let session = sessions[handle] else { return }
        guard announce.peer.peerID == session.clientID else {
            return fault(handle, .unauthorized, "a peer speaks for itself only")
        }
        guard takeBroadcast(handle) else { return }
        var kept = announce
        kept.groups = join(announce.groups, handle)
        // The groups are the plan's own, and those count nothing.
        guard
            Payload.peerAnnounce(PeerAnnounce(peer: kept.peer, endpoints: kept.endpoints)).encoded().count
                <= Self.announcementOctets
        else { return fault(handle, .storageFull, "a peer says too much of itself") }
        sessions[handle]?.peer = kept.peer
        sessions[handle]?.announced = kept
        for other in peers(besides: handle) { send(.peerAnnounce(kept), .control, to: other) }
    }

    mutating func take(_ leave: PeerLeave, from handle: SessionHandle) {
        guard let session = sessions[handle] else { return }
        guard leave.peerID == session.clientID else {
            return fault(handle, .unauthorized, "a peer speaks for itself only")
        }
        guard takeBroadcast(handle) else { return }
        tellLeave(of: session, leave.code, String(leave.reason.prefix(Self.reasonLimit)))
        _ = join([], handle)
        sessions[handle]?.peer = nil
        sessions[handle]?.announced = nil
    }

    /// Characters of a reason that are passed on.
    private static let reasonLimit = 200

    /// Tells the other peers that one is gone, if it ever was one.
    mutating func tellLeave(of session: Session, _ code: ErrorCode, _ reason: String) {
        guard session.announced != nil else { return }
        let leave = PeerLeave(peerID: session.clientID, code: code, reason: reason)
        for other in peers(besides: session.handle) { send(.peerLeave(leave), .control, to: other) }
    }

    private func peers(besides handle: SessionHandle) -> [SessionHandle] {
        others(than: handle).filter { sessions[$0]?.peer != nil }
    }
}
