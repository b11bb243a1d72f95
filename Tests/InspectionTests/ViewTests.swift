import Capture
import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// The same message on the wire and as a server mirrors it to an observer.
struct ViewTests {
    private static let observer = Sample.endpoint("10.7.4.1:43001")
    private static let space = Sample.space

    /// A mirrored copy of what a client or the server sent in the sample session.
    private func mirror(
        _ payload: Payload, sequence: UInt32, stream: UInt32 = 1, at time: Double, sent: Int64 = 0,
        direction: OriginDirection = .toServer, flags: MessageFlags = [], address: SpatialAddress? = Sample.address(),
        session: UUID = Sample.session, to observer: Endpoint = Self.observer, _ talk: inout Talk
    ) -> MessageOutcome {
        let origin = Origin(sessionID: session, direction: direction, seen: 0)
        return talk.send(
            payload, from: Sample.server, to: observer, stream: stream, sequence: sequence,
            flags: flags.union(.extensions), address: address,
            extensions: [ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded())], at: time, sent: sent
        )
    }

    /// On the wire.
    @discardableResult
    private func pass(
        _ payload: Payload, sequence: UInt32, stream: UInt32 = 1, at time: Double, sent: Int64 = 0,
        flags: MessageFlags = [], address: SpatialAddress? = Sample.address(), _ talk: inout Talk
    ) -> MessageOutcome {
        talk.send(
            payload, stream: stream, sequence: sequence, flags: flags, address: address, at: time, sent: sent)
    }

    /// A session of which CONNECT and CONNECT_ACK pass, unless it is joined in the middle; then the observer joins.
    private func watched(isOpen: Bool = true) -> Talk {
        var talk = Talk()
        if isOpen { talk.open() }
        talk.send(Sample.connect(client: 9, role: .observer), from: Self.observer)
        return talk
    }

    private func comparison(_ talk: Talk) -> ViewComparison? { talk.chronicle.views.comparisons.at(0) }

    // MARK: Which are the same

    @Test func `A mirrored message has its twin on the wire, with the time between them`() throws {
        var talk = watched()
        pass(Sample.update(1), sequence: 7, at: 100, &talk)
        let outcome = mirror(Sample.update(1), sequence: 7, at: 112.5, &talk)
        let view = try #require(outcome.view)
        #expect(view.wire == 4 && view.mirrored == 5 && view.milliseconds == 12.5)
        #expect(talk.chronicle.views.twins(of: 4) == [view] && talk.chronicle.views.twins(of: 5) == [view])
        #expect(talk.chronicle.views.twins(of: 3).isEmpty)
        #expect(comparison(talk)?.matched == 1)
    }

    @Test func `Whichever comes first: an observer before the wire has a time below 0`() throws {
        var talk = watched()
        _ = mirror(Sample.update(1), sequence: 7, at: 100, &talk)
        let view = try #require(pass(Sample.update(1), sequence: 7, at: 102, &talk).view)
        #expect(view.wire == 5 && view.mirrored == 4 && view.milliseconds == -2)
    }

    @Test(
        "What differs in stream, sequence, type, direction or session is another message",
        arguments: ["stream", "sequence", "type", "direction", "session"])
    func others(what: String) {
        var talk = watched()
        pass(Sample.update(1), sequence: 7, at: 100, &talk)
        let outcome = mirror(
            what == "type" ? Sample.ping : Sample.update(1), sequence: what == "sequence" ? 8 : 7,
            stream: what == "stream" ? 2 : 1, at: 101, direction: what == "direction" ? .fromServer : .toServer,
            session: what == "session" ? Sample.id(0x77) : Sample.session, &talk)
        #expect(outcome.view == nil && talk.chronicle.views.matches.isEmpty)
    }

    @Test func `What is sent again counts as it came first`() throws {
        var talk = watched()
        pass(Sample.update(1), sequence: 7, at: 100, flags: .reliable, &talk)
        pass(Sample.update(1), sequence: 7, at: 150, flags: [.reliable, .retransmit], &talk)
        let view = try #require(mirror(Sample.update(1), sequence: 7, at: 160, &talk).view)
        #expect(view.wire == 4 && view.milliseconds == 60)
        #expect(mirror(Sample.update(1), sequence: 7, at: 170, flags: .retransmit, &talk).view == nil)
        #expect(comparison(talk)?.matched == 1)
    }

    @Test func `Each observer has a twin of his own`() throws {
        var talk = watched()
        pass(Sample.update(1), sequence: 7, at: 100, &talk)
        _ = mirror(Sample.update(1), sequence: 7, at: 101, &talk)
        _ = mirror(Sample.update(1), sequence: 7, at: 105, to: Sample.endpoint("10.7.4.2:43001"), &talk)
        #expect(talk.chronicle.views.twins(of: 4).map(\.milliseconds) == [1, 5])
        #expect(talk.chronicle.views.twins(of: 6).map(\.wire) == [4])
        #expect(talk.chronicle.views.comparisons.count == 2)
    }

    // MARK: Watched from the middle on

    @Test func `A session whose id the wire never told is recognised by three messages that agree`() {
        var talk = watched(isOpen: false)
        var views: [ViewMatch?] = []
        for number in 0..<5 {
            let time = Double(100 + number * 50)
            pass(Sample.update(1), sequence: UInt32(number), at: time, sent: Int64(number), &talk)
            views.append(
                mirror(Sample.update(1), sequence: UInt32(number), at: time + 3, sent: Int64(number), &talk).view)
        }
        #expect(views.map { $0?.milliseconds } == [nil, nil, nil, 3, 3])
        let view = comparison(talk)
        #expect(view?.sessionID == Sample.session)
        #expect(view?.wire.session != view?.mirrored.session)
    }

    @Test func `Where nobody was seen to join, the first mirrored message begins it`() {
        var talk = Talk()
        talk.open()
        pass(Sample.update(1), sequence: 7, at: 100, &talk)
        // The first mirrored message tells that somebody observes; what passed before it was not kept.
        #expect(mirror(Sample.update(1), sequence: 7, at: 101, &talk).view == nil)
        pass(Sample.update(1), sequence: 8, at: 110, &talk)
        #expect(mirror(Sample.update(1), sequence: 8, at: 111, &talk).view != nil)
    }

    @Test func `Two sessions that say the same at the same time are taken for neither`() {
        var talk = watched(isOpen: false)
        for number in 0..<8 {
            let time = Double(100 + number * 50)
            for client in [Sample.client, Sample.otherClient] {
                talk.send(
                    Sample.update(1), from: client, stream: 1, sequence: UInt32(number), address: Sample.address(),
                    at: time, sent: 0)
            }
            _ = mirror(Sample.update(1), sequence: UInt32(number), at: time + 3, &talk)
        }
        #expect(talk.chronicle.views.comparisons.isEmpty)
    }

    // MARK: What only one has seen

    /// Matches one message, so that the comparison has begun.
    private func begun() -> Talk {
        var talk = watched()
        pass(Sample.update(1), sequence: 1, at: 100, &talk)
        _ = mirror(Sample.update(1), sequence: 1, at: 101, &talk)
        return talk
    }

    @Test func `After three seconds what has no twin was seen by one only`() {
        var talk = begun()
        pass(Sample.update(1), sequence: 2, at: 200, &talk)
        _ = mirror(Sample.update(1), sequence: 3, at: 210, &talk)
        pass(Sample.ping, sequence: 0, stream: 0, at: 3200, &talk)
        #expect(comparison(talk)?.wireOnly == 0 && comparison(talk)?.observerOnly == 0)
        pass(Sample.ping, sequence: 1, stream: 0, at: 3211, &talk)
        #expect(comparison(talk)?.wireOnly == 1 && comparison(talk)?.observerOnly == 1)
        let lone = talk.chronicle.views.lone
        #expect((0..<lone.count).map { lone[$0].message } == [6, 7])
    }

    @Test
    func `What came before both watched says nothing, nor what the observer is never shown, nor what he left behind`() {
        var talk = watched()
        // He begins to watch behind this one.
        pass(Sample.update(1), sequence: 0, at: 50, &talk)
        _ = mirror(Sample.update(1), sequence: 77, stream: 9, at: 60, &talk)
        pass(Sample.update(1), sequence: 1, at: 100, &talk)
        _ = mirror(Sample.update(1), sequence: 1, at: 101, &talk)
        // PINGs are not mirrored here; and behind the last update he is gone.
        pass(Sample.ping, sequence: 0, stream: 0, at: 100.5, &talk)
        pass(Sample.update(1), sequence: 2, at: 300, &talk)
        pass(Sample.ping, sequence: 1, stream: 0, at: 9000, &talk)
        #expect(comparison(talk)?.matched == 1)
        #expect(comparison(talk)?.wireOnly == 0 && comparison(talk)?.observerOnly == 0)
    }

    @Test func `A version that the observer hears of when the wire has a newer one is no step back`() {
        var talk = watched()
        talk.tell(Sample.full(1, Sample.entry(.added, 1, version: 1)), sequence: 0)
        for (sequence, base) in [(UInt32(1), UInt64(1)), (2, 2)] {
            talk.tell(
                Sample.delta(base, Sample.entry(.modified, 1, version: base + 1, ["a": .int(1)])), sequence: sequence)
        }
        for (sequence, base) in [(UInt32(1), UInt64(1)), (2, 2)] {
            let outcome = mirror(
                Sample.delta(base, Sample.entry(.modified, 1, version: base + 1, ["a": .int(1)])), sequence: sequence,
                stream: 2, at: 50 + Double(sequence), direction: .fromServer, address: nil, &talk)
            #expect(outcome.view != nil && outcome.findings.isEmpty)
        }
        #expect(talk.count(of: .versionRegression) == 0)
    }

    // MARK: How far behind

    @Test func `The observer is as far behind as the entity has moved on when he hears of it`() throws {
        var talk = watched()
        pass(Sample.update(1, at: Vector3(0, 0, 0)), sequence: 1, at: 100, address: Sample.address(stamp: 100), &talk)
        pass(Sample.update(1, at: Vector3(3, 4, 0)), sequence: 2, at: 150, address: Sample.address(stamp: 150), &talk)
        let late = mirror(
            Sample.update(1, at: Vector3(0, 0, 0)), sequence: 1, at: 160, address: Sample.address(stamp: 100), &talk)
        #expect(late.view?.metres == 5)
        let present = mirror(
            Sample.update(1, at: Vector3(3, 4, 0)), sequence: 2, at: 161, address: Sample.address(stamp: 150), &talk)
        #expect(present.view?.metres == 0)
        #expect(comparison(talk)?.distance.greatest == 5)
        #expect(mirror(Sample.ping, sequence: 9, stream: 0, at: 170, address: nil, &talk).view == nil)
    }

    @Test func `On the earth it is metres, too`() throws {
        var talk = watched()
        func place(_ stamp: Int) -> SpatialAddress { Sample.address(stamp: stamp, system: .geodetic(nil)) }
        // A thousandth of a degree along a meridian at the equator.
        pass(Sample.update(1, at: Vector3(8, 0, 100)), sequence: 1, at: 100, address: place(100), &talk)
        pass(Sample.update(1, at: Vector3(8, 0.001, 100)), sequence: 2, at: 150, address: place(150), &talk)
        let outcome = mirror(
            Sample.update(1, at: Vector3(8, 0, 100)), sequence: 1, at: 160, address: place(100), &talk)
        let metres = try #require(outcome.view?.metres)
        #expect(abs(metres - 110.576) < 0.01)
    }

    // MARK: Figures

    @Test func `Percentiles are by nearest rank, of values below 0 as well`() {
        var figures = ViewFigures()
        #expect(figures.percentile(50) == nil)
        for value in [-3.0, 5, -1, 2, 40] { figures.add(value) }
        #expect(
            [0, 20, 40, 60, 80, 100].map { figures.percentile($0).map { ($0 * 10).rounded() / 10 } } == [
                -3, -3, -1, 2, 5, 40,
            ])
        #expect(figures.latest == 40 && figures.greatest == 40 && figures.count == 5)
    }

    @Test func `What is kept is bounded, and a flood of mirrored messages without a wire costs little`() {
        var talk = watched()
        for number in 0..<70_000 {
            _ = mirror(
                Sample.ping, sequence: 0, stream: 0, at: 100, address: nil, session: Sample.id(0x1000 + number), &talk)
        }
        #expect(talk.chronicle.views.matches.isEmpty && talk.chronicle.views.comparisons.isEmpty)
        pass(Sample.update(1), sequence: 7, at: 200, &talk)
        #expect(mirror(Sample.update(1), sequence: 7, at: 201, &talk).view != nil)
    }
}
