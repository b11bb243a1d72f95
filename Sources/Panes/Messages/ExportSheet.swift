import Inspection
import Screen

/// Asks what to write, where to, and what of it to hide.
struct ExportSheet {
    /// Which messages, as it is chosen.
    enum Choice: CaseIterable {
        case all, filtered, marked

        var word: String {
            switch self {
            case .all: "all"
            case .filtered: "filtered"
            case .marked: "marked"
            }
        }
    }

    private enum Line: Int, CaseIterable {
        case what, file, blur, names
    }

    /// What there is to choose from, each with how many messages it is.
    private let choices: [(choice: Choice, count: Int)]
    private let marks: [Int]
    private let source: String
    private var chosen = 0
    private var line = Line.file
    private var file = LineEditor()
    private var isNamed = false
    private var grid = LineEditor()
    private var usesPseudonyms = false
    private var problem = ""
    /// The order waits for whether its file may be replaced.
    private var waiting: ExportOrder?

    private static let labelWidth = 8
    /// Its columns, and its rows with the border.
    private static let size = Size(width: 90, height: 8)

    enum Answer: Equatable {
        case stay, close
        case write(ExportOrder)
    }

    init(_ snapshot: Snapshot, _ marks: Marks) {
        self.marks = marks.messages
        var choices: [(Choice, Int)] = [(.all, snapshot.index.keptCount)]
        if let filter = snapshot.filter { choices.insert((.filtered, filter.numbers.keptCount), at: 0) }
        if !marks.isEmpty { choices.append((.marked, marks.count)) }
        if snapshot.picked != nil, let marked = choices.popLast() { choices.insert(marked, at: 0) }
        self.choices = choices
        var name = snapshot.sources.first?.split(separator: "/").last.map(String.init) ?? "messages"
        for suffix in [".gz", ".lz4", ".zst", ".pcapng", ".pcap", ".ntar"] where name.hasSuffix(suffix) {
            name.removeLast(suffix.count)
        }
        source = name == "standard input" ? "messages" : name
        nameFile()
    }

    static let hint = "Enter writes, Esc closes, Up Down to another line, Left Right choose"

    private mutating func nameFile() {
        guard !isNamed else { return }
        file.set("\(source)-\(choices[chosen].choice.word).pcapng")
    }

    /// Takes a file and which messages; false where there are none of these.
    mutating func fill(path: String, _ choice: Choice?) -> Bool {
        file.set(path)
        isNamed = true
        guard let choice else { return true }
        guard let place = choices.firstIndex(where: { $0.choice == choice }) else { return false }
        chosen = place
        return true
    }

    /// The file of an order is there: may it be replaced?
    mutating func ask(about order: ExportOrder) { waiting = order }

    /// Why the order could not be carried out.
    mutating func show(problem: String) { self.problem = problem }

    // MARK: Drawing

    func draw(into buffer: inout Buffer, _ area: Rect, _ context: PaneContext) {
        let width = min(area.width, Self.size.width)
        let box = Rect(
            x: area.x + (area.width - width) / 2, y: area.maxY - Self.size.height, width: width,
            height: Self.size.height)
        buffer.fill(box, style: context.style(.text))
        buffer.drawBox(
            box, style: context.style(.borderFocused), title: "Write messages",
            titleStyle: context.style(.titleFocused), trailing: ExportFormat.endings,
            trailingStyle: context.style(.dim))
        let inside = box.inset(left: 2, top: 1, right: 1, bottom: 1)
        for line in Line.allCases { draw(line, into: &buffer, inside, context) }
        let last = Point(x: inside.x, y: inside.maxY - 1)
        if let waiting {
            let text = "\(VisibleText.visible(waiting.path)) exists. y replaces it, any other key goes back."
            buffer.write(
                buffer.glyphs.shortened(text, to: inside.width), at: last, style: context.style(.warning))
        } else if !problem.isEmpty {
            buffer.write(
                buffer.glyphs.shortened(problem, to: inside.width), at: last, style: context.style(.error))
        } else {
            buffer.write(
                buffer.glyphs.shortened(words(line), to: inside.width), at: last, style: context.style(.dim))
        }
    }

