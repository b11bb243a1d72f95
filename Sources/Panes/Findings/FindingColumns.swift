import Inspection
import Screen
import SpatioWire

/// How a rule, a finding and a silent entity fill a row of the findings pane.
struct FindingColumns {
    let width: Int
    /// Columns of a rule: sign, name, count, first, last; of a finding: time, number, who. The rest is what.
    private static let nameWidth = 27
    private static let countWidth = 10
    private static let timeWidth = 11
    private static let numberWidth = 11
    /// From these widths on there is room for a column beside what was found.
    private static let widthForFirst = 92
    private static let widthForLast = 72
    private static let widthForWho = 84

    private var showsFirst: Bool { width >= Self.widthForFirst }
    private var showsLast: Bool { width >= Self.widthForLast }
    private var whoWidth: Int { width >= Self.widthForWho ? min(40, width / 5) : 0 }

    // MARK: Header

    func drawHeader(into buffer: inout Buffer, _ place: Point, _ context: PaneContext) {
        let style = context.style(.header)
        buffer.fill(Rect(x: place.x, y: place.y, width: width, height: 1), style: style)
        var line = Line(place, width: width, buffer.glyphs)
        line.put("rule", Self.nameWidth, style)
        line.put("count", Self.countWidth - 1, style, isRight: true)
        if showsFirst { line.put("first", Self.timeWidth, style, isRight: true) }
        if showsLast { line.put("last", Self.timeWidth, style, isRight: true) }
        line.put("  what was found last", width, style)
        line.draw(into: &buffer)
    }

    // MARK: Rules

    func draw(
        _ section: FindingRows.Section, _ silent: SilentEntities, at place: Point, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let snapshot = context.snapshot
        let rule = section.group.rule
        let base = context.style(section.isSilenced ? .dim : .text)
        let sign = section.isSilenced ? base : Self.style(of: rule.severity, context)
        var line = Line(place, width: width, buffer.glyphs)
        line.put(section.isSilenced ? "  " : section.isOpen ? "- " : "+ ", 2, context.style(.dim))
        line.put(Self.sign(of: rule.severity, buffer.glyphs), 2, sign)
        line.put(Self.name(of: section), Self.nameWidth - 4, section.isSilenced ? base : sign.adding(.bold))
        line.put(Format.thousands(section.count), Self.countWidth - 1, base, isRight: true)
        let times = times(section, snapshot)
        if showsFirst { line.put(times.first, Self.timeWidth, base, isRight: true) }
        if showsLast { line.put(times.last, Self.timeWidth, base, isRight: true) }
        line.put("  ", 2, base)
        line.put(what(section, silent, context), width, base)
        line.draw(into: &buffer)
    }

    private static func name(of section: FindingRows.Section) -> String {
        switch section.group {
        case .rule(let rule): rule.rawValue
        case .silent: "silent now"
        }
    }

    private func times(_ section: FindingRows.Section, _ snapshot: Snapshot) -> (first: String, last: String) {
        guard case .rule(let rule) = section.group, section.entries > 0 else { return (Format.noData, Format.noData) }
        let first = snapshot.chronicle.findings.kept(0, of: rule).time
        let last = snapshot.chronicle.findings.latestMessage(of: rule, until: snapshot.cursor).map { number in
            snapshot.index.at(number - 1)?.time ?? first
        }
        return (Self.time(first, snapshot), Self.time(last ?? first, snapshot))
    }

    private func what(
        _ section: FindingRows.Section, _ silent: SilentEntities, _ context: PaneContext
    ) -> String {
        if section.isSilenced { return "silenced; X takes all silence back" }
        switch section.group {
        case .rule(let rule):
            // Sequences that came after all leave findings behind of which nothing counts any more.
            guard section.entries > 0 else { return "" }
            return context.snapshot.chronicle.findings.kept(section.entries - 1, of: rule).text
        case .silent:
            return silent.longest.prefix(3).map { entry in
                let model = context.snapshot.model
                return "\(model.label(of: model.entities[entry.entity])) for \(Self.seconds(entry.silence))"
            }.joined(separator: ", ") + (silent.count > 3 ? " ..." : "")
        }
    }

    // MARK: Findings

