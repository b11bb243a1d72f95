import SpatioSession
import SpatioWire

/// One simulated application: it acts on a client's session as its habits are, and comes back when that has ended.
///
/// It does no I/O. Who runs it makes a `Client` of `configuration`, hands over each of its events, calls `act` every
/// `interval` while the session lasts, and makes another client when `returnsAt` has come.
package struct Participant: Sendable {
    /// Who it is and what it asks for.
    package let configuration: ClientConfiguration
    /// Nanoseconds between two calls of `act`, at most.
    package let interval: Int64
    /// What it is for everybody who tells his position less often.
    static let longestInterval: Int64 = 50_000_000
    /// Asked for every datagram in both directions; nil: nothing is lost.
    package var network: LossyNetwork?
    /// It has left, or was sent away, and joins again at this time, monotonic nanoseconds.
    package private(set) var returnsAt: Int64?

    private var presence: Presence
    /// As they are at the beginning of each session.
    private let habits: [any Habit]
    private var engagements: [Engagement] = []

    /// A habit, and when it is due.
    private struct Engagement: Sendable {
        var habit: any Habit
        var due: Int64
    }

    /// Nanoseconds after a session that ended without its will.
    private static let patience: Int64 = 2_000_000_000

    /// - Parameter rate: how often it tells its position, per second.
    init(_ configuration: ClientConfiguration, _ presence: Presence, rate: Double, habits: [any Habit]) {
        self.configuration = configuration
        self.presence = presence
        self.habits = [Telling(interval: 1 / rate)] + habits
        interval = min(Self.nanoseconds(1 / rate), Self.longestInterval)
    }

    package mutating func handle(_ event: ClientEvent, _ client: inout Client, at now: Moment) {
        switch event {
        case .ready:
            returnsAt = nil
            presence.join(at: now)
            engagements = habits.map { Engagement(habit: $0, due: now.monotonic + Self.nanoseconds($0.delay)) }
        case .message(let message):
            guard case .payload(let payload) = message.body else { return }
            presence.learn(payload, at: now)
            for index in engagements.indices { engagements[index].habit.hear(payload, &presence) }
            speak(&client, at: now)
        case .closed:
            engagements = []
            returnsAt = now.monotonic + (presence.absence.map(Self.nanoseconds) ?? Self.patience)
        case .accepted, .keys, .dropped, .roundTrip: break
        }
    }

    /// Moves it on to now, and lets it do what is due.
    package mutating func act(_ client: inout Client, at now: Moment) {
        guard client.state == .ready else { return }
        presence.advance(to: now)
        // A call that comes a little early counts: the next one would be late by a whole interval.
        let soon = now.monotonic + interval / 2
        for index in engagements.indices where engagements[index].due <= soon {
            let wait = Self.nanoseconds(engagements[index].habit.act(&presence))
            let planned = engagements[index].due.addingReportingOverflow(wait)
            // What was not done while the program stood still is not made up for.
            engagements[index].due = planned.overflow ? .max : max(planned.partialValue, now.monotonic)
        }
        speak(&client, at: now)
        if presence.absence != nil { client.disconnect(reason: "see you later", at: now) }
    }

    private mutating func speak(_ client: inout Client, at now: Moment) {
        for (payload, delivery) in presence.takeSaid() {
            do throws(SessionError) {
                try client.send(payload, delivery, at: now)
            } catch {
                // Too much waits already: what is said next is newer. The session tells everything else itself.
                return
            }
        }
    }

    private static func nanoseconds(_ seconds: Double) -> Int64 {
        seconds.isFinite ? Int64(seconds * 1e9) : .max
    }
}
