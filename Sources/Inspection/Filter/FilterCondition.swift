import Capture
import SpatioWire

/// What a filter says, as a tree of tests.
indirect enum FilterCondition: Sendable {
    case test(FilterTest)
    case all([FilterCondition])
    case any([FilterCondition])
    case not(FilterCondition)

    /// Every test in it.
    var tests: [FilterTest] {
        switch self {
        case .test(let test): [test]
        case .all(let parts), .any(let parts): parts.flatMap(\.tests)
        case .not(let part): part.tests
        }
    }

    /// Whether anything in it needs the decoded fields of a message.
    var needsFields: Bool { tests.contains { if case .fields = $0 { true } else { false } } }
}

/// One question to a message.
enum FilterTest: Sendable {
    case header(HeaderValue, ClosedRange<Int64>)
    case time(TimeBounds)
    /// 256 entries, by type.
    case types([Bool])
    /// Any of these.
    case marks(MessageMarks)
    case flags(MessageFlags)
    /// A finding of any of these rules is about it.
    case findings(FindingRuleSet)
    case stream(StreamTest)
    case space(IdentityMatch)
    case fields(FieldTest)
}

/// Numbers in the record of a message.
enum HeaderValue: UInt8, Sendable {
    case number, size, severity
    // Those that only a readable header has:
    case sequence, flags, priority
    /// Microseconds; of mirrored messages that the wire has, too.
    case viewDelay
}

/// A span of time; each end since the first message or since the Unix epoch, in nanoseconds.
struct TimeBounds: Sendable {
    struct Bound: Sendable {
        var nanoseconds: Int64
        var isAbsolute: Bool

        func resolved(firstTime: Int64) -> Int64 {
            guard !isAbsolute else { return nanoseconds }
            let (sum, overflow) = firstTime.addingReportingOverflow(nanoseconds)
            return overflow ? (nanoseconds < 0 ? Int64.min : Int64.max) : sum
        }
    }

    /// Nil: open.
    var low: Bound?
    var high: Bound?
}

/// Values that count as a match, and whether the question is turned round: then a value has to be there and none may
/// match.
struct Ranges<Bound: Comparable & Sendable>: Sendable {
    var ranges: [ClosedRange<Bound>]
    var isNegated = false

    func matches(_ value: Bound?) -> Bool { value.map { matches(anyOf: [$0]) } ?? false }

    func matches(anyOf values: [Bound]) -> Bool {
        guard !values.isEmpty else { return false }
        return values.contains { value in ranges.contains { $0.contains(value) } } != isNegated
    }
}

/// Compares what has a UUID and names: by the whole id, by its start, by a name.
struct IdentityMatch: Sendable {
    enum Way { case equal, contains, present }

    struct Wanted: Sendable {
        var text: String
        var lowered: String
        var start: UUIDStart?

        init(_ text: String) {
            self.text = text
            lowered = text.lowercased()
            start = UUIDStart(text)
        }
    }

    var way: Way
    var wanted: [Wanted] = []
    var isNegated = false

    static let present = IdentityMatch(way: .present)

    /// Whether one thing is meant, not yet turned round.
    func finds(id: UUID?, names: () -> [String]) -> Bool {
        switch way {
        case .present: return true
        case .equal:
            if let id, wanted.contains(where: { $0.start?.begins(id) == true }) { return true }
            let names = names()
            return wanted.contains { names.contains($0.text) }
        case .contains:
            let texts = names().map { $0.lowercased() } + (id.map { [$0.description] } ?? [])
            return wanted.contains { wanted in texts.contains { $0.contains(wanted.lowered) } }
        }
    }
}

/// The first digits of a UUID.
struct UUIDStart: Sendable {
    private var high: UInt64 = 0
    private var low: UInt64 = 0
    private var highMask: UInt64 = 0
    private var lowMask: UInt64 = 0

    /// Fewer digits would hit by accident what was meant as a name.
    static let digitsNeeded = 4

