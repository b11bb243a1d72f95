import SpatioWire

/// Something that a participant does again and again while its session lasts.
protocol Habit: Sendable {
    /// Seconds after joining until it is done for the first time.
    var delay: Double { get }

    /// Says what is due now.
    ///
    /// - Returns: the seconds until the next time; infinity: never again in this session.
    mutating func act(_ presence: inout Presence) -> Double

    /// Takes notice of what the server said.
    mutating func hear(_ payload: Payload, _ presence: inout Presence)
}

extension Habit {
    var delay: Double { 0 }

    mutating func hear(_ payload: Payload, _ presence: inout Presence) {}
}
