import Inspection
import Screen
import SpatioWire

/// The graphs of the quality pane, in the order in which they are shown.
enum QualityGraph: Int, CaseIterable, Sendable {
    case octets, messages, roundTrip, response, jitter, loss, order, window, rate
    /// Only where something was seen twice.
    case view

    /// Those that there is a reason to show.
    static func shown(_ snapshot: Snapshot) -> [QualityGraph] {
        allCases.filter { $0 != .view || !snapshot.chronicle.quality.views.isEmpty }
    }

    var title: String {
        switch self {
        case .octets: "octets/s"
        case .messages: "messages/s"
        case .roundTrip: "rtt"
        case .response: "response time"
        case .jitter: "jitter"
        case .loss: "loss"
        case .order: "late and again"
        case .window: "window used"
        case .rate: "rate limit used"
        case .view: "observer behind the wire"
        }
    }

    var unit: QualityUnit {
        switch self {
        case .octets: .octetsPerSecond
        case .messages: .perSecond
        case .roundTrip, .response, .jitter, .view: .milliseconds
        case .loss, .order, .window, .rate: .share
        }
    }

    /// What the values are to be held against, where that is the same all the time.
    var limit: Double? { self == .window || self == .rate ? 1 : nil }
}

/// How values are written.
enum QualityUnit: Sendable {
    case octetsPerSecond, perSecond, milliseconds, share

    func text(_ value: Double?) -> String {
        guard let value else { return Format.noData }
        switch self {
        case .octetsPerSecond: return Format.si(value, unit: "B/s")
        case .perSecond: return value < 999.5 ? Format.fixed(value, decimals: 1) + " /s" : Format.si(value, unit: "/s")
        case .milliseconds where value >= 999.5: return Format.si(value / 1000, unit: "s")
        case .milliseconds: return Self.digits(value) + " ms"
        case .share: return Self.digits(value * 100) + " %"
        }
    }

    /// For the numbers of an axis, all of which are round.
    func tick(_ value: Double) -> String {
        switch self {
        case .octetsPerSecond: Self.trimmed(value) + "B/s"
        case .perSecond: Self.trimmed(value) + "/s"
        case .milliseconds where value >= 999.5: Self.trimmed(value / 1000) + "s"
        case .milliseconds: Self.trimmed(value) + "ms"
        case .share where value >= 9.995: Format.thousands(Int(min(value * 100, 1e15))) + " %"
        case .share: Self.trimmed(value * 100) + "%"
        }
    }

    /// Three digits that count.
    static func digits(_ value: Double) -> String {
        if value >= 999.5 { return Format.si(value) }
        return Format.fixed(value, decimals: value >= 99.95 || value == 0 ? 0 : value >= 9.995 ? 1 : 2)
    }

    /// Without zeros behind the point, and ready for a unit: `40 k`, `0.5 `.
    private static func trimmed(_ value: Double) -> String {
        let text = value >= 999.5 ? Format.si(value) : Format.fixed(value, decimals: value >= 1 ? 1 : 4)
        let parts = text.split(separator: " ")
        guard let number = parts.first, number.contains(".") else { return parts.count > 1 ? text : text + " " }
        let rest = number.unicodeScalars.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(String.UnicodeScalarView(rest.reversed())) + " " + (parts.dropFirst().first ?? "")
    }
}

/// What one graph shows: lines, or points; what limits them; and how they lie.
struct QualityGraphContent {
    struct Line {
        var name: String
        var values: [Double?]
        var color: Color
        var figures: QualityFigures?
    }

    struct Points {
        var name: String
        var samples: [DelaySample]
        var color: Color
        var figures: QualityFigures?
    }

    var graph: QualityGraph
    var lines: [Line] = []
    var points: [Points] = []
    /// A limit that changes over time, and its name with its present value.
    var threshold: [Double?] = []
    var limitName: String?
    /// The range's jitter below this may be nothing but the grain of the senders' stamps.
    var grain: Double?
    /// What would fill it, where it is empty.
    var emptyReason = ""

    var isEmpty: Bool { lines.allSatisfy { $0.figures == nil } && points.isEmpty }

    /// Name, colour and figures of everything that the legend explains.
    var entries: [(name: String, color: Color, figures: QualityFigures?)] {
        lines.map { ($0.name, $0.color, $0.figures) } + points.map { ($0.name, $0.color, $0.figures) }
    }

    /// A value as it is written, and `<0.5` where more would be made up.
    func text(_ value: Double?) -> String {
        if let value, let grain, value < grain { return "<\(grain) ms" }
        return graph.unit.text(value)
    }
}

/// Makes the graphs of a picture.
struct QualityGraphs {
    let picture: QualityPicture
    let theme: Theme