    /// Nil for what is no start of a UUID in its hyphenated form or in plain digits.
    init?(_ text: String) {
        var digits = 0
        for (place, character) in text.utf8.enumerated() {
            if character == UInt8(ascii: "-"), [8, 13, 18, 23].contains(place) { continue }
            guard let value = hexadecimalValue(character), digits < 32 else { return nil }
            let shift = UInt64(60 - digits % 16 * 4)
            if digits < 16 {
                high |= UInt64(value) << shift
                highMask |= 15 << shift
            } else {
                low |= UInt64(value) << shift
                lowMask |= 15 << shift
            }
            digits += 1
        }
        guard digits >= Self.digitsNeeded else { return nil }
    }

    func begins(_ id: UUID) -> Bool { id.high & highMask == high && id.low & lowMask == low }
}

/// Compares an endpoint by address and port, by address alone, or by a part of its text.
struct AddressMatch: Sendable {
    enum Wanted: Sendable {
        case endpoint(Endpoint)
        case address(IPAddress)
        case part(String)
    }

    var wanted: [Wanted]
    var isNegated = false

    func matches(_ endpoints: Endpoint...) -> Bool {
        endpoints.contains { endpoint in wanted.contains { Self.isMeant(endpoint, by: $0) } } != isNegated
    }

    private static func isMeant(_ endpoint: Endpoint, by wanted: Wanted) -> Bool {
        switch wanted {
        case .endpoint(let value): endpoint == value
        case .address(let value): endpoint.address == value
        case .part(let text): endpoint.description.contains(text)
        }
    }
}

/// A question whose answer is the same for all messages of a stream.
enum StreamTest: Sendable {
    case identifier(Ranges<Int64>)
    case port(Ranges<Int64>)
    case roundTrip(Ranges<Double>)
    case jitter(Ranges<Double>)
    case session(IdentityMatch)
    case source(AddressMatch)
    case destination(AddressMatch)
    case endpoint(AddressMatch)
    case transports([Transport])
    case mirrored

    /// Whether the answer changes with every message.
    var isVolatile: Bool {
        switch self {
        case .roundTrip, .jitter: true
        case .identifier, .port, .session, .source, .destination, .endpoint, .transports, .mirrored: false
        }
    }

    func matches(_ stream: Stream, _ model: borrowing Model) -> Bool {
        let ends = model.endpoints(of: stream)
        switch self {
        case .identifier(let ranges): return ranges.matches(stream.streamID.map(Int64.init))
        case .port(let ranges):
            return ranges.matches(anyOf: [Int64(ends.source.port), Int64(ends.destination.port)])
        case .roundTrip(let ranges): return ranges.matches(model.roundTripNear(stream)?.smoothed)
        case .jitter(let ranges): return ranges.matches(stream.jitter.milliseconds)
        case .session(let match):
            let id = model.sessions[stream.session].id
            if match.way == .present { return id != nil }
            let names = [
                ends.source.description, ends.destination.description, ends.source.address.description,
                ends.destination.address.description,
            ]
            return match.finds(id: id) { names } != match.isNegated
        case .source(let match): return match.matches(ends.source)
        case .destination(let match): return match.matches(ends.destination)
        case .endpoint(let match): return match.matches(ends.source, ends.destination)
        case .transports(let transports): return transports.contains(model.sessions[stream.session].transport)
        case .mirrored: return stream.isMirrored
        }
    }
}

extension Model {
    /// The round-trip figures of a stream; where nobody pings on it, those of its session's stream in the same direction
    /// that does.
    func roundTripNear(_ stream: Stream) -> RoundTripFigures? {
        if let own = roundTrip(of: stream) { return own }
        for other in sessions[stream.session].streams
        where streams[other].direction == stream.direction && streams[other].isMirrored == stream.isMirrored {
            if let figures = roundTrip(of: streams[other]) { return figures }
        }
        return nil
    }
}