    private func words(_ line: Line) -> String {
        switch line {
        case .what: "Which messages: Left and Right go through what there is."
        case .file: "The end of the name says how: packets, a JSON object a line, or a table."
        case .blur: "Positions move to the nearest point of a grid of so many metres; no secrets are written."
        case .names: "Ids, names and addresses become others, the same everywhere; no secrets are written."
        }
    }

    private func draw(_ line: Line, into buffer: inout Buffer, _ inside: Rect, _ context: PaneContext) {
        let y = inside.y + line.rawValue
        let isHere = line == self.line && waiting == nil
        let label: String
        let value: String
        var cursor: Int?
        switch line {
        case .what:
            label = "write"
            let choice = choices[chosen]
            value = "\(choice.choice.word): " + StatusLine.plural(choice.count, "message")
        case .file:
            label = "to"
            value = file.text
            cursor = file.cursor
        case .blur:
            label = "blur"
            value = grid.text.isEmpty ? "off" : grid.text + " m"
            cursor = grid.cursor
        case .names:
            label = "names"
            value = usesPseudonyms ? "replaced, with ids and addresses" : "as they are"
        }
        buffer.write(label, at: Point(x: inside.x, y: y), style: context.style(isHere ? .key : .dim))
        let start = inside.x + Self.labelWidth
        buffer.write(
            value, at: Point(x: start, y: y), style: context.style(isHere ? .text : .fieldValue),
            maxWidth: inside.maxX - start)
        guard isHere else { return }
        if let cursor {
            buffer.restyle(Rect(x: start + cursor, y: y, width: 1, height: 1)) { $0 = $0.adding(.reversed) }
        } else {
            buffer.restyle(Rect(x: start, y: y, width: inside.maxX - start, height: 1)) { $0 = context.selected($0) }
        }
    }

    // MARK: Keys

    mutating func handle(_ key: Key) -> Answer {
        if var order = waiting {
            waiting = nil
            guard key == "y" else { return .stay }
            order.replaces = true
            return .write(order)
        }
        problem = ""
        switch key {
        case .escape: return .close
        case .enter: return order()
        case .up, .backTab: line = Line(rawValue: max(0, line.rawValue - 1)) ?? .what
        case .down, .tab: line = Line(rawValue: min(Line.allCases.count - 1, line.rawValue + 1)) ?? .names
        default: change(key)
        }
        return .stay
    }

    private mutating func change(_ key: Key) {
        switch line {
        case .what:
            if key == .left || key == .right || key == " " {
                chosen = (chosen + (key == .left ? choices.count - 1 : 1)) % choices.count
                nameFile()
            }
        case .file:
            let before = file.text
            file.edit(key)
            if file.text != before { isNamed = true }
        case .blur: grid.edit(key)
        case .names: if key == .left || key == .right || key == " " { usesPseudonyms.toggle() }
        }
    }

    private mutating func order() -> Answer {
        guard !file.text.isEmpty else { return wrong(.file, "A name is needed.") }
        guard let format = ExportFormat(path: file.text) else {
            return wrong(.file, "The name ends in \(ExportFormat.endings), which says how to write.")
        }
        var privacy = PrivacyOptions(usesPseudonyms: usesPseudonyms)
        if !grid.text.isEmpty {
            guard let metres = Double(grid.text), PrivacyOptions.grids.contains(metres) else {
                return wrong(.blur, "A grid is a number of metres, from 0.001 on.")
            }
            privacy.grid = metres
        }
        let choice: ExportOrder.Choice =
            switch choices[chosen].choice {
            case .all: .all
            case .filtered: .filtered
            case .marked: .marked(marks)
            }
        var order = ExportOrder(choice, path: file.text, format: format)
        order.privacy = privacy
        return .write(order)
    }

    private mutating func wrong(_ line: Line, _ problem: String) -> Answer {
        self.line = line
        self.problem = problem
        return .stay
    }
}
