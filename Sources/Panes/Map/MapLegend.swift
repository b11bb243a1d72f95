import Screen

/// What a line of the legend explains.
enum LegendEntry: Hashable {
    case verdict(MapVerdict)
    case ghost
    case layer(MapLayer)
    case stale, bounds, density, cost

    /// The least obvious first: the last ones are left out where room is short.
    static let order: [LegendEntry] =
        MapVerdict.allCases.reversed().map { .verdict($0) } + [.ghost]
        + [.subscriptions, .queries, .frusta, .groups, .rings, .velocities, .headings, .trails].map { .layer($0) }
        + [.stale, .layer(.grid), .layer(.regions), .bounds]

    /// Kinds that the legend names, and views that have room for all of it.
    static let mostKinds = 4
    static let leastSize = Size(width: 60, height: 14)
    /// Less, and even the ramps have no room.
    static let leastRampSize = Size(width: 28, height: 5)
}

/// Signs in their styles, and what they stand for.
struct LegendLine {
    var signs: [(Unicode.Scalar, Style)]
    var text: String
    var role = Role.dim

    init(_ signs: String, _ style: Style, _ text: String) {
        self.signs = signs.unicodeScalars.map { ($0, style) }
        self.text = text
    }

    /// A ramp of colours.
    init(ramp: [Color], _ text: String) {
        signs = ramp.map { (" ", Style(background: $0)) }
        self.text = text
    }
}

/// Where a legend can stand, in the order in which places are tried.
enum LegendCorner: CaseIterable {
    case topRight, bottomRight, topLeft, bottomLeft

    func rect(_ legend: Size, in view: Size) -> Rect {
        let isRight = self == .topRight || self == .bottomRight
        let isTop = self == .topRight || self == .topLeft
        return Rect(
            x: isRight ? view.width - legend.width : 0, y: isTop ? 0 : view.height - legend.height,
            width: legend.width, height: legend.height)
    }
}

extension MapPane {
    /// In a corner without entities: what is really on the screen, and nothing else. The ramps stay when the rest is
    /// switched off or has no room, because a colour without numbers says nothing.
    mutating func drawLegend(into buffer: inout Buffer, _ picture: Picture, _ context: PaneContext) {
        let size = picture.view.size
        guard size.width >= LegendEntry.leastRampSize.width, size.height >= LegendEntry.leastRampSize.height else {
            return
        }
        let ramps = rampLines(picture, context, buffer.glyphs)
        let hasRoom = size.width >= LegendEntry.leastSize.width && size.height >= LegendEntry.leastSize.height
        switch legend {
        case .entries where hasRoom:
            let entries = LegendEntry.order.filter { picture.shown.contains($0) }
            let lines = ramps + entries.compactMap { line(for: $0, picture, context) } + kindLines(picture, context)
            for count in stride(from: lines.count, to: ramps.count, by: -1)
            where draw(Array(lines.prefix(count)), mayCover: false, into: &buffer, picture, context) {
                return
            }
            draw(ramps, mayCover: true, into: &buffer, picture, context)
        case .layers:
            // It was asked for, so it is shown whatever it covers.
            draw(ramps + layerLines(picture, context), mayCover: true, into: &buffer, picture, context)
        case .entries, .nothing: draw(ramps, mayCover: true, into: &buffer, picture, context)
        }
    }

    /// Every layer with its key, whether it is on, and its sign; on a low screen as many as have room.
    private func layerLines(_ picture: Picture, _ context: PaneContext) -> [LegendLine] {
        MapLayer.allCases.reversed().map { layer in
            let isOn = layers.contains(layer)
            var line = LegendLine(layer.key.name, context.style(.key), layer.name)
            let sign = layer.sign + String(repeating: " ", count: Self.signWidth - layer.sign.count)
            line.signs += LegendLine(" " + (isOn ? "+ " : "- "), context.style(isOn ? .good : .dim), "").signs
            line.signs += LegendLine(sign, context.style(isOn ? layer.role : .dim), "").signs
            line.role = isOn ? .text : .dim
            return line
        }
    }

    /// Columns of the longest sign.
    private static let signWidth = 3

