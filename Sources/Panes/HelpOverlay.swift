import Screen

/// Help for one pane, made from the key table, over everything else.
struct HelpOverlay {
    private var top = 0
    private var lineCount = 0
    private var height = 1

    mutating func draw(
        into buffer: inout Buffer, scope: KeyBinding.Scope, words: [String], keys: KeyTable, _ context: PaneContext
    ) {
        var lines: [(String, String, Role)] = words.map { ("", $0, .text) }
        for scope in [scope, .everywhere] {
            lines.append(("", "", .text))
            lines.append(("", scope.title, .title))
            for binding in keys.bindings where binding.scope == scope {
                lines.append((binding.keys.map(\.name).joined(separator: " "), binding.help, .text))
            }
        }
        lineCount = lines.count
        let width = min(buffer.size.width - 2, 90)
        height = max(1, min(buffer.size.height - 4, lines.count))
        let area = Rect(
            x: (buffer.size.width - width) / 2, y: max(0, (buffer.size.height - height - 2) / 2), width: width,
            height: height + 2)
        top = max(0, min(top, lines.count - height))
        buffer.fill(area, style: context.style(.text))
        buffer.drawBox(
            area, style: context.style(.borderFocused), title: "Help: \(scope.title)",
            titleStyle: context.style(.titleFocused),
            trailing: lines.count > height ? "\(top + 1)-\(top + height) of \(lines.count), Esc closes" : "Esc closes",
            trailingStyle: context.style(.dim))
        let inside = area.inset(left: 2, top: 1, right: 1, bottom: 1)
        for (place, line) in lines[top..<min(top + height, lines.count)].enumerated() {
            let y = inside.y + place
            if line.0.isEmpty {
                buffer.write(line.1, at: Point(x: inside.x, y: y), style: context.style(line.2), maxWidth: inside.width)
                continue
            }
            buffer.write(line.0, at: Point(x: inside.x, y: y), style: context.style(.key), maxWidth: 16)
            buffer.write(
                line.1, at: Point(x: inside.x + 17, y: y), style: context.style(.text), maxWidth: inside.width - 17)
        }
    }

    mutating func handle(_ action: Action) {
        switch action {
        case .up: top -= 1
        case .down: top += 1
        case .pageUp: top -= height
        case .pageDown: top += height
        case .first: top = 0
        case .last: top = lineCount
        default: break
        }
        top = max(0, min(top, lineCount - height))
    }
}
