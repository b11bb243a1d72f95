import Inspection
import Screen
import SpatioWire

/// Marks, ladder, comparison, columns, times: what Messages can do besides showing.
extension Application {
    /// Nil when the action is none of these.
    mutating func performWithMessages(_ action: Action) -> [Effect]? {
        switch action {
        case .write: beginWriting()
        case .copy, .copyWhole: return copy(isWhole: action == .copyWhole)
        case .timeFormat:
            messages.times.goOn(hasReference: messages.reference(selection.marks) != nil)
            notice = Notice(text: "Times: \(messages.times.format.words).", role: .hint)
        case .timePrecision: messages.times.hasMicroseconds.toggle()
        case .timeReference: toggleReference()
        case .ladder: messages.toggleLadder()
        case .mark: toggleMark()
        case .nextMark: goToMark(isForward: true)
        case .previousMark: goToMark(isForward: false)
        case .onlyMarked: toggleOnlyMarked()
        case .clearMarks:
            selection.marks.removeAll()
            if showsOnlyMarked { toggleOnlyMarked() }
        case .compare: compare()
        case .chooseColumns: sheet = .columns(ColumnSheet(messages.columns))
        case .onlyEntity: return followEntityOfMessage()
        case .otherView: return goToOtherView()
        default: return nil
        }
        return []
    }

    // MARK: What is set from outside

    /// The columns of the list by name, in their order.
    package var columnNames: [String] { messages.columns.names }

    /// Chooses the columns of the list; an empty list is the usual one.
    package mutating func show(columns names: [String]) throws(FilterError) {
        messages.show(names.isEmpty ? .usual : try ColumnList(names: names))
    }

    /// How times are told.
    package var timeFormat: TimeFormat {
        get { messages.times.format }
        set { messages.times.format = newValue }
    }

    /// Seconds that local time is ahead of UTC at a time of Unix seconds.
    package mutating func setZone(_ zone: @escaping @Sendable (Int64) -> Int64) { messages.times.zone = zone }

    /// Colours rows by rules: of several that fit the first counts.
    package mutating func show(_ rules: [ColorRule]) { messages.show(rules) }

    // MARK: Marks

    private mutating func toggleMark() {
        guard let message = messages.selected(in: snapshot) else { return }
        selection.marks.toggle(message)
        if showsOnlyMarked, selection.marks.isEmpty { showsOnlyMarked = false }
        let isShown = selection.marks.contains(message) || !showsOnlyMarked
        snapshot = picking(snapshot)
        messages.select(message)
        // What is not shown any more has made room for the next one.
        if isShown { _ = messages.handle(.down, snapshot) }
        showEntityOfMessage()
    }

    private mutating func toggleOnlyMarked() {
        guard showsOnlyMarked || !selection.marks.isEmpty else {
            notice = Notice(text: "No message is marked: Space marks one.", role: .hint)
            return
        }
        messages.detach(in: snapshot)
        showsOnlyMarked.toggle()
        snapshot = picking(snapshot)
    }

    /// The snapshot with only the marked messages in its list, where these are wanted.
    func picking(_ snapshot: Snapshot) -> Snapshot {
        var snapshot = snapshot
        snapshot.picked = showsOnlyMarked ? selection.marks.messages.filter(snapshot.index.kept.contains) : nil
        return snapshot
    }

    private mutating func goToMark(isForward: Bool) {
        guard !selection.marks.isEmpty else {
            notice = Notice(text: "No message is marked: Space marks one.", role: .hint)
            return
        }
        var place = messages.selected(in: snapshot) ?? 0
        while let mark = isForward ? selection.marks.next(after: place) : selection.marks.previous(before: place) {
            let row = snapshot.row(of: mark)
            if row < snapshot.listCount, snapshot.listed(row) == mark {
                messages.select(mark)
                showEntityOfMessage()
                return
            }
            place = mark
        }
        notice = Notice(
            text: "No marked message \(isForward ? "after" : "before") this one is in the list.", role: .hint)
    }

    private mutating func toggleReference() {
        guard let message = messages.selected(in: snapshot) else { return }
        if messages.times.reference == message {
            messages.times.reference = nil
            if messages.times.format == .reference { messages.times.format = .start }
        } else {
            messages.times.reference = message
            messages.times.format = .reference
            notice = Notice(text: "Times count from message \(message + 1).", role: .hint)
        }
    }

    // MARK: Following

    /// Shows only what the entity of the selected message does, or everything again.
    private mutating func followEntityOfMessage() -> [Effect] {
        guard let message = messages.selected(in: snapshot) else { return [] }
        if let followed = messages.followed, followed.filter == filterText, filterText.hasPrefix("entity == ") {
            return apply(filter: "")
        }
        let chosen = selection.entity.flatMap { messages.tells(message, of: $0, snapshot) ? $0 : nil }
        guard let entity = chosen ?? messages.firstEntity(of: message, snapshot) else {
            notice = Notice(text: "This message tells of no entity.", role: .hint)
            return []
        }
        let filter = "entity == \"\(entity.id)\""
        messages.followed = (filter, "entity " + MessageColumns.name(of: entity, snapshot.whole))
        return toggle(filter: filter)
    }

