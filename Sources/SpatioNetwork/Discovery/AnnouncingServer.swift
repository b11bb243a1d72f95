import Dispatch
import Glibc
import SpatioServer
import SpatioSession
import SpatioWire

/// Announces a server on every interface by which it is reached, and answers those who look for servers there, until it
/// is stopped. Interfaces may come and go. On a thread of its own.
public final class AnnouncingServer: Sendable {
    private let queue = DispatchQueue(label: "announcing")
    /// A pipe: what is written to it ends the thread. Nil where there is none, and no thread.
    private let end: (read: Int32, write: Int32)?

    /// - Parameters:
    ///   - listening: where the server's sockets are; 0.0.0.0 and :: are every address of their family.
    ///   - log: on the thread, so it must not wait for anything.
    public init(
        _ plan: ServerPlan, serverID: UUID, listening: [PeerAddress],
        log: @escaping @Sendable (ServerEntry) -> Void = { _ in }
    ) {
        var ends: [Int32] = [-1, -1]
        end = pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
        guard let end else {
            log(ServerEntry(.warning, "cannot announce", ["reason": String(cString: strerror(errno))]))
            return
        }
        for descriptor in [end.read, end.write] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        queue.async {
            var loop = AnnouncingLoop(plan, serverID, listening, end: end.read, log: log)
            loop.run()
        }
    }

    /// Takes the announcements back; returns when that is sent.
    public func stop() {
        guard let end else { return }
        var octet: UInt8 = 0
        _ = write(end.write, &octet, 1)
        queue.sync {}
    }

    deinit {
        guard let end else { return }
        close(end.read)
        close(end.write)
    }
}

/// What an `AnnouncingServer` does on its thread.
private struct AnnouncingLoop {
    private struct Entry {
        var link: DiscoveryLink
        var announcer: Announcer
    }

    private let plan: ServerPlan
    private let serverID: UUID
    private let listening: [PeerAddress]
    private let end: Int32
    private let log: @Sendable (ServerEntry) -> Void
    private var entries: [Entry] = []
    /// Interfaces where there is no group to be had, so that it is said once.
    private var failed: Set<LinkInterface> = []
    private var nextLook: Int64

    /// Nanoseconds between two looks at which interfaces there are.
    private static let lookInterval = ServerAnnouncement.interval
    /// Datagrams that are read from a link before the others have their turn.
    private static let batch = 64

    init(
        _ plan: ServerPlan, _ serverID: UUID, _ listening: [PeerAddress], end: Int32,
        log: @escaping @Sendable (ServerEntry) -> Void
    ) {
        self.plan = plan
        self.serverID = serverID
        self.listening = listening
        self.end = end
        self.log = log
        nextLook = Moment.now.monotonic
    }

    mutating func run() {
        while true {
            let now = Moment.now
            if now.monotonic >= nextLook {
                look(now)
                nextLook = now.monotonic + Self.lookInterval
            }
            transmit(now)
            guard wait(now) else { break }
            receive()
        }
        for place in entries.indices { entries[place].announcer.close(at: .now) }
        transmit(.now)
    }

    /// Takes up links that have come, and leaves those that have gone or have other addresses now.
    private mutating func look(_ now: Moment) {
        let links = LinkInterface.all()
        entries.removeAll { !links.contains($0.link.interface) }
        failed.formIntersection(links)
        for interface in links where !failed.contains(interface) {
            let addresses = addresses(on: interface, of: links)
            guard !addresses.isEmpty, !entries.contains(where: { $0.link.interface == interface }) else { continue }
            let names = addresses.map(\.description)
            do throws(DiscoveryLink.Failure) {
                let announcement = plan.announcement(serverID: serverID, at: names)
                entries.append(
                    Entry(link: try DiscoveryLink(interface), announcer: Announcer(announcement, at: now)))
                log(
                    ServerEntry(
                        .info, "announcing",
                        ["interface": interface.name, "addresses": announcement.endpoints.joined(separator: " ")]))
            } catch {
                failed.insert(interface)
                log(ServerEntry(.debug, "cannot announce", ["reason": error.description]))
            }
        }
    }

    /// Where the server is reached from a link, by whichever family.
    private func addresses(on interface: LinkInterface, of links: [LinkInterface]) -> [PeerAddress] {
        let hosts = links.filter { $0.index == interface.index }.flatMap(\.addresses).filter { !$0.isLinkLocal }
        return hosts.flatMap { host in
            listening.filter { address in
                address.host == host || address.host.isUnspecified && address.host.isIPv6 == host.isIPv6
            }.map { PeerAddress(host: host, port: $0.port) }
        }
    }

    private mutating func transmit(_ now: Moment) {
        for place in entries.indices {
            while let octets = entries[place].announcer.nextTransmission(at: now) { entries[place].link.send(octets) }
        }
    }

    /// Returns when something has come or is due; false when it is over.
    private func wait(_ now: Moment) -> Bool {
        let due = entries.compactMap(\.announcer.deadline).min().map { min($0, nextLook) } ?? nextLook
        var waiting = [pollfd(fd: end, events: Int16(POLLIN), revents: 0)]
        waiting += entries.map { pollfd(fd: $0.link.descriptor, events: Int16(POLLIN), revents: 0) }
        _ = poll(&waiting, nfds_t(waiting.count), now.milliseconds(until: due))
        return waiting[0].revents == 0
    }

    private mutating func receive() {
        let now = Moment.now
        // One octet more than what is looked at: what is longer is seen to be.
        withUnsafeTemporaryAllocation(byteCount: ServerAnnouncement.sizeLimit + 1, alignment: 8) { buffer in
            for place in entries.indices {
                for _ in 0..<Self.batch {
                    guard let (count, _) = entries[place].link.receive(into: buffer) else { break }
                    entries[place].announcer.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: now)
                }
            }
        }
    }
}
