import Capture
import Inspection
import SpatioSession
import SpatioWire
import Testing

/// What is found, how often, and that it is kept within bounds.
struct FindingTests {
    @Test(
        "Each rule counts what it is about",
        arguments: [FindingRule.malformed, .checksum, .unknownType, .loss, .versionGap])
    func counts(rule: FindingRule) {
        var talk = Talk()
        talk.open()
        switch rule {
        case .malformed: talk.pass([1, 2, 3])
        case .checksum:
            var octets = talk.message(Sample.ping, flags: .checksum).encoded()
            octets[octets.count - 1] ^= 1
            talk.pass(octets)
        case .unknownType:
            var message = talk.message(Sample.ping)
            message.header.type = MessageType(rawValue: 0x60)
            talk.pass(message.encoded())
        case .loss:
            talk.move(1, sequence: 0)
            talk.move(1, sequence: 5)
        case .versionGap:
            talk.tell(Sample.full(1))
            talk.tell(Sample.delta(5))
        default: Issue.record("not of these")
        }
        for other in FindingRule.allCases {
            let expected = other != rule ? 0 : rule == .loss ? 4 : 1
            #expect(talk.count(of: other) == expected, "\(other)")
        }
        let kept = (0..<talk.chronicle.findings.findings.count).map { talk.chronicle.findings.findings[$0] }
        #expect(kept.map(\.rule) == [rule])
        #expect(kept.first?.message == talk.model.counters.messages)
    }

    @Test("A malformed message is counted and changes nothing else")
    func malformedChangesNothing() {
        var talk = Talk()
        talk.open()
        talk.move(1)
        let before = talk.stream(1)
        var octets = talk.message(
            Sample.update(1, at: Vector3(9, 9, 9)), stream: 1, sequence: 9, address: Sample.address(stamp: 900)
        ).encoded()
        octets.removeLast()
        let outcome = talk.pass(octets)
        #expect(outcome.marks.isSuperset(of: [.malformed, .hasHeader]))
        #expect(outcome.header?.sequence == 9)
        #expect(talk.model.counters.malformed == 1)
        #expect(talk.stream(1)?.messages == before?.messages)
        #expect(talk.stream(1)?.sequences == before?.sequences)
        #expect(talk.entity(1)?.updates == 1)
        #expect(talk.stream(1)?.malformed == 0)
        #expect(talk.model.streams.last?.streamID == nil)
        #expect(talk.model.streams.last?.malformed == 1)
    }

    @Test("A left-over is malformed, and has no header however long it is")
    func leftOver() {
        var talk = Talk()
        let outcome = talk.pass([UInt8](repeating: 1, count: 30), isLeftOver: true)
        #expect(outcome.error?.reason == .octetsAfterLastMessage)
        #expect(outcome.header == nil)
    }

    @Test("A thousand kinds of rubbish are all counted, and the first of them are kept")
    func flood() {
        var log = FindingLog()
        for number in 1...FindingLog.limit + 500 {
            log.add(Finding(rule: .malformed, message: number, time: 0, text: "rubbish"))
        }
        #expect(log.count(of: .malformed) == FindingLog.limit + 500)
        #expect(log.findings.count == FindingLog.limit)
    }
}

/// What a flood of invented things can make the model keep.
struct LimitTests {
    private func client(_ number: Int) -> Endpoint {
        Endpoint(address: IPAddress(ipv4: 0x0A00_0000 | UInt32(number)), port: 40_000)
    }

    @Test("Beyond the last flow messages are passed by and counted")
    func flows() {
        var model = Model()
        for number in 0..<Model.Room.capture.flows + 10 {
            _ = model.flow(from: client(number), to: Sample.server, .udp)
        }
        #expect(model.flows.count == Model.Room.capture.flows)
        #expect(model.flow(from: Sample.client, to: Sample.server, .udp) == nil)
        // Those that are known go on.
        #expect(model.flow(from: Sample.server, to: client(5), .udp)?.flow == 5)
    }

