import Capture
import SpatioSession
import SpatioWire

/// A small plaza in which everything goes wrong: malformed messages of every reason, versions that do not follow each
/// other, impossible motion, failed authentication, and traffic that is not Spatio at all.
enum Broken {
    static func play(_ network: Network, _ report: inout SimulationReport) {
        let world = PlazaWorld(network, walkers: 5, clients: 3) { index, profile in
            profile.securityLevel = index == 0 ? .sign : .none
        }
        let (signed, plain, other) = (world.visitors[0], world.visitors[1], world.visitors[2])
        let stranger = Endpoint(address: IPAddress(ipv4: 0x0A07_0606), port: 40_700)

        network.plan(atShare: 0.15) { sendMalformed(from: stranger, to: world.server, network) }
        network.plan(atShare: 0.30) { breakSignature(signed) }
        network.plan(atShare: 0.35) { sendUnknownTypes(plain) }
        network.plan(atShare: 0.40) { breakVersions(world, network) }
        network.plan(atShare: 0.50) { moveImpossibly(plain, world, network) }
        network.plan(atShare: 0.55) { askInVain(other, network) }
        network.plan(atShare: 0.60) { failToAuthenticate(world.server, network) }
        network.plan(atShare: 0.65) { replay(plain, network) }
        network.plan(atShare: 0.70) { tellWrongTime(world.server, network) }
        network.plan(atShare: 0.05) { talkOfOtherThings(network) }
        network.run()
        report.keyLog = world.server.keyLog.map { $0 + "\n" }.joined()
        world.server.state.write(name: world.server.space.name, into: &report)
    }

    /// Each from a port of its own, so that no two are of one stream.
    private static func sendMalformed(from stranger: Endpoint, to server: SpaceServer, _ network: Network) {
        let samples = Malformations.samples(
            spaceID: server.space.spaceID, at: network.microseconds, &network.generator)
        for (index, sample) in samples.enumerated() {
            let source = Endpoint(address: stranger.address, port: stranger.port + UInt16(index))
            network.recorder.record(
                Frames.udp(from: source, to: server.endpoints[0], sample.octets),
                at: network.now + Int64(index) * 50_000_000, from: source, to: server.endpoints[0], sample.messages,
                malformed: 1)
        }
    }

    /// A message signed with a key that is not the session's.
    private static func breakSignature(_ visitor: Visitor) {
        let right = visitor.end.protection
        visitor.end.protection = .sign(SessionKeys(secret: [UInt8](repeating: 1, count: 32), suite: .aes256GCM))
        visitor.end.ping()
        visitor.end.protection = right
    }

    private static func sendUnknownTypes(_ visitor: Visitor) {
        for type: UInt8 in [0x05, 0x77, 0xEE] {
            visitor.end.post(.payload(.unknown([type, 1, 2, 3])), type: MessageType(rawValue: type))
        }
    }

    /// A version that nobody gets, one that comes again, and two of one number that say different things.
    private static func breakVersions(_ world: PlazaWorld, _ network: Network) {
        let server = world.server
        let id = server.state.entityIDs[0]
        func change(_ score: Int64) -> StateSync {
            server.state.change(.modified, id, [StateField("score", .int(score))], at: network.milliseconds)
        }
        _ = change(100)
        let late = change(101)
        server.publish(late)
        server.publish(change(102))
        network.plan(in: 0.05) {
            var stale = late
            stale.timestamp = network.milliseconds
            for session in server.participants.prefix(1) {
                session.end.send(.stateSync(stale), End.Form(stream: 2, flags: [.ordered]))
            }
        }
        network.plan(in: 0.2) {
            let truth = change(110)
            for (index, session) in server.participants.enumerated() {
                var told = truth
                if index == 1 { told.entries[0].fields = [StateField("score", .int(999))] }
                session.end.send(
                    .deltaUpdate(DeltaUpdate(baseVersion: told.version - 1, sync: told)),
                    End.Form(stream: 2, flags: [.ordered]))
            }
        }
        network.plan(in: 0.4) { server.publish(change(111)) }
    }

    /// Faster than anybody is, out of the space, and turned by something that is no rotation.
    private static func moveImpossibly(_ visitor: Visitor, _ world: PlazaWorld, _ network: Network) {
        let index = visitor.profile.entities[0]
        let changes: [(inout EntityUpdate) -> Void] = [
            { $0.position.x += $0.position.x > 0 ? -25 : 25 },
            { $0.position = Vector3(500, 400, 0) },
            { $0.orientation = Quaternion(0, 0, 0.5, 2) },
        ]
        for (number, change) in changes.enumerated() {
            network.plan(in: 0.3 * Double(number)) {
                var update = world.crowd.update(index)
                change(&update)
                visitor.end.send(
                    .spatialUpdate(SpatialUpdate(updates: [update])), End.Form(stream: 1, address: visitor.address()))
            }
        }
    }

