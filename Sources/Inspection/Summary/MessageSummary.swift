import SpatioWire

/// What a message says, in one line: the last column of a list of messages. Nothing in it can steer a terminal.
package enum MessageSummary {
    /// What is said of a message that the snap length has cut.
    package static func cut(after octets: Int) -> String {
        "cut by the snap length after " + SummaryFields.counted(octets, "octet", "octets")
    }

    /// - Parameters:
    ///   - map: the decoded message.
    ///   - model: names of spaces, entities and extensions; without it they are shown by their ids.
    package static func text(_ type: MessageType, map: FieldMap, model: Model?) -> String {
        if let error = map.error { return "malformed at \(error.offset): \(error.reason.rawValue)" }
        let fields = SummaryFields(map: map, model: model)
        if fields.isPresent("sealed") {
            return "sealed, " + SummaryFields.counted(fields.size("sealed"), "octet", "octets")
        }
        guard fields.isPresent("segment") else { return payload(type, fields) }
        guard fields.isPresent("reassembled") else { return segment(fields) }
        let segments = SummaryFields.counted(Int(fields.number("reassembled.segments") ?? 0), "segment", "segments")
        return "completes \(segments): " + payload(type, fields)
    }

    private static func segment(_ fields: SummaryFields) -> String {
        let start = fields.number("data.segment_offset") ?? 0
        let end = start + (fields.number("data.segment_size") ?? 0)
        let total = fields.number("data.total_size") ?? 0
        let compression = fields.name("data.compression")
        return
            "segment \(SummaryFields.grouped(start))..\(SummaryFields.grouped(end)) of \(SummaryFields.grouped(total))"
            + (compression == "NONE" ? "" : " " + compression)
    }

    private static func payload(_ type: MessageType, _ fields: SummaryFields) -> String {
        words(type, fields).filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The parts of the line; empty ones are left out.
    private static func words(_ type: MessageType, _ fields: SummaryFields) -> [String] {
        switch type {
        case .connect: connect(fields)
        case .connectAck: acknowledgement(fields)
        case .disconnect:
            [named(fields, "payload.category", unless: "NONE"), fields.name("payload.code"), reason(fields)]
        case .ping: ["ping \(fields.number("payload.ping_id") ?? 0)", counted(fields, "payload.streams", "stream")]
        case .pong: pong(fields)
        case .spatialUpdate: update(fields)
        case .spatialQuery: [number(fields, "payload.query_id"), query(fields)]
        case .spatialResponse: response(fields)
        case .boundUpdate: bound(fields)
        case .regionSubscribe: subscription(fields)
        case .stateSync: state(fields, "payload")
        case .stateRequest: request(fields)
        case .stateResponse:
            [number(fields, "payload.request_id"), failure(fields)] + state(fields, "payload.sync")
        case .deltaUpdate: state(fields, "payload.sync")
        case .conflictResolve: resolution(fields)
        default: otherWords(type, fields)
        }
    }

    private static func otherWords(_ type: MessageType, _ fields: SummaryFields) -> [String] {
        switch type {
        case .peerDiscover: peer(fields, "payload") + [fields.name("payload.discovery_mode.type")]
        case .peerAnnounce:
            peer(fields, "payload.peer") + [
                counted(fields, "payload.endpoints", "endpoint"), counted(fields, "payload.groups", "group"),
            ]
        case .peerLeave: ["peer", fields.id("payload.peer_id"), fields.name("payload.code"), reason(fields)]
        case .relayRequest:
            [
                number(fields, "payload.request_id"), fields.id("payload.source"), ">", fields.id("payload.target"),
                "ttl \(fields.number("payload.ttl") ?? 0)", octets(fields, "payload.payload"),
            ]
        case .relayResponse:
            [
                number(fields, "payload.request_id"), failure(fields), "relay", fields.id("payload.relay_id"),
                SummaryFields.counted(Int(fields.number("payload.hops") ?? 0), "hop", "hops"),
            ]
        // Credentials and tokens are secrets: only their size is told.
        case .authRequest: [fields.name("payload.method"), octets(fields, "payload.credentials")]
        case .authResponse: [fields.name("payload.code"), reason(fields), "token", octets(fields, "payload.token")]
        case .keyExchange: keys(fields)
        case .challenge: [number(fields, "payload.challenge_id"), "nonce", octets(fields, "payload.nonce")]
        case .challengeResponse: [number(fields, "payload.challenge_id"), "proof", octets(fields, "payload.proof")]
        case .extension: application(fields)
        case .custom:
            [
                "type \(fields.number("payload.custom_type") ?? 0),",
                SummaryFields.counted(fields.size("payload.data"), "octet", "octets"),
            ]
        default:
            [
                "type 0x\(String(type.rawValue, radix: 16)),",
                SummaryFields.counted(fields.size("raw"), "octet", "octets"),
            ]
        }
    }

    // MARK: Connection

    private static func connect(_ fields: SummaryFields) -> [String] {
        let spaces = fields.count("payload.spaces")
        return [
            fields.quoted("payload.name"), fields.name("payload.role"),
            spaces == 0 ? "every space" : SummaryFields.counted(spaces, "space", "spaces"),
            named(fields, "payload.config.security_level", unless: "NONE"),
            fields.isPresent("payload.auth") ? "auth \(fields.name("payload.auth.method"))" : "",
        ]
    }

    private static func acknowledgement(_ fields: SummaryFields) -> [String] {
        guard failure(fields).isEmpty else { return [failure(fields), reason(fields)] }
        let names = fields.values("payload.spaces.name", limit: 3).map { name in
            if case .string(let text) = name { SummaryFields.shortened(text) } else { "-" }
        }
        return [
            "session", fields.id("payload.session_id"), counted(fields, "payload.spaces", "space"),
            names.joined(separator: ", "), named(fields, "payload.config.security_level", unless: "NONE"),
        ]
    }

    private static func pong(_ fields: SummaryFields) -> [String] {
        var missing: UInt64 = 0
        for case .unsigned(let count) in fields.values("payload.acks.missing.count") { missing += count }
        let held = DecimalText.fixed(Double(fields.number("payload.hold_time") ?? 0) / 1000, places: 1)
        return [
            "ping \(fields.number("payload.ping_id") ?? 0) hold \(held) ms",
            missing > 0 ? "missing \(SummaryFields.grouped(missing))" : "",
        ]
    }

    // MARK: Space

    private static func update(_ fields: SummaryFields) -> [String] {
        let count = fields.count("payload.updates")
        let head = SummaryFields.counted(count, "entity", "entities")
        guard count == 1 else { return [head, fields.entities("payload.updates.entity_id")] }
        var speed = ""
        if case .vector3f(let velocity) = fields.value("payload.updates.velocity") {
            let (x, y, z) = (Double(velocity.x), Double(velocity.y), Double(velocity.z))
            speed = DecimalText.fixed((x * x + y * y + z * z).squareRoot(), places: 1) + " m/s"
        }
        return [
            head, fields.entities("payload.updates.entity_id"), fields.position("payload.updates.position"), speed,
        ]
    }

    private static func query(_ fields: SummaryFields) -> String {
        let path = "payload.parameters"
        let kind = fields.name("payload.type")
        return switch kind {
        case "POINT":
            "POINT at \(fields.position("\(path).point")) within \(fields.short("\(path).tolerance")) m"
        case "RADIUS": "RADIUS \(fields.short("\(path).radius")) m at \(fields.position("\(path).center"))"
        case "BOUNDS": "BOUNDS \(fields.position("\(path).min")) .. \(fields.position("\(path).max"))"
        default: "\(kind) from \(fields.position("\(path).apex")) to \(fields.short("\(path).far")) m"
        }
    }

    private static func volume(_ fields: SummaryFields, _ path: String) -> String {
        let value = path + ".value"
        let kind = fields.name(path + ".tag")
        return switch kind {
        case "BOX": "BOX \(fields.position("\(value).min")) .. \(fields.position("\(value).max"))"
        case "SPHERE": "SPHERE \(fields.short("\(value).radius")) m at \(fields.position("\(value).center"))"
        default: "\(kind) from \(fields.position("\(value).apex")) to \(fields.short("\(value).far")) m"
        }
    }

    private static func response(_ fields: SummaryFields) -> [String] {
        let count = fields.count("payload.results")
        let truncated = fields.value("payload.truncated") == .boolean(true)
        return [
            number(fields, "payload.query_id"), failure(fields), SummaryFields.counted(count, "result", "results"),
            fields.entities("payload.results.entity_id"), truncated ? "and more" : "",
        ]
    }

    private static func bound(_ fields: SummaryFields) -> [String] {
        [
            "region", fields.id("payload.region_id"), volume(fields, "payload.bounds"),
            fields.uuid("payload.entity_id").map { "of \(fields.entity($0))" } ?? "",
        ]
    }

    private static func subscription(_ fields: SummaryFields) -> [String] {
        let head = number(fields, "payload.subscription_id")
        let interval = fields.number("payload.update_frequency") ?? 0
        guard interval > 0 else { return [head, "cancelled"] }
        return [
            head, volume(fields, "payload.bounds"), "every \(SummaryFields.grouped(interval)) ms",
            fields.name("payload.priority"),
        ]
    }

    // MARK: State

    /// - Parameter path: of a StateSync.
    private static func state(_ fields: SummaryFields, _ path: String) -> [String] {
        guard let version = fields.number(path + ".version") else { return [] }
        let isDelta = fields.value(path + ".delta") == .boolean(true)
        let base = fields.number("payload.base_version") ?? (isDelta && version > 0 ? version - 1 : nil)
        return [
            fields.space(path + ".space_id"), base.map { "v\($0)>v\(version)" } ?? "v\(version) full",
            SummaryFields.counted(fields.count(path + ".entries"), "entry", "entries"),
        ]
    }

    private static func request(_ fields: SummaryFields) -> [String] {
        let known = fields.number("payload.known_version") ?? 0
        return [
            number(fields, "payload.request_id"), fields.space("payload.space_id"), fields.name("payload.mode"),
            known > 0 ? "knows v\(known)" : "knows nothing",
        ]
    }

    private static func resolution(_ fields: SummaryFields) -> [String] {
        [
            fields.space("payload.space_id"), "v\(fields.number("payload.version") ?? 0)",
            fields.uuid("payload.entity_id").map { fields.entity($0) } ?? "", fields.name("payload.strategy"), "of",
            SummaryFields.counted(fields.count("payload.candidates"), "candidate", "candidates"),
        ]
    }

    // MARK: Peers, security, extensions

    private static func peer(_ fields: SummaryFields, _ path: String) -> [String] {
        let roles = fields.values(path + ".capabilities.roles").compactMap { role -> String? in
            if case .named(let name, _) = role { name } else { nil }
        }
        return ["peer", fields.id(path + ".peer_id")] + roles
    }

    private static func keys(_ fields: SummaryFields) -> [String] {
        let suites = fields.values("payload.cipher_suites").compactMap { suite -> String? in
            guard case .unsigned(let number) = suite else { return nil }
            return switch number {
            case 1: "CHACHA20_POLY1305"
            case 2: "AES_256_GCM"
            default: "suite \(number)"
            }
        }
        return ["epoch \(fields.number("payload.epoch") ?? 0)", fields.name("payload.scheme")] + suites
            + [fields.isPresent("payload.signature") ? "signed" : ""]
    }

    /// Values of an extension's data that fit into a line.
    private static let shownValues = 4

    private static func application(_ fields: SummaryFields) -> [String] {
        let id = UInt16(clamping: fields.number("payload.extension_id") ?? 0)
        let digits = String(id, radix: 16)
        let number = "(0x" + String(repeating: "0", count: 4 - digits.count) + digits + ")"
        let name = fields.model?.schemas.name(id) ?? ExtensionID.name(id) ?? "extension"
        var words = [SummaryFields.shortened(name), number]
        if let start = fields.map.fields.firstIndex(where: { $0.name == "decoded" && $0.depth > 0 }) {
            for index in fields.map.children(of: start).prefix(shownValues) {
                let field = fields.map.fields[index]
                words += [SummaryFields.shortened(field.name), fields.short(field.value, of: field)]
            }
        } else {
            words.append(SummaryFields.counted(fields.size("payload.data"), "octet", "octets"))
        }
        return words
    }

    // MARK: Words

    private static func number(_ fields: SummaryFields, _ path: String) -> String {
        fields.number(path).map { "#\($0)" } ?? ""
    }

    private static func named(_ fields: SummaryFields, _ path: String, unless usual: String) -> String {
        let name = fields.name(path)
        return name == usual || name == "-" ? "" : name
    }

    private static func failure(_ fields: SummaryFields) -> String { named(fields, "payload.code", unless: "SUCCESS") }

    private static func reason(_ fields: SummaryFields) -> String { fields.quoted("payload.reason") }

    /// `2 streams`; nothing for none.
    private static func counted(_ fields: SummaryFields, _ path: String, _ one: String) -> String {
        let count = fields.count(path)
        return count == 0 ? "" : SummaryFields.counted(count, one, one + "s")
    }

    private static func octets(_ fields: SummaryFields, _ path: String) -> String {
        SummaryFields.counted(fields.size(path), "octet", "octets")
    }
}
