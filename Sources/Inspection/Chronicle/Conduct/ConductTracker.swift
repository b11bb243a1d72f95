import SpatioSession
import SpatioWire

/// Finds what peers do that they should not: credentials refused or in clear, replays, too much traffic.
struct ConductTracker {
    private var credentials = CredentialWatch()
    private var replays = ReplayWatch()
    private var rates = RateWatch()

    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model
    ) {
        guard let session = outcome.session, let direction = outcome.direction, let stream = outcome.stream,
            let header = outcome.header
        else { return }
        let sender = Sender(session: session, direction: direction, stream: stream)
        rates.take(sender, arrival, &outcome, model)
        replays.take(sender, header, arrival, &outcome)
        credentials.take(sender, header, arrival, &outcome, model)
    }
}

/// Who sent a message.
struct Sender {
    /// Index in the model.
    let session: Int
    let direction: Direction
    /// Index in the model.
    let stream: Int

    /// A number of its own for each end of a session.
    var end: Int { session * 2 + Int(direction.rawValue) }
}
