import Capture
import Inspection
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// Traffic that comes while it is read.
struct LiveTests {
    private struct Unit {
        var time: Int64
        var octets: [UInt8]
        var source, destination: Endpoint
        var transport: Transport
    }

    /// What passed the transports in a simulated capture.
    private func units(_ scenario: Scenario, duration: Double = 4) throws -> [Unit] {
        try traffic(scenario, duration: duration).units
    }

    /// The same, and the keys of what is sealed.
    private func traffic(
        _ scenario: Scenario, seed: UInt64 = 3, duration: Double
    ) throws -> (units: [Unit], keys: KeyLog) {
        let file = TemporaryFile("traffic.pcapng")
        let report = try simulate(scenario, options: SimulationOptions(seed: seed, duration: duration), to: file.path)
        let capture = try CaptureFile(path: file.path)
        var dissector = Dissector()
        var units: [Unit] = []
        while let packet = try capture.next() {
            dissector.dissect(packet) { unit in
                units.append(
                    Unit(
                        time: unit.time, octets: Array(unit.octets), source: unit.source,
                        destination: unit.destination, transport: unit.transport))
            }
        }
        return (units, KeyLog(parsing: Array((report.keyLog ?? "").utf8)))
    }

    private func hand(_ units: some Sequence<Unit>, to feed: LiveFeed) {
        for unit in units {
            switch unit.transport {
            case .udp: feed.datagram(unit.octets, from: unit.source, to: unit.destination, at: unit.time)
            case .tcp: feed.stream(unit.octets, from: unit.source, to: unit.destination, at: unit.time)
            }
        }
    }

