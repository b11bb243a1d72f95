import Capture
import SpatioSession
import SpatioWire

/// The report of a whole capture: what `stats` prints.
package struct StatisticsReport {
    private let book: MessageBook
    private let packets: UInt64
    private let other: DissectionCounters
    private let framing: FramingCounters
    /// Nil: nobody counted when the captures were made.
    private let drops: InterfaceCapture.Drops?
    private let comments: [String]
    private let names: [(address: String, name: String)]
    private let space: String?
    private let stream: UInt32?

    /// - Parameters:
    ///   - files: the captures, whose comments, names of addresses and drops are reported too.
    ///   - space: name or id (or its beginning) of the only space whose entities are listed.
    ///   - stream: the only stream_id that is listed.
    package init(_ analysis: Analysis, files: [CaptureFile] = [], space: String? = nil, stream: UInt32? = nil) {
        drops = .sum(files.compactMap(\.drops))
        comments = files.flatMap(\.comments)
        names = files.flatMap(\.nameResolution)
        self.space = space
        self.stream = stream
        book = analysis.book
        packets = analysis.counters.packets
        other = analysis.counters
        framing = analysis.framing
    }

    private var model: Model { book.model }

    // MARK: JSON

    /// One JSON object on one line; the keys are a contract with other programs.
    package func json() -> String {
        var json = JSONText()
        json.open("{")
        json.key("packets")
        json.integer(packets)
        for (name, value) in totals {
            json.key(name)
            json.integer(value)
        }
        json.key("dropped")
        if let drops {
            json.open("{")
            json.key("by_kernel")
            json.integer(drops.byKernel)
            json.key("by_interface")
            json.integer(drops.byInterface)
            json.close("}")
        } else {
            json.null()
        }
        json.key("comments")
        json.open("[")
        for comment in comments { json.string(comment) }
        json.close("]")
        json.key("names")
        json.open("{")
        for entry in names {
            json.key(entry.address)
            json.string(entry.name)
        }
        json.close("}")
        json.key("sessions")
        json.open("[")
        for session in model.sessions { write(session, to: &json) }
        json.close("]")
        json.key("streams")
        json.open("[")
        for stream in listedStreams { write(stream, to: &json) }
        json.close("]")
        json.key("spaces")
        json.open("[")
        for space in model.spaces where isListed(space) { write(space, to: &json) }
        json.close("]")
        json.key("entities")
        json.open("[")
        for entity in listedEntities { write(entity, to: &json) }
        json.close("]")
        json.key("views")
        json.open("[")
        for view in views { write(view, to: &json) }
        json.close("]")
        json.key("findings")
        json.open("[")
        for rule in FindingRule.allCases where book.count(of: rule) > 0 {
            json.open("{")
            json.key("rule")
            json.string(rule.rawValue)
            json.key("severity")
            json.string(rule.severity.name)
            json.key("count")
            json.integer(book.count(of: rule))
            json.close("}")
        }
        json.close("]")
        json.close("}")
        return json.text
    }

    private var listedStreams: [Stream] {
        model.streams.filter { $0.streamID != nil && (stream == nil || $0.streamID == stream) }
    }

    private var listedEntities: LazyFilterSequence<PagedArray<Entity>> {
        model.entities.lazy.filter { isListed(model.spaces[$0.space]) }
    }

    private func isListed(_ space: Space) -> Bool {
        guard let wanted = self.space else { return true }
        return space.name == wanted || space.id.description.hasPrefix(wanted.lowercased())
    }

    private var totals: [(String, Int)] {
        [
            ("messages", model.counters.messages), ("malformed", model.counters.malformed),
            ("reassembled", model.counters.reassembled), ("undecrypted", model.counters.undecrypted),
            ("octets", model.counters.octets), ("not_followed", model.counters.overflow),
            (
                "other_packets",
                Int(other.otherLinkLayer + other.otherNetwork + other.otherTransport) + framing.otherUnits
            ), ("repeats", Int(clamping: other.repeats)), ("cut", model.counters.cut),
        ]
    }

    private func write(_ session: Session, to json: inout JSONText) {
        json.open("{")
        json.key("session_id")
        if let id = session.id { json.string(id.description) } else { json.null() }
        for (key, value) in [
            ("client", session.client.description), ("server", session.server.description),
            ("transport", session.transport.name), ("security", session.security.name),
        ] {
            json.key(key)
            json.string(value)
        }
        json.key("messages")
        json.integer(session.messages)
        json.close("}")
    }

    private func write(_ stream: Stream, to json: inout JSONText) {
        let ends = model.endpoints(of: stream)
        json.open("{")
        json.key("source")
        json.string(ends.source.description)
        json.key("destination")
        json.string(ends.destination.description)
        json.key("stream_id")
        json.integer(stream.streamID ?? 0)
        json.key("session_id")
        if let id = model.sessions[stream.session].id { json.string(id.description) } else { json.null() }
        json.key("mirrored")
        json.boolean(stream.isMirrored)
        for (key, value) in [
            ("messages", stream.messages), ("bytes", stream.octets), ("lost", stream.lost),
            ("duplicates", stream.duplicates), ("reordered", stream.reordered), ("retransmits", stream.retransmits),
        ] {
            json.key(key)
            json.integer(value)
        }
        json.key("jitter_ms")
        write(stream.jitter.milliseconds, to: &json)
        json.key("rtt_ms")
        let roundTrip = model.roundTrip(of: stream)
        json.open("{")
        json.key("smoothed")
        write(roundTrip?.smoothed, to: &json)
        json.key("p50")
        write(roundTrip?.percentile(50), to: &json)
        json.key("p99")
        write(roundTrip?.percentile(99), to: &json)
        json.close("}")
        json.close("}")
    }

    /// Sessions that an observer and the wire have shown both.
    private var views: [ViewComparison] {
        let comparisons = book.chronicle.views.comparisons
        return comparisons.kept.map { comparisons[$0] }
    }

    private func observer(of view: ViewComparison) -> Endpoint? {
        guard model.flows.indices.contains(view.observer) else { return nil }
        let flow = model.flows[view.observer]
        return flow.first == model.sessions[view.mirrored.session].server ? flow.second : flow.first
    }

    private func write(_ view: ViewComparison, to json: inout JSONText) {
        json.open("{")
        json.key("session_id")
        json.string(view.sessionID.description)
        json.key("observer")
        if let observer = observer(of: view) { json.string(observer.description) } else { json.null() }
        for (key, value) in [
            ("matched", view.matched), ("observer_only", view.observerOnly), ("wire_only", view.wireOnly),
        ] {
            json.key(key)
            json.integer(value)
        }
        for (key, figures) in [("delay_ms", view.delay), ("behind_m", view.distance)] {
            json.key(key)
            json.open("{")
            for (key, value) in [
                ("last", figures.latest), ("p50", figures.percentile(50)), ("p99", figures.percentile(99)),
                ("max", figures.greatest),
            ] {
                json.key(key)
                write(value, to: &json)
            }
            json.close("}")
        }
        json.close("}")
    }

    private func write(_ space: Space, to json: inout JSONText) {
        json.open("{")
        json.key("space_id")
        json.string(space.id.description)
        json.key("name")
        if let name = space.name { json.string(name) } else { json.null() }
        json.key("entities")
        json.integer(space.entities)
        json.key("state_version")
        if let version = space.stateVersion { json.integer(version) } else { json.null() }
        json.close("}")
    }

    private func write(_ entity: Entity, to json: inout JSONText) {
        json.open("{")
        json.key("entity_id")
        json.string(entity.id.description)
        json.key("space_id")
        json.string(model.spaces[entity.space].id.description)
        json.key("updates")
        json.integer(entity.updates)
        json.key("position")
        if let position = entity.position { json.numbers([position.x, position.y, position.z]) } else { json.null() }
        json.key("removed")
        json.boolean(entity.isRemoved)
        json.key("state")
        json.open("{")
        for field in model.state(of: entity)?.fields ?? [] {
            json.key(field.key)
            field.value.write(to: &json)
        }
        json.close("}")
        json.close("}")
    }

    /// No data is null, never 0.
    private func write(_ value: Double?, to json: inout JSONText) {
        if let value { json.number(value) } else { json.null() }
    }

    // MARK: Text

    /// The report for people, a section each.
    package func text() -> String {
        var out = "packets \(packets)"
        // Only captures of several interfaces have repeats, and few a snap length.
        for (name, value) in totals where value > 0 || !["repeats", "cut"].contains(name) {
            out += "  \(name.replacingUnderscores) \(value)"
        }
        out += "\n"
        if let first = model.firstTime {
            out += "from \(TimeText.calendar(first)) for \(TimeText.duration(model.lastTime - first))\n"
        }
        if let drops { out += "\(drops.words ?? "nothing dropped") when it was captured\n" }
        for comment in comments { out += "comment: \(VisibleText.visible(comment))\n" }
        for entry in names { out += "\(entry.address) is \(VisibleText.visible(entry.name))\n" }
        var sessions = TextTable(["session", "client", "server", "transport", "security", "messages"], rightFrom: 5)
        for session in model.sessions {
            sessions.add([
                session.id?.description ?? "-", session.client.description, session.server.description,
                session.transport.name, session.security.name, "\(session.messages)",
            ])
        }
        out += section("sessions", sessions)
        var streams = TextTable(
            [
                "source", "destination", "stream", "messages", "octets", "lost", "dup", "reordered", "retransmits",
                "jitter ms", "rtt ms", "p50", "p99",
            ], rightFrom: 2)
        for stream in listedStreams {
            let id = stream.streamID ?? 0
            let ends = model.endpoints(of: stream)
            let roundTrip = model.roundTrip(of: stream)
            streams.add([
                ends.source.description, ends.destination.description, "\(id)" + (stream.isMirrored ? " mirrored" : ""),
                "\(stream.messages)", "\(stream.octets)", "\(stream.lost)", "\(stream.duplicates)",
                "\(stream.reordered)", "\(stream.retransmits)", figure(stream.jitter.milliseconds),
                figure(roundTrip?.smoothed), figure(roundTrip?.percentile(50)), figure(roundTrip?.percentile(99)),
            ])
        }
        out += section("streams", streams)
        out += viewText()
        var spaces = TextTable(["space", "name", "entities", "state version"], rightFrom: 2)
        for space in model.spaces where isListed(space) {
            spaces.add([
                space.id.description, space.name.map(VisibleText.visible) ?? "-", "\(space.entities)",
                space.stateVersion.map { "\($0)" } ?? "-",
            ])
        }
        out += section("spaces", spaces)
        out += entityText()
        var findings = TextTable(["severity", "rule", "count"], rightFrom: 2)
        for rule in FindingRule.allCases where book.count(of: rule) > 0 {
            findings.add([rule.severity.name, rule.rawValue, "\(book.count(of: rule))"])
        }
        return out + section("findings", findings)
    }

    private func viewText() -> String {
        var table = TextTable(
            [
                "session", "observer", "both", "observer only", "wire only", "delay ms", "p50", "p99", "max",
                "behind m", "p50", "p99", "max",
            ], rightFrom: 2)
        for view in views {
            table.add(
                [
                    view.sessionID.description, observer(of: view)?.description ?? "-", "\(view.matched)",
                    "\(view.observerOnly)", "\(view.wireOnly)",
                ]
                    + [view.delay, view.distance].flatMap { figures in
                        [figures.latest, figures.percentile(50), figures.percentile(99), figures.greatest].map(figure)
                    })
        }
        return section("views: the observer beside the wire", table)
    }

    /// Entities listed in the text report; JSON has all of them.
    private static let entitiesListed = 200

    private func entityText() -> String {
        var table = TextTable(["entity", "name", "space", "updates", "x", "y", "z"], rightFrom: 3)
        let listed = listedEntities
        for entity in listed.prefix(Self.entitiesListed) {
            let position = entity.position
            table.add([
                entity.id.description, VisibleText.visible(model.label(of: entity)),
                VisibleText.visible(model.spaces[entity.space].label), "\(entity.updates)",
                figure(position?.x), figure(position?.y), figure(position?.z),
            ])
        }
        let rest = (space == nil ? model.entities.count : listed.count) - Self.entitiesListed
        return section("entities", table) + (rest > 0 ? "  and \(rest) more (all of them in --format json)\n" : "")
    }

    private func section(_ title: String, _ table: TextTable) -> String {
        table.isEmpty ? "" : "\n\(title)\n\(table.text)"
    }

    private func figure(_ value: Double?) -> String { value.map { DecimalText.fixed($0, places: 2) } ?? "-" }
}

extension String {
    fileprivate var replacingUnderscores: String { String(map { $0 == "_" ? " " : $0 }) }
}

extension Transport {
    package var name: String { self == .udp ? "udp" : "tcp" }
}

extension Value {
    /// The plain value: octets as hexadecimal digits, vectors as arrays.
    package func write(to json: inout JSONText) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.boolean(value)
        case .int(let value): json.integer(value)
        case .float(let value): json.number(value)
        case .string(let value): json.string(value)
        case .bytes(let value): json.hexadecimal(value)
        case .vector3(let value): json.numbers([value.x, value.y, value.z])
        case .quaternion(let value):
            json.numbers([Double(value.x), Double(value.y), Double(value.z), Double(value.w)])
        case .uuid(let value): json.string(value.description)
        case .timestamp(let value): json.integer(value)
        }
    }
}
