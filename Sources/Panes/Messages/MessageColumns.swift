import Inspection
import Screen
import SpatioWire

/// What a row of the list says, decoded once.
struct MessageRow {
    var summary: String
    var entities: [SelectedEntity] = []
    /// What the columns of fields hold.
    var fields: [FieldColumn: String] = [:]
    /// The colour that a rule gives it.
    var look: ColorRule.Look?
}

/// What a row looks like besides its message.
struct MessageRowContext {
    /// The time of the row above, and that of the reference.
    var before, reference: Int64?
    /// The colour of the selected entity where the message tells of it.
    var entityMark: Color?
    var isMarked = false
}

/// Which columns of the list fit, and how a message fills them. What a message says gets what the others leave.
struct MessageColumns {
    private struct Placed {
        var column: MessageColumn
        var width: Int
    }

    private let placed: [Placed]
    private let width: Int
    private let times: MessageTimes
    /// A column says who sends.
    private let hasEnds: Bool
    private let hasNotes: Bool

    /// The longest type name of the profile, after the sign that something is wrong.
    private static let widestType = 19
    /// All names but one, whose last two letters nobody misses.
    private static let narrowType = 17
    /// What a message says in fewer columns says nothing.
    private static let leastSummary = 12

    init(width: Int, _ list: ColumnList, _ times: MessageTimes, _ snapshot: Snapshot) {
        self.width = width
        self.times = times
        var placed: [Placed] = []
        for column in list.columns where column != .summary {
            let columns =
                list == .usual
                ? Self.usualWidth(column, width, times, snapshot) : Self.width(column, width, times, snapshot)
            if columns > 0 { placed.append(Placed(column: column, width: columns)) }
        }
        let hasSummary = list.contains(.summary)
        let least = hasSummary ? Self.leastSummary : 0
        // What does not fit gives way from the right.
        while placed.count > 1, placed.reduce(least, { $0 + $1.width }) > width { placed.removeLast() }
        let rest = width - placed.reduce(0) { $0 + $1.width }
        if hasSummary, rest > 1 {
            let place = min(list.columns.firstIndex(of: .summary) ?? placed.count, placed.count)
            placed.insert(Placed(column: .summary, width: rest), at: list == .usual ? placed.count : place)
        }
        self.placed = placed
        hasEnds = placed.contains { [.ends, .source].contains($0.column) }
        hasNotes = placed.contains { $0.column == .notes }
    }

    /// Columns of the usual list: 0 where the pane is too narrow for it.
    private static func usualWidth(
        _ column: MessageColumn, _ width: Int, _ times: MessageTimes, _ snapshot: Snapshot
    ) -> Int {
        switch column {
        case .ends: width >= 150 ? 36 : width >= 100 ? 22 : width >= 76 ? 18 : 0
        case .stream: width >= 100 ? 8 : width >= 88 ? 7 : width >= 76 ? 0 : 7
        case .sequence: width >= 100 ? 8 : 0
        case .size: width >= 116 ? 8 : 0
        default: Self.width(column, width, times, snapshot)
        }
    }

    /// Columns of what somebody has chosen.
    private static func width(
        _ column: MessageColumn, _ width: Int, _ times: MessageTimes, _ snapshot: Snapshot
    ) -> Int {
        switch column {
        case .number: max(6, "\(snapshot.index.count)".count + 1)
        case .time: times.width(snapshot)
        case .delta: times.hasMicroseconds ? 12 : 9
        case .ends: width >= 150 ? 36 : 20
        case .source, .destination: width >= 150 ? 22 : 14
        case .session: 14
        case .stream: 8
        case .sequence, .size: 8
        case .type: width >= 100 ? widestType : narrowType
        case .flags: width >= 150 ? 28 : 18
        case .space: 12
        case .entity: 16
        case .transport: 5
        case .notes: 16
        case .summary: leastSummary
        case .field(let field): min(24, max(12, field.name.split(separator: ".").last.map { $0.count + 2 } ?? 0))
        }
    }

    private func title(_ column: MessageColumn) -> String {
        switch column {
        case .number: "no"
        case .time: times.format.title
        case .delta: "since last"
        case .ends: "from > to"
        case .source: "from"
        case .destination: "to"
        case .sequence: "seq"
        case .size: "octets"
        case .transport: "via"
        case .summary: "what it says"
        case .field(let field): field.name.split(separator: ".").last.map(String.init) ?? field.name
        case .session, .stream, .type, .flags, .space, .entity, .notes: column.name
        }
    }

