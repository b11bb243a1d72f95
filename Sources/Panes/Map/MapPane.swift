import Inspection
import Screen
import SpatioWire

/// One space from above: where each entity is thought to be.
///
/// Keeps only how it looks at the space (camera, layers, whom it follows) and storage that is used again from frame to
/// frame; what it shows comes with the context.
package struct MapPane {
    /// Who moves the camera.
    enum Mode: Equatable {
        /// The pane: it fits all, again when an entity leaves the view.
        case automatic
        case manual
        case following(SelectedEntity)
    }

    /// What stands in the corner.
    enum Legend: Int, CaseIterable {
        /// What is on the screen.
        case entries
        /// All layers with their keys.
        case layers
        case nothing
    }

    var camera: Camera?
    var mode = Mode.automatic
    var layers = MapLayer.standard
    var legend = Legend.entries
    /// Standard deviations that a precision ring shows.
    var ringFactor = 1
    var tool: MapTool?
    var list: MapList?
    /// Places in the chronicle of the subscription and the query that are looked at; nil: the pane chooses.
    var subscription: Int?
    var query: Int?
    /// The world of the replica that is selected.
    var replicaView: ReplicaView?
    var replicaError: ReplicaError?
    var plane = MapPlane.metric
    var space: UUID?
    /// The user chose the space, so that it stays even while it is empty.
    var isSpaceChosen = false
    /// What the last key or click found out, until the next one.
    var note = ""
    /// Cells of the map itself, as drawn last: keys move by shares of it.
    var viewSize = Size.zero
    /// The cell under the pointer while a button is held.
    var dragged: Point?
    var seenSelection: SelectedEntity?

    // Used again from frame to frame.
    var survey = Survey()
    var ghosts = Survey()
    var truths = TruthCache()
    var crowd = Crowd()
    var canvas = DotCanvas(size: .zero, glyphs: .braille)
    var occupancy = OccupancyMap(size: .zero)
    var placer = LabelPlacer()
    var heights: HeightScale?
    /// Octets a second of each cell, row after row, and the most of them.
    var costs: [Double] = []
    var costPeak = 0.0
    var legendCorner = LegendCorner.topRight

    package init() {}

    /// Draws the pane with its border into an area.
    package mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext) {
        buffer.fill(area, style: context.style(.text))
        let known = context.snapshot
        let context = worldly(context)
        let inside = area.inset()
        let view = Self.view(inside)
        viewSize = view.size
        survey.keepsUnplaced = list?.kind == .unplaced
        aim(context)
        drawFrame(into: &buffer, area, context)
        guard !view.isEmpty else { return }
        if let space = currentSpace(context.snapshot.model) {
            truths.settle(known, space: space)
            surveyGhosts(known, space: space)
            if let camera {
                var picture = Picture(view: view, camera: camera, space: space, known: known)
                drawMap(into: &buffer, &picture, context)
                if inside.height >= 3 { drawStatus(into: &buffer, inside, picture, context) }
            }
        }
        if survey.places.isEmpty, ghosts.places.isEmpty { drawEmptiness(into: &buffer, view, context) }
        drawBanner(into: &buffer, view, known, context)
        drawList(into: &buffer, view, known, context)
    }

    /// The map itself: the last row inside of the border is for the scale and what is to be said.
    static func view(_ inside: Rect) -> Rect { inside.height >= 3 ? inside.inset(bottom: 1) : inside }

    // MARK: Looking

    /// Finds every entity's place and moves the camera where it has to go by itself.
    mutating func aim(_ context: PaneContext) {
        followSelection(context)
        guard let space = currentSpace(context.snapshot.model) else {
            survey.clear()
            return
        }
        look(at: space, context)
        guard !viewSize.isEmpty else { return }
        camera?.size = viewSize
        camera?.aspect = context.cellAspect
        if camera == nil || mode == .automatic && leavesView() { fit(space, context) }
        if case .following(let entity) = mode, let place = place(of: entity, context) { camera?.follow(place.point) }
        anchor(space, context)
    }

    /// An entity that was selected in another pane brings its space with it.
    private mutating func followSelection(_ context: PaneContext) {
        guard context.selection.entity != seenSelection else { return }
        seenSelection = context.selection.entity
        if let entity = seenSelection, entity.space != space { show(space: entity.space) }
    }

    /// Another space starts with a view of all of it.
    mutating func show(space id: UUID) {
        if id != space { (subscription, query) = (nil, nil) }
        space = id
        isSpaceChosen = true
        refit()
    }

    /// The view goes back to showing everything, and stays so.
    mutating func refit() {
        camera = nil
        mode = .automatic
        heights = nil
        tool = nil
    }

    /// The index of the space that is shown: the chosen one, else the one with the most entities.
    mutating func currentSpace(_ model: Model) -> Int? {
        let known = space.flatMap { model.spaceIndex($0) }
        if let known, isSpaceChosen || model.spaces[known].entities > 0 { return known }
        var fullest: Int?
        for index in model.spaces.indices
        where fullest.map({ model.spaces[index].entities > model.spaces[$0].entities }) ?? true {
            fullest = index
        }
        guard let fullest else { return nil }
        if space != model.spaces[fullest].id {
            space = model.spaces[fullest].id
            isSpaceChosen = false
            refit()
        }
        return fullest
    }

    private mutating func look(at space: Int, _ context: PaneContext) {
        let snapshot = context.snapshot
        survey.run(snapshot.model, space: space, time: snapshot.time, plane: plane)
        guard survey.isMostlyGeodetic(otherwise: plane.isGeodetic) != plane.isGeodetic else { return }
        if plane.isGeodetic {
            plane = .metric
        } else if let middle = Survey.middle(snapshot.model, space: space, time: snapshot.time) {
            plane = .tangent(TangentPlane(longitude: middle.x, latitude: middle.y))
        } else {
            return
        }
        // Other units: what was looked at means nothing any more.
        camera = nil
        survey.run(snapshot.model, space: space, time: snapshot.time, plane: plane)
    }

    private func leavesView() -> Bool {
        guard let camera, let extent = survey.extent else { return false }
        return !camera.extent.contains(extent)
    }

    /// Shows everything that there is: entities, or the bounds of an empty space.
    private mutating func fit(_ space: Int, _ context: PaneContext) {
        let snapshot = context.snapshot
        if plane.isGeodetic, let middle = Survey.middle(snapshot.model, space: space, time: snapshot.time) {
            plane = .tangent(TangentPlane(longitude: middle.x, latitude: middle.y))
            survey.run(snapshot.model, space: space, time: snapshot.time, plane: plane)
        }
        let bounds = snapshot.model.spaces[space].info?.bounds.flatMap { plane.outline(of: $0) }
        guard let extent = survey.extent ?? ghosts.extent ?? bounds?.extent else { return }
        camera = Camera(fitting: extent, size: viewSize, aspect: context.cellAspect)
    }

    /// A tangent plane touches the earth in the middle of the view, wherever that has gone.
    private mutating func anchor(_ space: Int, _ context: PaneContext) {
        guard case .tangent(let tangent) = plane, let camera, camera.centre != .zero else { return }
        let middle = tangent.geodetic(camera.centre)
        plane = .tangent(TangentPlane(longitude: middle.x, latitude: middle.y))
        self.camera?.centre = .zero
        survey.run(context.snapshot.model, space: space, time: context.snapshot.time, plane: plane)
    }

    /// Where an entity of the space that is shown is on the map; nil when it is not on it.
    func place(of entity: SelectedEntity, _ context: PaneContext) -> Survey.Place? {
        let model = context.snapshot.model
        guard let space = model.spaceIndex(entity.space), entity.space == self.space,
            let index = model.entityIndex(entity.id, space: space)
        else { return nil }
        return survey.place(ofEntity: index)
    }

    func isSelected(_ entity: Entity, _ context: PaneContext) -> Bool {
        context.selection.entity?.id == entity.id && context.selection.entity?.space == space
    }
}

/// What one frame is drawn with.
struct Picture {
    /// Where on the screen.
    let view: Rect
    let camera: Camera
    /// Index in the model.
    let space: Int
    /// What is known at all, whosever world is shown.
    let known: Snapshot
    /// What is said of entities, and where they are in the plane.
    var verdicts: [(point: SIMD2<Double>, verdict: MapVerdict)] = []
    /// What was really drawn: the legend speaks of nothing else.
    var shown: Set<LegendEntry> = []
    /// Kinds among the marks, as many as the legend has room for.
    var kinds: [UInt16] = []
    var unlabelled = 0
    /// Metres between grid lines; degrees on the earth.
    var gridStep: Double?

    /// A point of the plane in dots of the canvas.
    func dots(_ point: SIMD2<Double>, on canvas: DotCanvas) -> DotCanvas.Place {
        let cells = camera.cells(point)
        let dots = canvas.glyphs.dots
        return DotCanvas.Place(cells.x * Double(dots.across) - 0.5, cells.y * Double(dots.down) - 0.5)
    }
}
