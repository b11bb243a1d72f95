import Capture
import Glibc
import SpatioWire

/// A closed group and somebody who talks into it, a relay that falls silent, peers that vanish, and extensions that need
/// what is not there.
enum Strangers {
    private static let port: UInt16 = 7728
    private static let server = Endpoint(address: IPAddress(ipv4: 0x0A07_0009), port: port)
    private static let discovery = Endpoint(address: IPAddress(ipv4: 0xEF4D_1C01), port: port)
    private static let hallEndpoint = Endpoint(address: IPAddress(ipv4: 0xEF4D_1C14), port: port)
    private static let lidarID: UInt16 = 0x0201
    private static let cloudID: UInt16 = 0x0202
    private static let gridID: UInt16 = 0x0204
    /// Application data has a stream of its own.
    private static let stream: UInt32 = 3

    /// Somebody with one address and a conversation with each of several others.
    private final class Somebody {
        let network: Network
        let name: String
        let id: UUID
        let endpoint: Endpoint
        var roles: [PeerRole] = [.participant]
        private var ends: [Endpoint: End] = [:]

        init(_ network: Network, _ name: String, _ endpoint: Endpoint) {
            self.network = network
            self.name = name
            self.endpoint = endpoint
            id = network.generator.uuid()
            network.keep(self)
            network.attach(endpoint, distance: Int64(network.generator.number(0.3e6...3e6)))
        }

        func end(to remote: Endpoint) -> End {
            if let known = ends[remote] { return known }
            let end = End(
                network, local: endpoint, remote: remote,
                direction: endpoint == Strangers.server ? .server : .client)
            end.flags = .checksum
            ends[remote] = end
            return end
        }

        var config: PeerConfig {
            PeerConfig(
                peerID: id,
                capabilities: PeerCapabilities(
                    spatialRange: 40, maxConnections: 16, bandwidth: 250_000, roles: roles),
                discoveryMode: roles.contains(.server)
                    ? .broadcast : .rendezvous(servers: [Strangers.server.description]),
                relayConfig: roles.contains(.relay)
                    ? RelayConfig(relayID: id, endpoint: endpoint.description, ttl: 3) : nil)
        }

        func announce(_ groups: [MulticastGroup] = []) {
            end(to: Strangers.discovery).send(
                .peerAnnounce(PeerAnnounce(peer: config, endpoints: [endpoint.description], groups: groups)))
        }
    }

    /// Somebody with a client's port.
    private static func somebody(_ network: Network, _ name: String, _ number: UInt32) -> Somebody {
        Somebody(
            network, name, Endpoint(address: IPAddress(ipv4: 0x0A07_0800 + number), port: 41_000 + UInt16(number)))
    }

    static func play(_ network: Network) {
        let host = Somebody(network, "hall-server", server)
        host.roles = [.server]
        let alice = somebody(network, "alice", 1)
        let bob = somebody(network, "bob", 2)
        let chloe = somebody(network, "chloe", 3)
        let hall = MulticastGroup(
            groupID: network.generator.uuid(), spatialBounds: .sphere(center: Vector3(0, 0, 1), radius: 25), ttl: 2,
            qos: QualityOfService(
                reliable: false, ordered: true, priority: .high,
                flow: FlowControl(windowSize: 16_384, rateLimit: 50_000, congestionThreshold: 0.05)),
            accessControl: AccessControl(mode: .list, members: [alice, bob, chloe].map(\.id)),
            endpoint: hallEndpoint.description)
        host.announce([hall])
        network.every(2) {
            host.announce([hall])
            return network.left > 1
        }
        connect(alice, host, hall, network, after: 0.2)
        connect(bob, host, hall, network, after: 0.5)
        let space = network.generator.uuid()
        talk(alice, into: hall.groupID, of: space, network, from: 1, until: network.end)
        talk(bob, into: hall.groupID, of: space, network, from: 1.1, until: network.end)
        intrude(into: hall, space, network)
        vanish(network)
        relay(alice, network)
        extend(alice, bob, network)
        network.plan(at: network.end - 600_000_000) {
            bob.end(to: discovery).send(
                .peerLeave(PeerLeave(peerID: bob.id, code: .timeout, reason: "the battery is empty")))
        }
        network.run()
    }

