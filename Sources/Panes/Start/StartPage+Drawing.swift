import Capture
import Inspection
import Screen

extension StartPage {
    package mutating func draw(size: Size, glyphs: GlyphSet) -> Buffer {
        var buffer = Buffer(size: size, glyphs: glyphs)
        buffer.clear(style: theme[.text])
        guard size.width >= Layout.smallest.width, size.height >= Layout.smallest.height else {
            for (y, line) in Layout.tooSmall(size).enumerated() {
                buffer.write(line, at: Point(x: 0, y: y), style: theme[.warning])
            }
            return buffer
        }
        buffer.write("spatioscope", at: Point(x: 1, y: 0), style: theme[.header])
        buffer.write(Self.purpose, at: Point(x: 14, y: 0), style: theme[.text], maxWidth: size.width - 15)
        let (body, bottom) = Rect(size).inset(top: 1).splitVertically(at: -1)
        drawSections(into: &buffer, body)
        drawBottomLine(into: &buffer, bottom)
        if var page = overlay {
            page.draw(into: &buffer, context)
            overlay = page
        }
        return buffer
    }

    var context: PaneContext {
        PaneContext(snapshot: Snapshot(), theme: theme, selection: Selection(), isFocused: true)
    }

    private mutating func drawSections(into buffer: inout Buffer, _ area: Rect) {
        // The texts decide how many lines are needed, and the layout how wide they are: the narrower is asked first.
        let width = StartLayout.innerWidth(of: area)
        let layout = StartLayout(
            area,
            Dictionary(
                uniqueKeysWithValues: shownSections.map {
                    ($0, need(of: $0, width: width, glyphs: buffer.glyphs))
                }))
        for place in shownSections { drawBox(of: place, into: &buffer, layout.boxes[place] ?? .zero) }
        drawPlot(into: &buffer, layout.plot)
        emphasize(layout.boxes[section] ?? .zero, in: &buffer)
        for place in shownSections { drawContent(of: place, into: &buffer, layout.boxes[place] ?? .zero) }
    }

    /// What has the keys has a border of its own, also where its neighbours have drawn theirs over it.
    private func emphasize(_ box: Rect, in buffer: inout Buffer) {
        let (usual, focused) = (theme[.border], theme[.borderFocused])
        for edge in [
            Rect(x: box.x, y: box.y, width: box.width, height: 1),
            Rect(x: box.x, y: box.maxY - 1, width: box.width, height: 1),
            Rect(x: box.x, y: box.y, width: 1, height: box.height),
            Rect(x: box.maxX - 1, y: box.y, width: 1, height: box.height),
        ] { buffer.restyle(edge) { if $0 == usual { $0 = focused } } }
    }

    private func drawPlot(into buffer: inout Buffer, _ box: Rect) {
        guard !box.isEmpty else { return }
        let row = list(.interfaces).selected
        let interface = interfaces.indices.contains(row) ? interfaces[row] : nil
        buffer.drawBox(
            box, style: theme[.border], title: interface.map { "Traffic of \($0.name)" } ?? "Traffic",
            titleStyle: theme[.title])
        guard let interface else { return }
        TrafficPlot(interface: interface).draw(
            into: &buffer, box.inset(left: 1, top: 1, right: 1, bottom: 1), context)
    }

    private func need(of place: StartSection, width: Int, glyphs: GlyphSet) -> StartLayout.Need {
        let words = words(for: place).flatMap { glyphs.wrapped($0, to: width) }
        return StartLayout.Need(
            rows: count(place) > 0 ? count(place) : words.count,
            notes: note(for: place).map { glyphs.wrapped($0, to: width).count } ?? 0)
    }

    private func drawBox(of place: StartSection, into buffer: inout Buffer, _ box: Rect) {
        let height = max(0, box.height - 2 - (place.hasHeader ? 1 : 0))
        var trailing = ""
        if place == .interfaces, !marked.isEmpty {
            trailing = "\(marked.count) marked"
        } else if count(place) > height {
            let top = list(place).top
            trailing = "\(top + 1)-\(min(top + height, count(place))) of \(count(place))"
        }
        buffer.drawBox(
            box, style: theme[.border], title: place.title,
            titleStyle: theme[place == section ? .titleFocused : .title], trailing: trailing, trailingStyle: theme[.dim]
        )
    }