    @Test("A client that connects for ever makes a bounded number of sessions and streams")
    func sessions() {
        var talk = Talk()
        for number in 0..<Model.Room.capture.sessions + 100 {
            talk.send(Sample.connect(client: number), sequence: 0)
            talk.send(Sample.goodbye, sequence: 1)
        }
        #expect(talk.model.sessions.count == Model.Room.capture.sessions)
        #expect(talk.model.streams.count <= Model.Room.capture.streams)
        #expect(talk.model.counters.messages == 2 * (Model.Room.capture.sessions + 100))
    }

    @Test("Mirrored sessions that nobody saw are bounded, too, and what is over is counted")
    func mirroredSessions() {
        var talk = Talk()
        for number in 0..<Model.Room.capture.sessions + 50 {
            let origin = Origin(sessionID: Sample.id(number), direction: .toServer, seen: 0)
            talk.send(
                Sample.ping, from: Sample.server, to: Sample.client,
                extensions: [ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded())])
        }
        #expect(talk.model.sessions.count == Model.Room.capture.sessions)
        #expect(talk.model.counters.overflow == 50)
    }

    @Test("Invented spaces are bounded, and entities in those beyond are counted as not followed")
    func spaces() {
        var talk = Talk()
        for number in 0..<Model.Limits.spaces + 20 { talk.move(1, space: Sample.id(0x1000 + number)) }
        #expect(talk.model.spaces.count == Model.Limits.spaces)
        #expect(talk.model.entities.count == Model.Limits.spaces)
        #expect(talk.model.counters.overflow == 20)
    }

    @Test("Invented regions of one space are bounded: those that nothing was heard of longest make room")
    func regions() throws {
        var talk = Talk()
        for number in 0..<5000 {
            let update = BoundUpdate(regionID: Sample.id(number), bounds: .sphere(center: .zero, radius: 1))
            talk.send(.boundUpdate(update), stream: 1, address: Sample.address())
        }
        let regions = try #require(talk.model.spaces.first).regions
        #expect(regions.count > 3000 && regions.count <= 4096)
        #expect(talk.model.counters.overflow == 5000 - regions.count)
        #expect((5000 - regions.count..<5000).allSatisfy { regions[Sample.id($0)] != nil })
    }

    @Test("Fields of one entity are bounded")
    func fields() {
        var talk = Talk()
        for part in 0..<5 {
            let fields = Dictionary(uniqueKeysWithValues: (0..<500).map { ("\(part)-\($0)", Value.null) })
            talk.tell(Sample.delta(UInt64(part), Sample.entry(.modified, 1, version: UInt64(part), fields)))
        }
        #expect(talk.state(1).count == 1024)
    }

    @Test("Names and fields that a few octets of compression blow up do not fill the memory")
    func inflatedState() {
        var talk = Talk()
        let text = String(repeating: "a", count: 1_000_000)
        let count = 300
        for number in 0..<count {
            let payload = Sample.delta(
                UInt64(number), Sample.entry(.added, number, version: 1, ["text": .string(text)]))
            let compressed = Compression.zstd.compress(payload.encoded())
            var message = talk.message(Sample.ping, from: Sample.server, to: Sample.client, stream: 2)
            message.header.type = .deltaUpdate
            message.header.flags.insert(.data)
            message.data = DataForm(
                compression: .zstd, totalSize: UInt32(compressed.count), segmentOffset: 0,
                segmentSize: UInt16(compressed.count), lastSegment: true)
            message.body = .segment(compressed)
            talk.pass(message.encoded(), from: Sample.server, to: Sample.client)
        }
        let kept = talk.model.states.reduce(0) { $0 + $1.fields.count }
        #expect(kept == Model.Limits.stateOctets / 1_000_000)
        #expect(talk.model.counters.overflow == count - kept)
        // What is dropped makes room.
        talk.tell(Sample.full(1000, Sample.entry(.added, 1, version: 9, ["text": .string(text)])))
        #expect(talk.state(1)["text"] == .string(text))
    }
}
