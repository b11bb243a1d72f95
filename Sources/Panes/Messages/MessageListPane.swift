import Inspection
import Screen
import SpatioWire

/// The list of messages: all, or those that the filter lets through.
package struct MessageListPane {
    package enum TimeFormat: Int, CaseIterable, Sendable {
        case sinceStart, ofDay, sinceBefore

        var title: String {
            switch self {
            case .sinceStart: "time"
            case .ofDay: "time of day"
            case .sinceBefore: "since last"
            }
        }
    }

    package private(set) var list = ListState()
    /// The selection goes with the newest message.
    package private(set) var isFollowing = true
    package private(set) var timeFormat = TimeFormat.sinceStart
    private var height = 1
    /// Rows that were decoded for the screen before: a frame decodes only what is new in it.
    private var summaries: [Int: String] = [:]
    private static let summaryLimit = 2000

    package init() {}

    // MARK: Selection

    /// The index of the selected message.
    package func selected(in snapshot: Snapshot) -> Int? {
        snapshot.listCount > 0 ? snapshot.listed(min(list.selected, snapshot.listCount - 1)) : nil
    }

    /// Selects a message, or the next one that the filter lets through.
    package mutating func select(_ message: Int, in snapshot: Snapshot) {
        list.selected = min(snapshot.row(of: message), max(0, snapshot.listCount - 1))
        isFollowing = false
    }

    package mutating func follow() { isFollowing = true }
    package mutating func detach() { isFollowing = false }

    /// Forgets what was decoded: schemas or keys may tell more now.
    package mutating func forget() { summaries.removeAll() }

    // MARK: Drawing

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        let inside = area.inset()
        height = max(0, inside.height - 1)
        if isFollowing {
            // What the clock has not reached yet is not there to be followed.
            list.selected = snapshot.isAtEnd ? snapshot.listCount - 1 : snapshot.row(of: snapshot.cursor) - 1
        }
        list.settle(count: snapshot.listCount, height: height)
        drawBox(into: &buffer, area, context)
        guard snapshot.listCount > 0 else {
            EmptyPane.draw(into: &buffer, inside, context, Self.reasonForEmptiness(snapshot))
            return
        }
        let columns = Columns(width: inside.width, timeFormat: timeFormat)
        columns.drawHeader(into: &buffer, inside, context)
        if summaries.count > Self.summaryLimit { summaries.removeAll() }
        for line in 0..<min(height, snapshot.listCount - list.top) {
            let row = list.top + line
            let message = snapshot.listed(row)
            let before = row > 0 ? snapshot.index[snapshot.listed(row - 1)].time : nil
            let place = Point(x: inside.x, y: inside.y + 1 + line)
            columns.draw(
                message, before: before, summary: summary(of: message, snapshot), at: place, into: &buffer, context)
            if row == list.selected {
                buffer.restyle(Rect(x: inside.x, y: place.y, width: inside.width, height: 1)) { $0 = context.selected($0) }
            }
        }
    }

    private func drawBox(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let snapshot = context.snapshot
        var state = "\(Format.thousands(list.selected + 1)) of \(Format.thousands(snapshot.listCount))"
        if snapshot.listCount == 0 { state = "" }
        if isFollowing, snapshot.listCount > 0 { state += " following" }
        if let filter = snapshot.filter, filter.examined < snapshot.index.count {
            state += " filtering \(100 * filter.examined / max(1, snapshot.index.count)) %"
        }
        buffer.drawBox(
            area, style: context.borderStyle, title: "2 Messages", titleStyle: context.titleStyle, trailing: state,
            trailingStyle: context.style(.dim))
    }

    private static func reasonForEmptiness(_ snapshot: Snapshot) -> [String] {
        if let filter = snapshot.filter, !snapshot.index.isEmpty {
            if filter.examined < snapshot.index.count { return ["Filtering ..."] }
            return [
                "None of \(Format.thousands(snapshot.index.count)) messages passes the filter.",
                "/ changes it; empty shows all.",
            ]
        }
        if case .reading = snapshot.loading { return ["Reading ..."] }
        return ["No Spatio message in \(Format.thousands(snapshot.packets)) packets."]
    }

    private mutating func summary(of message: Int, _ snapshot: Snapshot) -> String {
        if let known = summaries[message] { return known }
        let record = snapshot.index[message]
        let text: String
        if let map = snapshot.fieldMap(of: message) {
            text = MessageSummary.text(record.type, map: map, model: snapshot.whole)
        } else {
            text = "octets cannot be read any more"
        }
        summaries[message] = text
        return text
    }

    /// The text of a row as search sees it.
    package mutating func searchText(of message: Int, _ snapshot: Snapshot) -> String {
        let record = snapshot.index[message]
        var text = Columns.typeName(record) + " " + summary(of: message, snapshot)
        if let stream = snapshot.whole.stream(of: record) {
            let ends = snapshot.whole.endpoints(of: stream)
            text += " \(ends.source) \(ends.destination)"
        }
        return text
    }

    // MARK: Keys

    /// True when the selection or the look changed.
    package mutating func handle(_ action: Action, _ snapshot: Snapshot) -> Bool {
        switch action {
        case .follow: isFollowing = true
        case .timeFormat: timeFormat = TimeFormat(rawValue: (timeFormat.rawValue + 1) % 3) ?? .sinceStart
        default:
            let before = list.selected
            guard list.move(action, count: snapshot.listCount, height: height) else { return false }
            // Going to the last one takes up following again; going up ends it.
            if action == .last { isFollowing = true } else if list.selected != before { isFollowing = false }
        }
        return true
    }

    package mutating func scroll(by amount: Int, _ snapshot: Snapshot) {
        isFollowing = false
        list.scroll(by: amount, count: snapshot.listCount, height: height)
    }

    package mutating func click(_ point: Point, area: Rect, _ snapshot: Snapshot) -> Bool {
        let line = point.y - area.y - 2
        guard line >= 0, line < height, list.top + line < snapshot.listCount else { return false }
        list.selected = list.top + line
        isFollowing = false
        return true
    }

    package static let help = [
        "Every message in capture order. Enter moves the clock to it and goes to its fields.",
        "F follows the newest; moving up lets go, G takes it up again.",
        "f shows only the messages of the selected one's stream; f again shows all.",
        "Colours: the family of the type. ! before the type: something is wrong with it.",
    ]
}

