import Inspection
import Screen
import SpatioWire

extension MapPane {
    package static var help: String {
        """
        The space from above: +x or east to the right, +y or north upwards.

        A mark is an entity, its sign is its kind and its colour its identity. A digit stands for so many in one cell, a \
        shade for more than \(Crowd.countable); the legend says how many. Grey is stale: nothing heard for 3 of its usual \
        intervals. After 10 it is gone from the map.

        The short line shows where an entity looks, the other one how far it moves in a second, the dots where it was, the \
        ring its precision. A selected entity is always named.

        Arrows pan, + and - zoom about the selected entity or the middle, 0 shows everything, c goes to the selected \
        entity and f stays with it until you pan. n and N go through the entities, Enter shows the messages of \
        the selected one or, if there is none, takes the one nearest to the middle, m goes to the next space. Click to select, drag to pan, turn the wheel to zoom at the pointer.

        "not placed" counts entities whose place on this map cannot be known, with the reasons.
        """
    }

    /// The share of the view that an arrow moves it by.
    private static let panShare = 10
    /// Cells around a click in which an entity counts as hit.
    private static let clickReach = 3.0

    package mutating func handle(_ action: Action, _ context: PaneContext) -> MapResponse {
        note = ""
        switch action {
        case .left: return pan(columns: -1, rows: 0)
        case .right: return pan(columns: 1, rows: 0)
        case .up: return pan(columns: 0, rows: 1)
        case .down: return pan(columns: 0, rows: -1)
        case .zoomIn: return zoom(1, context)
        case .zoomOut: return zoom(-1, context)
        case .fit: refit()
        case .followEntity: return toggleFollowing(context)
        case .centre: centre(context)
        case .nextEntity: return move(1, context)
        case .previousEntity: return move(-1, context)
        case .nextSpace: nextSpace(context)
        case .open: return pickInMiddle(context)
        case .back:
            guard case .following = mode else { return .ignored }
            mode = .manual
        default: return toggle(action)
        }
        return .handled
    }

    private mutating func toggle(_ action: Action) -> MapResponse {
        switch action {
        case .toggleTrails: layers.formSymmetricDifference(.trails)
        case .toggleLabels: layers.formSymmetricDifference(.labels)
        case .toggleHeadings: layers.formSymmetricDifference(.headings)
        case .toggleRings: layers.formSymmetricDifference(.rings)
        case .toggleRegions: layers.formSymmetricDifference(.regions)
        case .toggleGrid: layers.formSymmetricDifference(.grid)
        case .toggleAltitude:
            layers.formSymmetricDifference(.altitude)
            heights = nil
        case .legend: layers.formSymmetricDifference(.legend)
        default: return .ignored
        }
        return .handled
    }

    /// - Parameter area: of the pane with its border, as it was drawn
    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> MapResponse {
        let inside = area.inset()
        let view = inside.height >= 3 ? inside.inset(bottom: 1) : inside
        let cell = Point(x: mouse.point.x - view.x, y: mouse.point.y - view.y)
        switch mouse.kind {
        case .release:
            guard dragged != nil else { return .ignored }
            dragged = nil
            return .handled
        case .drag:
            // Over the edge too: the pointer has hold of the map.
            guard let last = dragged else { return .ignored }
            dragged = cell
            if cell != last { moveCamera(columns: last.x - cell.x, rows: cell.y - last.y) }
            return .handled
        case .press, .wheelUp, .wheelDown: break
        }
        guard view.contains(mouse.point) else { return .ignored }
        note = ""
        guard mouse.kind == .press else {
            guard let camera else { return .handled }
            zoom(mouse.kind == .wheelUp ? 1 : -1, about: camera.point(cell))
            return .handled
        }
        guard mouse.button == .left else { return .ignored }
        dragged = cell
        return pick(at: cell, within: Self.clickReach, context)
    }

    // MARK: The camera

    private mutating func pan(columns: Int, rows: Int) -> MapResponse {
        let across = max(1, viewSize.width / Self.panShare)
        let up = max(1, viewSize.height / Self.panShare)
        moveCamera(columns: columns * across, rows: rows * up)
        return .handled
    }

    /// Whoever moves the map looks for something: it follows nobody any more.
    private mutating func moveCamera(columns: Int, rows: Int) {
        camera?.pan(columns: columns, rows: rows)
        mode = .manual
    }

