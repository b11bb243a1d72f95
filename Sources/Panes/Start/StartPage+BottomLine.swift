import Screen

extension StartPage {
    func drawBottomLine(into buffer: inout Buffer, _ area: Rect) {
        if isTyping { return drawEntry(into: &buffer, area) }
        if isAskingToQuit {
            buffer.write(" Quit? q again quits, any other key stays.", at: area.origin, style: theme[.warning])
        } else if let deleting {
            buffer.write(
                buffer.glyphs.shortened(
                    " Delete \(Format.bytes(deleting.octets)) of \(words(of: deleting))? y deletes, any other key keeps.",
                    to: area.width), at: area.origin, style: theme[.warning])
        } else if let notice {
            buffer.write(
                buffer.glyphs.shortened(" " + notice.text, to: area.width), at: area.origin, style: theme[notice.role])
        } else if overlay != nil {
            buffer.write(" Esc closes, Up and Down scroll", at: area.origin, style: theme[.hint])
        } else {
            var x = area.x + 1
            for (key, word) in hints {
                let width = buffer.glyphs.columns(of: key) + 1 + buffer.glyphs.columns(of: word)
                guard x + width < area.maxX else { break }
                x += buffer.write(key, at: Point(x: x, y: area.y), style: theme[.key])
                x += 2 + buffer.write(" " + word, at: Point(x: x, y: area.y), style: theme[.hint])
            }
        }
    }

    private static let label = " open: "

    private func drawEntry(into buffer: inout Buffer, _ area: Rect) {
        let used = buffer.write(Self.label, at: area.origin, style: theme[.key])
        let room = area.inset(left: used)
        if line.text.isEmpty {
            buffer.write(
                "a capture, or - for standard input; Tab completes, Esc goes back", at: room.origin,
                style: theme[.filterPlaceholder], maxWidth: room.width)
        }
        // The end of what is typed stays on the screen.
        let before = line.text.prefix(line.cursor)
        var hidden = 0
        while buffer.glyphs.columns(of: before.dropFirst(hidden)) >= room.width { hidden += 1 }
        buffer.write(
            line.text.dropFirst(hidden), at: room.origin, style: theme[.filterValid], maxWidth: room.width)
        let place = room.x + buffer.glyphs.columns(of: before.dropFirst(hidden))
        buffer.restyle(Rect(x: place, y: area.y, width: 1, height: 1)) { $0 = $0.adding(.reversed) }
        guard let notice else { return }
        let above = Rect(x: area.x, y: area.y - 1, width: area.width, height: 1)
        buffer.fill(above, style: theme[.text])
        buffer.write(
            buffer.glyphs.shortened(notice.text, to: room.width), at: Point(x: room.x, y: above.y),
            style: theme[notice.role])
    }
}
