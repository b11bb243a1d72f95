/// Which row of a list is selected and which is on top.
package struct ListState: Equatable, Sendable {
    package var selected = 0
    package private(set) var top = 0

    package init() {}

    /// Brings the selection into the list and onto a screen of so many rows: by as little as it takes, and after a jump
    /// of more than a screen into the middle, so that what was before and came after is seen with it.
    package mutating func settle(count: Int, height: Int) {
        selected = max(0, min(selected, count - 1))
        guard height > 0 else { return }
        if selected < top - height || selected >= top + 2 * height {
            top = selected - height / 2
        } else if selected < top {
            top = selected
        } else if selected >= top + height {
            top = selected - height + 1
        }
        top = max(0, min(top, count - height))
    }

    /// So many rows at the beginning are gone: what is on the screen stays there as far as it can.
    package mutating func lose(_ rows: Int) { top = max(0, top - max(0, rows)) }

    /// Moves by a key; false when the action is none that moves.
    package mutating func move(_ action: Action, count: Int, height: Int) -> Bool {
        switch action {
        case .up: selected -= 1
        case .down: selected += 1
        case .pageUp: selected -= max(1, height - 1)
        case .pageDown: selected += max(1, height - 1)
        case .halfPageUp: selected -= max(1, height / 2)
        case .halfPageDown: selected += max(1, height / 2)
        case .first: selected = 0
        case .last: selected = count - 1
        default: return false
        }
        selected = max(0, min(selected, count - 1))
        return true
    }

    /// Scrolls by rows and keeps the selection on the screen.
    package mutating func scroll(by rows: Int, count: Int, height: Int) {
        top = max(0, min(top + rows, count - height))
        selected = max(top, min(selected, top + height - 1))
    }
}
