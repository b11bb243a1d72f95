import Capture
import Dispatch
import Foundation
import SpatioWire
import Testing

@testable import Inspection

/// It runs for days, whatever comes: a flood makes up sessions, streams, entities, spaces and queries, and what is kept
/// stays within its bounds while everything new is followed.
///
/// `SPATIOSCOPE_SOAK=600 swift test --filter SoakTests` floods for so many seconds and prints memory and processor time each few
/// seconds; without it the flood is as long as it takes to meet the smallest bounds.
struct SoakTests {
    /// Packets that are taken in before the index is looked at again.
    private static let batch = 512
    /// What 2,000 sessions do not fit in.
    private static let smallRoom = Model.Room(
        flows: 1024, sessions: 1024, streams: 4096, entities: 1024, roundTrips: 64)
    private static let seconds = ProcessInfo.processInfo.environment["SPATIOSCOPE_SOAK"].flatMap { Double($0) }

    @Test("What a flood makes us keep is bounded, and the newest session is followed as well as the one that goes on")
    func flood() throws {
        let limit = Self.seconds == nil ? 4_096 : MessageBook.usualLimit
        let room = Self.seconds == nil ? Self.smallRoom : .live
        let feed = LiveFeed(name: "flood")
        let watched = Watched(feeds: [feed], indexLimit: limit, room: room)
        var flood = Flood()
        let start = DispatchTime.now()
        var nextWords = start
        while Self.isGoingOn(flood, since: start) {
            for _ in 0..<500 { flood.session(to: feed) }
            let sent = feed.capture.packets
            let snapshot = watched.wait("not everything came") { $0.packets >= sent }
            check(snapshot, limit, room)
            if Self.seconds != nil, DispatchTime.now() >= nextWords {
                nextWords = .now() + 5
                print(Self.words(flood, snapshot))
            }
        }
        #expect(feed.capture.dropped == 0)
        let snapshot = watched.inspector.snapshot
        #expect(snapshot.index.count == flood.messages)
        #expect(snapshot.evicted >= flood.messages - limit - Self.batch)
        #expect(snapshot.whole.counters.overflow == 0)
        let model = snapshot.whole
        // The last one is there with all that is known of it.
        let newest = try #require(model.sessions.first { $0.client == Flood.client(flood.sessions) })
        #expect(newest.state == .closed && newest.id == Flood.id(flood.sessions) && newest.messages == 8)
        let streams = newest.streams.map { model.streams[$0] }
        #expect(streams.contains { $0.roundTrip != nil })
        let space = try #require(model.spaceIndex(Sample.space))
        let entity = try #require(model.entityIndex(Flood.id(flood.sessions), space: space))
        #expect(model.state(of: model.entities[entity])?["name"] == .string("x"))
        #expect(snapshot.chronicle.peers.peer(Flood.id(flood.sessions), until: .max)?.name == "x")
        // And the one that has gone on all the time has never been taken for another.
        let regular = try #require(model.sessions.first { $0.client == Flood.regular })
        #expect(regular.messages == flood.sessions && regular.since < 10)
        #expect(regular.streams.allSatisfy { model.streams[$0].lost == 0 })
        let kept = try #require(model.entityIndex(Flood.regularEntity, space: space))
        #expect(model.entities[kept].updates == flood.sessions)
        let stream = try #require(regular.streams.first)
        #expect(snapshot.chronicle.quality.run(of: stream)?.count ?? 0 > 10)
    }

    private static func isGoingOn(_ flood: Flood, since start: DispatchTime) -> Bool {
        guard let seconds else { return flood.sessions < 2_000 }
        return Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9 < seconds
    }

    /// Everything that a message can make grow.
    private func check(_ snapshot: Snapshot, _ limit: Int, _ room: Model.Room) {
        let model = snapshot.whole
        #expect(snapshot.index.keptCount <= limit + Self.batch)
        #expect(model.sessions.count <= room.sessions && model.streams.count <= room.streams)
        #expect(model.flows.count <= room.flows && model.entities.count <= room.entities)
        #expect(model.roundTrips.count <= room.roundTrips && model.spaces.count <= Model.Limits.spaces)
        #expect(model.states.count <= room.entities && model.trails.count == model.entities.count)
        #expect(model.sessionsByID.count <= room.sessions)
        #expect(model.forgetting.events.count < 1000)
        let chronicle = snapshot.chronicle
        #expect(chronicle.findings.findings.keptCount <= FindingRule.allCases.count * FindingLog.limit)
        #expect(chronicle.spatial.queries.keptCount <= SpatialChronicle.limit)
        #expect(chronicle.quality.roundTrips.keptCount <= QualityChronicle.Limits.delays)
        #expect(chronicle.quality.notices.keptCount <= QualityChronicle.Limits.notices)
        #expect(chronicle.peers.peers.count <= PeerChronicle.Limits.peers)
        let states = chronicle.states.known.compactMap { chronicle.states[$0] }
        #expect(states.reduce(0) { $0 + $1.events.keptCount } <= StateLimits.events)
        #expect(states.allSatisfy { $0.replicas.count <= StateLimits.replicas })
        #expect(snapshot.reassemblies.count <= MessageBook.reassemblyLimit)
    }

    private static func words(_ flood: Flood, _ snapshot: Snapshot) -> String {
        let model = snapshot.whole
        return "\(flood.messages) messages, \(snapshot.index.keptCount) kept, \(model.sessions.count) sessions, "
            + "\(model.streams.count) streams, \(model.entities.count) entities, \(model.counters.overflow) not followed, "
            + "\(residentMegabytes()) MiB resident, \(processorSeconds()) s of processor time"
    }

    private static func residentMegabytes() -> Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return (pages?.dropFirst().first.flatMap { Int($0) } ?? 0) * Int(getpagesize()) / (1 << 20)
    }

    private static func processorSeconds() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    }
}