    /// About the selected entity while it can be seen, so that it stays; else about the middle.
    private mutating func zoom(_ steps: Int, _ context: PaneContext) -> MapResponse {
        guard let camera else { return .handled }
        var anchor = camera.centre
        if let entity = context.selection.entity, let place = locate(entity, context),
            camera.cell(place.point) != nil
        {
            anchor = place.point
        }
        zoom(steps, about: anchor)
        return .handled
    }

    private mutating func zoom(_ steps: Int, about anchor: SIMD2<Double>) {
        camera?.zoom(steps, about: anchor)
        if mode == .automatic { mode = .manual }
    }

    private mutating func toggleFollowing(_ context: PaneContext) -> MapResponse {
        if case .following = mode {
            mode = .manual
            return .handled
        }
        if let entity = context.selection.entity, locate(entity, context) != nil {
            mode = .following(entity)
            return .handled
        }
        let response = pickInMiddle(context)
        if case .select(let entity?) = response { mode = .following(entity) }
        return response
    }

    private mutating func centre(_ context: PaneContext) {
        guard let entity = context.selection.entity, let place = locate(entity, context) else {
            note = "nothing on the map is selected"
            return
        }
        camera?.move(to: place.point)
        if mode == .automatic { mode = .manual }
    }

    private mutating func nextSpace(_ context: PaneContext) {
        let model = context.snapshot.model
        guard model.spaces.count > 1, let current = currentSpace(model) else {
            note = "there is no other space"
            return
        }
        show(space: model.spaces[(current + 1) % model.spaces.count].id)
    }

    // MARK: Choosing

    /// Where an entity is now, which need not be where it was drawn.
    private mutating func locate(_ entity: SelectedEntity, _ context: PaneContext) -> Survey.Place? {
        search(context)
        return place(of: entity, context)
    }

    private mutating func search(_ context: PaneContext) {
        guard let space = currentSpace(context.snapshot.model) else {
            survey.clear()
            return
        }
        survey.run(context.snapshot.model, space: space, time: context.snapshot.time, plane: plane)
    }

    /// The next or the previous entity in the order of their appearance, round and round; it comes into view.
    private mutating func move(_ direction: Int, _ context: PaneContext) -> MapResponse {
        search(context)
        guard !survey.places.isEmpty else {
            note = "there is no entity on the map"
            return .handled
        }
        let current = context.selection.entity.flatMap { place(of: $0, context) }
        let position = current.flatMap { current in survey.places.firstIndex { $0.entity == current.entity } }
        let count = survey.places.count
        let next = position.map { ($0 + direction + count) % count } ?? (direction > 0 ? 0 : count - 1)
        let target = survey.places[next]
        if let camera, camera.cell(target.point) == nil {
            self.camera?.move(to: target.point)
            if mode == .automatic { mode = .manual }
        }
        let entity = identity(of: target, context)
        if case .following = mode { mode = .following(entity) }
        return .select(entity)
    }

    private mutating func pickInMiddle(_ context: PaneContext) -> MapResponse {
        pick(at: Point(x: viewSize.width / 2, y: viewSize.height / 2), within: .infinity, context)
    }

    /// Takes the nearest entity that can be seen; of several in its cell the selected one, so that it stays selected.
    private mutating func pick(at cell: Point, within reach: Double, _ context: PaneContext) -> MapResponse {
        search(context)
        guard let camera else { return .handled }
        let target = camera.point(cell)
        var closest: (place: Survey.Place, distance: Double)?
        for place in survey.places where camera.cell(place.point) != nil {
            let offset = place.point - target
            let distance = (offset * offset).sum()
            if distance < closest?.distance ?? .infinity { closest = (place, distance) }
        }
        // A cell is higher than wide; its height is what a hand misses by.
        guard let closest, closest.distance.squareRoot() <= reach * camera.metresPerRow,
            let hit = camera.cell(closest.place.point)
        else {
            note = "no entity here"
            return .handled
        }
        let here = survey.places.filter { camera.cell($0.point) == hit }
        if here.count > 1 { note = "\(Format.thousands(here.count)) here" }
        if let entity = context.selection.entity, let selected = place(of: entity, context),
            here.contains(where: { $0.entity == selected.entity })
        {
            return .select(entity)
        }
        return .select(identity(of: closest.place, context))
    }

    private func identity(of place: Survey.Place, _ context: PaneContext) -> SelectedEntity {
        let model = context.snapshot.model
        let entity = model.entities[Int(place.entity)]
        return SelectedEntity(space: model.spaces[entity.space].id, id: entity.id)
    }
}