    @Test("What comes live gives the same model as the same packets in a file", arguments: [Scenario.plaza, .tcp])
    func sameAsFile(scenario: Scenario) throws {
        let units = try units(scenario)
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed])
        hand(units, to: feed)
        let live = watched.wait("not everything came") { $0.packets >= feed.capture.packets && $0.loading == .live }
        feed.finish()
        let end = watched.load()
        #expect(end.whole.digest == live.whole.digest)
        #expect(end.index.count == live.index.count)

        let file = TemporaryFile("same.pcapng")
        var writer = try CaptureWriter(path: file.path, format: .pcapng, linkType: .raw)
        let capture = LiveCapture(name: "again", linkType: .raw)
        var recorder = FlowRecorder(into: capture)
        for unit in units {
            switch unit.transport {
            case .udp: recorder.datagram(unit.octets, from: unit.source, to: unit.destination, at: unit.time)
            case .tcp: recorder.stream(unit.octets, from: unit.source, to: unit.destination, at: unit.time)
            }
        }
        capture.finish()
        let packets = try CaptureFile(live: capture)
        while let packet = try packets.next() { try writer.write(time: packet.time, octets: packet.octets) }
        try writer.close()
        let read = Watched([file.path]).load()
        #expect(read.whole.digest == end.whole.digest)
        #expect(read.index.count == end.index.count)
        #expect(end.index.count > 150)
    }

    @Test("Of what is live every message can be read again, and the clock can go back and stay there")
    func back() throws {
        let units = try units(.plaza)
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed])
        hand(units.prefix(units.count / 2), to: feed)
        let half = watched.wait("nothing came") { $0.packets >= feed.capture.packets }
        for number in stride(from: 0, to: half.index.count, by: 29) { #expect(half.fieldMap(of: number) != nil) }
        #expect(half.isAtEnd && half.sources == ["server"])
        let earlier = watched.seek(half.index.count / 3)
        hand(units.dropFirst(units.count / 2), to: feed)
        let more = watched.wait("the rest did not come") { $0.packets >= feed.capture.packets }
        #expect(more.index.count > half.index.count)
        #expect(more.cursor == earlier.cursor)
        #expect(more.model.digest == earlier.model.digest)
        watched.inspector.seek(.end)
        let end = watched.wait("the clock did not go to the end") { $0.isAtEnd }
        #expect(end.cursor == end.index.count)
    }

    @Test("The end of what is live is now, and the past stays where it was")
    func now() throws {
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed])
        hand(try units(.plaza), to: feed)
        var snapshot = watched.wait("nothing came") { $0.packets >= feed.capture.packets && $0.loading == .live }
        let last = snapshot.lastTime
        snapshot.goOn(to: last + 40_000_000_000)
        #expect(snapshot.time == last + 40_000_000_000 && snapshot.lastTime == snapshot.time)
        // A wall clock that was set back does not bring it back.
        snapshot.goOn(to: last)
        #expect(snapshot.time == last + 40_000_000_000)
        #expect(snapshot.whole.entities.allSatisfy { $0.updates < 3 || $0.staleness(at: snapshot.time) == .gone })
        var paused = watched.seek(5)
        let time = paused.time
        paused.goOn(to: last + 40_000_000_000)
        #expect(paused.time == time && paused.lastTime == last + 40_000_000_000)
        feed.finish()
        var ended = watched.load()
        ended.goOn(to: last + 40_000_000_000)
        #expect(ended.lastTime == last)
    }

    @Test("At the live end a missing message counts as lost when three more have overtaken it")
    func holdOff() {
        var talk = Talk()
        var snapshot = Snapshot()
        func lost(_ sequences: UInt32...) -> Int {
            for sequence in sequences { talk.send(Sample.ping, sequence: sequence) }
            snapshot.model = talk.model
            return snapshot.lost
        }
        snapshot.loading = .live
        #expect(lost(0, 1, 3) == 0)
        #expect(lost(4) == 0)
        #expect(lost(5) == 1)
        #expect(lost(7) == 1)
        #expect(lost(2) == 0)
        // Nothing more comes: what is missing stays so.
        snapshot.loading = .done
        #expect(snapshot.lost == 1)
    }

    @Test("A key that comes while a session goes on opens what comes behind it, and so it does in a replay")
    func keys() throws {
        let (units, keys) = try traffic(.sealed, seed: 2, duration: 6)
        #expect(!keys.entries.isEmpty)
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed])
        hand(units.prefix(units.count / 2), to: feed)
        let before = watched.wait("nothing came") { $0.packets >= feed.capture.packets }
        for entry in keys.entries { feed.add(entry) }
        hand(units.dropFirst(units.count / 2), to: feed)
        let after = watched.wait("the rest did not come") { $0.packets >= feed.capture.packets }
        #expect(before.whole.counters.undecrypted > 0)
        #expect(after.whole.counters.undecrypted == before.whole.counters.undecrypted)
        #expect(after.index.count > before.index.count)
        #expect(watched.seek(before.index.count).model.digest == before.whole.digest)
        #expect(watched.seek(after.index.count).model.digest == after.whole.digest)
        #expect(watched.seek(before.index.count + 10).model.counters.undecrypted == before.whole.counters.undecrypted)
    }

    @Test("The state of a connection is known at once, also when no message ever comes")
    func connection() throws {
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed])
        feed.report(.connecting, at: 5)
        let first = watched.wait("nobody was told") { !$0.connectionStates.isEmpty }
        #expect(first.connectionStates.first?.entry.state == .connecting)
        #expect(first.loading == .live || first.index.isEmpty)
        feed.report(.refused(.unauthorized, reason: "no"), at: 9)
        feed.finish()
        let last = watched.load()
        #expect(last.connectionStates.first?.entry.state == .refused(.unauthorized, reason: "no"))
    }

    @Test("Several feeds and files are read together, each packet once, the files first")
    func several() throws {
        let file = TemporaryFile("past.pcapng")
        _ = try simulate(.plaza, options: SimulationOptions(seed: 9, duration: 4), to: file.path)
        let past = Watched([file.path]).load()
        let feeds = [LiveFeed(name: "a"), LiveFeed(name: "b")]
        let watched = Watched([file.path], feeds: feeds)
        let units = try units(.plaza)
        for (number, unit) in units.enumerated() { hand([unit], to: feeds[number % 2]) }
        for feed in feeds { feed.finish() }
        let snapshot = watched.load()
        #expect(snapshot.packets == past.packets + feeds.reduce(0) { $0 + $1.capture.packets })
        #expect(snapshot.sources == [file.path, "a", "b"])
        #expect(snapshot.problems.isEmpty)
    }

    @Test("What finds no room is counted where everybody sees it")
    func dropped() throws {
        let feed = LiveFeed(name: "server", capacity: 4096)
        hand(try units(.plaza), to: feed)
        feed.finish()
        let snapshot = Watched(feeds: [feed]).load()
        #expect(snapshot.droppedPackets == feed.capture.dropped && snapshot.droppedPackets > 0)
        #expect(snapshot.packets == feed.capture.packets)
    }
}