    func drawHeader(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        let style = context.style(.header)
        buffer.fill(Rect(x: inside.x, y: inside.y, width: inside.width, height: 1), style: style)
        var x = inside.x
        for column in placed {
            let text = title(column.column)
            if column.column.isRight {
                buffer.write(
                    text, endingAt: Point(x: x + column.width, y: inside.y), style: style, maxWidth: column.width)
            } else {
                buffer.write(text, at: Point(x: x + 1, y: inside.y), style: style, maxWidth: column.width - 1)
            }
            x += column.width
        }
    }

    func draw(
        _ message: Int, _ content: MessageRow, _ row: MessageRowContext, at place: Point, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let record = context.snapshot.index[message]
        // What the clock has not reached yet is there, but grey.
        let isFuture = message >= context.snapshot.cursor
        let plain = context.style(isFuture ? .dim : .text)
        let text = isFuture ? plain : content.look?.style(over: plain, context.theme) ?? plain
        if text.background != plain.background {
            buffer.fill(Rect(x: place.x, y: place.y, width: width, height: 1), style: text)
        }
        var x = place.x
        for column in placed {
            let at = Point(x: x, y: place.y)
            switch column.column {
            case .type: drawType(record, text, isFuture: isFuture, at: at, column.width, into: &buffer, context)
            case .summary: drawSummary(record, message, content, text, at: at, column.width, into: &buffer, context)
            default:
                let style =
                    switch column.column {
                    case .number: row.isMarked ? context.style(.marked) : context.style(.dim).on(text)
                    case .notes: context.style(isFuture ? .dim : .warning).on(text)
                    default: text
                    }
                let words = self.text(column, message, record, content, row, buffer.glyphs, context)
                if column.column.isRight {
                    buffer.write(
                        words, endingAt: Point(x: x + column.width, y: place.y), style: style,
                        maxWidth: column.width - 1)
                } else {
                    buffer.write(
                        buffer.glyphs.shortened(words, to: column.width - 1), at: Point(x: x + 1, y: place.y),
                        style: style, maxWidth: column.width - 1)
                }
            }
            x += column.width
        }
        drawSigns(row, text, at: place, into: &buffer, context)
    }

    /// In the first column: that the message is marked, that it tells of the selected entity.
    private func drawSigns(
        _ row: MessageRowContext, _ text: Style, at place: Point, into buffer: inout Buffer, _ context: PaneContext
    ) {
        let color = row.entityMark.map { Style(foreground: $0, background: text.background).adding(.bold) }
        if row.isMarked {
            buffer.write(Self.markSign(buffer.glyphs), at: place, style: color ?? context.style(.marked).on(text))
        } else if let color {
            buffer.write("*", at: place, style: color)
        }
    }

    static func markSign(_ glyphs: GlyphSet) -> String { glyphs.isUnicode ? "\u{25AA}" : "#" }

    private func text(
        _ placed: Placed, _ message: Int, _ record: MessageRecord, _ content: MessageRow, _ row: MessageRowContext,
        _ glyphs: GlyphSet, _ context: PaneContext
    ) -> String {
        let model = context.snapshot.whole
        let hosts = context.snapshot.hostNames
        let stream = model.stream(of: record)
        let hasHeader = record.marks.contains(.hasHeader)
        switch placed.column {
        case .number: return "\(message + 1)"
        case .time: return times.text(record.time, before: row.before, reference: row.reference, context.snapshot)
        case .delta: return times.delta(record.time, since: row.before)
        case .ends: return stream.map { PeerNames.ends(of: $0, model, hosts, width: placed.width - 1, glyphs) } ?? ""
        case .source: return stream.map { PeerNames.source(of: $0, model, hosts) } ?? ""
        case .destination: return stream.map { PeerNames.destination(of: $0, model, hosts) } ?? ""
        case .session: return stream.map { Self.session(model.sessions[$0.session]) } ?? ""
        case .stream: return hasHeader ? streamText(stream) : ""
        case .sequence: return hasHeader ? "\(record.sequence)" : ""
        case .size: return Format.thousands(record.size)
        case .flags: return hasHeader ? record.flags.names.joined(separator: " ") : ""
        case .space: return record.marks.contains(.hasSpace) ? model.spaces[Int(record.space)].label : ""
        case .entity: return Self.entities(content.entities, model)
        case .transport: return stream.map { model.flows[$0.flow].transport.name } ?? ""
        case .notes: return Self.notes(record, message, context.snapshot).joined(separator: ", ")
        case .field(let field): return content.fields[field] ?? ""
        case .type, .summary: return ""
        }
    }

