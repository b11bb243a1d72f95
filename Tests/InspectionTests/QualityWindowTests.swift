import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// RELIABLE octets under way, what the receiver allows, and how much of it is used.
struct QualityWindowTests {
    private static let custom = Payload.custom(type: 1, data: [UInt8](repeating: 7, count: 100))

    /// Sends so many RELIABLE messages on stream 3; returns the octets of one.
    @discardableResult
    private func upload(_ count: Int, _ talk: inout Talk) -> Int {
        var size = 0
        for _ in 0..<count { size = talk.send(Self.custom, stream: 3, flags: .reliable).size }
        return size
    }

    private func pong(_ id: UInt32, _ acks: [Pong.StreamAck], flow: FlowControl = Sample.flow) -> Payload {
        .pong(Pong(pingID: id, pingTimestamp: 0, holdTime: 0, flow: flow, acks: acks))
    }

    private func answer(
        _ talk: inout Talk, _ id: UInt32, position: UInt32?, _ ack: Pong.StreamAck, flow: FlowControl = Sample.flow
    ) {
        let streams = position.map { [Ping.StreamPosition(streamID: 3, nextSequence: $0)] } ?? []
        talk.send(.ping(Ping(pingID: id, streams: streams)))
        talk.send(pong(id, [ack], flow: flow), from: Sample.server, to: Sample.client)
    }

    @Test("Unacknowledged is what was captured and not acknowledged; unknown before any acknowledgement")
    func cumulative() {
        var talk = Talk()
        talk.open()
        let size = upload(5, &talk)
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == nil)
        answer(&talk, 1, position: 5, Pong.StreamAck(streamID: 3, cumulative: 3))
        // Nothing is missing before the fifth: all five have arrived, though the last two above the count.
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == 0)
        upload(4, &talk)
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == 4 * size)
        answer(&talk, 2, position: nil, Pong.StreamAck(streamID: 3, cumulative: 7))
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == 2 * size)
        #expect(talk.model.sessions[0].unacknowledged(of: .server) == nil)
    }

    @Test("Missing ranges stay under way, what lies between them and before the PING's position does not")
    func ranges() {
        var talk = Talk()
        talk.open()
        let size = upload(10, &talk)
        let ack = Pong.StreamAck(
            streamID: 3, cumulative: 2, missing: [.init(first: 6, count: 2), .init(first: 2, count: 1)])
        answer(&talk, 1, position: 9, ack)
        // 2, 6 and 7 are missing, 9 was sent behind the PING.
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == 4 * size)
        // A PONG whose PING was not captured tells as far as its last range.
        talk.send(pong(99, [ack]), from: Sample.server, to: Sample.client)
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == 4 * size)
        answer(&talk, 2, position: 10, Pong.StreamAck(streamID: 3, cumulative: 10))
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == 0)
    }

    @Test("A retransmission is counted once, and a session that is over has nothing under way")
    func repetition() {
        var talk = Talk()
        talk.open()
        let size = upload(2, &talk)
        talk.send(Self.custom, stream: 3, sequence: 1, flags: [.reliable, .retransmit])
        answer(&talk, 1, position: 1, Pong.StreamAck(streamID: 3, cumulative: 1))
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == size)
        talk.send(Sample.goodbye)
        #expect(talk.model.sessions[0].unacknowledged(of: .client) == 0)
        #expect(talk.model.unacknowledgedCount == 0)
    }

    @Test("Messages that nobody acknowledges are bounded, and hostile acknowledgements change nothing")
    func bounds() {
        var messages = UnacknowledgedMessages()
        var octets = 0
        var count = 0
        for sequence in 0..<20_000 as Range<UInt32> {
            let change = messages.add(sequence, octets: 10)
            octets += change.octets
            count += change.messages
        }
        #expect(count <= UnacknowledgedMessages.limit && count > 0 && octets == count * 10)
        let ranges = (0..<1000).map { _ in Pong.SequenceRange(first: .max, count: .max) }
        #expect(messages.acknowledge(.init(streamID: 0, cumulative: 0, missing: ranges), below: 5).messages == 0)
        let rest = messages.acknowledge(.init(streamID: 0, cumulative: 20_000), below: nil)
        #expect(rest.messages == -count && rest.octets == -octets)
    }

    @Test("Who may send how much is told by the other end: CONNECT_ACK and PONG of the server limit the client")
    func allowances() {
        var talk = Talk()
        talk.open()
        let less = FlowControl(windowSize: 1000, rateLimit: 500, congestionThreshold: 0.5)
        talk.send(.ping(Ping(pingID: 1)), from: Sample.server, to: Sample.client)
        talk.send(pong(1, [], flow: less))
        #expect(talk.model.sessions[0].allowances == PerEnd(client: Sample.flow, server: less))
        // The same again is no news.
        talk.send(.ping(Ping(pingID: 2)), from: Sample.server, to: Sample.client)
        talk.send(pong(2, [], flow: less))
        let notices = talk.chronicle.quality.notices
        #expect(notices.count == 2)
        #expect(notices[0].sender == .client && notices[1].sender == .server && notices[1].message == 4)
    }

    @Test("Window and rate are shares of what was in force then")
    func shares() {
        var talk = Talk()
        talk.send(Sample.connect(), at: 0)
        talk.send(Sample.accept(), from: Sample.server, to: Sample.client, at: 10)
        let flow = FlowControl(windowSize: 2000, rateLimit: 4000, congestionThreshold: 0.1)
        talk.send(.ping(Ping(pingID: 1)), at: 20)
        talk.send(
            pong(1, [.init(streamID: 3, cumulative: 0)], flow: flow), from: Sample.server, to: Sample.client, at: 30)
        var size = 0
        for step in 0..<8 {
            size = talk.send(Self.custom, stream: 3, flags: .reliable, at: 1050 + Double(step) * 100).size
        }
        talk.send(
            .ping(Ping(pingID: 2, streams: [.init(streamID: 3, nextSequence: 8)])), at: 2100)
        talk.send(
            pong(2, [.init(streamID: 3, cumulative: 8)], flow: flow), from: Sample.server, to: Sample.client, at: 2110)
        talk.move(1, at: 4000)
        let line = talk.picture(.session(0)).lines[0]
        #expect(line.rate[1] == Double(8 * size) / 4000)
        #expect(line.window[1] == Double(8 * size) / 2000)
        // What was under way when the step began was its most; then it was acknowledged.
        #expect(line.window[2] == Double(8 * size) / 2000 && line.window[3] == 0)
        #expect(line.threshold[1] == Double(Float(0.1)))
        #expect(line.allowance == flow && line.unacknowledged == 0)
        // Its stream and everything have the same.
        #expect(talk.picture().lines[0].window == line.window)
        #expect(talk.picture().comparedSessions == 1)
    }

    @Test("Any rate allowed is no share of it")
    func unlimited() {
        var talk = Talk()
        talk.open()
        for step in 0..<20 { talk.move(1, at: 10 + Double(step) * 100) }
        #expect(talk.picture(.session(0)).lines[0].rate.allSatisfy { $0 == nil })
    }
}

extension PerEnd {
    init(client: Value, server: Value) {
        self.init(client)
        self.server = server
    }
}
