import Capture
@testable import Inspection
import SpatioSession
import SpatioWire
import Testing

/// What is live may go on for days: the index loses its oldest messages, and the model what they were about.
struct ForgettingTests {
    /// Sessions that come one after the other, each from another port: CONNECT, CONNECT_ACK, an update, goodbye.
    private struct Comers {
        var talk = Talk()
        var count = 0

        mutating func hand(_ sessions: Int, to feed: LiveFeed) {
            for _ in 0..<sessions {
                count += 1
                let client = Self.client(count)
                func send(_ message: Message, _ source: Endpoint, _ destination: Endpoint) {
                    feed.datagram(message.encoded(), from: source, to: destination, at: Sample.start + talk.now)
                }
                send(talk.message(Sample.connect(client: count), from: client), client, Sample.server)
                send(
                    talk.message(Sample.accept(Sample.id(0x10_0000 + count)), from: Sample.server, to: client),
                    Sample.server, client)
                send(
                    talk.message(
                        Sample.update(0x50_0000 + count), from: client, stream: 1,
                        address: Sample.address(stamp: Int(talk.now / 1_000_000))), client, Sample.server)
                send(talk.message(Sample.goodbye, from: client), client, Sample.server)
            }
        }

        static func client(_ number: Int) -> Endpoint {
            Sample.endpoint(
                "10.\(8 + number / 0x3F_0000).\(number / 16_128 % 256).\(number / 63 % 256):\(40_000 + number % 63)")
        }
    }

    /// Hands sessions over in portions that the engine keeps up with.
    private func hand(_ comers: inout Comers, _ sessions: Int, to feed: LiveFeed, _ watched: Watched) -> Snapshot {
        var rest = sessions
        var snapshot = watched.inspector.snapshot
        while rest > 0 {
            comers.hand(min(rest, 2000), to: feed)
            rest -= 2000
            let sent = feed.capture.packets
            snapshot = watched.wait("not everything came") { $0.packets >= sent }
        }
        return snapshot
    }

    @Test("An index of what is live keeps the newest messages, within its limit, and says how many are gone")
    func bounded() {
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed], indexLimit: 4096)
        var comers = Comers()
        let snapshot = hand(&comers, 2000, to: feed, watched)
        #expect(snapshot.index.count == 8000)
        #expect(snapshot.index.keptCount <= 4096 + 512 && snapshot.index.keptCount >= 1024)
        #expect(snapshot.evicted == snapshot.index.start)
        #expect(snapshot.listCount == snapshot.index.keptCount)
        #expect(snapshot.listed(0) == snapshot.index.start)
        #expect(snapshot.row(of: 3) == 0)
        #expect(snapshot.fieldMap(of: 3) == nil)
        for message in [snapshot.index.start, snapshot.index.count - 1] {
            #expect(snapshot.fieldMap(of: message) != nil)
        }
        #expect(snapshot.whole.sessions.count == 2000)
        #expect(snapshot.whole.counters.overflow == 0)
    }

    @Test("A clock cannot go further back than the index, and stands there as a replay of everything would")
    func seeks() throws {
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed], indexLimit: 4096)
        var comers = Comers()
        let snapshot = hand(&comers, 9500, to: feed, watched)
        let start = snapshot.index.start
        #expect(snapshot.whole.sessions.count < 9500)
        watched.inspector.seek(.message(17))
        let first = watched.wait("the clock did not go to the beginning") { !$0.isAtEnd }
        #expect(first.cursor == start && first.time >= snapshot.firstKeptTime)
        watched.seek(start + 5)
        watched.inspector.seek(.time(Sample.start))
        let early = watched.wait("the clock did not go to the beginning") { !$0.isAtEnd && $0.cursor == start }
        #expect(early.time >= snapshot.firstKeptTime)
        let end = watched.seek(snapshot.index.count)
        #expect(end.model.digest == snapshot.whole.digest)
        let back = watched.seek(start + 5)
        watched.seek(snapshot.index.count - 7)
        #expect(watched.seek(start + 5).model.digest == back.model.digest)
    }

    @Test("A clock that was left behind goes along with the beginning")
    func leftBehind() {
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed], indexLimit: 4096)
        var comers = Comers()
        _ = hand(&comers, 100, to: feed, watched)
        watched.seek(50)
        let snapshot = hand(&comers, 2000, to: feed, watched)
        #expect(snapshot.cursor == snapshot.index.start && !snapshot.isAtEnd)
        #expect(snapshot.model.counters.messages == snapshot.cursor)
    }

    @Test("A watcher does not go blind where sessions come and go: what is new takes the place of what is forgotten")
    func comeAndGo() throws {
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed], indexLimit: 4096)
        var comers = Comers()
        let snapshot = hand(&comers, 10_000, to: feed, watched)
        let model = snapshot.whole
        #expect(model.counters.overflow == 0)
        #expect(model.sessions.count < 9600)
        #expect(model.streams.count < 28_000)
        let newest = model.sessions.first { $0.client == Comers.client(10_000) }
        #expect(newest?.state == .closed && newest?.messages == 4)
        #expect(newest?.id == Sample.id(0x10_0000 + 10_000))
        let space = try #require(model.spaceIndex(Sample.space))
        #expect(model.entityIndex(Sample.id(0x50_0000 + 10_000), space: space) != nil)
        // Every message that is kept belongs to the ends that sent it.
        for place in snapshot.index.kept {
            let stream = try #require(model.stream(of: snapshot.index[place]))
            let number = place / 4 + 1
            #expect(model.sessions[stream.session].client == Comers.client(number))
            #expect(stream.since > place / 4 * 4)
        }
    }

    @Test("A filter finds what is kept, and rows and messages go together")
    func filtered() throws {
        let feed = LiveFeed(name: "server")
        let watched = Watched(feeds: [feed], indexLimit: 4096)
        watched.inspector.setFilter(try Filter(parsing: "type == connect"))
        var comers = Comers()
        _ = hand(&comers, 2000, to: feed, watched)
        func check(_ snapshot: Snapshot) {
            #expect(snapshot.listCount == snapshot.index.keptCount / 4)
            for row in 0..<snapshot.listCount {
                let message = snapshot.listed(row)
                #expect(snapshot.index[message].type == .connect && snapshot.row(of: message) == row)
            }
        }
        check(
            watched.wait("not everything was filtered") {
                $0.filter?.examined == $0.index.count && $0.index.count == 8000
            })
        // And one that comes later looks at what is there.
        watched.inspector.setFilter(try Filter(parsing: "type == connect && seq == 0"))
        check(
            watched.wait("not everything was filtered") {
                $0.filter?.filter.text == "type == connect && seq == 0" && $0.filter?.examined == $0.index.count
            })
    }
}
