import SpatioWire

/// A field that a filter can compare.
package struct FilterField: Sendable {
    /// What stands in a filter.
    package var name: String
    /// Other names of the same.
    package var aliases: [String] = []
    /// One line for help: what it is, its unit, what it is compared with.
    package var help: String
    let subject: Subject

    /// Where the value comes from, which decides what it can be compared with.
    enum Subject: Sendable {
        case number, time, type, stream, sequence, size, flags, priority
        case session, source, destination, endpoint, port, transport
        case space, entity, version, roundTrip, jitter, finding, extensionID
        case view, viewDelay
        /// A decoded field by its path.
        case path

        /// Whether a message can be without it, so that its name alone is a question.
        var isOptional: Bool {
            switch self {
            case .session, .space, .entity, .version, .roundTrip, .jitter, .finding, .extensionID, .path,
                .viewDelay:
                true
            case .number, .time, .type, .stream, .sequence, .size, .flags, .priority, .source, .destination, .endpoint,
                .port, .transport, .view:
                false
            }
        }

        /// The operators that have a meaning for it.
        var operators: [FilterOperator] {
            switch self {
            case .number, .time, .stream, .sequence, .size, .priority, .port, .version, .roundTrip, .jitter,
                .viewDelay:
                [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .within]
            case .type, .flags, .session, .source, .destination, .endpoint, .transport, .space, .entity, .finding,
                .extensionID, .view:
                [.equal, .notEqual, .contains, .within]
            case .path: FilterOperator.allCases
            }
        }
    }

    /// Every field, in the order of help.
    package static let all: [FilterField] = [
        FilterField(name: "number", help: "number of the message in the capture, from 1", subject: .number),
        FilterField(
            name: "time", help: "seconds since the first message; from 1e9 on, since the Unix epoch", subject: .time),
        FilterField(name: "type", help: "message type by name or number: spatial_update, 0x10", subject: .type),
        FilterField(name: "stream", aliases: ["stream_id"], help: "stream_id of the header", subject: .stream),
        FilterField(name: "seq", aliases: ["sequence"], help: "sequence of the header", subject: .sequence),
        FilterField(name: "size", help: "octets of the message: B kB MB KiB MiB", subject: .size),
        FilterField(
            name: "flags", help: "a flag that is set, by name, or all of them as a number: reliable, 0x0401",
            subject: .flags),
        FilterField(name: "priority", help: "low < medium < high < critical", subject: .priority),
        FilterField(
            name: "session", help: "session_id or its start (4 digits at least), or the address of either end",
            subject: .session),
        FilterField(name: "source", aliases: ["src"], help: "who sends: address, or address:port", subject: .source),
        FilterField(
            name: "destination", aliases: ["dst"], help: "who receives: address, or address:port",
            subject: .destination),
        FilterField(
            name: "endpoint", aliases: ["addr"], help: "either end: address, or address:port", subject: .endpoint),
        FilterField(name: "port", help: "port of either end", subject: .port),
        FilterField(name: "transport", help: "udp or tcp", subject: .transport),
        FilterField(
            name: "space", help: "space of the message: its name, its space_id or the start of that", subject: .space),
        FilterField(
            name: "entity", help: "any entity in the message: its name, its entity_id or the start of that",
            subject: .entity),
        FilterField(
            name: "finding", help: "rule of a finding about the message: teleport, clock_skew; alone: any",
            subject: .finding),
        FilterField(name: "version", help: "state version that a state message brings", subject: .version),
        FilterField(
            name: "rtt", help: "smoothed round-trip time of the stream, else of its session, in ms", subject: .roundTrip
        ),
        FilterField(name: "jitter", help: "jitter of the stream in ms", subject: .jitter),
        FilterField(
            name: "view", help: "who has seen it: observer, to whom a server mirrored it, or wire", subject: .view),
        FilterField(
            name: "view_delay",
            help: "of a mirrored message: how much later than on the wire the observer got it, in ms",
            subject: .viewDelay),
        FilterField(
            name: "payload", help: "payload.PATH: any field of the payload, also of a reassembled one", subject: .path),
        FilterField(
            name: "spatial_address", aliases: ["address"], help: "spatial_address.PATH: fields of the address",
            subject: .path),
        FilterField(
            name: "extension", aliases: ["ext"],
            help: "any extension that the message carries: its number or its name: 0x9001, thermal-sensor",
            subject: .extensionID),
        FilterField(name: "extensions", help: "extensions.PATH: fields of extension headers", subject: .path),
        FilterField(name: "multicast", help: "multicast.PATH: group and routing", subject: .path),
        FilterField(name: "data", help: "data.PATH: compression and place of a segment", subject: .path),
        FilterField(name: "reassembled", help: "reassembled.PATH: a whole put together from segments", subject: .path),
        FilterField(name: "timestamp", help: "sender's time in the header, us since the Unix epoch", subject: .path),
        FilterField(name: "checksum_ok", help: "whether the checksum fits, where there is one", subject: .path),
    ]

    /// The field of a name or alias; those of decoded fields by the first part of a path.
    static func named(_ name: some StringProtocol) -> FilterField? {
        all.first { $0.name == name || $0.aliases.contains { $0 == name } }
    }
}

