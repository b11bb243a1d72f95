import Capture
import Simulation
import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// The chronicle as of the clock tells exactly what a replay until then would: nothing less, and nothing of what came later.
struct QualityPrefixTests {
    @Test(
        "A picture as of a message is that of a capture which ends there",
        arguments: [Scenario.lossy, .congested, .peers, .extension, .segments])
    func prefix(scenario: Scenario) throws {
        let file = TemporaryFile("\(scenario.rawValue).pcapng")
        _ = try simulate(scenario, options: SimulationOptions(seed: 2, duration: 6), to: file.path)
        let whole = try snapshots(file.path, every: .max)[0]
        let stopped = try snapshots(file.path, every: whole.index.count / 7)
        #expect(stopped.count >= 7)
        for stop in stopped {
            let moved = whole.moved(to: stop.cursor)
            #expect(moved.time == stop.time && moved.chronicle.quality.width == stop.chronicle.quality.width)
            for step in [100_000_000, 1_000_000_000] as [Int64] {
                let range = QualityRange(
                    covering: whole.firstTime, to: whole.lastTime, points: 1_000, width: step)
                for scope in stop.scopes.prefix(12) {
                    #expect(moved.quality(of: scope, over: range) == stop.quality(of: scope, over: range))
                }
            }
            for group in CostGroup.allCases {
                #expect(moved.cost(by: group) == stop.cost(by: group))
            }
            #expect(!moved.cost(by: .stream).rows.isEmpty)
        }
    }

    /// What an analysis knows after each so many messages, at the end of a packet, and at the end.
    private func snapshots(_ path: String, every messages: Int) throws -> [Snapshot] {
        let source = try CaptureSource(paths: [path], keepsPackets: true)
        var analysis = Analysis()
        var found: [Snapshot] = []
        while let packet = source.next() {
            analysis.take(packet)
            let last = found.last?.cursor ?? 0
            if analysis.book.model.counters.messages - last >= messages {
                found.append(Snapshot(analysis, of: source))
            }
        }
        analysis.finish()
        return found + [Snapshot(analysis, of: source)]
    }

    @Test("Wider intervals hold the same sums")
    func coarsening() {
        var talk = Talk()
        for step in 0..<200 { talk.move(1, sequence: UInt32(step + step / 10), at: Double(step) * 130) }
        let fine = talk.picture(.stream(0), step: 5, count: 6)
        var coarse = talk.snapshot
        coarse.chronicle.quality.coarsen()
        coarse.chronicle.quality.coarsen()
        #expect(coarse.chronicle.quality.width == 1_000_000_000)
        let lines = coarse.quality(of: .stream(0), over: fine.range).lines
        #expect(lines[0].messages == fine.lines[0].messages && lines[0].octets == fine.lines[0].octets)
        #expect(lines[0].loss == fine.lines[0].loss && lines[0].jitter == fine.lines[0].jitter)
        #expect(lines[0].loss[1].map { $0 > 0.05 } == true)
    }

    @Test("Steps shorter than the intervals are counted from the index, with the same figures")
    func fine() throws {
        let file = TemporaryFile("lossy.pcapng")
        _ = try simulate(.lossy, options: SimulationOptions(seed: 4, duration: 8), to: file.path)
        let whole = try snapshots(file.path, every: .max)[0]
        var coarse = whole
        while coarse.chronicle.quality.width < 5_000_000_000 { coarse.chronicle.quality.coarsen() }
        let step = coarse.finestStep(from: whole.firstTime, to: whole.lastTime)
        let range = QualityRange(covering: whole.firstTime, to: whole.lastTime, points: 20, width: step)
        #expect(range.step < coarse.chronicle.quality.width)
        for scope in whole.scopes {
            for (exact, fine) in zip(
                whole.quality(of: scope, over: range).lines, coarse.quality(of: scope, over: range).lines)
            {
                #expect(fine.messages == exact.messages && fine.octets == exact.octets)
                #expect(fine.duplicates == exact.duplicates && fine.retransmits == exact.retransmits)
                #expect(fine.reordered == exact.reordered)
                #expect(fine.jitter.contains { $0 != nil } == exact.jitter.contains { $0 != nil })
                #expect(fine.threshold == exact.threshold)
            }
        }
        let lost = coarse.quality(of: .everything, over: range).lines[0].loss.compactMap { $0 }
        #expect(lost == whole.quality(of: .everything, over: range).lines[0].loss.compactMap { $0 })
        #expect(lost.contains { $0 > 0 })
    }

    // MARK: Bounds

    @Test("However long a capture, there are not more intervals than for their messages")
    func marks() {
        var chronicle = QualityChronicle()
        var counts = QualityCounts()
        for slot in 0..<300_000 as Range<Int64> {
            counts.messages += 1
            chronicle.add(
                everything: QualitySample(
                    slot: slot * 100_000_000 / chronicle.width, counts: counts, jitter: 1, jitterPeak: 2))
            chronicle.makeRoom(messages: 1000)
        }
        #expect(chronicle.everything.count <= QualityChronicle.Limits.marks(messages: 1000))
        #expect(chronicle.width > 100_000_000)
        #expect(chronicle.everything[chronicle.everything.count - 1].counts.messages == 300_000)
    }

    @Test("An empty time takes no room, however long")
    func empty() {
        var talk = Talk()
        talk.move(1, at: 0)
        talk.move(1, at: 1e12)
        talk.move(1, at: 1e12 + 1)
        #expect(talk.chronicle.quality.everything.count == 1)
        #expect(talk.chronicle.quality.run(of: 0)?.count == 1)
    }

    @Test("Of invented streams and sessions the newest have a series, and those that were silent longest have none")
    func inventedStreams() {
        var chronicle = QualityChronicle()
        let limit = QualityChronicle.Limits.streams
        for stream in 0..<limit + 10 {
            chronicle.add(
                QualitySample(slot: Int64(stream), counts: QualityCounts(), jitter: .nan, jitterPeak: .nan),
                stream: stream)
        }
        let kept = (0..<limit + 10).filter { chronicle.run(of: $0) != nil }
        #expect(kept.count <= limit && kept.count > limit / 2)
        #expect(kept.last == limit + 9 && kept.first == limit / 4)
        let windows = QualityChronicle.Limits.windows
        for session in 0..<windows + 10 {
            chronicle.add(WindowSample(slot: Int64(session), octets: 1, peak: 1), session: session, sender: .client)
        }
        #expect(chronicle.window(0, of: .client) == nil)
        #expect(chronicle.window(windows + 9, of: .client)?.count == 1)
    }

    @Test("A clock that runs backwards, or leaps, changes no interval that is over")
    func backwards() {
        var talk = Talk()
        for time in [5000.0, 0, 100, 9000, 4000, 8999, -1e12, 9001, 1e12] { talk.move(1, stamp: 0, at: time) }
        let run = talk.chronicle.quality.everything
        #expect((1..<run.count).allSatisfy { run[$0 - 1].slot < run[$0].slot })
        #expect(talk.picture(count: 10).lines[0].messages.allSatisfy { $0.map { $0 >= 0 } ?? true })
    }
}
