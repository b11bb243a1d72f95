import Capture
import Simulation
import SpatioSession
import SpatioWire
import Testing

@Suite struct ScenarioTests {
    private func types(_ reading: Reading) -> Set<UInt8> { Set(reading.messages.map(\.header.type.rawValue)) }

    @Test("The plaza is a busy place: about 5,000 messages of every kind that a session has") func plaza() throws {
        let (report, reading) = try play(.plaza)
        #expect((4000...7000).contains(report.messages))
        #expect(report.lost + report.duplicates + report.reordered + report.retransmits == 0)
        #expect(report.entities.count == 14)
        #expect(report.spaces.first?.conflicts ?? 0 >= 2)
        let expected: [MessageType] = [
            .connect, .connectAck, .challenge, .challengeResponse, .disconnect, .ping, .pong, .spatialUpdate,
            .spatialQuery, .spatialResponse, .boundUpdate, .regionSubscribe, .stateSync, .deltaUpdate, .conflictResolve,
        ]
        #expect(types(reading).isSuperset(of: expected.map(\.rawValue)))
        #expect(Set(reading.messages.map { $0.source.address.isIPv4 }) == [true, false])
    }

    @Test("Walkers move smoothly: never faster than anybody runs, turned by unit quaternions") func motion() throws {
        let reading = try play(.plaza, SimulationOptions(duration: 20)).reading
        var last: [UUID: (UInt64, Vector3)] = [:]
        for captured in reading.messages where captured.destination.port == Reading.port {
            guard case .payload(.spatialUpdate(let update)) = captured.message.body else { continue }
            for entity in update.updates {
                #expect(abs((entity.orientation?.length ?? 0) - 1) < 1e-5)
                if let (time, place) = last[entity.entityID] {
                    let (x, y) = (entity.position.x - place.x, entity.position.y - place.y)
                    let seconds = Double(captured.header.timestamp - time) * 1e-6
                    #expect((x * x + y * y).squareRoot() <= 2 * seconds + 0.01)
                }
                last[entity.entityID] = (captured.header.timestamp, entity.position)
            }
        }
        #expect(last.count == 8)
    }

    @Test("Every datagram of a well-formed scenario decodes to its last octet", arguments: Scenario.wellFormed, [1, 5])
    func strict(scenario: Scenario, seed: UInt64) throws {
        let (report, reading) = try play(scenario, SimulationOptions(seed: seed))
        #expect(reading.errors.isEmpty)
        #expect(report.malformed == 0)
        #expect(reading.messages.count == report.messages)
    }

    @Test("The key log opens every sealed message and verifies every signature") func sealed() throws {
        let (report, reading) = try play(.sealed)
        let log = KeyLog(parsing: Array((report.keyLog ?? "").utf8))
        #expect(log.problems.isEmpty)
        #expect(Set(log.entries.map(\.sessionID)).count == 3)
        #expect(Set(log.entries.map(\.suite)) == [.chaCha20Poly1305, .aes256GCM])
        #expect(log.entries.count { $0.epoch == 2 } == 2)
        let keys = log.entries.map(SessionKeys.init)
        var (opened, verified) = (0, 0)
        for captured in reading.messages {
            let direction: Direction = captured.source.port == Reading.port ? .server : .client
            captured.octets.withUnsafeBytes { octets in
                guard let envelope = try? Envelope.decode(octets) else { return }
                if envelope.header.flags.contains(.encrypted) {
                    let plain = keys.lazy.compactMap { $0.open(octets, envelope, from: direction) }.first
                    #expect(plain != nil)
                    opened += 1
                } else if envelope.header.flags.contains(.signed) {
                    #expect(keys.contains { $0.isSignatureValid(octets, envelope, from: direction) })
                    verified += 1
                }
            }
        }
        #expect(opened > 500)
        #expect(verified > 200)
    }

    @Test("Every state in segments comes together, whatever its compression") func segments() throws {
        let (report, reading) = try play(.segments)
        var assembler = SegmentAssembler()
        var compressions: Set<Compression> = []
        var wholes = 0
        for captured in reading.messages {
            guard let form = captured.message.data, case .segment(let octets) = captured.message.body else { continue }
            var hasher: UInt64 = 0
            for octet in "\(captured.source) \(captured.destination) \(captured.header.streamID)".utf8 {
                hasher = hasher &* 31 &+ UInt64(octet)
            }
            let whole = assembler.add(
                stream: hasher, sequence: captured.header.sequence, form: form, type: captured.header.type,
                octets: octets)
            guard let whole else { continue }
            wholes += 1
            compressions.insert(whole.compression)
            let content = try whole.compression.decompress(whole.octets, limit: WireLimits.defaultMessageSize)
            let payload = try content.withUnsafeBytes {
                try Payload.decode(captured.header.type, $0, range: 0..<content.count)
            }
            let sync: StateSync? =
                switch payload {
                case .stateSync(let sync): sync
                case .stateResponse(let response): response.sync
                default: nil
                }
            #expect(sync?.entries.count == report.spaces.first?.entities)
        }
        #expect(wholes >= 9)
        #expect(compressions == [.none, .lz4, .zstd])
        #expect(report.reordered > 5)
        #expect(assembler.counters.contradictions == 0)
        #expect(assembler.pendingSegments == 0)
    }

