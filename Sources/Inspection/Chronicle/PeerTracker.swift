import Capture
import SpatioSession
import SpatioWire

/// Follows the messages that write the peer chronicle.
struct PeerTracker {
    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout PeerChronicle
    ) {
        guard let header = outcome.header, let source = PeerSource(arrival, outcome, model) else { return }
        if let payload = outcome.payload { take(payload, source, arrival, model, &chronicle) }
        // The envelope of the few messages that go to a group is read once more, rather than kept of all.
        if header.flags.contains(.multicast), let form = (try? Envelope.decode(arrival.octets))?.multicast {
            chronicle.send(
                to: form.groupID, source, number: arrival.number, time: arrival.time, octets: outcome.size)
        }
    }

    private func take(
        _ payload: Payload, _ source: PeerSource, _ arrival: borrowing MessageArrival, _ model: borrowing Model,
        _ chronicle: inout PeerChronicle
    ) {
        let (number, time) = (arrival.number, arrival.time)
        switch payload {
        case .connect(let connect):
            chronicle.identities.claim(source, connect.clientID, number: number, isCertain: true)
        case .connectAck(let ack):
            guard ack.code == .success else { return }
            chronicle.identities.claim(source, ack.serverID, number: number, isCertain: true)
            let flow = model.flows[arrival.flow]
            let client = PeerSource(
                session: source.session, direction: source.direction.opposite,
                endpoint: source.endpoint == nil ? nil : arrival.isForward ? flow.second : flow.first)
            chronicle.announce(
                ack.groups, by: ack.serverID, isPeer: false, to: client, number: number, time: time)
        case .peerDiscover(let config):
            chronicle.identities.claim(source, config.peerID, number: number, isCertain: true)
        case .peerAnnounce(let announce):
            let own = source.endpoint.map { endpoint in
                announce.endpoints.contains { Endpoint(parsing: $0) == endpoint }
            }
            chronicle.identities.claim(source, announce.peer.peerID, number: number, isCertain: own ?? false)
            chronicle.announce(
                announce.groups, by: announce.peer.peerID, isPeer: true, to: nil, number: number, time: time)
        default: break
        }
    }
}
