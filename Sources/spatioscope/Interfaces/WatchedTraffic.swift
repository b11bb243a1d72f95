import Capture
import Inspection

/// The interfaces that are watched, and the server that is joined beside them where one is named.
struct WatchedTraffic<Runner: LiveRunner> {
    let feeds: [LiveFeed]
    /// Ports that carry Spatio because a server that is joined says so.
    let ports: Set<UInt16>

    private let captures: [InterfaceCapture]
    private let join: (runner: Runner, request: AttachRequest, feed: LiveFeed)?

    /// Opens the interfaces and gives up what that took. Only then is there anything that talks to somebody: its files are
    /// read as the user whom we are from now on.
    ///
    /// - Parameter filter: BPF, run by the kernel, for the interfaces.
    init(_ interfaces: InterfaceOptions, _ join: JoinOptions, filter: String?) throws {
        captures = try interfaces.open(filter: filter, joins: join.isWanted)
        let feeds = captures.map { LiveFeed($0) }
        guard let request = try join.request() else {
            self.feeds = feeds
            self.join = nil
            ports = []
            return
        }
        let feed = LiveFeed(name: request.title)
        self.feeds = feeds + [feed]
        self.join = (Runner(), request, feed)
        ports = request.ports
    }

    /// The interfaces begin first: the join itself passes them, too.
    func start() throws {
        for capture in captures { capture.start() }
        if let join { try join.runner.start(join.request, feed: join.feed) }
    }

    func stop() {
        join?.runner.stop()
        for capture in captures { capture.stop() }
    }

    /// The server that was to be joined has not let us in, or has cut us off.
    var hasFailed: Bool { join.map { $0.feed.failure != nil || $0.feed.isOutside } ?? false }
}