/// A property that a message has or has not, and that stands alone in a filter.
package struct FilterFlag: Sendable {
    package var name: String
    package var aliases: [String] = []
    package var help: String
    let condition: FilterCondition

    /// Every flag, in the order of help.
    package static let all: [FilterFlag] = [
        FilterFlag("malformed", "cannot be read as a message, or its checksum is wrong", marks: .malformed),
        FilterFlag(
            "cut", "cut by the snap length",
            .all([.test(.marks(.partial)), .not(.test(.marks(.malformed)))])),
        FilterFlag("lost", "sequences were missing before it when it came", marks: .lostBefore),
        FilterFlag("duplicate", "its sequence was seen before, without RETRANSMIT", marks: .duplicate),
        FilterFlag("reordered", "came behind a higher sequence", marks: .reordered),
        FilterFlag("retransmit", "repeats an earlier message", marks: .retransmit),
        FilterFlag("unknown", "of a type that is not listed", marks: .unknownType),
        FilterFlag("undecrypted", "sealed, and no key opened it", marks: .undecrypted),
        FilterFlag("decrypted", "opened with a key", marks: .decrypted),
        FilterFlag("sealed", aliases: ["encrypted"], "its payload is sealed", flags: .encrypted),
        FilterFlag("signed", "carries a signature", flags: .signed),
        FilterFlag("reassembled", "completes a segmented message", marks: .reassembled),
        FilterFlag("segment", aliases: ["data"], "compressed, or a part of a larger whole", flags: .data),
        FilterFlag("multicast", "sent to a group", flags: .multicast),
        FilterFlag("reliable", "repeated until it is acknowledged", flags: .reliable),
        FilterFlag("ordered", "delivered in sequence order", flags: .ordered),
        FilterFlag("extensions", "carries extension headers", flags: .extensions),
        FilterFlag(
            "spatial_address", aliases: ["address"], "carries a spatial address", flags: .address),
        FilterFlag("mirrored", "mirrored to an observer by a server", .test(.stream(.mirrored))),
        FilterFlag(
            "warning", "its worst finding is a warning",
            severity: Int64(Severity.warning.rawValue)...Int64(Severity.warning.rawValue)),
        FilterFlag(
            "error", "has a finding that is an error",
            severity: Int64(Severity.error.rawValue)...Int64(Severity.error.rawValue)),
    ]

    private init(_ name: String, aliases: [String] = [], _ help: String, _ condition: FilterCondition) {
        self.name = name
        self.aliases = aliases
        self.help = help
        self.condition = condition
    }

    private init(_ name: String, aliases: [String] = [], _ help: String, marks: MessageMarks) {
        self.init(name, aliases: aliases, help, .test(.marks(marks)))
    }

    private init(_ name: String, aliases: [String] = [], _ help: String, flags: MessageFlags) {
        self.init(name, aliases: aliases, help, .test(.flags(flags)))
    }

    private init(_ name: String, _ help: String, severity: ClosedRange<Int64>) {
        self.init(name, help, .test(.header(.severity, severity)))
    }

    static func named(_ name: String) -> FilterFlag? { all.first { $0.name == name || $0.aliases.contains(name) } }
}

/// A question with arguments.
package enum FilterCall: String, CaseIterable, Sendable {
    case within
    case box
    case near

    /// As it is written.
    package var usage: String {
        switch self {
        case .within: "within(x, y, r)"
        case .box: "box(x1, y1, x2, y2)"
        case .near: "near(entity, r)"
        }
    }

    /// How many values it takes.
    var arity: Int {
        switch self {
        case .within: 3
        case .box: 4
        case .near: 2
        }
    }

    package var help: String {
        switch self {
        case .within: "a position in the payload lies within r of x, y, in the units of its space"
        case .box: "a position in the payload lies between two opposite corners, in the units of its space"
        case .near: "a position in the payload lies within r of where the entity was last heard to be"
        }
    }
}

/// How a field is compared with values.
enum FilterOperator: String, CaseIterable, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contains = "~"
    /// One of several values or ranges.
    case within = "in"

    init?(_ token: FilterToken) {
        switch token.kind {
        case .sign(let sign): self.init(rawValue: sign.rawValue)
        case .word("in"): self = .within
        case .word, .quoted: return nil
        }
    }

    /// Those that need an order of the values.
    var isOrdering: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .equal, .notEqual, .contains, .within: false
        }
    }
}
