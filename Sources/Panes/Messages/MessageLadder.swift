import Inspection
import Screen
import SpatioWire

/// Messages as arrows between columns of peers: who said what to whom, in time from above.
struct MessageLadder {
    private var peers = LadderPeers()
    /// The first of the peers on the screen, not counting the one that always is.
    private var offset = 0
    /// The selected row for which the columns were chosen last: they follow it, but may be scrolled away from it.
    private var shownRow: Int?
    private var lanes: [Lane] = []
    private var area = Rect.zero
    private var times = MessageTimes()
    private var timeWidth = 0
    /// Nanoseconds from which on a silence is drawn as a break.
    private var longGap: Int64 = .max

    private struct Lane {
        var peer: Int
        var x: Int
    }

    /// Columns between two peers: less holds no name, more makes the eye travel.
    private static let leastStep = 14
    private static let widestStep = 64
    /// Columns of the time since the message before.
    private static let gapWidth = 9
    /// A silence that is worth a line: a second, and several times the usual one.
    private static let leastGap: Int64 = 1_000_000_000
    private static let gapFactor: Int64 = 5
    /// Columns of an arrow that has its words on it, and of words that say something beside it.
    private static let wordyArrow = 30
    private static let leastWords = 16
    /// Columns of an arrow to somebody who is not on the screen.
    private static let stub = 6

    /// Names, and under them addresses where there is room.
    static func headerHeight(_ inside: Rect) -> Int { inside.height >= 16 ? 2 : 1 }

    mutating func scroll(by step: Int) { offset += step }

    // MARK: Layout

    /// Chooses the columns for an area.
    mutating func settle(_ inside: Rect, _ times: MessageTimes, selected row: Int, _ snapshot: Snapshot) {
        area = inside
        self.times = times
        peers.update(snapshot, row: row)
        timeWidth = times.width(snapshot) + 1
        let average = (snapshot.lastTime - snapshot.firstTime) / Int64(max(1, snapshot.listCount))
        longGap = max(Self.leastGap, average.multipliedReportingOverflow(by: Self.gapFactor).partialValue)
        let start = inside.x + timeWidth + (times.format == .delta ? 1 : Self.gapWidth)
        let room = max(0, inside.maxX - start - Self.leastStep)
        let count = min(peers.peers.count, room / Self.leastStep + 1)
        let shown = visiblePeers(count, selected: row, snapshot)
        let step = shown.count > 1 ? min(Self.widestStep, room / (shown.count - 1)) : 0
        lanes = shown.enumerated().map { place, peer in
            Lane(peer: peer, x: start + Self.leastStep / 2 + place * max(step, 1))
        }
    }

    private mutating func visiblePeers(_ count: Int, selected row: Int, _ snapshot: Snapshot) -> [Int] {
        guard peers.peers.count > count, count > 0 else {
            offset = 0
            return Array(peers.peers.indices)
        }
        let others = peers.peers.indices.filter { $0 != peers.hub }
        let room = max(1, count - 1)
        if shownRow != row, row >= 0, let ends = ends(of: snapshot.listed(row), snapshot) {
            shownRow = row
            for end in [ends.source, ends.destination] where end != peers.hub {
                let place = end - (end > peers.hub ? 1 : 0)
                if place < offset { offset = place }
                if place >= offset + room { offset = place - room + 1 }
            }
        }
        offset = max(0, min(offset, others.count - room))
        return [peers.hub] + others[offset..<min(others.count, offset + room)]
    }

    /// Which peers a message goes between; nil where a limit was reached.
    private func ends(of message: Int, _ snapshot: Snapshot) -> (source: Int, destination: Int)? {
        guard let stream = snapshot.whole.stream(of: snapshot.index[message]) else { return nil }
        let ends = LadderPeer.ends(of: stream, snapshot.whole)
        guard let source = peers.places[ends.source], let destination = peers.places[ends.destination] else {
            return nil
        }
        return (source, destination)
    }

