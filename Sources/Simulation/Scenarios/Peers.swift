import Capture
import SpatioWire

/// Peers without a server: they find and announce each other by multicast, talk in groups, and reach one of them
/// through a relay only.
enum Peers {
    private static let port: UInt16 = 7728
    private static let discovery = [
        Endpoint(address: IPAddress(ipv4: 0xEF4D_1C01), port: port),
        Endpoint(address: IPAddress(high: 0xFF15_0000_0000_0000, low: 0x7728), port: port),
    ]
    private static let groupEndpoint = Endpoint(address: IPAddress(ipv4: 0xEF4D_1C09), port: port)
    /// One of them is the relay, and the last one has IPv6 only.
    private static let count = 6
    private static let relay = 3

    /// Somebody who speaks to several others, with sequences of its own towards each.
    private final class Peer {
        let network: Network
        let index: Int
        let id: UUID
        let endpoint: Endpoint
        private var ends: [Endpoint: End] = [:]

        init(_ network: Network, _ index: Int, id: UUID) {
            self.network = network
            self.index = index
            self.id = id
            let isIPv6 = index == count - 1
            endpoint = Endpoint(
                address: isIPv6 ? Self.ipv6(index) : IPAddress(ipv4: UInt32(0x0A07_0501 + index)), port: port)
            network.keep(self)
            network.attach(endpoint, distance: Int64(network.generator.number(0.3e6...4e6)))
        }

        /// Speaks from the address that has the other's IP version.
        func end(to remote: Endpoint) -> End {
            if let known = ends[remote] { return known }
            let isBridge = remote.address.isIPv4 != endpoint.address.isIPv4
            let local = isBridge ? Endpoint(address: Self.ipv6(index), port: port) : endpoint
            let end = End(network, local: local, remote: remote, direction: .client)
            end.flags = .checksum
            ends[remote] = end
            return end
        }

        private static func ipv6(_ index: Int) -> IPAddress {
            IPAddress(high: 0xFD07_0000_0000_0000, low: UInt64(0x5_0001 + index))
        }

        /// The group that all of its family listen to.
        var meeting: End { end(to: endpoint.address.isIPv4 ? discovery[0] : discovery[1]) }

        func config() -> PeerConfig {
            let modes: [DiscoveryMode] = [
                .broadcast, .dht(bootstrap: ["10.7.5.1:7728", "[fd07::5:6]:7728"]),
                .rendezvous(servers: ["10.7.0.1:7728"]), .manual(peers: ["10.7.5.1:7728", "10.7.5.2:7728"]),
            ]
            let isRelay = index == relay
            return PeerConfig(
                peerID: id,
                capabilities: PeerCapabilities(
                    spatialRange: Float(20 + 10 * index), maxConnections: UInt16(8 << (index % 3)), bandwidth: 500_000,
                    roles: isRelay ? [.participant, .relay] : [.participant]),
                discoveryMode: modes[index % modes.count],
                relayConfig: isRelay ? RelayConfig(relayID: id, endpoint: endpoint.description, ttl: 4) : nil)
        }
    }

    static func play(_ network: Network) {
        let area = Plaza.area
        let walkers = (0..<count).map { index in
            Walker(
                name: Plaza.name(index), kindName: "peer", kind: 3, speed: 1.3, area: area,
                generator: &network.generator)
        }
        let crowd = Crowd(network, walkers)
        let peers = walkers.enumerated().map { Peer(network, $0.offset, id: $0.element.id) }
        let spaceID = network.generator.uuid()
        let group = MulticastGroup(
            groupID: network.generator.uuid(), spatialBounds: area.volume, ttl: 3,
            qos: QualityOfService(
                reliable: false, ordered: false, priority: .medium,
                flow: FlowControl(windowSize: 32_768, rateLimit: 100_000, congestionThreshold: 0.1)),
            accessControl: AccessControl(mode: .list, members: peers.prefix(4).map(\.id)),
            endpoint: groupEndpoint.description)
        for peer in peers { network.plan(in: 0.2 + 0.35 * Double(peer.index)) { join(peer, peers, group, network) } }
        for peer in peers.prefix(4) { speak(peer, crowd, peers, group, spaceID, network) }
        planRelaying(peers, network)
        network.run()
    }

