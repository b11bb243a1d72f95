import Capture
import SpatioSession
import SpatioWire

/// Follows the messages that write the peer chronicle.
struct PeerTracker {
    /// A RELAY_REQUEST that waits for its answer: that of the other side of the session with the same number.
    private struct RequestKey: Hashable {
        var session: Int
        var side: Direction
        var requestID: UInt32
    }

    private struct Waiting {
        var leg: Int
        var request: Int?
        var asked: Moment
    }

    /// Requests that wait at a time; whoever has more does not get answers.
    private static let waitingLimit = 4_096
    /// Nanoseconds after which nobody waits any more, where room is needed.
    private static let patience: Int64 = 60_000_000_000

    private var waiting: [RequestKey: Waiting] = [:]
    /// Requests that were refused a place since it was looked for room.
    private var refused = 0

    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout PeerChronicle
    ) {
        guard let header = outcome.header, outcome.payload != nil || header.flags.contains(.multicast),
            let source = PeerSource(arrival, outcome, model)
        else { return }
        if let payload = outcome.payload { take(payload, source, arrival, model, &chronicle) }
        // The envelope of the few messages that go to a group is read once more, rather than kept of all.
        if header.flags.contains(.multicast), let form = (try? Envelope.decode(arrival.octets))?.multicast {
            chronicle.send(
                to: form.groupID, source, number: arrival.number, time: arrival.time, octets: outcome.size)
        }
    }

    private mutating func take(
        _ payload: Payload, _ source: PeerSource, _ arrival: borrowing MessageArrival, _ model: borrowing Model,
        _ chronicle: inout PeerChronicle
    ) {
        let (number, time) = (arrival.number, arrival.time)
        switch payload {
        case .connect(let connect):
            chronicle.identities.claim(source, connect.clientID, number: number, isCertain: true)
            chronicle.tie(
                connect.clientID, session: source.session, side: source.direction, role: connect.role,
                name: connect.name, number: number, time: time)
        case .connectAck(let ack):
            guard ack.code == .success else { return }
            chronicle.identities.claim(source, ack.serverID, number: number, isCertain: true)
            chronicle.tie(
                ack.serverID, session: source.session, side: source.direction, role: .server, name: "",
                number: number, time: time)
            chronicle.announce(
                ack.groups, by: ack.serverID, isPeer: false, to: Self.other(source, arrival, model), number: number,
                time: time)
        case .peerDiscover(let config):
            chronicle.identities.claim(source, config.peerID, number: number, isCertain: true)
            chronicle.search(config, number: number, time: time)
        case .peerAnnounce(let announce):
            let isOwn = source.endpoint.map { endpoint in
                announce.endpoints.contains { Endpoint(parsing: $0) == endpoint }
            }
            chronicle.identities.claim(source, announce.peer.peerID, number: number, isCertain: isOwn ?? false)
            chronicle.announce(announce, number: number, time: time)
            chronicle.announce(
                announce.groups, by: announce.peer.peerID, isPeer: true, to: nil, number: number, time: time)
        case .peerLeave(let leave): chronicle.leave(leave, number: number, time: time)
        case .relayRequest(let request):
            let receiver = Self.other(source, arrival, model)
            guard let (leg, place) = chronicle.relay(request, from: source, to: receiver, number: number, time: time)
            else { return }
            wait(
                for: RequestKey(session: source.session, side: source.direction, requestID: request.requestID),
                Waiting(leg: leg, request: place, asked: Moment(message: number, time: time)))
        case .relayResponse(let response):
            let key = RequestKey(
                session: source.session, side: source.direction.opposite, requestID: response.requestID)
            guard let waited = waiting.removeValue(forKey: key) else { return }
            chronicle.answer(
                response, leg: waited.leg, request: waited.request, asked: waited.asked, number: number, time: time)
        default: break
        }
    }

    /// The other end of the conversation.
    private static func other(
        _ source: PeerSource, _ arrival: borrowing MessageArrival, _ model: borrowing Model
    ) -> PeerSource {
        let flow = model.flows[arrival.flow]
        return PeerSource(
            session: source.session, direction: source.direction.opposite,
            endpoint: source.endpoint == nil ? nil : arrival.isForward ? flow.second : flow.first)
    }

    private mutating func wait(for key: RequestKey, _ request: Waiting) {
        if waiting.count >= Self.waitingLimit, waiting[key] == nil {
            // Looking for room takes as long as so many refusals.
            refused += 1
            guard refused % Self.waitingLimit == 1 else { return }
            waiting = waiting.filter {
                request.asked.time.subtractingReportingOverflow($0.value.asked.time).partialValue < Self.patience
            }
            guard waiting.count < Self.waitingLimit else { return }
        }
        waiting[key] = request
    }
}
