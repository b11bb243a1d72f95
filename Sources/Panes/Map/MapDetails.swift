import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// On a lower map the row is worth more than the words.
    private static let leastDetailHeight = 8

    /// The selected entity in one line over the map's last row.
    mutating func drawEntityDetails(into buffer: inout Buffer, _ picture: Picture, _ context: PaneContext) {
        guard let entity = context.selection.entity, entity.space == space,
            picture.view.height >= Self.leastDetailHeight
        else { return }
        let y = picture.view.height - 1
        var x = 0
        for (text, role) in details(of: entity, picture, context) {
            let width = buffer.glyphs.columns(of: text)
            guard x + width + 1 <= picture.view.width else { continue }
            let rect = Rect(x: x, y: y, width: width + 2, height: 1)
            occupancy.mark(rect)
            let area = rect.offset(x: picture.view.x, y: picture.view.y).intersection(picture.view)
            buffer.fill(area, style: context.style(.text))
            buffer.write(text, at: area.origin, style: context.style(role), maxWidth: area.width)
            x += width + 2
        }
    }

    /// Name, kind, place, how far an observer is behind the wire, frame, speed, precision, confidence and age: the most important first.
    func details(
        of selected: SelectedEntity, _ picture: Picture, _ context: PaneContext
    ) -> [(text: String, role: Role)] {
        let model = context.snapshot.model
        guard let index = model.entityIndex(selected.id, space: picture.space) else {
            return [("\(String(selected.id.description.prefix(8))): not known yet", .warning)]
        }
        let entity = model.entities[index]
        var parts: [(String, Role)] = [(model.label(of: entity), .mapSelected)]
        if let position = entity.position { parts.append((Self.text(of: position, of: entity), .text)) }
        if let view = context.snapshot.lastView(of: index) {
            parts.append((ViewWords.text(of: view.match.milliseconds, metres: view.metres), .hint))
        }
        if FrameResolver.isRelative(entity) || place(of: selected, context) == nil {
            parts.append((FrameChain.text(of: entity, model), .warning))
        }
        if let velocity = entity.velocity { parts.append(("\(MapText.trimmed(velocity.speed)) m/s", .text)) }
        if let precision = entity.precision { parts.append(("+-\(MapText.distance(Double(precision)))", .text)) }
        if let confidence = entity.confidence {
            parts.append(("confidence \(MapText.trimmed(Double(confidence)))", .dim))
        }
        let age = max(0, context.snapshot.time - entity.lastTime)
        let isFresh = entity.staleness(at: context.snapshot.time) == .fresh
        let ago = age < 1_000_000_000 ? "\(age / 1_000_000) ms" : "\(MapText.trimmed(Double(age) / 1e9)) s"
        parts.append(("\(ago) ago", isFresh ? .dim : .warning))
        parts.append(("kind \(Self.kind(of: entity, model))", .dim))
        return parts
    }

    /// The name of its kind from its state, else the number of the application.
    static func kind(of entity: Entity, _ model: Model) -> String {
        if case .string(let name)? = model.state(of: entity)?["kind"], !name.isEmpty { return name }
        return entity.kind.map { "\($0)" } ?? Format.noData
    }

    /// In the units of its own coordinate system.
    private static func text(of position: Vector3, of entity: Entity) -> String {
        switch entity.coordinates {
        case .geodetic:
            return MapText.geodetic(SIMD2(position.x, position.y), metresPerColumn: 0.1)
                + "  \(MapText.distance(position.z))"
        case .cartesian, .relative, .custom:
            let numbers = [position.x, position.y, position.z].map { Format.fixed($0, decimals: 2) }
            return numbers.joined(separator: ", ") + (entity.coordinates == .custom ? "" : " m")
        }
    }
}

/// From which frame to which a position is counted, in words.
enum FrameChain {
    /// Links that are named; a longer chain is cut.
    private static let longest = 8

    /// `in cart, in ship, which is unknown`
    static func text(of entity: Entity, _ model: Model) -> String {
        guard FrameResolver.isRelative(entity) else { return entity.coordinates.name }
        var links: [String] = []
        var seen: Set<UUID> = [entity.id]
        var current = entity
        while FrameResolver.isRelative(current), let frame = current.frame {
            if frame == model.spaces[current.space].id {
                links.append("in the space")
                break
            }
            guard let index = model.entityIndex(frame, space: current.space) else {
                links.append("in \(String(frame.description.prefix(8))), which is unknown")
                break
            }
            current = model.entities[index]
            links.append("in \(model.label(of: current))")
            if current.isRemoved { links[links.count - 1] += ", which is gone" }
            if !seen.insert(frame).inserted {
                links[links.count - 1] += " again"
                break
            }
            if current.position == nil { links[links.count - 1] += ", which has no position" }
            if links.count == longest {
                links.append("and so on")
                break
            }
        }
        return links.isEmpty ? "in an unknown frame" : links.joined(separator: ", ")
    }
}
