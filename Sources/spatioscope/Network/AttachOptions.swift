import ArgumentParser
import Capture
import Inspection
import Settings
import SpatioNetwork
import SpatioWire

/// Which server to join, and as whom.
struct AttachOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The server; its port is 7728 unless it is said.", valueName: "host[:port]"))
    var server: String?

    @OptionGroup var observer: ObserverOptions

    mutating func validate() throws {
        if server == nil, observer.group.isEmpty {
            throw ValidationError("a server is needed: HOST[:PORT], or --group")
        }
        if let server { try ServerAddress.validate(server) }
    }

    /// Everything looked up and read.
    ///
    /// - Throws: `Failure` when a file cannot be read, `WrongUse` when what it holds cannot be meant.
    func request() throws -> AttachRequest { try observer.request(server) }
}

/// The server that is joined beside what else is watched.
struct JoinOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also join this server as an observer, as attach does, and tell what it mirrors from what passes here.",
            valueName: "host[:port]"))
    var attach: String?

    @OptionGroup var observer: ObserverOptions

    mutating func validate() throws {
        if let attach { return try ServerAddress.validate(attach) }
        if let option = observer.given, observer.group.isEmpty {
            throw ValidationError("\(option) goes with --attach")
        }
    }

    /// Whether somebody else is to be heard than the interfaces.
    var isWanted: Bool { attach != nil || !observer.group.isEmpty }

    /// Everything looked up and read; nil where nothing is to be joined.
    ///
    /// - Throws: `Failure` when a file cannot be read, `WrongUse` when what it holds cannot be meant.
    func request() throws -> AttachRequest? { isWanted ? try observer.request(attach) : nil }
}

/// How a server is joined as an observer, and what else is listened to.
struct ObserverOptions: ParsableArguments {
    @Flag(help: "Join by TCP; else by UDP.")
    var tcp = false

    @Option(
        help: ArgumentHelp("Watch this space; may be repeated. Else all that the server shows.", valueName: "name|uuid")
    )
    var space: [String] = []

    @Option(
        help: ArgumentHelp(
            "Holds the token that lets us in; else SPATIO_TOKEN in the environment does.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The server's Ed25519 key, 64 hexadecimal digits or a file that holds them: no other server is believed.",
            valueName: "hex|file"))
    var serverKey: String?

    @Option(
        help: ArgumentHelp(
            "The least protection that is acceptable; the server may raise it. With a token it is sign, so that the token "
                + "is proved and not sent; else none.", valueName: "none|sign|encrypt"))
    var security: Security?

    @Option(
        help: ArgumentHelp(
            "Also listen to this multicast group; may be repeated. Without a server, to nothing else.",
            valueName: "address[:port]"))
    var group: [String] = []

    @Option(help: ArgumentHelp("What we are called at the server.", valueName: "name"))
    var name = Self.usualName

    static let usualName = "spatioscope"

    enum Security: String, ExpressibleByArgument, CaseIterable {
        case none, sign, encrypt

        var level: SecurityLevel {
            switch self {
            case .none: .none
            case .sign: .sign
            case .encrypt: .encrypt
            }
        }
    }

    mutating func validate() throws {
        for group in group where ServerAddress(parsing: group)?.multicast == nil {
            throw ValidationError("--group \(group): not the address of a multicast group")
        }
        if name.isEmpty || name.utf8.count > Self.nameLimit {
            throw ValidationError("--name has 1 to \(Self.nameLimit) octets")
        }
    }

    /// Names of peers are for people.
    private static let nameLimit = 255

    /// One that was given, whatever it is; nil: none.
    var given: String? {
        if tcp { return "--tcp" }
        if !space.isEmpty { return "--space" }
        if tokenFile != nil { return "--token-file" }
        if serverKey != nil { return "--server-key" }
        if security != nil { return "--security" }
        return name == Self.usualName ? nil : "--name"
    }

    /// Everything looked up and read.
    func request(_ server: String?) throws -> AttachRequest {
        let token = try token()
        return AttachRequest(
            server: server.flatMap { ServerAddress(parsing: $0) }, isStream: tcp, spaces: space,
            token: token, serverKey: try key(), security: security?.level ?? (token == nil ? .none : .sign),
            groups: group.compactMap { ServerAddress(parsing: $0)?.multicast }, name: name)
    }

    /// A token fits on a line.
    private static let tokenLimit = 16 << 10

    private func token() throws -> [UInt8]? {
        let text = try tokenFile.map { try readFile($0, limit: Self.tokenLimit) }
        guard let octets = text ?? UserFolders.environment("SPATIO_TOKEN").map({ Array($0.utf8) }) else { return nil }
        // Editors end a file with a line feed, which no token has.
        let blanks: Set<UInt8> = [10, 13, 32, 9]
        let token = octets.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed()
        guard !token.isEmpty else { throw WrongUse("\(tokenFile ?? "SPATIO_TOKEN"): holds no token") }
        return Array(token)
    }

    private static let keySize = 32

    private func key() throws -> [UInt8]? {
        guard let serverKey else { return nil }
        if let key = Self.key(serverKey) { return key }
        let text = String(decoding: try readFile(serverKey, limit: Self.tokenLimit), as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let key = Self.key(String(words[0])) else {
            throw WrongUse("--server-key \(serverKey): not \(2 * Self.keySize) hexadecimal digits")
        }
        return key
    }

    private static func key(_ text: String) -> [UInt8]? {
        guard let octets = SpatioWire.octets(hexadecimal: text), octets.count == keySize else { return nil }
        return octets
    }
}
