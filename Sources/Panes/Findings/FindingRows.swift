import Inspection

/// The rows of the findings pane as of the clock: each rule that found something, and under it, where it is open, what
/// it found. Which row is where is worked out from counts, so that a hundred thousand findings cost nothing.
struct FindingRows {
    /// What can be opened.
    enum Group: Hashable {
        case rule(FindingRule)
        /// Entities that are silent at the clock's time.
        case silent

        var rule: FindingRule {
            switch self {
            case .rule(let rule): rule
            case .silent: .stale
            }
        }
    }

    enum Row: Equatable {
        case group(Group)
        /// A place among the kept findings of a rule, or in the list of silent entities.
        case entry(Group, Int)
        /// How many more there are that are not kept or not listed.
        case more(Group, Int)

        var group: Group {
            switch self {
            case .group(let group), .entry(let group, _), .more(let group, _): group
            }
        }
    }

    struct Section {
        var group: Group
        var isSilenced: Bool
        var isOpen: Bool
        /// What the rule has found until the clock.
        var count: Int
        var entries: Int
        var more: Int
        /// The first row.
        var start = 0

        var rows: Int { isOpen ? 1 + entries + (more > 0 ? 1 : 0) : 1 }
    }

    private(set) var sections: [Section] = []
    private(set) var count = 0

    init() {}

    init(_ context: PaneContext, _ silent: SilentEntities, open: Set<Group>) {
        let snapshot = context.snapshot
        for isSilenced in [false, true] {
            for severity in [Severity.error, .warning, .note] {
                for rule in FindingRule.allCases
                where rule.severity == severity && context.silenced.contains(rule) == isSilenced {
                    add(rule, isSilenced: isSilenced, snapshot, silent, open)
                }
            }
        }
    }

    private mutating func add(
        _ rule: FindingRule, isSilenced: Bool, _ snapshot: Snapshot, _ silent: SilentEntities, _ open: Set<Group>
    ) {
        let log = snapshot.chronicle.findings
        let count = snapshot.count(of: rule)
        if count > 0 || isSilenced {
            let isOpen = open.contains(.rule(rule)) && !isSilenced
            append(
                Section(
                    group: .rule(rule), isSilenced: isSilenced, isOpen: isOpen, count: count,
                    entries: log.keptCount(of: rule, until: snapshot.cursor),
                    more: log.forgotten(rule, until: snapshot.cursor)))
        }
        if rule == .stale, silent.count > 0, !isSilenced {
            append(
                Section(
                    group: .silent, isSilenced: false, isOpen: open.contains(.silent), count: silent.count,
                    entries: silent.longest.count, more: silent.count - silent.longest.count))
        }
    }

    private mutating func append(_ section: Section) {
        var section = section
        section.start = count
        count += section.rows
        sections.append(section)
    }

    /// The section that a row belongs to.
    func section(at row: Int) -> Section? { sections.last { $0.start <= row } }

    func row(at place: Int) -> Row? {
        guard place >= 0, place < count, let section = section(at: place) else { return nil }
        let offset = place - section.start
        if offset == 0 { return .group(section.group) }
        return offset <= section.entries ? .entry(section.group, offset - 1) : .more(section.group, section.more)
    }

    /// Where a row is; that of its group where it is not shown.
    func place(of row: Row) -> Int? {
        guard let section = sections.first(where: { $0.group == row.group }) else { return nil }
        switch row {
        case .group: return section.start
        case .entry(_, let place):
            return section.isOpen && place < section.entries ? section.start + 1 + place : section.start
        case .more: return section.start + section.rows - 1
        }
    }
}