    func draw(
        _ finding: Finding, at place: Point, into buffer: inout Buffer, _ context: PaneContext
    ) {
        let snapshot = context.snapshot
        let text = context.style(.text)
        var line = Line(place, width: width, buffer.glyphs)
        line.put("    ", 4, text)
        line.put(Self.time(finding.time, snapshot), Self.timeWidth - 2, text, isRight: true)
        line.put("#" + Format.thousands(finding.message), Self.numberWidth, text, isRight: true)
        line.put("  ", 2, text)
        if whoWidth > 0 {
            line.put(Self.who(finding, snapshot, width: whoWidth - 2, buffer.glyphs), whoWidth - 2, context.style(.dim))
            line.put("  ", 2, text)
        }
        line.put(Self.text(of: finding, snapshot), width, Self.style(of: finding.severity, context))
        line.draw(into: &buffer)
    }

    /// What is wrong; and of what is missing, that the capture dropped packets then.
    private static func text(of finding: Finding, _ snapshot: Snapshot) -> String {
        guard let drops = drops(of: finding, snapshot) else { return finding.text }
        return "\(finding.text); but \(drops.short) then"
    }

    /// What the capture dropped while something was missed.
    static func drops(of finding: Finding, _ snapshot: Snapshot) -> DropsMeanwhile? {
        finding.rule == .loss ? snapshot.drops(before: finding.message - 1) : nil
    }

    private static func who(_ finding: Finding, _ snapshot: Snapshot, width: Int, _ glyphs: GlyphSet) -> String {
        let stream = finding.stream.flatMap { snapshot.whole.stream($0, toldBy: finding.detected) }
        return stream.map {
            PeerNames.ends(of: $0, snapshot.whole, snapshot.hostNames, width: width, glyphs)
        } ?? Format.noData
    }

    func draw(
        _ entry: SilentEntities.Entry, at place: Point, into buffer: inout Buffer, _ context: PaneContext
    ) {
        let model = context.snapshot.model
        let entity = model.entities[entry.entity]
        var line = Line(place, width: width, buffer.glyphs)
        line.put("    ", 4, context.style(.text))
        var name = context.style(.text)
        name.foreground = context.theme.entityColor(of: entity.id)
        line.put(model.label(of: entity), Self.nameWidth - 6, name)
        line.put("  ", 2, context.style(.text))
        line.put(
            "silent for \(Self.seconds(entry.silence)), usually heard of every "
                + "\(Self.seconds(entity.interval)); \(model.spaces[entity.space].label)", width, context.style(.note))
        line.draw(into: &buffer)
    }

    func draw(
        more count: Int, _ group: FindingRows.Group, at place: Point, into buffer: inout Buffer, _ context: PaneContext
    ) {
        let end = group == .silent ? "more, which are not listed" : "more, which are counted and not kept"
        buffer.write(
            "    +\(Format.thousands(count)) \(end)", at: place, style: context.style(.dim), maxWidth: width)
    }

    // MARK: Words

    static func sign(of severity: Severity, _ glyphs: GlyphSet) -> String {
        switch severity {
        case .error: glyphs.isUnicode ? "\u{D7} " : "x "
        case .warning: "! "
        case .note: "i "
        case .none: "  "
        }
    }

    static func style(of severity: Severity, _ context: PaneContext) -> Style {
        switch severity {
        case .error: context.style(.error)
        case .warning: context.style(.warning)
        case .note: context.style(.note)
        case .none: context.style(.text)
        }
    }

    private static func time(_ time: Int64, _ snapshot: Snapshot) -> String {
        Format.duration(nanoseconds: time - snapshot.firstTime)
    }

    static func seconds(_ nanoseconds: Int64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        return Format.fixed(seconds, decimals: seconds < 1 ? 3 : 1) + " s"
    }
}

/// A row that is written column by column, until it is full.
private struct Line {
    private let glyphs: GlyphSet
    private let y: Int
    private let end: Int
    private var x: Int
    private var parts: [(text: String, x: Int, style: Style)] = []

    init(_ place: Point, width: Int, _ glyphs: GlyphSet) {
        self.glyphs = glyphs
        y = place.y
        x = place.x
        end = place.x + width
    }

    mutating func put(_ text: String, _ width: Int, _ style: Style, isRight: Bool = false) {
        let width = min(width, end - x)
        guard width > 0 else { return }
        parts.append((glyphs.padded(text, to: width, alignedRight: isRight), x, style))
        x += width
    }

    func draw(into buffer: inout Buffer) {
        for part in parts {
            buffer.write(part.text, at: Point(x: part.x, y: y), style: part.style, maxWidth: end - part.x)
        }
    }
}
