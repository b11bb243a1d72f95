import Capture
import Inspection
import Simulation
import SpatioWire
import Testing

/// Extensions as of any message: what was registered, offered and carried, and what is missing.
@Suite struct ExtensionChronicleTests {
    static func manifest(
        _ id: UInt16, _ name: String = "thing", _ version: SemanticVersion = SemanticVersion(1, 0, 0),
        needs: [(UInt16, SemanticVersion)] = [], schema: [SchemaField]? = nil
    ) -> ExtensionManifest {
        ExtensionManifest(
            id: id, name: name, type: .application, version: version, status: .beta,
            dependencies: needs.map { ExtensionOffer(extensionID: $0.0, version: $0.1) }, schema: schema)
    }

    static func register(_ manifest: ExtensionManifest) -> Payload {
        .extension(ExtensionHeader(extensionID: ExtensionID.manifest, data: manifest.encoded()))
    }

    static func data(_ id: UInt16, _ octets: [UInt8]) -> Payload {
        .extension(ExtensionHeader(extensionID: id, data: octets))
    }

    static func view(_ talk: Talk, _ id: UInt16, until cursor: Int = .max) -> ExtensionChronicle.Extension? {
        talk.chronicle.extensions.extensions(until: cursor, time: Sample.start + talk.now).first { $0.id == id }
    }

    @Test func `a manifest is that of its time, and a new version is told from the same again`() throws {
        var talk = Talk()
        talk.send(Self.register(Self.manifest(0x9001)))
        talk.send(Self.register(Self.manifest(0x9001)))
        talk.send(Self.register(Self.manifest(0x9001, "thing", SemanticVersion(1, 1, 0))))
        #expect(Self.view(talk, 0x9001, until: 0) == nil)
        #expect(Self.view(talk, 0x9001, until: 2)?.registrations == 1)
        #expect(Self.view(talk, 0x9001, until: 2)?.manifest?.version == SemanticVersion(1, 0, 0))
        #expect(Self.view(talk, 0x9001, until: 3)?.registrations == 2)
        #expect(Self.view(talk, 0x9001, until: 3)?.manifest?.version == SemanticVersion(1, 1, 0))
        let registrations = talk.chronicle.extensions.registrations(of: 0x9001, until: 3)
        #expect(registrations.map(\.number) == [1, 3])
        #expect(registrations.map(\.source.endpoint) == [Sample.client, Sample.client])
    }

    @Test func `what both sides offer is agreed in the lower version`() throws {
        var talk = Talk()
        guard case .connect(var connect) = Sample.connect(), case .connectAck(var ack) = Sample.accept() else { return }
        connect.extensions = [
            ExtensionOffer(extensionID: 0x9001, version: SemanticVersion(2, 0, 0)),
            ExtensionOffer(extensionID: 0x9002, version: SemanticVersion(1, 0, 0)),
        ]
        ack.extensions = [ExtensionOffer(extensionID: 0x9001, version: SemanticVersion(1, 5, 0))]
        talk.send(.connect(connect))
        talk.send(.connectAck(ack), from: Sample.server, to: Sample.client)
        let chronicle = talk.chronicle.extensions
        #expect(chronicle.negotiations(of: 0x9001, until: 1).first?.agreed == nil)
        let agreed = try #require(chronicle.negotiations(of: 0x9001, until: 2).first)
        #expect(agreed.agreed == SemanticVersion(1, 5, 0) && agreed.session == 0)
        #expect(chronicle.negotiations(of: 0x9002, until: 2).first?.agreed == nil)
        #expect(Self.view(talk, 0x9001)?.offers == 2)
    }

    @Test func `headers and messages are counted apart, with the octets of their data`() throws {
        var talk = Talk()
        talk.send(Self.data(0x9001, [1, 2, 3]))
        talk.send(Sample.ping, extensions: [ExtensionHeader(extensionID: 0x9001, data: [1])])
        talk.send(Sample.ping, extensions: [ExtensionHeader(extensionID: 0x9002, data: [])])
        let first = try #require(Self.view(talk, 0x9001))
        #expect(first.messages.count == 1 && first.messages.octets == 3)
        #expect(first.headers.count == 1 && first.headers.octets == 1)
        #expect(first.headers.last?.number == 2 && first.octets == 4)
        #expect(Self.view(talk, 0x9001, until: 1)?.headers.count == 0)
        #expect(Self.view(talk, 0x9002)?.headers.count == 1)
    }

