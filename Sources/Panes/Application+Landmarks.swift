import Inspection
import SpatioWire

/// What the clock can go to besides times and messages.
enum Landmark {
    case version, finding, loss, conflict

    /// Nil for an action that goes to none.
    init?(_ action: Action) {
        switch action {
        case .versionBack, .versionForward: self = .version
        case .previousFinding, .nextFinding: self = .finding
        case .previousLoss, .nextLoss: self = .loss
        case .previousConflict, .nextConflict: self = .conflict
        default: return nil
        }
    }

    var name: String {
        switch self {
        case .version: "version of the state"
        case .finding: "finding"
        case .loss: "lost message"
        case .conflict: "conflict"
        }
    }
}

extension Application {
    /// The clock to right after the next or the last message of a kind; past the last one it goes on with the first.
    mutating func go(to landmark: Landmark, forward: Bool) -> [Effect] {
        let cursor = pendingCursor ?? snapshot.cursor
        let count = snapshot.index.count
        var text = ""
        // What is told of messages that are gone leads nowhere.
        func find(_ cursor: Int) -> Place? {
            self.find(landmark, cursor, forward: forward).flatMap { $0.message < snapshot.index.start ? nil : $0 }
        }
        var found = find(cursor)
        if found == nil {
            found = find(forward ? snapshot.index.start : count + 1)
            text = forward ? "from the beginning: " : "from the end: "
        }
        guard let found else {
            notice = Notice(text: "There is no \(landmark.name)\(landmark == .version ? " here" : "").", role: .note)
            return []
        }
        let effects = go(to: found.message)
        notice = Notice(text: text + found.text, role: .note)
        return effects
    }

    /// A message by its index and what is said of it.
    private typealias Place = (message: Int, text: String)

    /// The nearest after (or before) the last of so many messages.
    private func find(_ landmark: Landmark, _ cursor: Int, forward: Bool) -> Place? {
        switch landmark {
        case .finding:
            return finding(cursor, forward: forward, of: FindingRule.allCases.filter { !silenced.contains($0) })
        case .conflict: return finding(cursor, forward: forward, of: [.conflict])
        case .loss:
            return message(cursor, forward: forward) { $0.marks.contains(.lostBefore) }.map { message in
                let drops = snapshot.drops(before: message).map { ", but " + $0.words(since: snapshot.firstTime) }
                return (message, "\(message + 1): sequences before this message are missing\(drops ?? "").")
            }
        case .version:
            let states = snapshot.chronicle.states
            let space = selection.space.flatMap { snapshot.whole.spaceIndex($0) }
            let number =
                forward
                ? states.nextVersion(after: cursor, space: space)
                : states.previousVersion(before: cursor, space: space)
            let name = space.map { VisibleText.visible(snapshot.whole.spaces[$0].label) } ?? "the state"
            return number.map { ($0 - 1, "\($0): a version of \(name) that nobody had before.") }
        }
    }

    private func finding(_ cursor: Int, forward: Bool, of rules: [FindingRule]) -> Place? {
        let log = snapshot.chronicle.findings
        guard let finding = forward ? log.next(after: cursor, of: rules) : log.previous(before: cursor, of: rules)
        else { return nil }
        return (finding.detected - 1, "\(finding.rule.rawValue): \(VisibleText.visible(finding.text))")
    }

    private func message(_ cursor: Int, forward: Bool, _ isWanted: (borrowing MessageRecord) -> Bool) -> Int? {
        let index = snapshot.index
        guard forward else {
            return (index.start..<max(index.start, min(cursor - 1, index.count))).last { isWanted(index[$0]) }
        }
        var found: Int?
        index.scan(cursor..<max(cursor, index.count)) { place, record in
            if isWanted(record) { found = place }
            return found == nil
        }
        return found
    }
}