    /// False where no corner is free.
    @discardableResult
    private mutating func draw(
        _ lines: [LegendLine], mayCover: Bool, into buffer: inout Buffer, _ picture: Picture, _ context: PaneContext
    ) -> Bool {
        guard !lines.isEmpty else { return true }
        let width = lines.map { $0.signs.count + 1 + buffer.glyphs.columns(of: $0.text) }.max() ?? 0
        // One column stays empty on either side.
        let legend = Size(width: width + 2, height: lines.count)
        let corners = [legendCorner] + LegendCorner.allCases
        let free = corners.first { occupancy.isFree($0.rect(legend, in: picture.view.size)) }
        let least = mayCover ? corners.min { covered($0, legend, picture) < covered($1, legend, picture) } : nil
        guard let corner = free ?? least else { return false }
        legendCorner = corner
        let rect = corner.rect(legend, in: picture.view.size)
        occupancy.mark(rect)
        let area = rect.offset(x: picture.view.x, y: picture.view.y).intersection(picture.view)
        buffer.fill(area, style: context.style(.dim))
        for (row, line) in lines.prefix(area.height).enumerated() {
            for (column, sign) in line.signs.enumerated() {
                buffer[area.x + 1 + column, area.y + row] = Cell(sign.0, style: sign.1)
            }
            let x = area.x + line.signs.count + 2
            buffer.write(
                line.text, at: Point(x: x, y: area.y + row), style: context.style(line.role), maxWidth: area.maxX - x)
        }
        return true
    }

    /// Cells with entities that a legend would cover; the banner at the top counts as much as all of them.
    private func covered(_ corner: LegendCorner, _ legend: Size, _ picture: Picture) -> Int {
        let rect = corner.rect(legend, in: picture.view.size).intersection(Rect(picture.view.size))
        let hidesBanner = replicaView != nil && rect.y == 0 && !rect.isEmpty
        return rect.rows.reduce(hidesBanner ? rect.size.area : 0) { sum, y in
            sum + rect.columns.count { crowd.count(at: Point(x: $0, y: y)) > 0 }
        }
    }

    private func rampLines(_ picture: Picture, _ context: PaneContext, _ glyphs: GlyphSet) -> [LegendLine] {
        var lines: [LegendLine] = []
        if picture.shown.contains(.density) {
            let least = crowd.isCrowded ? 1 : Crowd.countable + 1
            let text = "\(least) to \(Format.thousands(Int(crowd.peak.rounded()))) a cell"
            if context.theme.density.count > 1 {
                lines.append(LegendLine(ramp: context.theme.density, text))
            } else {
                lines.append(LegendLine(String(String.UnicodeScalarView(ShadeScale.signs(glyphs))), .plain, text))
            }
        }
        if picture.shown.contains(.cost) {
            let text = "up to \(Format.si(costPeak, unit: "B/s")) a cell"
            if context.theme.density.count > 1 {
                lines.append(LegendLine(ramp: context.theme.density, text))
            } else {
                lines.append(LegendLine(String(String.UnicodeScalarView(ShadeScale.signs(glyphs))), .plain, text))
            }
        }
        if layers.contains(.altitude), let heights, context.theme.altitude.count > 1 {
            let text = "height \(MapText.trimmed(heights.lowest)) to \(MapText.distance(heights.highest))"
            lines.append(LegendLine(ramp: context.theme.altitude, text))
        }
        return lines
    }

    private func kindLines(_ picture: Picture, _ context: PaneContext) -> [LegendLine] {
        guard picture.kinds.count > 1 else { return [] }
        return picture.kinds.sorted().map {
            LegendLine(String(Character(Self.glyph(ofKind: $0))), context.style(.mapEntity), "kind \($0)")
        }
    }

    private func line(for entry: LegendEntry, _ picture: Picture, _ context: PaneContext) -> LegendLine? {
        switch entry {
        case .layer(let layer): LegendLine(layer.sign, context.style(layer.role), text(for: layer, picture))
        case .verdict(let verdict):
            LegendLine(String(Character(verdict.sign)), context.style(verdict.role), verdict.text)
        case .ghost: LegendLine("'", context.style(.mapLabel), "known to be here")
        case .stale: LegendLine("o", context.style(.mapStale), "stale")
        case .bounds: LegendLine("[]", context.style(.mapScale), "bounds of the space")
        case .density, .cost: nil
        }
    }

    /// What a layer's sign means, with its numbers.
    private func text(for layer: MapLayer, _ picture: Picture) -> String {
        switch layer {
        case .rings: "precision x\(ringFactor)"
        case .velocities: "way in 1 s"
        case .headings: "heading"
        case .trails: "trail"
        case .regions: "region"
        case .groups: "multicast group"
        case .frusta: "seen of the ground"
        case .subscriptions: "subscription"
        case .queries: "query"
        case .grid:
            picture.gridStep.map { "grid " + (plane.isGeodetic ? MapText.degrees($0) : MapText.distance($0)) } ?? "grid"
        case .cost, .density, .altitude, .labels: layer.name
        }
    }
}