    /// The row that each line of the pane shows; nil for the line of a long silence. The selected row is among them.
    func lines(from top: Int, selected: Int, height: Int, _ snapshot: Snapshot) -> [Int?] {
        guard height > 0 else { return [] }
        var top = top
        var used = (top...max(top, selected)).reduce(0) { $0 + ($1 > top && isBreak(before: $1, snapshot) ? 2 : 1) }
        while used > height, top < selected {
            top += 1
            used -= isBreak(before: top, snapshot) ? 2 : 1
        }
        var lines: [Int?] = []
        var row = top
        while lines.count < height, row < snapshot.listCount {
            if row > top, isBreak(before: row, snapshot) {
                guard lines.count + 1 < height else { break }
                lines.append(nil)
            }
            lines.append(row)
            row += 1
        }
        return lines
    }

    private func gap(before row: Int, _ snapshot: Snapshot) -> Int64 {
        row > 0 ? snapshot.index[snapshot.listed(row)].time - snapshot.index[snapshot.listed(row - 1)].time : 0
    }

    private func isBreak(before row: Int, _ snapshot: Snapshot) -> Bool { gap(before: row, snapshot) >= longGap }

    // MARK: Drawing

    func drawHeader(into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext, selected message: Int) {
        let style = context.style(.header)
        let height = Self.headerHeight(inside)
        buffer.fill(Rect(x: inside.x, y: inside.y, width: inside.width, height: 1), style: style)
        buffer.write(
            times.format.title, endingAt: Point(x: inside.x + timeWidth, y: inside.y), style: style,
            maxWidth: timeWidth)
        if times.format != .delta {
            buffer.write(
                "gap", endingAt: Point(x: inside.x + timeWidth + Self.gapWidth - 1, y: inside.y), style: style)
        }
        let ends = ends(of: message, context.snapshot)
        for (place, lane) in lanes.enumerated() {
            let isSelected = ends.map { $0.source == lane.peer || $0.destination == lane.peer } ?? false
            let named = peers.peers[lane.peer]
            let step = place + 1 < lanes.count ? lanes[place + 1].x - lane.x : Self.leastStep
            let room = min(step, place > 0 ? lane.x - lanes[place - 1].x : step) - 1
            for (row, text) in [named.name, named.address].prefix(height).enumerated() {
                let words = buffer.glyphs.shortenedInMiddle(text, to: room)
                let x = max(inside.x, min(lane.x - buffer.glyphs.columns(of: words) / 2, inside.maxX - room))
                let look = row == 1 ? context.style(.dim) : isSelected ? style.adding(.underlined) : style
                buffer.write(words, at: Point(x: x, y: inside.y + row), style: look, maxWidth: inside.maxX - x)
            }
        }
    }

    /// How many peers are beyond the edges, and where: `2 < peers > 3`; empty where all are on the screen.
    var hiddenPeers: String {
        let hidden = peers.peers.count - lanes.count
        guard hidden > 0 else { return "" }
        let before = offset > 0 ? "\(offset) < " : ""
        let after = offset < hidden ? " > \(hidden - offset)" : ""
        return before + "peers" + after
    }

    /// A time between two messages in few columns.
    private static func silence(_ nanoseconds: Int64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        switch seconds.magnitude {
        case ..<0.0009995: return Format.si(seconds * 1e6, unit: "us")
        case ..<0.9995: return Format.si(seconds * 1e3, unit: "ms")
        default: return Format.si(seconds, unit: "s")
        }
    }

    /// The life lines alone.
    func drawLanes(y: Int, isBroken: Bool = false, into buffer: inout Buffer, _ context: PaneContext) {
        let line: Unicode.Scalar =
            switch (buffer.glyphs.isUnicode, isBroken) {
            case (true, false): "\u{2502}"
            case (true, true): "\u{250A}"
            case (false, false): "|"
            case (false, true): ":"
            }
        for lane in lanes { buffer[lane.x, y] = Cell(line, style: context.style(.border)) }
    }

