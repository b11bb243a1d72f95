import Inspection
import Screen
import SpatioWire

extension MapPane {
    package static var help: String {
        """
        The space from above: +x or east to the right, +y or north upwards.

        A mark is an entity, its sign is its kind and its colour its identity. A digit stands for so many in one cell, a \
        shade for more than \(Crowd.countable). Grey is stale: nothing heard of it, or of the frame it is in, for 3 usual \
        intervals. After 10 it is gone. The short line shows where it looks, the other one how far it moves in a second, \
        the dots where it was, the ring its precision times the factor that the legend says.

        Click to select, again for the next one in the same cell, drag to pan, turn the wheel to zoom at the pointer.

        d measures and b draws a box: arrows move the cross, Enter sets a point; or drag with the mouse. A box becomes a \
        filter; the right button draws one at once.

        U: of the subscription that is looked at, + was heard as subscribed, ! lies inside and was not heard in the last \
        \(SubscriptionTruth.intervals) intervals, ? was heard and lies outside.

        Q, the queries of the last seconds: + is in the answer, ! is missing though it had room, ? should not be there. \
        What is expected is what the capture knew when the query passed; who stands at the edge is not judged.

        A replica that is selected in State shows its world here: ' is where an entity is known to be, the line the error.
        """
    }

    /// The share of the view that an arrow moves it by.
    private static let panShare = 10
    /// Cells around a click in which an entity counts as hit.
    private static let clickReach = 3.0

    package mutating func handle(_ action: Action, _ context: PaneContext) -> MapResponse {
        note = ""
        let known = context
        let context = worldly(context)
        if let response = handleList(action, known) ?? handleTool(action, context) { return response }
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
        case .measure: begin(.measure, context)
        case .drawBox: begin(.box, context)
        case .listSpaces: open(.spaces, known)
        case .listUnplaced: open(.unplaced, known)
        case .listSubscriptions: open(.subscriptions, known)
        case .listQueries: open(.queries, known)
        case .back: return back(context)
        default: return change(action)
        }
        return .handled
    }

    /// One level: what was chosen last goes first.
    private mutating func back(_ context: PaneContext) -> MapResponse {
        if case .following = mode {
            mode = .manual
        } else if subscription != nil || query != nil {
            (subscription, query) = (nil, nil)
        } else if context.selection.replica != nil {
            return .ask([.showReplica(nil)])
        } else {
            return .ignored
        }
        return .handled
    }

    private static let mostRings = 3

    private mutating func change(_ action: Action) -> MapResponse {
        switch action {
        case .layer(let layer):
            layers.toggle(layer)
            if layer == .altitude { heights = nil }
        case .ringFactor:
            layers.insert(.rings)
            ringFactor = ringFactor % Self.mostRings + 1
            note = "precision rings x\(ringFactor)"
        case .legend:
            legend = Legend(rawValue: (legend.rawValue + 1) % Legend.allCases.count) ?? .entries
        default: return .ignored
        }
        return .handled
    }

    /// - Parameter area: of the pane with its border, as it was drawn
    package mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> MapResponse {
        let known = context
        let context = worldly(context)
        let view = Self.view(area.inset())
        let cell = Point(x: mouse.point.x - view.x, y: mouse.point.y - view.y)
        if list != nil { return handleList(mouse, view: view, known) }
        let isInside = view.contains(mouse.point)
        if let response = handleTool(mouse, cell: cell, isInside: isInside, context) { return response }
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
        guard isInside else { return .ignored }
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

    private mutating func handleList(_ mouse: MouseEvent, view: Rect, _ context: PaneContext) -> MapResponse {
        switch mouse.kind {
        case .wheelUp: scrollList(by: -3, context)
        case .wheelDown: scrollList(by: 3, context)
        case .press: return clickList(mouse.point, view: view, context)
        case .release, .drag: break
        }
        return .handled
    }

    // MARK: The camera

    private mutating func pan(columns: Int, rows: Int) -> MapResponse {
        let across = max(1, viewSize.width / Self.panShare)
        let up = max(1, viewSize.height / Self.panShare)
        moveCamera(columns: columns * across, rows: rows * up)
        return .handled
    }

    /// Whoever moves the map looks for something: it follows nobody any more.
    mutating func moveCamera(columns: Int, rows: Int) {
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

    /// Takes the nearest entity that can be seen; of several in its cell the one behind the selected one, round and round.
    private mutating func pick(at cell: Point, within reach: Double, _ context: PaneContext) -> MapResponse {
        search(context)
        guard let camera else { return .handled }
        let aim = camera.point(cell)
        var closest: (place: Survey.Place, distance: Double)?
        for place in survey.places where camera.cell(place.point) != nil {
            let offset = place.point - aim
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
        var target = closest.place
        if let entity = context.selection.entity, let selected = place(of: entity, context),
            let position = here.firstIndex(where: { $0.entity == selected.entity })
        {
            target = here[(position + 1) % here.count]
        }
        if here.count > 1, let position = here.firstIndex(where: { $0.entity == target.entity }) {
            note = "\(Format.thousands(position + 1)) of \(Format.thousands(here.count)) here"
        }
        return .select(identity(of: target, context))
    }

    private func identity(of place: Survey.Place, _ context: PaneContext) -> SelectedEntity {
        let model = context.snapshot.model
        let entity = model.entities[Int(place.entity)]
        return SelectedEntity(space: model.spaces[entity.space].id, id: entity.id)
    }
}