    /// The server never gets the question.
    private static func askInVain(_ visitor: Visitor, _ network: Network) {
        let query = SpatialQuery(
            queryID: 9000, parameters: .radius(center: visitor.position, radius: 5), maxResults: 4, timeout: 200)
        visitor.end.show(.spatialQuery(query), End.Form(stream: 1, address: visitor.address()))
    }

    /// A token in clear text, refused twice.
    private static func failToAuthenticate(_ server: SpaceServer, _ network: Network) {
        let intruder = Endpoint(address: IPAddress(ipv4: 0x0A07_0607), port: 40_900)
        let client = End(network, local: intruder, remote: server.endpoints[0], direction: .client)
        let answer = End(network, local: server.endpoints[0], remote: intruder, direction: .server)
        let config = ConnectionConfig(capabilities: .all)
        let request = AuthRequest(
            method: .token, credentials: Array("correct horse battery staple".utf8), timestamp: network.milliseconds)
        client.show(
            .connect(
                Connect(
                    config: config, clientID: network.generator.uuid(), role: .participant, name: "mallory",
                    auth: request)))
        answer.show(
            .connectAck(
                ConnectAck(
                    code: .unauthorized, sessionID: network.generator.uuid(), serverID: server.id, config: config,
                    flow: answer.flow, reason: "token unknown")), after: 3)
        client.show(.authRequest(request), after: 20)
        answer.show(
            .authResponse(
                AuthResponse(code: ErrorCode(rawValue: 0x40), token: [], expires: 0, reason: "token unknown")),
            after: 23)
        answer.show(
            .disconnect(
                Disconnect(category: ErrorCategory(rawValue: 5), code: .rateLimited, reason: "too many attempts")),
            after: 24)
    }

    /// The same datagram again, seconds later.
    private static func replay(_ visitor: Visitor, _ network: Network) {
        let once = visitor.end.show(.customNote("open the door"), End.Form(stream: 9, flags: .checksum))
        network.show(once.octets, [once], from: visitor.end.local, to: visitor.end.remote, after: 2000)
    }

    /// A clock that is an hour slow.
    private static func tellWrongTime(_ server: SpaceServer, _ network: Network) {
        let source = Endpoint(address: IPAddress(ipv4: 0x0A07_0608), port: 40_901)
        for number in 0..<5 {
            let message = Message(
                header: MessageHeader(
                    type: .ping, streamID: 0, sequence: UInt32(number),
                    timestamp: network.microseconds + UInt64(number) * 200_000 - 3_600_000_000),
                body: .payload(.ping(Ping(pingID: UInt32(number)))))
            let outgoing = Outgoing(plain: message, octets: message.encoded())
            network.show(outgoing.octets, [outgoing], from: source, to: server.endpoints[0], after: number * 200)
        }
    }

    /// A name looked up, a clock asked, a log line, random octets; and Spatio on a port that is not its own.
    private static func talkOfOtherThings(_ network: Network) {
        let client = IPAddress(ipv4: 0x0A07_0101)
        func show(_ octets: [UInt8], port: UInt16, _ messages: [Outgoing] = [], after milliseconds: Int) {
            network.show(
                octets, messages, from: Endpoint(address: client, port: 50_000 + port % 1000),
                to: Endpoint(address: IPAddress(ipv4: 0x0A07_0035), port: port), after: milliseconds)
        }
        var name = WireWriter()
        for number: UInt16 in [0x1234, 0x0100, 1, 0, 0, 0] { name.u16(number) }
        name.octets += [5] + Array("plaza".utf8) + [7] + Array("example".utf8) + [0, 0, 1, 0, 1]
        show(name.octets, port: 53, after: 0)
        show([0x23] + [UInt8](repeating: 0, count: 47), port: 123, after: 10)
        show(Array("<13>Nov 22 12:00:00 plaza demo: nothing to see here".utf8), port: 514, after: 20)
        for index in 0..<4 { show(network.generator.octets(60), port: 9999, after: 30 + index) }
        for index in 0..<3 {
            let message = Message(
                header: MessageHeader(
                    type: .ping, flags: .checksum, streamID: 0, sequence: UInt32(index),
                    timestamp: network.microseconds + 100_000), body: .payload(.ping(Ping(pingID: UInt32(index)))))
            let octets = message.encoded()
            show(octets, port: 5555, [Outgoing(plain: message, octets: octets)], after: 100 + 100 * index)
        }
    }
}

extension Payload {
    /// An application's own message with a text.
    fileprivate static func customNote(_ text: String) -> Payload { .custom(type: 1, data: Array(text.utf8)) }
}