    /// `... 3.20 s ...`
    func drawGap(before row: Int, y: Int, into buffer: inout Buffer, _ context: PaneContext) {
        drawLanes(y: y, isBroken: true, into: &buffer, context)
        let silence = Self.silence(gap(before: row, context.snapshot))
        buffer.write(
            "... \(silence) ...", endingAt: Point(x: area.x + timeWidth + Self.gapWidth - 1, y: y),
            style: context.style(.dim))
    }

    func draw(
        _ message: Int, _ content: MessageRow, _ row: MessageRowContext, y: Int, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let record = context.snapshot.index[message]
        let isFuture = message >= context.snapshot.cursor
        let plain = context.style(isFuture ? .dim : .text)
        let text = isFuture ? plain : content.look?.style(over: plain, context.theme) ?? plain
        drawLanes(y: y, into: &buffer, context)
        drawTimes(record, row, y: y, text, into: &buffer, context)
        let style = MessageColumns.typeStyle(record, isFuture: isFuture, hasLook: text != plain, text, context)
        let arrow = arrow(of: message, context.snapshot)
        if let arrow {
            // The words of what is malformed stand out by themselves; a line with a background would be a bar.
            let line = record.severity == .error ? context.style(.error) : style
            draw(arrow, record, line, y: y, into: &buffer, context)
        }
        var words = MessageColumns.typeName(record)
        for note in MessageColumns.notes(record, message, context.snapshot) { words += " [\(note)]" }
        if context.snapshot.whole.stream(of: record)?.isMirrored == true { words += " (mirrored)" }
        drawWords(
            words, content.summary, beside: arrow, y: y, (style, text), into: &buffer)
    }

    private func drawTimes(
        _ record: MessageRecord, _ row: MessageRowContext, y: Int, _ text: Style, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        if row.isMarked {
            buffer.write(
                MessageColumns.markSign(buffer.glyphs), at: Point(x: area.x, y: y), style: context.style(.marked))
        } else if let color = row.entityMark {
            buffer.write("*", at: Point(x: area.x, y: y), style: Style(foreground: color, attributes: .bold))
        }
        buffer.write(
            times.text(record.time, before: row.before, reference: row.reference, context.snapshot),
            endingAt: Point(x: area.x + timeWidth, y: y), style: text, maxWidth: timeWidth - 1)
        guard times.format != .delta, let before = row.before else { return }
        buffer.write(
            Self.silence(record.time - before),
            endingAt: Point(x: area.x + timeWidth + Self.gapWidth - 1, y: y), style: context.style(.dim),
            maxWidth: Self.gapWidth - 1)
    }

    /// Where an arrow begins and ends.
    private struct Arrow {
        var from, to: Int
        /// The name of the end that is not on the screen.
        var hidden: String?
        /// It has no life line there.
        var isFromHidden = false

        var left: Int { min(from, to) }
        var right: Int { max(from, to) }
    }

    private func arrow(of message: Int, _ snapshot: Snapshot) -> Arrow? {
        guard let ends = ends(of: message, snapshot) else { return nil }
        let from = lanes.first { $0.peer == ends.source }?.x
        let to = lanes.first { $0.peer == ends.destination }?.x
        switch (from, to) {
        case (let from?, let to?): return Arrow(from: from, to: to)
        case (let from?, nil):
            return Arrow(from: from, to: from + side(ends.destination), hidden: peers.peers[ends.destination].name)
        case (nil, let to?):
            return Arrow(
                from: to + side(ends.source), to: to, hidden: peers.peers[ends.source].name, isFromHidden: true)
        case (nil, nil): return nil
        }
    }

    /// To which side of the screen a hidden peer lies, as columns of an arrow.
    private func side(_ peer: Int) -> Int {
        let first = lanes.dropFirst().first?.peer ?? 0
        return peer < first && lanes.count > 2 ? -Self.stub : Self.stub
    }

