import Screen

/// Which panes are seen, and how large.
extension Application {
    /// Cells that one key moves a line by.
    private static let lineStep = (across: 2, down: 1)

    /// False when the action is not about panes and their places.
    mutating func arrange(_ action: Action) -> Bool {
        switch action {
        case .nextPane: moveFocus(by: 1)
        case .previousPane: moveFocus(by: -1)
        case .focus(let pane): focus = Focus(pane)
        case .zoomPane: desk.isZoomed.toggle()
        case .nextLayout:
            desk.nextArrangement()
            noteLayout()
        case .resizePanes:
            isResizing = true
            notice = Notice(
                text: layout.isSingle
                    ? "One pane has the screen; the lines in it move with the arrows, Esc ends."
                    : "Arrows move the lines beside this pane, 0 puts all back, Esc ends.", role: .note)
        case .wider: moveLine(columns: 1)
        case .narrower: moveLine(columns: -1)
        case .taller: moveLine(rows: 1)
        case .shorter: moveLine(rows: -1)
        case .resetSizes: desk.resetSizes()
        default: return false
        }
        return true
    }

    private mutating func moveFocus(by step: Int) {
        let order = layout.order
        let place = order.firstIndex(of: focus) ?? 0
        focus = order[(place + step + order.count) % order.count]
    }

    mutating func noteLayout() {
        let hint = layout.isSingle ? "; it shows where the screen has room for more than one pane" : ""
        notice = Notice(
            text: "Layout \(desk.arrangement.rawValue): \(desk.arrangement.explanation)\(hint).", role: .note)
    }

    // MARK: Sizes

    /// Takes a key while lines are moved; false when it ended that and means what it always means.
    mutating func resize(_ key: Key) -> Bool {
        switch key {
        case .left, "h": moveLine(columns: -1)
        case .right, "l": moveLine(columns: 1)
        case .up, "k": moveLine(rows: -1)
        case .down, "j": moveLine(rows: 1)
        case "0": desk.resetSizes()
        case .escape, .enter: isResizing = false
        default:
            isResizing = false
            return false
        }
        if isResizing { notice = Notice(text: "Arrows move the lines, 0 puts all back, Esc ends.", role: .note) }
        return true
    }

    private mutating func moveLine(columns: Int = 0, rows: Int = 0) {
        guard let line = layout.splitter(beside: focus, isSideBySide: columns != 0) else {
            notice = Notice(text: "There is no line to move on this side.")
            return
        }
        let step = columns * Self.lineStep.across + rows * Self.lineStep.down
        desk.move(line.split, to: line.position + step, of: line.length)
        // Several keys may come before the next frame.
        layout = Layout(size: layout.size, focus: focus, desk: desk)
    }

    /// A line goes where the pointer is.
    mutating func drag(_ split: Arrangement.Split, to point: Point) {
        guard let line = layout.splitter(split) else { return }
        let position = split.isSideBySide ? point.x - line.area.x : point.y - line.area.y
        desk.move(split, to: position, of: line.length)
    }
}
