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
        showQualityOfEntity()
        desk.show(focus.pane)
        layout = Layout(size: size, focus: focus, desk: desk)
        if messages.isLadder, focus != .tree, focus != .octets { layout.giveDetailsToMessages() }
        let streamCount = streams.count(in: snapshot.model)
        StatusLine.draw(into: &buffer, area: layout.status, context(for: focus), player: player, streams: streamCount)
        if layout.isSingle { TabLine.draw(into: &buffer, area: layout.tabs, focus.pane, theme) }
        if !layout.streams.isEmpty { streams.draw(into: &buffer, area: layout.streams, context(for: .streams)) }
        if !layout.messages.isEmpty { drawMessages(into: &buffer) }
        if !layout.map.isEmpty { map.draw(into: &buffer, area: layout.map, context(for: .map)) }
        selection.space = map.space
        for focus in Focus.allCases {
            let area = layout.area(of: focus)
            guard !area.isEmpty else { continue }
            let context = context(for: focus)
            _ = withPane(focus) { $0.draw(into: &buffer, area: area, context) }
        }
        timeline.draw(into: &buffer, area: layout.timeline, context(for: focus), player: player)
        drawProgress(into: &buffer)
        drawBottomLine(into: &buffer, layout.bottom)
        drawEntryHelp(into: &buffer, Rect(x: 0, y: layout.timeline.maxY - 1, width: size.width, height: 1))
        drawSheet(into: &buffer)
        if var page = overlay {
            page.draw(into: &buffer, context(for: focus))
            overlay = page
        }
        return buffer
    }

    func helpWords(for focus: Focus) -> [String] {
        switch focus {
        case .streams: StreamsPane.help
        case .messages: MessageListPane.help
        case .tree: FieldTreePane.help
        case .octets: OctetsPane.help
        case .map: MapPane.help.split(separator: "\n").map(String.init)
        case .state: StatePane.help
        case .quality: QualityPane.help
        case .peers: PeersPane.help
        case .findings: FindingsPane.help
        case .extensions: ExtensionsPane.help
        }
    }

    private mutating func drawMessages(into buffer: inout Buffer) {
        messages.draw(into: &buffer, area: layout.messages, context(for: .messages))
        selection.message = messages.selected(in: snapshot)
        tree.show(selection.message, snapshot)
        showField()
        if !layout.tree.isEmpty { tree.draw(into: &buffer, area: layout.tree, context(for: .tree)) }
        guard !layout.octets.isEmpty else { return }
        let field = tree.map.flatMap { $0.fields.indices.contains(tree.field) ? $0.fields[tree.field] : nil }
        octets.draw(into: &buffer, area: layout.octets, context(for: .octets), map: tree.map, field: field)
    }

    /// While a file is read, the axis of the time line gives way to a bar.
    private func drawProgress(into buffer: inout Buffer) {
        guard case .reading(let share) = snapshot.loading else { return }
        let area = Rect(
            x: layout.timeline.x + 1, y: layout.timeline.maxY - 1, width: layout.timeline.width - 2, height: 1)
        buffer.fill(area, style: theme[.text])
        let text = "reading  \(Format.thousands(snapshot.index.count)) messages  Ctrl-C stops"
        let used = buffer.write(text, at: area.origin, style: theme[.progress], maxWidth: area.width)
        guard let share else { return }
        let bar = area.inset(left: used + 2)
        let full = Int(Double(bar.width) * share)
        for x in 0..<bar.width {
            let glyph: Unicode.Scalar =
                buffer.glyphs.isUnicode ? (x < full ? "\u{2588}" : "\u{2591}") : (x < full ? "#" : ".")
            buffer[bar.x + x, bar.y] = Cell(glyph, style: theme[.progress])
        }
    }

    private func drawTooSmall(into buffer: inout Buffer) {
        for (y, line) in Layout.tooSmall(buffer.size).enumerated() where y < buffer.size.height {
            buffer.write(line, at: Point(x: 0, y: y), style: theme[.warning])
        }
    }
}
