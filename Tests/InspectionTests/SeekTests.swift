import Inspection
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// A seek to some point gives the same model as a replay from the start to that point (design section 3).
struct SeekTests {
    /// Seeks to the targets in this order, and holds each model against a replay.
    private func check(_ path: String, keyLog: KeyLog = KeyLog(), seed: UInt64, stops: Int = 6) throws {
        let watched = Watched([path], keyLog: keyLog)
        let whole = watched.load()
        let count = whole.index.count
        try #require(count > 10)
        var generator = SeededGenerator(seed: seed)
        // Ends, neighbours, and leaps to and fro: onwards from the cursor, back over checkpoints, twice the same.
        var targets = [0, 1, 2, count, count - 1, count / 2, count / 2 + 1, count / 2]
        targets += (0..<stops).map { _ in Int.random(in: 0...count, using: &generator) }
        let digests = try replayDigests([path], keyLog: keyLog, at: Set(targets + [count]))
        #expect(whole.whole.digest == digests[count])
        for target in targets {
            let snapshot = watched.seek(target)
            #expect(snapshot.model.counters.messages == target)
            #expect(snapshot.model.digest == digests[target], "behind \(target) of \(count) messages")
            #expect(snapshot.whole.digest == digests[count])
        }
        watched.inspector.seek(.end)
        let end = watched.wait("the cursor did not go to the end") { $0.isAtEnd }
        #expect(end.model.digest == digests[count])
    }

    @Test(
        "A seek equals a replay in every scenario",
        arguments: [
            Scenario.plaza, .lossy, .drones, .regions, .sealed, .segments, .peers, .strangers, .extension, .tcp,
            .versions, .congested, .misconduct, .broken,
        ])
    func scenarios(scenario: Scenario) throws {
        let file = TemporaryFile("\(scenario.rawValue).pcapng")
        let report = try simulate(scenario, options: SimulationOptions(seed: 3, duration: 5), to: file.path)
        try check(file.path, seed: 1)
        if let keys = report.keyLog { try check(file.path, keyLog: KeyLog(parsing: Array(keys.utf8)), seed: 2) }
    }

    @Test("A seek equals a replay of random messages and damage, over checkpoints", arguments: [1, 2, 3] as [UInt64])
    func random(seed: UInt64) throws {
        let file = TemporaryFile()
        var traffic = RandomTraffic(seed: seed)
        try traffic.write(seed == 1 ? 9_000 : 1_500, to: file.path)
        try check(file.path, keyLog: RandomTraffic.keyLog, seed: seed, stops: 6)
    }

    @Test("A seek equals a replay of several files merged by time")
    func merged() throws {
        let files = (0..<3).map { TemporaryFile("\($0).pcapng") }
        for (number, file) in files.enumerated() {
            _ = try simulate(.lossy, options: SimulationOptions(seed: UInt64(number), duration: 4), to: file.path)
        }
        let paths = files.map(\.path)
        let watched = Watched(paths)
        let count = watched.load().index.count
        let digests = try replayDigests(paths, at: [count / 3, count])
        #expect(watched.seek(count / 3).model.digest == digests[count / 3])
        #expect(watched.inspector.snapshot.whole.digest == digests[count])
    }

    @Test("A seek to a time shows every message up to it, the last of several with the same time included")
    func times() throws {
        let file = TemporaryFile("plaza.pcapng")
        _ = try simulate(.plaza, options: SimulationOptions(seed: 3, duration: 4), to: file.path)
        let watched = Watched([file.path])
        let whole = watched.load()
        let times = (0..<whole.index.count).map { whole.index[$0].time }
        for time in [times[0] - 1, times[0], times[200], times[200] + 1, times[times.count - 1]] {
            watched.inspector.seek(.time(time))
            let expected = times.filter { $0 <= time }.count
            let shown = max(time, times[0])
            watched.wait("the cursor did not move") { $0.cursor == expected && $0.time == shown && !$0.isAtEnd }
        }
    }

    @Test("Seeks beyond either end go to that end")
    func beyond() throws {
        let file = TemporaryFile("plaza.pcapng")
        _ = try simulate(.plaza, options: SimulationOptions(seed: 3, duration: 4), to: file.path)
        let watched = Watched([file.path])
        let count = watched.load().index.count
        watched.inspector.seek(.message(.max))
        watched.wait("not at the end") { $0.cursor == count && !$0.isAtEnd }
        watched.inspector.seek(.message(.min))
        watched.wait("not at the beginning") { $0.cursor == 0 }
        watched.inspector.seek(.time(.max))
        watched.wait("not at the end") { $0.cursor == count }
        watched.inspector.seek(.time(.min))
        watched.wait("not at the beginning") { $0.cursor == 0 }
    }

    @Test("Equal models have equal digests, and a model that differs in anything has another")
    func digest() {
        var first = Talk()
        var second = Talk()
        #expect(first.model.digest == second.model.digest)
        var seen: Set<UInt64> = [first.model.digest]
        let steps: [(inout Talk) -> Void] = [
            { $0.send(Sample.connect()) },
            { $0.send(Sample.accept(), from: Sample.server, to: Sample.client) },
            { $0.move(1, to: Vector3(1, 0, 0)) },
            { $0.tell(Sample.full(1, Sample.entry(.added, 1, version: 1, ["a": .int(1)]))) },
            { $0.tell(Sample.delta(4, Sample.entry(.modified, 1, version: 2, ["a": .int(2)]))) },
            { $0.send(Sample.ping) },
            { $0.pass([1, 2, 3]) },
        ]
        for step in steps {
            step(&first)
            step(&second)
            #expect(first.model.digest == second.model.digest)
            #expect(seen.insert(first.model.digest).inserted)
        }
    }
}