    @Test func `data that does not fit its fields is counted with the reason`() throws {
        var talk = Talk()
        talk.send(Self.data(0x9001, [1, 2, 3]))
        talk.send(Self.register(Self.manifest(0x9001, schema: [SchemaField("on", .bool)])))
        talk.send(Self.data(0x9001, [1]))
        talk.send(Self.data(0x9001, [1, 2, 3]))
        talk.send(Self.data(ExtensionID.origin, [0]))
        #expect(Self.view(talk, 0x9001, until: 3)?.misfits == 0)
        let view = try #require(Self.view(talk, 0x9001))
        #expect(view.misfits == 1)
        #expect(view.reason?.contains("2 octets") == true)
        #expect(Self.view(talk, ExtensionID.origin)?.misfits == 1)
    }

    // MARK: Dependencies

    @Test func `what is not there when a manifest comes is found once, and mended in the view when it comes`() {
        var talk = Talk()
        let needy = Self.manifest(0x9001, "needy", needs: [(0x9002, SemanticVersion(1, 0, 0))])
        #expect(talk.send(Self.register(needy)).findings.map(\.rule) == [.dependency])
        #expect(talk.send(Self.register(needy)).findings.isEmpty)
        #expect(talk.send(Self.register(Self.manifest(0x9002))).findings.isEmpty)
        let chronicle = talk.chronicle.extensions
        let offer = ExtensionOffer(extensionID: 0x9002, version: SemanticVersion(1, 0, 0))
        #expect(chronicle.state(of: offer, until: 2, configured: [:]) == .missing)
        #expect(chronicle.state(of: offer, until: 3, configured: [:]) == .met(SemanticVersion(1, 0, 0)))
        #expect(talk.count(of: .dependency) == 1)
        #expect(
            talk.chronicle.findings.findings[0].text == "needy 1.0.0 needs 0x9002 1.0.0, which nobody has")
    }

    @Test func `too old is another lack than missing, and an offer meets a need as a manifest does`() {
        var talk = Talk()
        guard case .connect(var connect) = Sample.connect() else { return }
        connect.extensions = [ExtensionOffer(extensionID: 0x9002, version: SemanticVersion(1, 2, 0))]
        talk.send(.connect(connect))
        let needs = [(UInt16(0x9002), SemanticVersion(1, 2, 0))]
        #expect(talk.send(Self.register(Self.manifest(0x9001, needs: needs))).findings.isEmpty)
        let more = [(UInt16(0x9002), SemanticVersion(2, 0, 0))]
        let outcome = talk.send(Self.register(Self.manifest(0x9003, "eager", needs: more)))
        #expect(outcome.findings.map(\.text) == ["eager 1.0.0 needs 0x9002 2.0.0, there is 1.2.0 only"])
    }

    @Test(
        arguments: [
            (ExtensionID.stateSync, SemanticVersion(1, 0, 0), 0), (ExtensionID.stateSync, SemanticVersion(1, 0, 1), 1),
            (ExtensionID.traceContext, SemanticVersion(9, 0, 0), 0),
        ])
    func `the protocol's own extensions are there, those of its registry in version 1`(
        id: UInt16, version: SemanticVersion, findings: Int
    ) {
        var talk = Talk()
        #expect(talk.send(Self.register(Self.manifest(0x9001, needs: [(id, version)]))).findings.count == findings)
    }

    @Test func `a name that could steer a terminal is made visible in the finding`() {
        var talk = Talk()
        let needs = [(UInt16(0x9002), SemanticVersion(1, 0, 0))]
        let outcome = talk.send(Self.register(Self.manifest(0x9001, "\u{1B}[2J", needs: needs)))
        #expect(outcome.findings.first?.text.unicodeScalars.contains("\u{1B}") == false)
    }

    @Test func `invented extensions and manifests without end are not all kept`() {
        var talk = Talk()
        for id in 0..<5_000 { talk.send(Self.data(UInt16(id + 0x1000), [])) }
        for version in 0..<200 {
            talk.send(Self.register(Self.manifest(0x1000, "x", SemanticVersion(0, 0, UInt16(version)))))
        }
        let chronicle = talk.chronicle.extensions
        #expect(chronicle.extensions(until: .max, time: 0).count == ExtensionChronicle.Limits.extensions)
        #expect(
            chronicle.registrations(of: 0x1000, until: .max).count == ExtensionChronicle.Limits.registrations)
        #expect(chronicle.overflow > 0)
    }

    // MARK: The reader's own

    @Test func `a configured extension goes before a manifest, which lends its fields where there are none`() {
        let own = Self.manifest(0x9001, "mine", schema: [SchemaField("a", .int)])
        let bare = Self.manifest(0x9002, "bare")
        var schemas = ExtensionSchemas(configured: [own, bare])
        schemas.register(Self.manifest(0x9001, "theirs", schema: [SchemaField("b", .bool)]))
        schemas.register(Self.manifest(0x9002, "theirs", schema: [SchemaField("c", .bool)]))
        #expect(schemas.manifests[0x9001] == own)
        #expect(schemas.name(0x9002) == "bare")
        #expect(schemas.manifests[0x9002]?.schema == [SchemaField("c", .bool)])
    }

    @Test func `a seek keeps what the reader configured`() throws {
        let file = TemporaryFile("extension.pcapng")
        _ = try simulate(.extension, options: SimulationOptions(seed: 3, duration: 4), to: file.path)
        let schemas = ExtensionSchemas(configured: [Self.manifest(0x0101, "mine", schema: [SchemaField("a", .int)])])
        let watched = Watched([file.path], schemas: schemas)
        let whole = watched.load()
        #expect(whole.whole.schemas.name(0x0101) == "mine")
        #expect(watched.seek(0).model.schemas.name(0x0101) == "mine")
        #expect(watched.seek(whole.index.count).model.digest == whole.whole.digest)
    }

    // MARK: As of the clock

    @Test(
        "what is shown at a message is what an analysis knows that was stopped there",
        arguments: [Scenario.strangers, .extension])
    func prefix(scenario: Scenario) throws {
        let passage = try Passage(scenario)
        for (cursor, chronicle) in passage.stopped {
            let time = cursor > 0 ? passage.times[cursor - 1] : 0
            #expect(Self.text(passage.whole.extensions, cursor, time) == Self.text(chronicle.extensions, cursor, time))
        }
        #expect(Self.text(passage.whole.extensions, passage.count, passage.times.last ?? 0).count > 100)
    }

    private static func text(_ extensions: ExtensionChronicle, _ cursor: Int, _ time: Int64) -> String {
        let views = extensions.extensions(until: cursor, time: time)
        return views.map { view in
            let needs = (view.manifest?.dependencies ?? []).map {
                extensions.state(of: $0, until: cursor, configured: [:])
            }
            return "\(view) \(needs) \(extensions.registrations(of: view.id, until: cursor)) "
                + "\(extensions.negotiations(of: view.id, until: cursor))"
        }.joined(separator: "\n")
    }
}

