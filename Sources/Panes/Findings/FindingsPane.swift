import Inspection
import Screen
import SpatioWire

/// Everything that is wrong, by rule: the worst first.
package struct FindingsPane: InspectorPane {
    package static let keys: [KeyBinding] = [
        KeyBinding([.enter], .open, .findings, "open the rule; of a finding the message", hint: "open"),
        KeyBinding(["n"], .searchNext, .findings, "the clock to the next finding of the rule", hint: "finding"),
        KeyBinding(["N"], .searchPrevious, .findings, "the clock to the finding of the rule before", hint: "finding"),
        KeyBinding(
            ["f"], .onlyThis, .findings, "only the messages with findings of the rule, and back", hint: "filter"),
        KeyBinding(["x"], .silence, .findings, "silence the rule, and let it speak again", hint: "silence"),
        KeyBinding(["X"], .unsilence, .findings, "let all rules speak again"),
    ]

    package static let help =
        [
            "Everything that is wrong until the clock's time, by rule: errors (\u{D7}), warnings (!), notes (i).",
            "Right opens a rule: each finding with its time, its message, who sent that, and what is wrong.",
            "silent now: entities of which nothing was heard for more than 10 of their usual intervals.",
            "A silenced rule counts nowhere: not in the status line, not on the time line, not for the next finding.",
            "",
        ] + FindingRule.allCases.map { "\($0.rawValue) (\($0.severity.name)): \($0.explanation)" }

    private var list = ListState()
    /// What is selected: it stays so when rows come and go.
    private var anchor: FindingRows.Row?
    private var open: Set<FindingRows.Group> = []
    private var rows = FindingRows()
    private var height = 1
    /// Where the clock is on its way to.
    private var target: Int?
    /// So many are gone through in a fraction of a frame.
    private static let promptEntities = 16_384
    private var silent = (cursor: -1, time: Int64.min, found: SilentEntities?.none)

    package init() {}

    // MARK: Drawing

    /// Rows of the text under the list, and from which height on there is room for it.
    private static let explanationHeight = 3
    private static let heightForExplanation = 12

    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        if context.snapshot.cursor == target { target = nil }
        arrange(context)
        buffer.drawBox(
            area, style: context.borderStyle, title: PaneKind.findings.heading, titleStyle: context.titleStyle,
            trailing: Self.sums(context), trailingStyle: context.style(.dim))
        var inside = area.inset()
        guard inside.height > 1, inside.width > 4 else { return }
        guard rows.count > 0 else {
            EmptyPane.draw(into: &buffer, inside, context, Self.reasonForEmptiness(context.snapshot))
            return
        }
        if inside.height >= Self.heightForExplanation {
            let (upper, below) = inside.splitVertically(at: -Self.explanationHeight - 1)
            inside = upper
            buffer.drawHorizontalLine(from: area.x, to: area.maxX - 1, y: below.y, style: context.borderStyle)
            drawExplanation(into: &buffer, below.inset(top: 1), context)
        }
        let columns = FindingColumns(width: inside.width)
        columns.drawHeader(into: &buffer, inside.origin, context)
        height = inside.height - 1
        list.settle(count: rows.count, height: height)
        let silent = silentEntities(context.snapshot)
        for line in 0..<min(height, rows.count - list.top) {
            let place = Point(x: inside.x, y: inside.y + 1 + line)
            draw(list.top + line, at: place, silent, columns, into: &buffer, context)
        }
    }

    private func draw(
        _ row: Int, at place: Point, _ silent: SilentEntities, _ columns: FindingColumns, into buffer: inout Buffer,
        _ context: PaneContext
    ) {
        switch rows.row(at: row) {
        case nil: return
        case .group?:
            if let section = rows.section(at: row) {
                columns.draw(section, silent, at: place, into: &buffer, context)
            }
        case .entry(.rule(let rule), let entry)?:
            columns.draw(context.snapshot.chronicle.findings.kept(entry, of: rule), at: place, into: &buffer, context)
        case .entry(.silent, let entry)?: columns.draw(silent.longest[entry], at: place, into: &buffer, context)
        case .more(let group, let count)?: columns.draw(more: count, group, at: place, into: &buffer, context)
        }
        guard row == list.selected else { return }
        buffer.restyle(Rect(x: place.x, y: place.y, width: columns.width, height: 1)) { $0 = context.selected($0) }
    }

    /// The selected finding in full, and what its rule looks for.
    private func drawExplanation(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        guard let row = selectedRow else { return }
        let rule = row.group.rule
        var lines: [(text: String, role: Role)] = []
        if case .entry(.rule(let rule), let entry) = row {
            let finding = context.snapshot.chronicle.findings.kept(entry, of: rule)
            let drops = FindingColumns.drops(of: finding, context.snapshot)
            let text = finding.text + (drops.map { "; but " + $0.words(since: context.snapshot.firstTime) } ?? "")
            lines = Self.wrapped(text, area.width, buffer.glyphs).map { ($0, .text) }
        }
        let explanation = "\(rule.rawValue) (\(rule.severity.name)): \(rule.explanation)"
        lines += Self.wrapped(explanation, area.width, buffer.glyphs).map { ($0, .hint) }
        for (place, line) in lines.prefix(area.height).enumerated() {
            buffer.write(
                line.text, at: Point(x: area.x, y: area.y + place), style: context.style(line.role),
                maxWidth: area.width)
        }
    }

    private static func wrapped(_ text: String, _ width: Int, _ glyphs: GlyphSet) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            let longer = line.isEmpty ? String(word) : "\(line) \(word)"
            if line.isEmpty || glyphs.columns(of: longer) <= width {
                lines[lines.count - 1] = longer
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private static func sums(_ context: PaneContext) -> String {
        guard !context.snapshot.index.isEmpty else { return "" }
        var words = [Severity.error, .warning, .note].compactMap { severity -> String? in
            let count = context.snapshot.count(of: severity, silenced: context.silenced)
            return count > 0 ? StatusLine.plural(count, severity.name) : nil
        }
        if !context.silenced.isEmpty { words.append("\(context.silenced.count) silenced") }
        return words.joined(separator: ", ")
    }

    private static func reasonForEmptiness(_ snapshot: Snapshot) -> [String] {
        guard !snapshot.index.isEmpty else { return EmptyPane.reasonForNoMessages(snapshot) }
        if snapshot.cursor == 0 { return ["Nothing yet at this time.", "] steps on, n goes to the first finding."] }
        let rules = "\(FindingRule.allCases.count) rules looked; ? lists them."
        let later = snapshot.chronicle.findings.findings.keptCount
        let found = "Nothing was found in \(StatusLine.plural(snapshot.cursor, "message"))."
        return later == 0 ? [found, rules] : [found, rules, "n goes to the first of what is found later."]
    }

    /// What is silent at the clock's time; worked out when the clock has moved, among very many entities after a second.
    private mutating func silentEntities(_ snapshot: Snapshot) -> SilentEntities {
        if let found = silent.found {
            if silent.cursor == snapshot.cursor, silent.time == snapshot.time { return found }
            let isPatient = snapshot.model.entities.count > Self.promptEntities && snapshot.cursor >= silent.cursor
            if isPatient, snapshot.isAtEnd, 0..<1_000_000_000 ~= snapshot.time &- silent.time { return found }
        }
        let found = SilentEntities(in: snapshot.model, at: snapshot.time)
        silent = (snapshot.cursor, snapshot.time, found)
        return found
    }

    /// The rows as they are now: the key before may have opened some.
    private mutating func arrange(_ context: PaneContext) {
        rows = FindingRows(context, silentEntities(context.snapshot), open: open)
        if let anchor, let place = rows.place(of: anchor) { list.selected = place }
    }

    // MARK: Keys

    var selectedRow: FindingRows.Row? { rows.row(at: list.selected) }

    package mutating func handle(_ action: Action, _ context: PaneContext) -> [PaneRequest]? {
        arrange(context)
        switch action {
        case .right: setOpen(true)
        case .left: close()
        case .open: return openSelected(context)
        case .onlyThis: return filter(context)
        case .searchNext: return jump(forward: true, context)
        case .searchPrevious: return jump(forward: false, context)
        case .silence: return silence(context)
        case .unsilence: return [.silence([])]
        default:
            guard list.move(action, count: rows.count, height: height) else { return nil }
            anchor = selectedRow
        }
        target = nil
        return []
    }

    private mutating func setOpen(_ isOpen: Bool) {
        guard case .group(let group)? = selectedRow else { return }
        if isOpen { open.insert(group) } else { open.remove(group) }
    }

    /// From a finding the selection goes up to its rule first.
    private mutating func close() {
        if case .group? = selectedRow { setOpen(false) } else { anchor = selectedRow.map { .group($0.group) } }
    }

    private mutating func openSelected(_ context: PaneContext) -> [PaneRequest] {
        switch selectedRow {
        case .group(let group)?: setOpen(!open.contains(group))
        case .entry(.rule(let rule), let place)?:
            let finding = context.snapshot.chronicle.findings.kept(place, of: rule)
            return [.open(message: finding.message - 1)] + select(finding, context.snapshot)
        case .entry(.silent, let place)?:
            guard let entry = silent.found?.longest[place] else { return [] }
            let model = context.snapshot.model
            let entity = model.entities[entry.entity]
            return [.select(SelectedEntity(space: model.spaces[entity.space].id, id: entity.id)), .focus(.map)]
        case .more?, nil: break
        }
        return []
    }

    private func select(_ finding: Finding, _ snapshot: Snapshot) -> [PaneRequest] {
        guard let entity = finding.entity, let space = finding.space, snapshot.whole.spaces.indices.contains(space)
        else { return [] }
        return [.select(SelectedEntity(space: snapshot.whole.spaces[space].id, id: entity))]
    }

    private func filter(_ context: PaneContext) -> [PaneRequest] {
        guard let rule = selectedRow?.group.rule else { return [] }
        let text = "finding == \(rule.rawValue)"
        return [.filter(context.snapshot.filter?.filter.text == text ? "" : text)]
    }

    /// The clock to the next finding of the selected rule; of any that is not silenced, where none is selected.
    private mutating func jump(forward: Bool, _ context: PaneContext) -> [PaneRequest] {
        let log = context.snapshot.chronicle.findings
        let only = selectedRow?.group.rule
        let rules = only.map { [$0] } ?? FindingRule.allCases.filter { !context.silenced.contains($0) }
        let from = target ?? context.snapshot.cursor
        guard let finding = forward ? log.next(after: from, of: rules) : log.previous(before: from, of: rules) else {
            let what = only.map { "finding of \($0.rawValue)" } ?? "finding"
            return [.notice("There is no \(what) \(forward ? "after" : "before") the clock's time.")]
        }
        target = finding.detected
        let group = FindingRows.Group.rule(finding.rule)
        open.insert(group)
        anchor = .entry(group, log.keptCount(of: finding.rule, until: finding.detected - 1))
        return [.goTo(message: finding.detected - 1)] + select(finding, context.snapshot)
    }

    private func silence(_ context: PaneContext) -> [PaneRequest] {
        guard let rule = selectedRow?.group.rule else { return [] }
        var silenced = context.silenced
        if silenced.remove(rule) == nil { silenced.insert(rule) }
        return [.silence(silenced)]
    }

    // MARK: Mouse

    /// Rows that one notch of the wheel moves.
    private static let wheelRows = 3

    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> [PaneRequest] {
        switch mouse.kind {
        case .wheelUp: scroll(by: -Self.wheelRows)
        case .wheelDown: scroll(by: Self.wheelRows)
        case .press: return click(mouse.point, area, context)
        case .release, .drag: break
        }
        return []
    }

    private mutating func scroll(by amount: Int) {
        list.scroll(by: amount, count: rows.count, height: height)
        anchor = selectedRow
    }

    /// Selects a row; a click on the selected one opens it.
    private mutating func click(_ point: Point, _ area: Rect, _ context: PaneContext) -> [PaneRequest] {
        let line = point.y - area.y - 2
        guard line >= 0, line < height, list.top + line < rows.count else { return [] }
        if list.selected == list.top + line { return openSelected(context) }
        list.selected = list.top + line
        anchor = selectedRow
        return []
    }
}
