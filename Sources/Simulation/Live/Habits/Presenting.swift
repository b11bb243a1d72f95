import SpatioWire

/// Tells where it is.
struct Telling: Habit {
    /// Seconds.
    let interval: Double

    func act(_ presence: inout Presence) -> Double {
        presence.tellPosition()
        return interval
    }
}

/// Enters itself into the state, where it is not in there, as soon as it has been told that.
struct Introducing: Habit {
    let fields: [StateField]
    let turn: Turn

    func act(_ presence: inout Presence) -> Double {
        guard presence.isInformed else { return 0.2 }
        guard !presence.replica.knows(presence.id) else { return .infinity }
        let wait = turn.wait(at: presence.now)
        guard wait == 0 else { return wait }
        presence.write(.added, presence.id, fields)
        return .infinity
    }
}

/// Leaves after some time: takes itself out of the state, says good bye to the other peers, and is gone for a while.
struct Leaving: Habit {
    /// Seconds that it stays, and that it is away.
    let stay, absence: Double
    let turn: Turn

    var delay: Double { stay }

    func act(_ presence: inout Presence) -> Double {
        if presence.isLeaving {
            presence.absence = absence
            return .infinity
        }
        let wait = turn.wait(at: presence.now)
        guard wait == 0 else { return wait }
        presence.isLeaving = true
        if presence.replica.knows(presence.id) { presence.write(.removed, presence.id, []) }
        presence.control(.peerLeave(PeerLeave(peerID: presence.id, code: .success, reason: "gone for a coffee")))
        // So that both arrive before the session ends.
        return 1
    }
}
