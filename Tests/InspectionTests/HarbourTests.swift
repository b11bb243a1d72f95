import Capture
import Foundation
import Simulation
import SpatioWire
import Testing

@testable import Inspection

/// The scenario `regions` says what is wrong in it; all of that is found, and nothing else.
@Suite("The harbour")
struct HarbourTests {
    private static let whole: Result<Snapshot, any Error> = Result {
        let file = TemporaryFile("harbour.pcapng")
        _ = try simulate(.regions, options: SimulationOptions(seed: 3, duration: 12), to: file.path)
        let source = try CaptureSource(paths: [file.path], keepsPackets: true)
        var analysis = Analysis()
        while source.read(100, { analysis.take($0) }) {}
        analysis.finish()
        return Snapshot(analysis, of: source)
    }

    private func snapshot(at seconds: Double) throws -> Snapshot {
        var snapshot = try Self.whole.get()
        let time = snapshot.firstTime + Int64(seconds * 1e9)
        var model = snapshot.whole.fresh()
        var reader = SequentialReader(snapshot.reader)
        for number in 0..<snapshot.index.count(until: time) {
            snapshot.whole.replay(snapshot.index[number], number: number + 1, into: &model, &reader)
        }
        snapshot.moveCursor(to: model, time: time)
        return snapshot
    }

    private func label(_ index: Int, _ snapshot: Snapshot) -> String {
        snapshot.model.label(of: snapshot.model.entities[index])
    }

    @Test("Every fifth query is late, every fifth is not answered at all, the others are answered in time")
    func queries() throws {
        let snapshot = try Self.whole.get()
        let queries = snapshot.chronicle.spatial.queries
        #expect(queries.count > 20)
        let end = snapshot.lastTime
        var unanswered = 0
        for place in 0..<queries.count {
            let query = queries[place]
            // Whose time is not over when everybody goes proves nothing.
            guard query.asked.time + 1_500_000_000 < end else { continue }
            let expected: AskedQuery.Status = query.id % 5 == 4 ? .late : query.id % 5 == 0 ? .unanswered : .answered
            #expect(query.status(until: snapshot.cursor) == expected, "query \(query.id)")
            if expected != .answered { unanswered += 1 }
        }
        // What comes 0.12 s behind its timeout is beyond the grace too.
        let found = snapshot.chronicle.findings.count(of: .unansweredQuery)
        #expect(unanswered...unanswered + 4 ~= found)
        #expect(Set((0..<queries.count).map { queries[$0].kind }) == ["POINT", "RADIUS", "BOUNDS", "FRUSTUM"])
    }

    @Test("Nothing is missing in an answer, and nothing is there that should not be")
    func answers() throws {
        let snapshot = try Self.whole.get()
        var truncated = 0
        for place in 0..<snapshot.chronicle.spatial.queries.count {
            let query = snapshot.chronicle.spatial.queries[place]
            guard let answer = query.answer(until: snapshot.cursor), query.status(until: snapshot.cursor) == .answered
            else { continue }
            let truth = try #require(snapshot.truth(ofQuery: place))
            #expect(truth.count(of: .extra) == 0, "query \(query.id) of session \(query.session)")
            // The crane's parts are nowhere that the server could know.
            #expect(truth.count(of: .missed) == 0, "query \(query.id) of session \(query.session)")
            if answer.isTruncated {
                truncated += 1
                #expect(answer.results == Int(query.maxResults))
            }
        }
        #expect(truncated > 0)
    }

    @Test("One robot is kept from alice, and bob is told of one far away", arguments: [4.0, 5.5, 7.0])
    func subscriptions(seconds: Double) throws {
        let snapshot = try snapshot(at: seconds)
        var silent: Set<String> = []
        var outside: Set<String> = []
        for place in snapshot.chronicle.spatial.subscriptions(until: snapshot.cursor) {
            let subscription = snapshot.chronicle.spatial.subscriptions[place]
            // The server takes a frustum for a ball: that is another story.
            if case .frustum = subscription.bounds { continue }
            let who = snapshot.whole.sessions[subscription.session].name
            let truth = snapshot.truth(ofSubscription: place)
            for (entity, verdict) in truth.verdicts {
                switch verdict {
                case .silent: silent.insert("\(who) \(label(entity, snapshot))")
                case .outside: outside.insert("\(who) \(label(entity, snapshot))")
                case .heard: break
                }
            }
        }
        #expect(silent == ["alice robot-1"])
        #expect(outside.isSubset(of: ["bob robot-2"]))
    }
}
