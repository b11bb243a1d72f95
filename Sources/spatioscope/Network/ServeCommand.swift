import ArgumentParser
import Glibc
import NIOCore
import Settings
import SpatioNetwork
import SpatioServer
import Simulation
import SpatioSession

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a reference server: spaces, state, queries, regions, groups, observers, security.",
        discussion: """
            Without a file it serves one space, "plaza", open to everybody. A file says which spaces there are, who may \
            come in, the least security and the limits; the README has one to begin with.

              spatioscope serve --demo
              spatioscope serve lab.toml --bind 127.0.0.1 --port 7800

            Ctrl-C or SIGTERM ends it, after it has told its clients. Its log goes to standard error; SPATIO_KEYLOG=FILE \
            in the environment takes the keys of its sessions.
            """)

    @Argument(help: ArgumentHelp("What to serve, in TOML: spaces, tokens, security, limits.", valueName: "file"))
    var file: String?

    @Option(help: "Listen at this port, by UDP and TCP; 0 takes a free one.")
    var port: UInt16 = UInt16(spatioPort)

    @Option(
        help: ArgumentHelp(
            "Listen at this address only; may be repeated. Else at all of this machine.", valueName: "address"))
    var bind: [String] = []

    @Option(help: ArgumentHelp("What the server is called where it announces itself.", valueName: "name"))
    var name: String?

    @Flag(help: "Do not announce the server to those who look for servers on its networks.")
    var noAnnounce = false

    @Flag(help: "The spaces of the demo, with its participants in them.")
    var demo = false

    @Option(help: "Who takes part in the demo, and where they go.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("How the log is written.", valueName: "text|json"))
    var logFormat: ServerLog.Format = .text

    @Option(help: ArgumentHelp("The log leaves out all that is less than this.", valueName: "debug|info|warning"))
    var logLevel: LogLevel = .info

    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case debug, info, warning

        var level: ServerEntry.Level {
            switch self {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            }
        }
    }

    mutating func validate() throws {
        if demo, file != nil { throw ValidationError("--demo brings its own spaces: give it or a file") }
        if let name, name.isEmpty || name.count > ServerAnnouncement.textLimit {
            throw ValidationError("--name has 1 to \(ServerAnnouncement.textLimit) characters")
        }
    }

    func run() throws {
        let plan = try plan()
        let stop = StopSignals()
        let log = ServerLog(logFormat, least: logLevel.level)
        let cast = demo ? DemoCast(seed: seed) : nil
        var served = cast?.plan.forManyFromHere ?? plan
        served.name = name ?? served.name
        if noAnnounce { served.isAnnounced = false }
        let server = try RunningServer(served, at: try addresses(), announces: true, log: log)
        let company = cast.map { Company($0.participants, at: server.addresses[0].reachable) }
        company?.start()
        let signal = stop.wait()
        log.write(ServerEntry(.info, "stopping", ["signal": StopSignals.name(signal)]))
        company?.stop()
        server.stop()
        log.write(ServerEntry(.info, "stopped", [:]))
        log.flush()
        if signal == SIGINT { throw ExitStatus.interrupted }
    }

    private func plan() throws -> ServerPlan {
        guard let file else { return .standard }
        let read: ServerFile
        do throws(SettingsError) { read = try ServerFile(path: file) } catch { throw Failure("\(error)") }
        guard read.problems.isEmpty else { throw Failure(read.problems.joined(separator: "\nspatioscope: ")) }
        var plan = read.plan
        plan.extensions += try ExtensionFile.manifests(read.extensions)
        return plan
    }

    private func addresses() throws -> [SocketAddress] {
        let port = Int(port)
        guard !bind.isEmpty else {
            let all = try SocketAddress(ipAddress: "0.0.0.0", port: port)
            // With a free port for IPv4 the same one may be taken for IPv6; whoever wants both says which.
            guard port != 0, let everywhere = try? SocketAddress(ipAddress: "::", port: port), Self.hasIPv6 else {
                return [all]
            }
            return [all, everywhere]
        }
        return try bind.map { text in
            guard let address = try? SocketAddress(ipAddress: text, port: port) else {
                throw WrongUse("--bind \(text): neither an IPv4 nor an IPv6 address")
            }
            return address
        }
    }

    private static var hasIPv6: Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }
}

extension ServerPlan {
    /// All the demo's participants come from one address and at one time.
    var forManyFromHere: ServerPlan {
        var plan = self
        plan.limits.sessionsPerAddress = max(plan.limits.sessionsPerAddress, 256)
        return plan
    }
}

extension SocketAddress {
    /// Where to reach from this machine what listens everywhere.
    fileprivate var reachable: SocketAddress {
        switch ipAddress {
        case "0.0.0.0": (try? SocketAddress(ipAddress: "127.0.0.1", port: port ?? 0)) ?? self
        case "::": (try? SocketAddress(ipAddress: "::1", port: port ?? 0)) ?? self
        default: self
        }
    }
}

extension ServerLog.Format: ExpressibleByArgument {}
