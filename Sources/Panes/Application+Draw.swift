import Inspection
import Screen

extension Application {
    /// The whole screen as of the snapshot at hand.
    package mutating func draw(size: Size, glyphs: GlyphSet) -> Buffer {
        var buffer = Buffer(size: size, glyphs: glyphs)
        buffer.clear(style: theme[.text])
        guard size.width >= Layout.smallest.width, size.height >= Layout.smallest.height else {
            drawTooSmall(into: &buffer)
            return buffer
        }
        layout = Layout(size: size, focus: focus, isZoomed: isZoomed)
        StatusLine.draw(into: &buffer, area: layout.status, context(for: focus), player: player)
        if !layout.streams.isEmpty { streams.draw(into: &buffer, area: layout.streams, context(for: .streams)) }
        if !layout.messages.isEmpty { drawMessages(into: &buffer) }
        if !layout.map.isEmpty { map.draw(into: &buffer, area: layout.map, context(for: .map)) }
        TimelinePane.draw(into: &buffer, area: layout.timeline, context(for: focus))
        drawProgress(into: &buffer)
        drawBottomLine(into: &buffer, layout.bottom)
        if var overlay = help {
            overlay.draw(into: &buffer, scope: focus.scope, words: helpWords, keys: keys, context(for: focus))
            help = overlay
        }
        return buffer
    }

    private var helpWords: [String] {
        switch focus {
        case .streams: StreamsPane.help
        case .messages: MessageListPane.help
        case .tree: FieldTreePane.help
        case .octets: OctetsPane.help
        case .map: MapPane.help.split(separator: "\n").map(String.init)
        }
    }

    private mutating func drawMessages(into buffer: inout Buffer) {
        messages.draw(into: &buffer, area: layout.messages, context(for: .messages))
        tree.show(messages.selected(in: snapshot), snapshot)
        showField()
        tree.draw(into: &buffer, area: layout.tree, context(for: .tree))
        let field = tree.map.flatMap { $0.fields.indices.contains(tree.field) ? $0.fields[tree.field] : nil }
        octets.draw(into: &buffer, area: layout.octets, context(for: .octets), map: tree.map, field: field)
    }

    /// While a file is read, the axis of the time line gives way to a bar.
    private func drawProgress(into buffer: inout Buffer) {
        guard case .reading(let share) = snapshot.loading else { return }
        let area = Rect(x: layout.timeline.x + 1, y: layout.timeline.maxY - 1, width: layout.timeline.width - 2, height: 1)
        buffer.fill(area, style: theme[.text])
        let text = "reading  \(Format.thousands(snapshot.index.count)) messages  Ctrl-C stops"
        let used = buffer.write(text, at: area.origin, style: theme[.progress], maxWidth: area.width)
        guard let share else { return }
        let bar = area.inset(left: used + 2)
        let full = Int(Double(bar.width) * share)
        for x in 0..<bar.width {
            let glyph: Unicode.Scalar = buffer.glyphs.isUnicode ? (x < full ? "\u{2588}" : "\u{2591}") : (x < full ? "#" : ".")
            buffer[bar.x + x, bar.y] = Cell(glyph, style: theme[.progress])
        }
    }

    private func drawTooSmall(into buffer: inout Buffer) {
        let lines = [
            "too small: have \(buffer.size.width) x \(buffer.size.height)",
            "need \(Layout.smallest.width) x \(Layout.smallest.height)",
        ]
        for (y, line) in lines.enumerated() where y < buffer.size.height {
            buffer.write(line, at: Point(x: 0, y: y), style: theme[.warning])
        }
    }

    // MARK: Mouse

    /// Rows that one notch of the wheel moves.
    private static let wheelRows = 3

    mutating func handle(_ mouse: MouseEvent, wall: Int64) -> [Effect] {
        let point = mouse.point
        if layout.timeline.contains(point), mouse.kind == .press || mouse.kind == .drag {
            return jump(to: TimelinePane.time(atColumn: point.x, area: layout.timeline, snapshot), wall: wall)
        }
        guard help == nil, let target = layout.focus(at: point) else { return [] }
        if mouse.kind == .press { focus = target }
        let area = layout.area(of: target)
        if target == .map {
            take(map.handle(mouse, area: area, context(for: .map)))
            return []
        }
        let rows = mouse.kind == .wheelUp ? -Self.wheelRows : mouse.kind == .wheelDown ? Self.wheelRows : 0
        let count = tree.map?.octets(of: octets.shownSource).count ?? 0
        switch target {
        case .streams: rows == 0 ? clickStreams(mouse, area) : streams.scroll(by: rows)
        case .messages:
            if rows != 0 {
                messages.scroll(by: rows, snapshot)
            } else if mouse.kind == .press {
                _ = messages.click(point, area: area, snapshot)
            }
        case .tree:
            if rows != 0 { tree.scroll(by: rows) } else if mouse.kind == .press { _ = tree.click(point, area: area) }
            showField()
        case .octets:
            if rows != 0 { octets.scroll(by: rows, count: count) }
            if mouse.kind == .press { _ = octets.click(point, area: area, count: count) }
            selectFieldOfOctet()
        case .map: break
        }
        return []
    }

    private mutating func clickStreams(_ mouse: MouseEvent, _ area: Rect) {
        if mouse.kind == .press { _ = streams.click(mouse.point, area: area) }
    }
}