    /// Half of what a stamp of whole milliseconds is told by.
    private static let grain = 0.5

    func content(_ graph: QualityGraph) -> QualityGraphContent {
        var content = QualityGraphContent(graph: graph)
        switch graph {
        case .octets: add(\.octets, to: &content)
        case .messages: add(\.messages, to: &content)
        case .roundTrip: add(picture.roundTrips, to: &content)
        case .response: add(picture.responses, to: &content)
        case .view: add(picture.views, to: &content)
        case .jitter:
            add(\.jitter, to: &content)
            if picture.lines.allSatisfy(\.isCoarselyStamped) { content.grain = Self.grain }
        case .loss:
            add(\.loss, to: &content)
            addThreshold(to: &content)
            if let drops = picture.drops {
                content.limitName = [content.limitName, drops.short].compactMap { $0 }.joined(separator: ", ")
            }
        case .order:
            add(\.reordered, to: &content, name: "late")
            add(\.duplicates, to: &content, name: "copies")
            add(\.retransmits, to: &content, name: "retransmitted")
        case .window:
            add(\.window, to: &content)
            content.limitName = allowed { flow, line in
                let used = line.unacknowledged.map { Format.bytes($0) } ?? Format.noData
                return "\(used) of \(Format.bytes(flow.windowSize))"
            }
        case .rate:
            add(\.rate, to: &content)
            content.limitName = allowed { flow, _ in
                flow.rateLimit == 0 ? "no limit" : Format.si(Double(flow.rateLimit), unit: "B/s")
            }
        }
        content.emptyReason = reason(graph)
        return content
    }

    // MARK: Lines

    private func color(_ place: Int) -> Color {
        // Not neighbours in the palette, so that two are told apart at a glance.
        theme.entities.isEmpty ? .standard : theme.entities[(1 + place * 2) % theme.entities.count]
    }

    private func add(
        _ values: KeyPath<QualityLine, [Double?]>, to content: inout QualityGraphContent, name: String? = nil
    ) {
        for line in picture.lines {
            let sender = line.sender?.name
            let isOnly = picture.lines.count == 1
            let names = [isOnly ? nil : sender, name].compactMap { $0 }
            let own = line[keyPath: values]
            content.lines.append(
                QualityGraphContent.Line(
                    name: names.isEmpty ? sender ?? worst(content.graph) : names.joined(separator: " "), values: own,
                    color: color(content.lines.count), figures: QualityFigures(own)))
        }
    }

    /// What one line stands for where there is no sender to name.
    private func worst(_ graph: QualityGraph) -> String {
        switch graph {
        case .jitter: "worst stream"
        case .window, .rate: picture.comparedSessions == 1 ? "worse end" : "worst session"
        default: ""
        }
    }

    private func add(_ delays: QualityDelays, to content: inout QualityGraphContent) {
        for group in delays.groups {
            let name = group.kind == .roundTrip ? "\(group.asker.name) asks" : group.kind.name
            content.points.append(
                QualityGraphContent.Points(
                    name: name, samples: group.points, color: color(content.points.count), figures: group.figures))
        }
    }

    private func addThreshold(to content: inout QualityGraphContent) {
        let thresholds = picture.lines.map(\.threshold)
        guard let first = thresholds.first else { return }
        content.threshold = first.indices.map { step in thresholds.compactMap { $0[step] }.min() }
        if let last = content.threshold.compactMap({ $0 }).last {
            content.limitName = "congestion over " + QualityUnit.share.text(last)
        }
    }

    /// What each end is allowed; once where it is the same.
    private func allowed(_ text: (FlowControl, QualityLine) -> String) -> String? {
        let texts = picture.lines.compactMap { line in line.allowance.map { text($0, line) } }
        guard let first = texts.first else { return nil }
        return texts.allSatisfy { $0 == first } ? first : texts.joined(separator: ", ")
    }

    // MARK: Nothing to show

    private func reason(_ graph: QualityGraph) -> String {
        let isEverything = picture.lines.contains { $0.sender == nil }
        switch graph {
        case .octets, .messages: return "too short a time to tell a rate"
        case .roundTrip: return "no PING and its PONG here"
        case .response: return "no request and its response here"
        case .jitter: return "no two messages of a stream here"
        case .view: return "nothing that an observer and the wire have both"
        case .loss, .order: return "no message here"
        case .window, .rate:
            if isEverything, picture.comparedSessions == nil { return "choose a session in Streams (1)" }
            let flows = picture.lines.compactMap(\.allowance)
            if graph == .rate {
                return !flows.isEmpty && flows.allSatisfy { $0.rateLimit == 0 }
                    ? "the receiver allows any rate" : "no receiver set a limit here"
            }
            return "no PONG acknowledged anything here"
        }
    }
}
