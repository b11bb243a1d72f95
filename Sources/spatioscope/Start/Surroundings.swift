import Capture
import Glibc
import Panes

/// What there is to watch around this machine, looked at once a second.
struct Surroundings {
    /// Milliseconds between two looks; the second comes sooner, so that there are rates to see.
    private static let interval: Int64 = 1000
    private static let firstInterval: Int64 = 300
    /// Milliseconds after which a server that is there has had time to say so.
    private static let answerTime: Int64 = 1500
    /// Milliseconds that a listener is left alone, however often addresses change.
    private static let listenerLife: Int64 = 5000

    private var traffic = InterfaceTraffic()
    private var looks = 0
    /// Monotonic milliseconds.
    private var nextLook: Int64 = 0
    private var feed: NearbyFeed?
    private var feedStart: Int64 = 0
    /// The interfaces that the listener listens on.
    private var heard: [Place] = []

    /// An interface as far as it matters to who listens there.
    private struct Place: Equatable {
        var name: String
        var addresses: [IPAddress]
    }

    /// What is readable when there is news of servers.
    var descriptor: Int32? { feed?.descriptor }

    /// Milliseconds until ``look(_:)`` has something to do.
    var patience: Int32 { Int32(clamping: max(0, nextLook - Self.milliseconds)) }

    private static var milliseconds: Int64 { SystemClock.monotonic / 1_000_000 }

    /// Tells the page what is new.
    mutating func look(_ page: inout StartPage) {
        let now = Self.milliseconds
        if now >= nextLook {
            lookAtInterfaces(now, &page)
            looks += 1
            nextLook = now + (looks == 1 ? Self.firstInterval : Self.interval)
            page.now = Int64(time(nil))
        }
        guard let feed else { return }
        feed.read(at: now / 1000)
        page.show(feed.servers(at: now / 1000))
        if let problem = feed.problem {
            page.listening = .impossible(reason: problem)
        } else {
            page.listening = now - feedStart < Self.answerTime ? .starting : .running
        }
    }

    private mutating func lookAtInterfaces(_ now: Int64, _ page: inout StartPage) {
        // Without a list there is none to choose from; live says why.
        let all = (try? NetworkInterface.all()) ?? []
        traffic.take(InterfaceCounters.all(), at: now * 1_000_000)
        page.show(StartInterface.list(all, traffic))
        let places = all.filter(\.isUp).map { Place(name: $0.name, addresses: $0.addresses) }
        guard places != heard, feed == nil || now - feedStart >= Self.listenerLife else { return }
        heard = places
        feedStart = now
        feed?.stop()
        feed = NearbyFeed()
    }

    /// Leaves nothing running.
    mutating func stop() {
        feed?.stop()
        feed = nil
    }
}
