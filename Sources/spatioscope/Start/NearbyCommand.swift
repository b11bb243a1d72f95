import ArgumentParser
import Glibc
import SpatioNetwork
import SpatioSession
import SpatioWire

struct NearbyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nearby", abstract: "List the servers that announce themselves on this machine's networks.",
        discussion: """
            A line when a server appears, says something else of itself, leaves, or is silent for too long. Nobody proves \
            here who they are: attach --server-key does. It needs no privileges, and gives up those that it has.

            json is an object a line, and tsv the same for shell scripts, with tabs between: event, id, name, address, \
            security, whether a token is demanded, spaces. Both have a line for each announcement, too.
            """)

    @Option(help: ArgumentHelp("How it is printed.", valueName: "text|json|tsv"))
    var format: NearbyPrinter.Format = .text

    @Option(help: ArgumentHelp("End after this long; else with Ctrl-C.", valueName: "seconds"))
    var duration: Double?

    mutating func validate() throws {
        try Self.validate(duration: duration)
    }

    func run() throws {
        let links = LinkInterface.all().compactMap { try? DiscoveryLink($0) }
        guard !links.isEmpty else { throw Failure("there is no network to listen to") }
        // The sockets are open, and nothing of them has been read.
        try Privileges.giveUp(for: .listening)
        Interruption.watch()
        var listener = NearbyListener(links, NearbyPrinter(format: format))
        try listener.run(for: duration.map { Int64($0 * 1e9) })
    }
}

/// Listens to links and prints what is new, on one thread and without opening anything.
private struct NearbyListener {
    private let links: [DiscoveryLink]
    private let printer: NearbyPrinter
    private var servers: NearbyServers
    private let start = Moment.now
    private var requests: UInt32 = 0

    /// Nanoseconds from the start at which everybody is asked: twice, because a datagram may be lost.
    private static let requestTimes: [Int64] = [0, 1_000_000_000]
    /// Datagrams that are read from a link before the others have their turn.
    private static let batch = 64
    /// More than any announcement has.
    private static let bufferSize = 8192

    init(_ links: [DiscoveryLink], _ printer: NearbyPrinter) {
        self.links = links
        self.printer = printer
        servers = NearbyServers(at: start)
    }

    /// - Parameter duration: nanoseconds.
    mutating func run(for duration: Int64?) throws {
        let end = duration.map { start.monotonic + $0 }
        let asker = UUID.random()
        while true {
            let now = Moment.now
            if let end, now.monotonic >= end { return }
            if requests < Self.requestTimes.count,
                now.monotonic - start.monotonic >= Self.requestTimes[Int(requests)]
            {
                let request = NearbyServers.request(peerID: asker, sequence: requests, at: now)
                for link in links { link.send(request) }
                requests += 1
            }
            servers.advance(to: now)
            while let event = servers.nextEvent() { printer.print(event, wall: now.wall) }
            guard wait(until: end, now) else { return }
            if Interruption.isRequested { throw ExitStatus.interrupted }
            receive()
        }
    }

    /// Returns when something has come or is due; false when nobody reads any more what is printed.
    private func wait(until end: Int64?, _ now: Moment) -> Bool {
        let nextRequest =
            requests < Self.requestTimes.count ? start.monotonic + Self.requestTimes[Int(requests)] : nil
        let due = [end, nextRequest, servers.deadline].compactMap { $0 }.min()
        let milliseconds = due.map { now.milliseconds(until: $0) } ?? -1
        // Of a pipe without readers an error is reported, which nobody has to ask for.
        var waiting = [pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)]
        waiting += links.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        _ = poll(&waiting, nfds_t(waiting.count), milliseconds)
        return waiting[0].revents & Int16(POLLERR | POLLHUP) == 0
    }

    private mutating func receive() {
        let now = Moment.now
        withUnsafeTemporaryAllocation(byteCount: Self.bufferSize, alignment: 8) { buffer in
            for link in links {
                for _ in 0..<Self.batch {
                    guard let (count, source) = link.receive(into: buffer) else { break }
                    servers.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]), from: source, at: now)
                }
            }
        }
    }
}