    private func draw(
        _ arrow: Arrow, _ record: MessageRecord, _ style: Style, y: Int, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        let isUnicode = buffer.glyphs.isUnicode
        let isDashed = record.marks.contains(.retransmit)
        let line: Unicode.Scalar = isUnicode ? (isDashed ? "\u{254C}" : "\u{2500}") : (isDashed ? "." : "-")
        guard arrow.from != arrow.to else {
            buffer[arrow.from, y] = Cell(isUnicode ? "\u{25CB}" : "o", style: style)
            return
        }
        let isRight = arrow.to > arrow.from
        for x in arrow.left + 1..<arrow.right {
            let crosses = lanes.contains { $0.x == x }
            let cell: Unicode.Scalar = crosses ? (isUnicode ? "\u{253C}" : "+") : line
            buffer[x, y] = Cell(cell, style: style)
        }
        let isMalformed = record.marks.contains(.malformed)
        let head = arrow.to + (isRight ? -1 : 1)
        buffer[head, y] = Cell(isMalformed ? "x" : isRight ? ">" : "<", style: style)
        if arrow.hidden != nil, !arrow.isFromHidden { buffer[arrow.to, y] = Cell(isRight ? ">" : "<", style: style) }
        if isUnicode, !(arrow.isFromHidden) {
            buffer[arrow.from, y] = Cell(isRight ? "\u{251C}" : "\u{2524}", style: style)
        }
        if record.marks.contains(.lostBefore) {
            let place = arrow.from + (isRight ? -1 : 1)
            buffer[place, y] = Cell(isUnicode ? "\u{00D7}" : "x", style: context.style(.warning))
        }
    }

    /// The words stand on the arrow where it is long enough, else to its right, else to its left.
    private func drawWords(
        _ words: String, _ summary: String, beside arrow: Arrow?, y: Int, _ styles: (type: Style, text: Style),
        into buffer: inout Buffer
    ) {
        let glyphs = buffer.glyphs
        guard let arrow else {
            write(words, summary, at: (lanes.last?.x ?? area.x) + 2, to: area.maxX, y, styles, into: &buffer)
            return
        }
        let words = (arrow.hidden.map { arrow.isFromHidden ? "from \($0): " : "to \($0): " } ?? "") + words
        if arrow.right - arrow.left >= Self.wordyArrow {
            let room = arrow.right - arrow.left - 7
            let text = " " + glyphs.shortened(summary.isEmpty ? words : words + " " + summary, to: room) + " "
            let type = glyphs.shortened(" " + words + " ", to: room + 2)
            let start = Point(x: arrow.left + 3, y: y)
            buffer.write(text, at: start, style: styles.text, maxWidth: room + 2)
            buffer.write(type, at: start, style: styles.type, maxWidth: min(room + 2, glyphs.columns(of: type)))
        } else if area.maxX - arrow.right - 2 >= max(Self.leastWords, arrow.left - area.x - timeWidth - Self.gapWidth) {
            write(words, summary, at: arrow.right + 2, to: area.maxX, y, styles, into: &buffer)
        } else {
            let start = area.x + timeWidth + Self.gapWidth
            let room = max(0, arrow.left - 2 - start)
            let width = min(room, glyphs.columns(of: words + " " + summary))
            write(words, summary, at: arrow.left - 2 - width, to: arrow.left - 2, y, styles, into: &buffer)
        }
    }

    private func write(
        _ words: String, _ summary: String, at x: Int, to end: Int, _ y: Int, _ styles: (type: Style, text: Style),
        into buffer: inout Buffer
    ) {
        guard end > x else { return }
        let used = buffer.write(
            buffer.glyphs.shortened(words, to: end - x), at: Point(x: x, y: y), style: styles.type, maxWidth: end - x)
        guard used + 2 < end - x, !summary.isEmpty else { return }
        buffer.write(
            " " + buffer.glyphs.shortened(summary, to: end - x - used - 1), at: Point(x: x + used, y: y),
            style: styles.text, maxWidth: end - x - used)
    }
}