/// Which columns of the list fit, and how a message fills them.
private struct Columns {
    let numberWidth = 7
    let timeWidth: Int
    let endsWidth: Int
    let streamWidth: Int
    let sizeWidth: Int
    let typeWidth = 17
    let width: Int
    let timeFormat: MessageListPane.TimeFormat

    init(width: Int, timeFormat: MessageListPane.TimeFormat) {
        self.width = width
        self.timeFormat = timeFormat
        timeWidth = 13
        endsWidth = width >= 150 ? 34 : width >= 100 ? 22 : 0
        streamWidth = width >= 60 ? 11 : 0
        sizeWidth = width >= 110 ? 7 : 0
    }

    func drawHeader(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        let style = context.style(.header)
        buffer.fill(Rect(x: inside.x, y: inside.y, width: inside.width, height: 1), style: style)
        var x = inside.x
        let end = inside.maxX
        func title(_ text: String, _ width: Int, isRight: Bool = false) {
            guard width > 0 else { return }
            if isRight {
                buffer.write(text, endingAt: Point(x: x + width - 1, y: inside.y), style: style, maxWidth: width - 1)
            } else {
                buffer.write(text, at: Point(x: x, y: inside.y), style: style, maxWidth: min(width - 1, end - x))
            }
            x += width
        }
        title("no", numberWidth, isRight: true)
        title(timeFormat.title, timeWidth, isRight: true)
        title("source > destination", endsWidth)
        title("stream #seq", streamWidth)
        title("octets", sizeWidth, isRight: true)
        title("type", typeWidth)
        title("what it says", max(1, end - x + 1))
    }

