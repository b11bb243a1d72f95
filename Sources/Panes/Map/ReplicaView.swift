import Inspection
import Screen
import SpatioWire

/// A replica's world beside what is known at all: how far each entity is from where it really is.
struct ReplicaView {
    private(set) var world: ReplicaWorld
    /// The model as that end has it.
    private(set) var model: Model

    init(_ replica: ReplicaID, space: Int, _ snapshot: Snapshot) {
        world = ReplicaWorld(replica, space: space, snapshot)
        model = world.model(snapshot)
    }

    /// Follows the clock; false where that takes a new beginning.
    mutating func follow(_ replica: ReplicaID, space: Int, _ snapshot: Snapshot) -> Bool {
        guard world.replica == replica, world.space == space else { return false }
        if snapshot.cursor == world.cursor { return true }
        guard world.advance(to: snapshot) else { return false }
        model = world.model(snapshot)
        return true
    }
}

/// Where entities are known to be, and where the replica that is shown has them.
struct ReplicaError: Equatable {
    var mean = 0.0
    var largest = 0.0
    /// Entities that both know.
    var shared = 0
    /// Entities that are on the map and not in the replica's world.
    var unknown = 0

    /// Metres between the places of both surveys.
    init(_ seen: Survey, _ known: Survey) {
        var sum = 0.0
        for place in known.places {
            guard let other = seen.place(ofEntity: Int(place.entity)) else {
                unknown += 1
                continue
            }
            let way = place.point - other.point
            let distance = (way * way).sum().squareRoot()
            sum += distance
            largest = max(largest, distance)
            shared += 1
        }
        if shared > 0 { mean = sum / Double(shared) }
    }
}

extension MapPane {
    /// Lines to ghosts that are drawn; more would be a brush.
    private static let mostGhosts = 500

    /// The context with the world of the replica that is selected, if one is.
    mutating func worldly(_ context: PaneContext) -> PaneContext {
        guard let replica = context.selection.replica, let space = currentSpace(context.snapshot.model) else {
            replicaView = nil
            return context
        }
        let follows = replicaView?.follow(replica, space: space, context.snapshot) ?? false
        if !follows { replicaView = ReplicaView(replica, space: space, context.snapshot) }
        guard let replicaView else { return context }
        var context = context
        context.snapshot.model = replicaView.model
        return context
    }

    /// Compares with what is known at all.
    mutating func surveyGhosts(_ known: Snapshot, space: Int) {
        guard replicaView != nil else {
            ghosts.clear()
            replicaError = nil
            return
        }
        ghosts.run(known.model, space: space, time: known.time, plane: plane)
        replicaError = ReplicaError(survey, ghosts)
    }

    mutating func drawGhostLines(_ picture: inout Picture, _ context: PaneContext) {
        guard replicaView != nil else { return }
        let color = context.style(.mapAlert).foreground
        var drawn = 0
        for ghost in ghosts.places where drawn < Self.mostGhosts && picture.camera.cell(ghost.point) != nil {
            guard let place = survey.place(ofEntity: Int(ghost.entity)) else { continue }
            canvas.line(
                from: picture.dots(place.point, on: canvas), to: picture.dots(ghost.point, on: canvas), color: color,
                priority: MapPriority.ghost)
            drawn += 1
        }
    }

    /// The newest known places, where the replica has the entity elsewhere or not at all.
    func drawGhosts(into buffer: inout Buffer, _ picture: inout Picture, _ context: PaneContext) {
        guard replicaView != nil else { return }
        for ghost in ghosts.places {
            guard let cell = picture.camera.cell(ghost.point), crowd.count(at: cell) == 0 else { continue }
            let at = Point(x: picture.view.x + cell.x, y: picture.view.y + cell.y)
            let isKnown = survey.place(ofEntity: Int(ghost.entity)) != nil
            buffer[at] = Cell("'", style: context.style(isKnown ? .mapLabel : .mapAlert).on(buffer[at].style))
            picture.shown.insert(.ghost)
        }
    }

    /// Whose world is shown, and how to go back: nobody shall take it for the truth.
    func drawBanner(into buffer: inout Buffer, _ view: Rect, _ known: Snapshot, _ context: PaneContext) {
        guard let replica = context.selection.replica, !view.isEmpty else { return }
        let who = Self.who(replica.session, replica.side, known.whole)
        let row = Rect(x: view.x, y: view.y, width: view.width, height: 1)
        buffer.fill(row, style: context.style(.paused))
        let forms = [
            " THE WORLD OF \(who): where it has everybody; ' is where they are known to be. Esc: all that is known",
            " THE WORLD OF \(who)   Esc: all that is known", " \(who)   Esc: back",
        ]
        let text = forms.first { buffer.glyphs.columns(of: $0) <= row.width } ?? forms[2]
        buffer.write(text, at: row.origin, style: context.style(.paused), maxWidth: row.width)
    }

    var replicaText: String? {
        guard let error = replicaError else { return nil }
        let cut = replicaView?.world.isCut == true ? ", from the last messages only" : ""
        guard error.shared > 0 else { return "this end knows no position yet" + cut }
        let unknown = error.unknown > 0 ? ", \(Format.thousands(error.unknown)) unknown to it" : ""
        return "off by \(MapText.distance(error.mean)) mean, \(MapText.distance(error.largest)) most" + unknown + cut
    }
}
