import Inspection
import Screen
import SpatioWire

/// Which columns of the list fit, and how a message fills them. What a message says gets what the others leave.
struct MessageColumns {
    let numberWidth: Int
    let timeWidth: Int
    let endsWidth: Int
    let streamWidth: Int
    let sequenceWidth: Int
    let sizeWidth: Int
    let typeWidth: Int
    let width: Int
    let timeFormat: MessageListPane.TimeFormat

    /// The longest type name of the profile, after the sign that something is wrong.
    private static let widestType = 19
    /// All names but one, whose last two letters nobody misses.
    private static let narrowType = 17

    init(width: Int, timeFormat: MessageListPane.TimeFormat, _ snapshot: Snapshot) {
        self.width = width
        self.timeFormat = timeFormat
        numberWidth = max(6, "\(snapshot.index.count)".count + 1)
        switch timeFormat {
        case .sinceStart: timeWidth = max(10, TimeText.seconds(snapshot.lastTime - snapshot.firstTime).count + 1)
        case .ofDay: timeWidth = 13
        case .sinceBefore: timeWidth = 11
        }
        endsWidth = width >= 150 ? 36 : width >= 100 ? 22 : width >= 76 ? 18 : 0
        streamWidth = width >= 100 ? 8 : width >= 88 ? 7 : width >= 76 ? 0 : 7
        sequenceWidth = width >= 100 ? 8 : 0
        sizeWidth = width >= 116 ? 8 : 0
        typeWidth = width >= 100 ? Self.widestType : Self.narrowType
    }

    func drawHeader(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        let style = context.style(.header)
        buffer.fill(Rect(x: inside.x, y: inside.y, width: inside.width, height: 1), style: style)
        var x = inside.x
        func title(_ text: String, _ width: Int, isRight: Bool = false) {
            guard width > 0 else { return }
            if isRight {
                buffer.write(text, endingAt: Point(x: x + width, y: inside.y), style: style, maxWidth: width)
            } else {
                buffer.write(text, at: Point(x: x + 1, y: inside.y), style: style, maxWidth: width - 1)
            }
            x += width
        }
        title("no", numberWidth, isRight: true)
        title(timeFormat.title, timeWidth, isRight: true)
        title("from > to", endsWidth)
        title("stream", streamWidth, isRight: true)
        title("seq", sequenceWidth, isRight: true)
        title("octets", sizeWidth, isRight: true)
        title("type", typeWidth)
        title("what it says", inside.maxX - x)
    }

    /// - Parameters:
    ///   - before: the time of the row above.
    ///   - mark: the colour of the selected entity where the message tells of it.
    func draw(
        _ message: Int, before: Int64?, summary: String, mark: Color?, at place: Point, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let snapshot = context.snapshot
        let record = snapshot.index[message]
        // What the clock has not reached yet is there, but grey.
        let isFuture = message >= snapshot.cursor
        let text = context.style(isFuture ? .dim : .text)
        var x = place.x
        func put(_ content: String, _ width: Int, _ style: Style, isRight: Bool = false) {
            guard width > 0 else { return }
            if isRight {
                buffer.write(content, endingAt: Point(x: x + width, y: place.y), style: style, maxWidth: width - 1)
            } else {
                buffer.write(content, at: Point(x: x + 1, y: place.y), style: style, maxWidth: width - 1)
            }
            x += width
        }
        put("\(message + 1)", numberWidth, context.style(.dim), isRight: true)
        if let mark {
            buffer.write("*", at: place, style: Style(foreground: mark, background: text.background).adding(.bold))
        }
        put(timeText(record.time, before, snapshot), timeWidth, text, isRight: true)
        let stream = snapshot.whole.stream(of: record)
        if endsWidth > 0 {
            let ends = stream.map {
                PeerNames.ends(of: $0, snapshot.whole, snapshot.hostNames, width: endsWidth - 1, buffer.glyphs)
            }
            put(ends ?? "", endsWidth, text)
        }
        let hasNumbers = record.marks.contains(.hasHeader)
        put(hasNumbers ? streamText(stream) : "", streamWidth, text, isRight: true)
        put(hasNumbers ? "\(record.sequence)" : "", sequenceWidth, text, isRight: true)
        put(Format.thousands(record.size), sizeWidth, text, isRight: true)
        drawType(record, isFuture: isFuture, at: Point(x: x, y: place.y), into: &buffer, context)
        x += typeWidth + 1
        let end = place.x + width
        let notes = Self.notes(record)
        if !notes.isEmpty {
            let style = context.style(isFuture ? .dim : .warning)
            x += buffer.write(notes, at: Point(x: x, y: place.y), style: style, maxWidth: end - x)
        }
        buffer.write(
            buffer.glyphs.shortened(summary, to: max(0, end - x)), at: Point(x: x, y: place.y), style: text,
            maxWidth: end - x)
    }

    /// The number of the stream; with its direction where no column says who sends.
    private func streamText(_ stream: Inspection.Stream?) -> String {
        guard let stream, let id = stream.streamID else { return "" }
        if endsWidth > 0 { return "\(id)" }
        return (stream.direction == .client ? ">" : "<") + "\(id)"
    }

    /// The name stands where all names stand; the sign of what is wrong stands before it.
    private func drawType(
        _ record: MessageRecord, isFuture: Bool, at place: Point, into buffer: inout Buffer, _ context: PaneContext
    ) {
        let role: Role =
            switch record.severity {
            case .error: .malformed
            case .warning: .warning
            case .note, .none: isFuture ? .dim : MessageFamily(record.type).role
            }
        if record.severity >= .warning { buffer.write("!", at: place, style: context.style(role)) }
        buffer.write(
            Self.typeName(record), at: Point(x: place.x + 1, y: place.y), style: context.style(role),
            maxWidth: typeWidth - 1)
    }

    static func typeName(_ record: MessageRecord) -> String {
        guard record.marks.contains(.hasHeader) else { return "MALFORMED" }
        return record.type.name ?? "0x\(Format.hex(record.type.rawValue))"
    }

    private static func notes(_ record: MessageRecord) -> String {
        var notes = ""
        if record.marks.contains(.lostBefore) { notes += "[lost before] " }
        if record.marks.contains(.duplicate) { notes += "[duplicate] " }
        if record.marks.contains(.reordered) { notes += "[late] " }
        if record.marks.contains(.retransmit) { notes += "[again] " }
        if record.marks.contains(.badSignature) { notes += "[signature] " }
        if record.marks.contains(.versionGap) { notes += "[version gap] " }
        return notes
    }

    private func timeText(_ time: Int64, _ before: Int64?, _ snapshot: Snapshot) -> String {
        switch timeFormat {
        case .sinceStart: TimeText.seconds(time - snapshot.firstTime)
        case .ofDay: TimeText.clock(time)
        case .sinceBefore: before.map { "+" + TimeText.seconds(time - $0) } ?? "-"
        }
    }
}
