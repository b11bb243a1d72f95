import Glibc
import Panes
import SpatioSession

/// The servers nearby, as a process of its own hears them: `nearby`, which has given up every right before it reads what
/// the network says. This one reads only its lines.
final class NearbyFeed {
    /// Readable when there is news; nil: nothing comes any more.
    private(set) var descriptor: Int32?
    /// Why nothing comes any more.
    private(set) var problem: String?
    private var process: pid_t?
    private var rest: [UInt8] = []
    private var servers: [String: (server: NearbyServer, heard: Int64)] = [:]

    /// Octets of a line; the fields of one are bounded where they are made.
    private static let lineLimit = 4096
    /// Octets that are read at a time, so that no flood holds up the screen.
    private static let readLimit = 64 << 10

    init() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            problem = String(cString: strerror(errno))
            return
        }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        descriptor = ends[0]
        do {
            process = try OwnProgram.start(["nearby", "--format", "tsv"], output: ends[1])
        } catch {
            problem = "\(error)"
            stop()
        }
    }

    deinit { stop() }

    /// Ends the process, and returns when it has gone.
    func stop() {
        if let descriptor { close(descriptor) }
        descriptor = nil
        guard let process else { return }
        self.process = nil
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// Takes in what has come.
    ///
    /// - Parameter now: monotonic seconds.
    func read(at now: Int64) {
        guard let descriptor else { return }
        var chunk = [UInt8](repeating: 0, count: Self.readLimit)
        let count = Glibc.read(descriptor, &chunk, chunk.count)
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            if problem == nil { problem = "the process that listens has ended" }
            servers = [:]
            return stop()
        }
        rest += chunk[..<count]
        var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Array(lines.removeLast().prefix(Self.lineLimit))
        for line in lines where line.count <= Self.lineLimit { take(String(decoding: line, as: UTF8.self), at: now) }
    }

    private func take(_ line: String, at now: Int64) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 7 else {
            // What it says of itself when it cannot go on.
            let prefix = "spatioscope: "
            if line.hasPrefix(prefix) { problem = String(line.dropFirst(prefix.count)) }
            return
        }
        let id = fields[1]
        switch fields[0] {
        case "left", "lost": servers[id] = nil
        default:
            guard servers[id] != nil || servers.count < NearbyServers.limit, PeerAddress(parsing: fields[3]) != nil
            else {
                return
            }
            func said(_ place: Int) -> String? { fields[place] == "-" ? nil : fields[place] }
            servers[id] = (
                NearbyServer(
                    id: id, name: said(2), address: fields[3], security: said(4)?.lowercased(),
                    demandsToken: said(5).map { $0 == "yes" }, spaces: said(6)), now
            )
        }
    }

    /// By name, then by address.
    func servers(at now: Int64) -> [NearbyServer] {
        servers.values.map { entry in
            var server = entry.server
            server.silence = now - entry.heard
            return server
        }.sorted { ($0.name ?? "", $0.address, $0.id) < ($1.name ?? "", $1.address, $1.id) }
    }
}