/// `extension` in filters.
@Suite struct ExtensionFilterTests {
    private static func conversation() -> Conversation {
        var conversation = Conversation()
        func send(_ payload: Payload, _ sequence: UInt32, _ extensions: [ExtensionHeader] = []) {
            let message = Message(
                header: MessageHeader(
                    type: payload.type ?? .custom, flags: [], streamID: 0, sequence: sequence, timestamp: 0),
                extensions: extensions, body: .payload(payload))
            conversation.send(
                message.encoded(), from: "10.7.1.1:40001", to: "10.7.0.1:7728", at: Double(sequence))
        }
        let needs = [(UInt16(0x9002), SemanticVersion(1, 0, 0))]
        send(ExtensionChronicleTests.register(ExtensionChronicleTests.manifest(0x9001, "Lidar", needs: needs)), 0)
        send(ExtensionChronicleTests.data(0x9001, [1]), 1)
        send(Sample.ping, 2, [ExtensionHeader(extensionID: 0x9002, data: [])])
        send(
            ExtensionChronicleTests.data(0x9003, []), 3,
            [ExtensionHeader(extensionID: ExtensionID.traceContext, data: [])])
        send(Sample.ping, 4)
        return conversation
    }

    @Test(
        arguments: [
            ("extension", [1, 2, 3, 4]), ("extension == 0x9001", [2]), ("extension == lidar", [2]),
            ("ext == \"LIDAR\"", [2]), ("extension == 0x9002", [3]), ("extension in {0x9001, trace-context}", [2, 4]),
            ("extension in 0x9002..0x9003", [3, 4]), ("extension ~ IDA", [2]), ("extension ~ 8001", []),
            ("extension == manifest", [1]), ("extension != lidar", [1, 3, 4]), ("!extension", [5]),
            ("extension == 36866", [3]), ("extension == nobody", []),
        ] as [(String, [Int])])
    func `a filter picks by number or by name`(text: String, numbers: [Int]) throws {
        #expect(try Self.conversation().matches(text) == numbers)
    }

    @Test(
        arguments: [
            ("extension < 3", "extension"), ("extension == \"\"", "empty name"),
            ("extension in 5..3", "range is empty"),
        ])
    func `what cannot be meant is said`(text: String, reason: String) {
        let error = #expect(throws: FilterError.self) { try Filter(parsing: text) }
        #expect(error?.message.contains(reason) == true)
    }

    @Test func `names are completed, those of manifests too`() {
        let model = Self.conversation().model
        let all = FilterCompletion.candidates(for: "extension == ", cursor: 13, model: model).words
        #expect(all.contains("trace-context") && all.contains("Lidar"))
        #expect(FilterCompletion.candidates(for: "extension == lid", cursor: 16, model: model).words == ["Lidar"])
    }
}