    /// A handshake that tells of the group.
    private static func connect(
        _ client: Somebody, _ host: Somebody, _ hall: MulticastGroup, _ network: Network, after delay: Double
    ) {
        let offers = [ExtensionID.manifest, lidarID].map {
            ExtensionOffer(extensionID: $0, version: SemanticVersion(1, 0, 0))
        }
        let config = ConnectionConfig(capabilities: [])
        let session = network.generator.uuid()
        network.plan(in: delay) {
            client.end(to: server).send(
                .connect(
                    Connect(
                        config: config, clientID: client.id, role: .participant, name: client.name, extensions: offers))
            )
        }
        network.plan(in: delay + 0.02) {
            host.end(to: client.endpoint).send(
                .connectAck(
                    ConnectAck(
                        code: .success, sessionID: session, serverID: host.id, config: config,
                        flow: FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: 0.1), spaces: [],
                        groups: [hall], extensions: Array(offers.prefix(1)))))
        }
    }

    /// Tells a group four times a second where it is.
    private static func talk(
        _ who: Somebody, into group: UUID, of space: UUID, _ network: Network, from start: Double, until end: Int64
    ) {
        // Round the middle of the hall at 1.5 m/s, each from a place of their own.
        let phase = Double(who.endpoint.port)
        network.every(0.25) {
            guard network.left > 0.8, network.now < end else { return false }
            guard network.elapsed > start else { return true }
            let angle = phase + network.elapsed / 4
            let place = Vector3(6 * cos(angle), 6 * sin(angle), 0)
            who.end(to: hallEndpoint).send(
                .spatialUpdate(SpatialUpdate(updates: [EntityUpdate(entityID: who.id, kind: 3, position: place)])),
                End.Form(
                    stream: 1,
                    address: SpatialAddress(
                        spaceID: space, position: place, precision: 0.2, confidence: 1,
                        timestamp: network.milliseconds),
                    multicast: MulticastForm(groupID: group, routing: .flood)))
            return true
        }
    }

    /// Talks into a group whose list does not have it, and into one that nobody has announced; says late who it is.
    private static func intrude(into hall: MulticastGroup, _ space: UUID, _ network: Network) {
        let mallory = somebody(network, "mallory", 66)
        talk(mallory, into: hall.groupID, of: space, network, from: 2, until: network.end)
        talk(mallory, into: network.generator.uuid(), of: space, network, from: 2.5, until: network.end)
        network.plan(in: 3.2) { mallory.announce() }
    }

    /// Announces itself every half second, and then is never heard again.
    private static func vanish(_ network: Network) {
        let drifter = somebody(network, "drifter", 7)
        network.plan(in: 0.1) { drifter.end(to: discovery).send(.peerDiscover(drifter.config)) }
        network.every(0.5) {
            drifter.announce()
            return network.elapsed < min(3, network.left)
        }
    }

    /// A relay that passes two messages on, refuses what is none, and then answers nothing any more.
    private static func relay(_ alice: Somebody, _ network: Network) {
        let ronny = Somebody(network, "ronny", Endpoint(address: IPAddress(ipv4: 0x0A07_0808), port: port))
        ronny.roles = [.participant, .relay]
        let target = somebody(network, "far", 9)
        network.plan(in: 0.3) { ronny.announce() }
        var number: UInt32 = 0
        network.every(0.7) {
            guard network.left > 0.5 else { return false }
            number += 1
            let inner = Message(
                header: MessageHeader(
                    type: .ping, flags: .checksum, streamID: 0, sequence: number - 1, timestamp: network.microseconds),
                body: .payload(.ping(Ping(pingID: number))))
            let isMessage = number != 3
            alice.end(to: ronny.endpoint).send(
                .relayRequest(
                    RelayRequest(
                        requestID: number, source: alice.id, target: target.id, ttl: 2,
                        payload: isMessage ? inner.encoded() : Array("no message".utf8))))
            guard number <= 3 else { return true }
            let request = number
            network.plan(in: 0.03 * Double(number)) {
                ronny.end(to: alice.endpoint).send(
                    .relayResponse(
                        RelayResponse(
                            requestID: request, code: isMessage ? .success : ErrorCode(rawValue: 0x02),
                            relayID: ronny.id, hops: isMessage ? 2 : 0)))
            }
            return true
        }
    }

    // MARK: Extensions

    private static func manifest(
        _ id: UInt16, _ name: String, _ version: SemanticVersion, status: ExtensionStatus,
        needs: [(UInt16, SemanticVersion)] = [], _ schema: [SchemaField]? = nil
    ) -> Payload {
        let manifest = ExtensionManifest(
            id: id, name: name, type: .application, version: version, status: status,
            dependencies: needs.map { ExtensionOffer(extensionID: $0.0, version: $0.1) }, schema: schema)
        return .extension(ExtensionHeader(extensionID: ExtensionID.manifest, data: manifest.encoded()))
    }

    /// A lidar that needs what comes later, then is registered anew with other fields, of which its data knows nothing;
    /// and a grid that is given up.
    private static func extend(_ alice: Somebody, _ bob: Somebody, _ network: Network) {
        let form = End.Form(stream: stream)
        let range = SchemaField("range", .float)
        network.plan(in: 0.9) {
            let end = alice.end(to: server)
            end.send(
                manifest(
                    lidarID, "lidar", SemanticVersion(1, 0, 0), status: .beta,
                    needs: [(cloudID, SemanticVersion(1, 0, 0))], [range]), form)
            end.send(manifest(gridID, "old-grid", SemanticVersion(0, 9, 0), status: .deprecated), form)
        }
        network.plan(in: 2) {
            bob.end(to: server).send(
                manifest(
                    cloudID, "point-cloud", SemanticVersion(1, 1, 0), status: .stable,
                    [SchemaField("points", .bytes)]), form)
        }
        network.plan(in: 3) {
            alice.end(to: server).send(
                manifest(
                    lidarID, "lidar", SemanticVersion(1, 1, 0), status: .beta,
                    needs: [(cloudID, SemanticVersion(2, 0, 0)), (0x0203, SemanticVersion(1, 0, 0))],
                    [range, SchemaField("at", .vector3)]), form)
        }
        network.every(0.4) {
            guard network.left > 0.5 else { return false }
            guard network.elapsed > 1 else { return true }
            var writer = WireWriter()
            Value.float(network.generator.number(0.2...30)).encodeUntagged(into: &writer)
            alice.end(to: server).send(.extension(ExtensionHeader(extensionID: lidarID, data: writer.octets)), form)
            bob.end(to: server).send(
                .extension(ExtensionHeader(extensionID: gridID, data: network.generator.octets(6))), form)
            return true
        }
    }
}
