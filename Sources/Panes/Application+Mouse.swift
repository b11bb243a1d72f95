import Inspection
import Screen

/// Click selects, double click is Enter, the wheel scrolls and zooms, drag pans, moves the clock and the lines between
/// panes.
extension Application {
    /// Rows that one notch of the wheel moves.
    private static let wheelRows = 3
    /// Two clicks at one place within this are a double click, nanoseconds: what desktops take for one.
    private static let doubleClick: Int64 = 400_000_000

    mutating func handle(_ mouse: MouseEvent, wall: Int64) -> [Effect] {
        if mouse.kind == .press {
            notice = nil
            searchedRow = nil
            isAskingToQuit = false
        }
        if sheet != nil {
            handleOverSheet(mouse)
            return []
        }
        if overlay != nil {
            handleOverOverlay(mouse)
            return []
        }
        if mouse.kind == .press { takeHold(at: mouse.point) }
        defer { if mouse.kind == .release { held = nil } }
        switch held {
        case .timeline where mouse.kind == .press || mouse.kind == .drag:
            return jump(to: timeline.time(atColumn: mouse.point.x, area: layout.timeline, snapshot), wall: wall)
        case .line(let split) where mouse.kind == .drag:
            drag(split, to: mouse.point)
            return []
        case .line where mouse.kind == .press:
            if let target = layout.focus(at: mouse.point) { focus = target }
            return []
        case .map where mouse.kind == .drag || mouse.kind == .release:
            return take(map.handle(mouse, area: layout.map, context(for: .map)))
        case .pane(let pane) where mouse.kind == .drag || mouse.kind == .release: return hand(mouse, to: pane)
        default: break
        }
        if layout.tabs.contains(mouse.point) {
            let tab = TabLine.tabs(in: layout.tabs, focus.pane).first { $0.area.contains(mouse.point) }
            if mouse.kind == .press, let tab { focus = Focus(tab.pane) }
            return []
        }
        if layout.timeline.contains(mouse.point) {
            turnWheel(mouse)
            return []
        }
        if isDouble(mouse, wall: wall) { return perform(.open, wall: wall) }
        return handleInPane(mouse)
    }

    /// The second press on a row soon after the first. The head of a list is clicked for other ends.
    private mutating func isDouble(_ mouse: MouseEvent, wall: Int64) -> Bool {
        guard mouse.kind == .press, mouse.button == .left else { return false }
        let last = lastPress
        lastPress = (mouse.point, wall)
        guard let last, last.point == mouse.point, wall - last.wall < Self.doubleClick,
            layout.focus(at: mouse.point) == focus,
            focus == .map || mouse.point.y > layout.area(of: focus).y + 1
        else { return false }
        lastPress = nil
        return true
    }

    /// Over the time line the wheel shows less or more time around the pointer.
    private mutating func turnWheel(_ mouse: MouseEvent) {
        guard mouse.kind == .wheelUp || mouse.kind == .wheelDown else { return }
        let time = timeline.time(atColumn: mouse.point.x, area: layout.timeline, snapshot)
        timeline.zoom(mouse.kind == .wheelUp ? 1 : -1, about: time, snapshot)
    }

    private mutating func hand(_ mouse: MouseEvent, to pane: Focus) -> [Effect] {
        let context = context(for: pane)
        let area = layout.area(of: pane)
        return take(withPane(pane) { $0.handle(mouse, area: area, context) } ?? [])
    }

    private mutating func handleOverOverlay(_ mouse: MouseEvent) {
        switch mouse.kind {
        case .wheelUp: overlay?.scroll(by: -Self.wheelRows)
        case .wheelDown: overlay?.scroll(by: Self.wheelRows)
        case .press: overlay = nil
        case .release, .drag: break
        }
    }

    private mutating func takeHold(at point: Point) {
        if layout.timeline.contains(point) {
            held = .timeline
        } else if let line = layout.splitter(at: point) {
            held = .line(line.split)
        } else if layout.map.contains(point) {
            held = .map
        } else {
            held = layout.focus(at: point).map { .pane($0) }
        }
    }

    private mutating func handleInPane(_ mouse: MouseEvent) -> [Effect] {
        guard let target = layout.focus(at: mouse.point) else { return [] }
        if mouse.kind == .press { focus = target }
        let area = layout.area(of: target)
        if target == .map {
            return take(map.handle(mouse, area: area, context(for: .map)))
        }
        if panes[target] != nil { return hand(mouse, to: target) }
        switch mouse.kind {
        case .wheelUp: scroll(target, by: -Self.wheelRows)
        case .wheelDown: scroll(target, by: Self.wheelRows)
        case .press: click(target, mouse.point, area)
        case .release, .drag: break
        }
        return []
    }

    private mutating func scroll(_ target: Focus, by rows: Int) {
        switch target {
        case .streams: streams.scroll(by: rows)
        case .messages: messages.scroll(by: rows, snapshot)
        case .tree:
            tree.scroll(by: rows)
            showField()
        case .octets:
            octets.scroll(by: rows, count: shownOctets)
            selectFieldOfOctet()
        case .map, .state, .quality, .peers, .findings, .extensions: break
        }
    }

    private mutating func click(_ target: Focus, _ point: Point, _ area: Rect) {
        switch target {
        case .streams: if streams.click(point, area: area) { selection.scope = streams.scope }
        case .messages: if messages.click(point, area: area, snapshot) { showEntityOfMessage() }
        case .tree: if tree.click(point, area: area) { showField() }
        case .octets: if octets.click(point, area: area, count: shownOctets) { selectFieldOfOctet() }
        case .map, .state, .quality, .peers, .findings, .extensions: break
        }
    }

    private var shownOctets: Int { tree.map?.octets(of: octets.shownSource).count ?? 0 }
}