    private static func session(_ session: Session) -> String {
        if !session.name.isEmpty { return session.name }
        return session.id.map { String($0.description.prefix(8)) } ?? "\(session.client)"
    }

    /// `alice, bob +3`
    private static func entities(_ entities: [SelectedEntity], _ model: Model) -> String {
        let names = entities.prefix(2).map { name(of: $0, model) }
        return names.joined(separator: ", ") + (entities.count > 2 ? " +\(entities.count - 2)" : "")
    }

    /// What an entity is called, or the first digits of its id.
    static func name(of entity: SelectedEntity, _ model: Model) -> String {
        guard let space = model.spaceIndex(entity.space), let index = model.entityIndex(entity.id, space: space) else {
            return String(entity.id.description.prefix(8))
        }
        return model.label(of: model.entities[index])
    }

    /// The number of the stream; with its direction where no column says who sends.
    private func streamText(_ stream: Inspection.Stream?) -> String {
        guard let stream, let id = stream.streamID else { return "" }
        if hasEnds { return "\(id)" }
        return (stream.direction == .client ? ">" : "<") + "\(id)"
    }

    /// The name stands where all names stand; the sign of what is wrong stands before it.
    private func drawType(
        _ record: MessageRecord, _ text: Style, isFuture: Bool, at place: Point, _ width: Int,
        into buffer: inout Buffer, _ context: PaneContext
    ) {
        let style = Self.typeStyle(record, isFuture: isFuture, hasLook: text != context.style(.text), text, context)
        if record.severity >= .warning { buffer.write("!", at: place, style: style) }
        buffer.write(Self.typeName(record), at: Point(x: place.x + 1, y: place.y), style: style, maxWidth: width - 1)
    }

    /// The colour of a type: what is wrong with it, what a rule says, its family.
    static func typeStyle(
        _ record: MessageRecord, isFuture: Bool, hasLook: Bool, _ text: Style, _ context: PaneContext
    ) -> Style {
        switch record.severity {
        case .error: context.style(.malformed)
        case .warning: context.style(.warning).on(text)
        case .note, .none: isFuture || hasLook ? text : context.style(MessageFamily(record.type).role)
        }
    }

    private func drawSummary(
        _ record: MessageRecord, _ message: Int, _ content: MessageRow, _ text: Style, at place: Point, _ width: Int,
        into buffer: inout Buffer, _ context: PaneContext
    ) {
        var x = place.x + 1
        let end = place.x + width
        let notes = hasNotes ? "" : Self.notes(record, message, context.snapshot).map { "[\($0)] " }.joined()
        if !notes.isEmpty {
            let isDim = text == context.style(.dim)
            let style = isDim ? text : context.style(.warning).on(text)
            x += buffer.write(notes, at: Point(x: x, y: place.y), style: style, maxWidth: end - x)
        }
        if let view = ViewWords.note(of: message + 1, context.snapshot) {
            x += buffer.write(view, at: Point(x: x, y: place.y), style: context.style(.dim).on(text), maxWidth: end - x)
        }
        buffer.write(
            buffer.glyphs.shortened(content.summary, to: max(0, end - x)), at: Point(x: x, y: place.y), style: text,
            maxWidth: end - x)
    }

    static func typeName(_ record: MessageRecord) -> String {
        guard record.marks.contains(.hasHeader) else {
            return record.marks.isCut ? "CUT" : "MALFORMED"
        }
        return record.type.name ?? "0x\(Format.hex(record.type.rawValue))"
    }

    /// What is remarkable about a message of a snapshot.
    static func notes(_ record: MessageRecord, _ message: Int, _ snapshot: Snapshot) -> [String] {
        let notes = notes(record)
        guard record.marks.contains(.lostBefore), let drops = snapshot.drops(before: message) else { return notes }
        // Maybe nobody but this capture has lost them.
        return notes.map {
            $0 == lostBefore ? "\($0), \(Format.thousands(Int(clamping: drops.packets))) dropped here" : $0
        }
    }

    private static let lostBefore = "lost before"

    /// What is remarkable about a message.
    static func notes(_ record: MessageRecord) -> [String] {
        let names: [(MessageMarks, String)] = [
            (.lostBefore, lostBefore), (.duplicate, "duplicate"), (.reordered, "late"), (.retransmit, "again"),
            (.badSignature, "signature"), (.versionGap, "version gap"),
        ]
        return names.filter { record.marks.contains($0.0) }.map(\.1)
    }
}