    func draw(
        _ message: Int, before: Int64?, summary: String, at place: Point, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let snapshot = context.snapshot
        let record = snapshot.index[message]
        let end = place.x + width
        // What the clock has not reached yet is there, but grey.
        let isFuture = message >= snapshot.cursor
        let text = context.style(isFuture ? .dim : .text)
        var x = place.x
        buffer.write(
            "\(message + 1)", endingAt: Point(x: x + numberWidth - 1, y: place.y), style: context.style(.dim),
            maxWidth: numberWidth)
        x += numberWidth
        buffer.write(
            timeText(record.time, before, snapshot), endingAt: Point(x: x + timeWidth - 1, y: place.y), style: text,
            maxWidth: timeWidth)
        x += timeWidth
        if endsWidth > 0 {
            let ends = buffer.glyphs.shortenedInMiddle(Self.ends(record, snapshot, isLong: endsWidth > 30), to: endsWidth - 1)
            buffer.write(ends, at: Point(x: x, y: place.y), style: text, maxWidth: endsWidth - 1)
            x += endsWidth
        }
        if streamWidth > 0 {
            let stream = snapshot.whole.stream(of: record)
            if record.marks.contains(.hasHeader), let id = stream?.streamID {
                let arrow = stream?.direction == .client ? ">" : "<"
                buffer.write(
                    "\(arrow)\(id) #\(record.sequence)", at: Point(x: x, y: place.y), style: text,
                    maxWidth: streamWidth - 1)
            }
            x += streamWidth
        }
        if sizeWidth > 0 {
            buffer.write(
                Format.thousands(record.size), endingAt: Point(x: x + sizeWidth - 1, y: place.y), style: text,
                maxWidth: sizeWidth)
            x += sizeWidth
        }
        drawType(record, isFuture: isFuture, at: Point(x: x, y: place.y), into: &buffer, context)
        x += typeWidth
        let notes = Self.notes(record)
        if !notes.isEmpty {
            x += buffer.write(notes, at: Point(x: x, y: place.y), style: context.style(.warning), maxWidth: end - x)
        }
        buffer.write(
            buffer.glyphs.shortened(summary, to: max(0, end - x)), at: Point(x: x, y: place.y), style: text,
            maxWidth: end - x)
    }

    private func drawType(
        _ record: MessageRecord, isFuture: Bool, at place: Point, into buffer: inout Buffer, _ context: PaneContext
    ) {
        let role: Role =
            switch record.severity {
            case .error: .malformed
            case .warning: .warning
            case .note, .none: isFuture ? .dim : MessageFamily(record.type).role
            }
        let mark = record.severity >= .warning ? "!" : ""
        buffer.write(mark + Self.typeName(record), at: place, style: context.style(role), maxWidth: typeWidth - 1)
    }

    static func typeName(_ record: MessageRecord) -> String {
        guard record.marks.contains(.hasHeader) else { return "MALFORMED" }
        return record.type.name ?? "0x\(Format.hex(record.type.rawValue))"
    }

    static func notes(_ record: MessageRecord) -> String {
        var notes = ""
        if record.marks.contains(.lostBefore) { notes += "[lost before] " }
        if record.marks.contains(.duplicate) { notes += "[duplicate] " }
        if record.marks.contains(.reordered) { notes += "[late] " }
        if record.marks.contains(.retransmit) { notes += "[again] " }
        if record.marks.contains(.badSignature) { notes += "[signature] " }
        if record.marks.contains(.versionGap) { notes += "[version gap] " }
        return notes
    }

    static func ends(_ record: MessageRecord, _ snapshot: Snapshot, isLong: Bool) -> String {
        guard let stream = snapshot.whole.stream(of: record) else { return "" }
        let ends = snapshot.whole.endpoints(of: stream)
        if isLong { return "\(ends.source) > \(ends.destination)" }
        // Without the ports, which say little in a narrow column.
        return "\(ends.source.address)>\(ends.destination.address)"
    }

    private func timeText(_ time: Int64, _ before: Int64?, _ snapshot: Snapshot) -> String {
        switch timeFormat {
        case .sinceStart: Format.seconds(time - snapshot.firstTime)
        case .ofDay: TimeText.clock(time)
        case .sinceBefore: before.map { "+" + Format.seconds(time - $0) } ?? "-"
        }
    }
}

extension Format {
    /// Seconds with microseconds: `12.480123`.
    static func seconds(_ nanoseconds: Int64) -> String { TimeText.seconds(nanoseconds) }
}