    private mutating func drawContent(of place: StartSection, into buffer: inout Buffer, _ box: Rect) {
        var inside = box.inset(left: 1, top: 1, right: 1, bottom: 1)
        if let note = note(for: place) {
            let lines = buffer.glyphs.wrapped(note, to: inside.width - 2)
            let notes: Rect
            (inside, notes) = inside.splitVertically(at: -min(lines.count, inside.height))
            for (number, line) in lines.prefix(notes.height).enumerated() {
                buffer.write(
                    line, at: Point(x: notes.x + 1, y: notes.y + number), style: theme[.warning],
                    maxWidth: notes.width - 1)
            }
        }
        let count = count(place)
        guard count > 0 else {
            rows[place] = .zero
            return EmptyPane.draw(into: &buffer, inside.inset(left: 1, right: 1), context, words(for: place))
        }
        let area = place.hasHeader ? inside.inset(top: 1) : inside
        rows[place] = area
        lists[place, default: ListState()].settle(count: count, height: area.height)
        let top = list(place).top
        let shown = top..<min(top + area.height, count)
        guard place != .captures else { return drawCaptures(shown, into: &buffer, inside, area) }
        let table = PaneTable(place.columns, width: inside.width)
        if place.hasHeader { table.drawHeader(into: &buffer, at: inside.origin, width: inside.width, context) }
        for (line, row) in shown.enumerated() {
            let origin = Point(x: area.x, y: area.y + line)
            switch place {
            case .interfaces: drawInterface(interfaces[row], table, into: &buffer, at: origin)
            case .servers: drawServer(servers[row], table, into: &buffer, at: origin)
            case .unfinished: drawUnfinished(unfinished[row], table, into: &buffer, at: origin)
            case .captures: break
            case .demo:
                buffer.write(
                    buffer.glyphs.shortened(Self.demoWords, to: area.width - 2), at: Point(x: area.x + 1, y: origin.y),
                    style: theme[.text], maxWidth: area.width - 2)
            }
            if place == section, row == list(place).selected {
                buffer.restyle(Rect(x: area.x, y: origin.y, width: area.width, height: 1)) { $0 = context.selected($0) }
            }
        }
    }

    private func drawInterface(
        _ interface: StartInterface, _ table: PaneTable, into buffer: inout Buffer, at origin: Point
    ) {
        let rate = interface.rates.last ?? nil
        let isMarked = marked.contains(interface.name)
        let plot = sparkline(
            values: interface.rates.map { $0?.octets }, width: table.width(of: StartSection.plotColumn),
            glyphs: buffer.glyphs)
        table.draw(
            [
                PaneTable.Cell(isMarked ? "*" : "", .marked), PaneTable.Cell(interface.name, isMarked ? .marked : nil),
                PaneTable.Cell(interface.state.rawValue, interface.state == .running ? .good : .dim),
                PaneTable.Cell(Format.si(rate?.packets)), PaneTable.Cell(Format.si(rate?.octets, unit: "B")),
                PaneTable.Cell(plot, .timeline), PaneTable.Cell(interface.addresses.joined(separator: " "), .dim),
            ], theme[interface.state == .down ? .dim : .text], into: &buffer, at: origin, context)
    }

    /// Seconds after which a server that is silent is doubtful: three of its usual intervals.
    private static let doubtful: Int64 = 15

    private func drawServer(_ server: NearbyServer, _ table: PaneTable, into buffer: inout Buffer, at origin: Point) {
        let security = [server.security, server.demandsToken == true ? "token" : nil].compactMap { $0 }
        table.draw(
            [
                PaneTable.Cell(""), PaneTable.Cell(server.name ?? Format.noData), PaneTable.Cell(server.address),
                PaneTable.Cell(security.isEmpty ? Format.noData : security.joined(separator: ", ")),
                PaneTable.Cell(server.silence < 2 ? "now" : "\(server.silence) s ago", .dim),
                PaneTable.Cell(server.spaces ?? Format.noData, .dim),
            ], theme[server.silence < Self.doubtful ? .text : .dim], into: &buffer, at: origin, context)
    }

    private func drawCaptures(_ shown: Range<Int>, into buffer: inout Buffer, _ inside: Rect, _ area: Rect) {
        let columns = StartColumns(width: inside.width)
        columns.drawHeader(into: &buffer, inside, theme)
        for (line, row) in shown.enumerated() {
            let capture = captures[row]
            columns.draw(
                capture, path: self.shown(capture.path), age: Self.age(of: capture.opened, now: now),
                at: Point(x: inside.x, y: area.y + line),
                isSelected: section == .captures && row == list(.captures).selected, into: &buffer, context)
        }
    }
}