    @Test("Peers use multicast of both versions, all four routings and the relay") func peers() throws {
        let reading = try play(.peers).reading
        let expected: [MessageType] = [.peerDiscover, .peerAnnounce, .peerLeave, .relayRequest, .relayResponse]
        #expect(types(reading).isSuperset(of: expected.map(\.rawValue)))
        #expect(Set(reading.messages.compactMap { $0.message.multicast?.routing.kind }).count == 4)
        let groups = Set(reading.messages.map(\.destination.address).filter(\.isMulticast).map(\.description))
        #expect(groups == ["239.77.28.1", "239.77.28.9", "ff15::7728"])
    }

    @Test("Extension data follows the schema that was announced, and mirrored messages say where they are from")
    func extensions() throws {
        let (report, reading) = try play(.extension)
        var schemas = ExtensionSchemas()
        var ids: Set<UInt16> = []
        for captured in reading.messages {
            for header in captured.message.extensions { ids.insert(header.extensionID) }
            guard case .payload(.extension(let header)) = captured.message.body else { continue }
            ids.insert(header.extensionID)
            if header.extensionID == ExtensionID.manifest {
                schemas.register(try ExtensionManifest.decode(header.data))
            }
            var context = MessageDissector.Context()
            context.schemas = schemas
            let map = MessageDissector.dissect(captured.octets, context: context)
            #expect(map.error == nil)
            #expect(!map.fields.contains { $0.name == "undecoded" })
        }
        #expect(ids == [0x0001, 0x0002, 0x0101, 0x8001, 0x8002, 0x8003])
        #expect(schemas.manifests.count == 2)
        let mirrored = report.streams.filter { $0.origin != nil }
        #expect(Set(mirrored.compactMap(\.origin)).count == 2)
        #expect(Set(mirrored.compactMap(\.originDirection)).count == 2)
    }

    @Test("The TCP capture repeats, reorders and lacks segments; the rest decodes as a stream") func tcp() throws {
        let (report, reading) = try play(.tcp)
        #expect(reading.tcpGaps == 2)
        #expect(report.lost >= 2)
        var decoded = 0
        for stream in reading.streams.values { decoded += wholeMessages(stream) }
        #expect(decoded == report.messages)
    }

    /// Whole messages of a stream that may have holes: after an error, from the next octet on where messages follow.
    private func wholeMessages(_ stream: [UInt8]) -> Int {
        stream.withUnsafeBytes { octets in
            var (count, offset) = (0, 0)
            while offset < octets.count {
                let rest = UnsafeRawBufferPointer(rebasing: octets[offset...])
                if let (message, size) = try? SpatioWire.Message.decode(rest), message.header.type.isKnown,
                    message.header.streamID < 4
                {
                    count += 1
                    offset += size
                } else {
                    offset += 1
                }
            }
            return count
        }
    }

    @Test("What is broken is broken in every way that a datagram can be") func broken() throws {
        let (report, reading) = try play(.broken)
        #expect(reading.errors.count == report.malformed)
        let possible = Set(DecodeError.Reason.allCases).subtracting([.tooLarge])
        #expect(Set(reading.errors.map(\.reason)) == possible)
        #expect(reading.messages.contains { !$0.header.type.isKnown })
        #expect(report.duplicates == 1)
        let elsewhere = try withTemporaryFile { path in
            _ = try simulate(.broken, to: path)
            return try Reading(path, onlySpatio: false)
        }
        #expect(elsewhere.messages.count > reading.messages.count)
    }

    @Test("The shortest, the smallest and the worst still make a capture that decodes", arguments: Scenario.wellFormed)
    func extremes(scenario: Scenario) throws {
        let impairments = Impairments(
            loss: 1, duplication: 1, reordering: 1, delay: 60_000_000_000, jitter: 60_000_000_000)
        for options in [
            SimulationOptions(duration: 4), SimulationOptions(duration: 4, entities: 1),
            SimulationOptions(duration: 4, impairments: impairments),
        ] {
            let (report, reading) = try play(scenario, options)
            #expect(report.packets > 0)
            #expect(reading.errors.isEmpty)
            #expect(reading.messages.count == report.messages)
        }
    }

    @Test("The flood is one kind of datagram, each with one update") func flood() throws {
        let options = SimulationOptions(messages: 30_000, entities: 1000)
        let (report, reading) = try play(.flood, options, as: "pcap")
        #expect(report.packets == 30_000)
        #expect(reading.messages.count == 30_000)
        #expect(reading.errors.isEmpty)
        #expect(Set(reading.messages.map(\.octets.count)) == [127])
        #expect(report.streams.count == 100)
        #expect(report.entities.count == 1000)
        var positions: [UUID: Vector3] = [:]
        for captured in reading.messages {
            guard case .payload(.spatialUpdate(let update)) = captured.message.body, let only = update.updates.first
            else { continue }
            positions[only.entityID] = only.position
        }
        #expect(report.entities.allSatisfy { $0.position == positions[$0.entityID] && $0.updates == 30 })
    }
}