    /// Shows only the stream of the selected message, or everything again.
    mutating func followStreamOfMessage() -> [Effect] {
        guard let message = messages.selected(in: snapshot),
            let stream = snapshot.whole.stream(of: snapshot.index[message])
        else { return [] }
        let filter = StreamsPane.filter(stream, snapshot.whole)
        let ends =
            PeerNames.source(of: stream, snapshot.whole, snapshot.hostNames) + " > "
            + PeerNames.destination(of: stream, snapshot.whole, snapshot.hostNames)
        messages.followed = (filter, stream.streamID.map { "stream \($0), \(ends)" } ?? ends)
        return toggle(filter: filter)
    }

    /// The same message as somebody else saw it.
    private mutating func goToOtherView() -> [Effect] {
        guard let message = focus == .messages ? messages.selected(in: snapshot) : selection.message else { return [] }
        guard let twin = snapshot.chronicle.views.twins(of: message + 1).first?.twin(of: message + 1),
            snapshot.index.kept.contains(twin - 1)
        else {
            notice = Notice(text: "Nobody else is known to have seen this message.", role: .hint)
            return []
        }
        return go(to: twin - 1)
    }

    // MARK: Comparing

    /// Messages before the selected one that are looked at for one of its stream and type.
    private static let lookedAt = 100_000

    private mutating func compare() {
        guard let selected = messages.selected(in: snapshot) else { return }
        let marks = selection.marks.messages.filter(snapshot.index.kept.contains)
        let pair: (Int, Int)?
        switch marks.count {
        case 2: pair = (marks[0], marks[1])
        case 1 where marks[0] != selected: pair = (min(marks[0], selected), max(marks[0], selected))
        default: pair = messageBefore(selected).map { ($0, selected) }
        }
        guard let pair else {
            notice = Notice(
                text: "No earlier message of its stream and type: mark two with Space, then d compares them.",
                role: .hint)
            return
        }
        guard let left = snapshot.fieldMap(of: pair.0), let right = snapshot.fieldMap(of: pair.1) else {
            notice = Notice(text: "The octets of one of them cannot be read any more.")
            return
        }
        sheet = .comparison(
            ComparisonSheet(
                MessageComparison(readable(left), readable(right), showsSecrets: showsSecrets),
                (pair.0, messages.line(of: pair.0, snapshot)),
                (pair.1, messages.line(of: pair.1, snapshot))))
    }

    /// A message as it may leave its pane: without credentials, unless they are shown there.
    private func readable(_ map: FieldMap) -> FieldMap { showsSecrets ? map : map.withoutSecrets }

    private func messageBefore(_ message: Int) -> Int? {
        let record = snapshot.index[message]
        return (max(snapshot.index.start, message - Self.lookedAt)..<message).reversed().first { place in
            let other = snapshot.index[place]
            return other.stream == record.stream && other.type == record.type
                && other.marks.contains(.hasHeader) == record.marks.contains(.hasHeader)
        }
    }

    // MARK: Copying

    private mutating func copy(isWhole: Bool) -> [Effect] {
        guard let (what, text) = copied(isWhole: isWhole), !text.isEmpty else {
            notice = Notice(text: "Nothing is selected here that could be copied.", role: .hint)
            return []
        }
        let (kept, isCut) = Clipboard.bounded(text)
        let size = "\(Format.thousands(kept.utf8.count)) octets"
        notice = Notice(text: "Copied \(what)" + (isCut ? ", the first \(size) of it." : ", \(size)."), role: .note)
        return [.copy(kept)]
    }

    /// What a copy is of, and its text.
    private mutating func copied(isWhole: Bool) -> (what: String, text: String)? {
        switch focus {
        case .messages, .tree:
            guard let message = messages.selected(in: snapshot) else { return nil }
            if isWhole {
                let json = snapshot.json(of: message, showsSecrets: showsSecrets)
                return json.map { ("message \(message + 1) as JSON", $0) }
            }
            if focus == .messages { return ("the row of message \(message + 1)", messages.line(of: message, snapshot)) }
            guard let map = tree.map.map(readable), map.fields.indices.contains(tree.field) else { return nil }
            let field = map.fields[tree.field]
            return ("the value of \(field.name)", Self.value(of: tree.field, map))
        case .octets:
            guard let map = tree.map.map(readable) else { return nil }
            let source = octets.shownSource
            let all = map.octets(of: source)
            guard !isWhole, map.fields.indices.contains(tree.field), map.fields[tree.field].buffer == source else {
                return ("all octets", hexadecimalText(all))
            }
            return (
                "the octets of \(map.fields[tree.field].name)", hexadecimalText(map.octets(of: map.fields[tree.field]))
            )
        case .map:
            guard let chosen = selection.entity, let space = snapshot.model.spaceIndex(chosen.space),
                let index = snapshot.model.entityIndex(chosen.id, space: space),
                let position = snapshot.model.entities[index].position
            else { return nil }
            let name = VisibleText.visible(MessageColumns.name(of: chosen, snapshot.model))
            return ("the position of \(name)", "\(position.x) \(position.y) \(position.z)")
        case .streams, .state, .quality, .peers, .findings, .extensions: return nil
        }
    }

    /// A field without what helps the eye: octets as digits, a structure as JSON.
    private static func value(of index: Int, _ map: FieldMap) -> String {
        let field = map.fields[index]
        switch field.value {
        case .octets: return hexadecimalText(map.octets(of: field))
        case .string(let text): return text
        case .unsigned(let value): return "\(value)"
        case .object, .array:
            var json = JSONText()
            _ = map.write(index, named: false, to: &json)
            return json.text
        // What must not be shown is blank already.
        default: return FieldText.text(field, map, showsSecrets: true)
        }
    }
}