    /// Looks for others; who is there already announces itself, and so does the new one from then on.
    private static func join(_ peer: Peer, _ peers: [Peer], _ group: MulticastGroup, _ network: Network) {
        peer.meeting.send(.peerDiscover(peer.config()))
        for other in peers where other.index < peer.index {
            network.plan(in: network.generator.number(0.02...0.1)) { announce(other, group) }
        }
        network.every(3) {
            guard network.left > 1 else { return false }
            announce(peer, group)
            return true
        }
        network.plan(at: network.end - Int64((0.9 - 0.1 * Double(peer.index)) * 1e9)) {
            peer.meeting.send(.peerLeave(PeerLeave(peerID: peer.id, code: .success, reason: "going home")))
        }
    }

    private static func announce(_ peer: Peer, _ group: MulticastGroup) {
        peer.meeting.send(
            .peerAnnounce(
                PeerAnnounce(
                    peer: peer.config(), endpoints: [peer.endpoint.description], groups: peer.index == 0 ? [group] : [])
            ))
    }

    /// Tells the group where it is, each peer by another routing.
    private static func speak(
        _ peer: Peer, _ crowd: Crowd, _ peers: [Peer], _ group: MulticastGroup, _ spaceID: UUID, _ network: Network
    ) {
        network.every(0.2) {
            guard network.left > 1 else { return false }
            guard network.elapsed > 1 + 0.35 * Double(peer.index) else { return true }
            let update = crowd.update(peer.index)
            let routing: RoutingStrategy
            switch peer.index % 4 {
            case 0: routing = .flood
            case 1: routing = .spatial(.sphere(center: update.position, radius: 15))
            case 2: routing = .selective(peers: [peers[0].id, peers[1].id])
            default: routing = .gradient(origin: update.position, falloff: 12)
            }
            peer.end(to: groupEndpoint).send(
                .spatialUpdate(SpatialUpdate(updates: [update])),
                End.Form(
                    stream: 1,
                    address: SpatialAddress(
                        spaceID: spaceID, position: update.position, precision: 0.1, confidence: 0.9,
                        timestamp: network.milliseconds),
                    multicast: MulticastForm(groupID: group.groupID, routing: routing)))
            return true
        }
    }

    /// The first peer reaches the last one, who has another IP version, through the relay.
    private static func planRelaying(_ peers: [Peer], _ network: Network) {
        var number: UInt32 = 0
        let (source, target, relay) = (peers[0], peers[count - 1], peers[relay])
        network.every(2.2) {
            guard network.left > 1.5 else { return false }
            number += 1
            // Every third one has no hop left when it comes to the relay.
            let ttl: UInt8 = number % 3 == 0 ? 0 : 4
            let inner = Message(
                header: MessageHeader(
                    type: .custom, flags: .checksum, streamID: 9, sequence: number - 1, timestamp: network.microseconds),
                body: .payload(.custom(type: 7, data: Array("hello \(number)".utf8))))
            var request = RelayRequest(
                requestID: number, source: source.id, target: target.id, ttl: ttl, payload: inner.encoded())
            source.end(to: relay.endpoint).send(.relayRequest(request))
            let answered = number
            network.plan(in: 0.02) {
                if ttl > 0 {
                    request.ttl -= 1
                    relay.end(to: target.endpoint).send(.relayRequest(request))
                }
                relay.end(to: source.endpoint).send(
                    .relayResponse(
                        RelayResponse(
                            requestID: answered, code: ttl > 0 ? .success : ErrorCode(rawValue: 0x34),
                            relayID: relay.id,
                            hops: ttl > 0 ? 1 : 0)))
            }
            return true
        }
    }
}
