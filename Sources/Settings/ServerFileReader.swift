import Screen
import SpatioServer
import SpatioSession
import SpatioWire

/// Makes a server's plan of the entries of its file, and notes all that is wrong in them.
struct ServerFileReader {
    private(set) var plan = ServerPlan()
    private(set) var extensions: [String] = []
    private(set) var problems: [SettingProblem] = []
    private let folder: String

    init(folder: String) { self.folder = folder }

    mutating func read(_ entries: [String: SettingValue]) {
        var table = TableReader(entries, key: "")
        plan.name = table.text("name") ?? plan.name
        plan.serverID = table.uuid("server_id")
        plan.securityLevel = table.choice("security", SecurityLevel.allCases) ?? .none
        plan.demandsToken = table.flag("demands_token") ?? false
        plan.refusesSealedObservers = table.flag("refuses_sealed_observers") ?? false
        plan.isAnnounced = table.flag("announce") ?? true
        plan.endpoints = table.texts("endpoints") ?? []
        extensions = (table.texts("extensions") ?? []).map(resolved)
        if let path = table.text("identity") { plan.identity = readIdentity(path, &table) }
        table.table("flow") { plan.flow = Self.flow(&$0, plan.flow) }
        table.table("limits") { Self.readLimits(&$0, &plan.limits) }
        table.tables("space") { if let space = Self.space(&$0) { plan.spaces.append(space) } }
        table.tables("relay") { relay in
            let id = relay.needed({ $0.uuid("id") }, "id")
            let endpoint = relay.needed({ $0.text("endpoint") }, "endpoint")
            let ttl: UInt8 = relay.integer("ttl", 0...255) ?? 4
            guard let id, let endpoint else { return }
            plan.relays.append(RelayConfig(relayID: id, endpoint: endpoint, ttl: ttl))
        }
        let spaces = plan.spaces
        table.tables("token") { if let token = token(&$0, spaces) { plan.tokens.append(token) } }
        if plan.spaces.isEmpty { table.note("space", "a server needs a space: [[space]]") }
        noteTwins(&table)
        if plan.demandsToken, plan.tokens.isEmpty {
            table.note("demands_token", "nobody could come in: there is no [[token]]")
        }
        problems = table.finished()
    }

    private func noteTwins(_ table: inout TableReader) {
        for (place, space) in plan.spaces.enumerated()
        where plan.spaces[..<place].contains(where: { $0.id == space.id || $0.name == space.name }) {
            table.note("space[\(place)]", "another space has the same name or id")
        }
    }

    // MARK: Secrets

    private func resolved(_ path: String) -> String {
        if path.hasPrefix("~/"), let home = UserFolders.home { return home + path.dropFirst(1) }
        return path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    /// A secret is some dozen octets; who names a larger file has named the wrong one.
    private static let secretLimit = 4096

    /// What is in a file, without a line's end; problems never show it.
    private func secret(_ path: String, _ key: String, _ table: inout TableReader) -> [UInt8]? {
        do throws(SettingsError) {
            var octets = try Files.read(resolved(path), limit: Self.secretLimit)
            while let last = octets.last, octets.count != ServerIdentity.keySize, last == 10 || last == 13 {
                octets.removeLast()
            }
            guard octets.isEmpty else { return octets }
            table.note(key, "\(resolved(path)) is empty")
        } catch {
            table.note(key, error.description)
        }
        return nil
    }

    private func readIdentity(_ path: String, _ table: inout TableReader) -> [UInt8]? {
        guard let octets = secret(path, "identity", &table) else { return nil }
        let key =
            octets.count == ServerIdentity.keySize
            ? octets : SpatioWire.octets(hexadecimal: String(decoding: octets, as: UTF8.self)) ?? []
        guard ServerIdentity(privateKey: key) != nil else {
            table.note("identity", "\(resolved(path)) has neither 32 octets nor 64 hexadecimal digits")
            return nil
        }
        return key
    }

    private func token(_ table: inout TableReader, _ spaces: [SpacePlan]) -> TokenGrant? {
        let name = table.needed({ $0.text("name") }, "name")
        var octets = table.text("secret").map { Array($0.utf8) }
        if let path = table.text("file") {
            if octets != nil { table.note("file", "there is a secret already") }
            octets = secret(path, "file", &table)
        } else if octets?.isEmpty ?? true {
            table.note("secret", "a token needs a secret, or a file that holds it")
        }
        let expires = table.integer("expires", 0...Int.max).map { (value: Int) in UInt64(value) }
        var open: [UUID]?
        if let names = table.texts("spaces") {
            open = names.compactMap { name in
                let space = spaces.first { $0.name == name || $0.id == UUID(parsing: name) }
                if space == nil { table.note("spaces", "there is no space \"\(name)\"") }
                return space?.id
            }
        }
        guard let name, let octets else { return nil }
        return TokenGrant(name: name, secret: octets, expires: expires, spaces: open)
    }

    // MARK: Numbers

    private static func flow(_ table: inout TableReader, _ usual: FlowControl) -> FlowControl {
        FlowControl(
            windowSize: table.integer("window_size", 1...Int(UInt32.max)) ?? usual.windowSize,
            rateLimit: table.integer("rate_limit", 0...Int(UInt32.max)) ?? usual.rateLimit,
            congestionThreshold: table.number("congestion_threshold", 0...1).map { Float($0) }
                ?? usual.congestionThreshold)
    }

    /// Every limit by the name that it has in a file.
    private static var limits: [(key: String, path: WritableKeyPath<ServerLimits, Int>)] {
        [
            ("sessions", \.sessions), ("sessions_per_address", \.sessionsPerAddress), ("observers", \.observers),
            ("handshakes_per_second", \.handshakesPerSecond), ("entities", \.entities),
            ("entities_per_session", \.entitiesPerSession), ("state_octets", \.stateOctets),
            ("fields_per_entity", \.fieldsPerEntity), ("entries_per_write", \.entriesPerWrite), ("history", \.history),
            ("history_octets", \.historyOctets), ("subscriptions_per_session", \.subscriptionsPerSession),
            ("regions_per_session", \.regionsPerSession), ("regions", \.regions),
            ("updates_per_interval", \.updatesPerInterval), ("results", \.results),
            ("places_per_millisecond", \.placesPerMillisecond),
            ("places_per_second", \.placesPerSecond), ("messages_per_second", \.messagesPerSecond),
            ("queries_per_second", \.queriesPerSecond), ("writes_per_second", \.writesPerSecond),
            ("broadcasts_per_second", \.broadcastsPerSecond), ("faults_per_second", \.faultsPerSecond),
            ("pending_relays", \.pendingRelays),
        ]
    }

    /// More of anything is no limit any more.
    private static let limitRange = 0...100_000_000

    private static func readLimits(_ table: inout TableReader, _ limits: inout ServerLimits) {
        for (key, path) in Self.limits {
            if let value: Int = table.integer(key, limitRange) { limits[keyPath: path] = value }
        }
        limits.shortestInterval = table.integer("shortest_interval", 1...3_600_000) ?? limits.shortestInterval
    }
}
