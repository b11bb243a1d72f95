import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

@Suite struct MapMeasureTests {
    @Test func `metres are right, up, along and by the compass`() {
        let measure = MapMeasure(from: SIMD2(1, 2), to: SIMD2(4, -2), on: .metric)
        #expect(measure.distance == 5 && measure.across == 3 && measure.upwards == -4)
        #expect(abs((measure.bearing ?? 0) - 143.1301) < 1e-3)
        #expect(measure.degrees == nil)
        #expect(MapMeasure(from: .zero, to: SIMD2(0, 1), on: .metric).bearing == 0)
        #expect(MapMeasure(from: .zero, to: SIMD2(-1, 0), on: .metric).bearing == 270)
        #expect(MapMeasure(from: .zero, to: .zero, on: .metric).bearing == nil)
        #expect(MapMeasure(from: .zero, to: .zero, on: .metric).texts[0].contains("bearing -"))
    }

    @Test func `on the earth metres and degrees are both told, also over the date line`() throws {
        let tangent = TangentPlane(longitude: 180, latitude: 10)
        let plane = MapPlane.tangent(tangent)
        let west = try #require(tangent.project(longitude: 179.99, latitude: 10, height: 0))
        let east = try #require(tangent.project(longitude: -179.99, latitude: 10.01, height: 0))
        let measure = MapMeasure(from: west, to: east, on: plane)
        let degrees = try #require(measure.degrees)
        #expect(abs(degrees.x - 0.02) < 1e-6 && abs(degrees.y - 0.01) < 1e-6)
        #expect(abs(measure.across - 2192.5) < 2 && abs(measure.upwards - 1106) < 2)
    }

    @Test func `keys set the points, and one on an entity is exactly the entity's`() throws {
        var world = MapWorld()
        world.put(1, 0.1, 0.1)
        world.put(2, 9.9, 0.1)
        let context = world.context(selecting: MapWorld.selected(1))
        var screen = MapScreen(80, 24)
        screen.draw(context)
        #expect(screen.pane.handle(.measure, context) == .handled)
        #expect(screen.draw(context).contains("Enter sets a point"))
        #expect(screen.pane.handle(.open, context) == .handled)
        let camera = try #require(screen.pane.camera)
        for _ in 0..<Int((9.8 / camera.metresPerColumn).rounded()) { _ = screen.pane.handle(.right, context) }
        _ = screen.pane.handle(.open, context)
        #expect(screen.draw(context).contains("9.8 m  dx 9.8 m  dy 0 m  bearing 90.0"))
        // Enter again begins anew, Esc ends.
        _ = screen.pane.handle(.open, context)
        #expect(screen.pane.tool?.isDone == false)
        #expect(screen.pane.handle(.back, context) == .handled && screen.pane.tool == nil)
        #expect(screen.pane.handle(.back, context) == .ignored)
    }

    @Test func `a cross that would leave the view takes the view along`() throws {
        var world = MapWorld()
        world.put(1, 0, 0)
        let context = world.context()
        var screen = MapScreen(40, 12)
        screen.draw(context)
        _ = screen.pane.handle(.measure, context)
        for _ in 0..<60 { _ = screen.pane.handle(.right, context) }
        screen.draw(context)
        let cursor = try #require(screen.pane.tool?.cursor)
        #expect(screen.pane.camera?.cell(cursor) != nil)
    }

    @Test func `the mouse measures from where it went down to where it went up`() throws {
        var world = MapWorld()
        world.put(1, 0, 0)
        world.put(2, 10, 10)
        let context = world.context()
        var screen = MapScreen(82, 24)
        screen.draw(context)
        let camera = try #require(screen.pane.camera)
        func cell(_ x: Double, _ y: Double) throws -> Point {
            let cell = try #require(camera.cell(SIMD2(x, y)))
            return Point(x: cell.x + 1, y: cell.y + 1)
        }
        _ = screen.pane.handle(.measure, context)
        _ = screen.pane.handle(MouseEvent(.press, at: try cell(0, 0)), area: screen.area, context)
        _ = screen.pane.handle(MouseEvent(.drag, at: try cell(5, 5)), area: screen.area, context)
        _ = screen.pane.handle(MouseEvent(.release, at: try cell(10, 10)), area: screen.area, context)
        #expect(screen.draw(context).contains("14.1 m  dx 10 m  dy 10 m  bearing 45.0"))
    }
}

@Suite struct MapBoxTests {
    private func world() -> MapWorld {
        var world = MapWorld()
        world.put(1, 0, 0)
        world.put(2, 20, 10)
        return world
    }

    @Test func `a box that is drawn becomes a filter that can be read, and holds what is in it`() throws {
        let context = world().context()
        var screen = MapScreen(82, 24)
        screen.draw(context)
        let text = screen.pane.boxFilter(SIMD2(-1, -2), SIMD2(5, 5), context)
        #expect(text.hasPrefix("box(-1.00") && text.hasSuffix(")"))
        #expect(throws: Never.self) { try Filter(parsing: text) }
        #expect(screen.pane.boxFilter(SIMD2(5, 5), SIMD2(-1, -2), context) == text)
    }

    @Test func `with several spaces the filter names the one of the map`() throws {
        var world = world()
        world.put(9, 0, 0, space: UUID(high: 0xCC, low: 1))
        var screen = MapScreen(82, 24)
        screen.draw(world.context())
        let text = screen.pane.boxFilter(SIMD2(0, 0), SIMD2(1, 1), world.context())
        #expect(text.hasPrefix("space == \"\(MapWorld.plaza)\" && box("))
        #expect(throws: Never.self) { try Filter(parsing: text) }
    }

    @Test func `keys draw it, and the tool goes away`() {
        let context = world().context()
        var screen = MapScreen(82, 24)
        screen.draw(context)
        for action in [Action.drawBox, .open, .right, .right, .up] { _ = screen.pane.handle(action, context) }
        #expect(screen.draw(context).contains("Enter makes it a filter"))
        guard case .ask(let requests) = screen.pane.handle(.open, context), case .filter(let text)? = requests.first
        else {
            Issue.record("there is no filter")
            return
        }
        #expect(text.hasPrefix("box("))
        #expect(screen.pane.tool == nil)
    }

    @Test(arguments: [(MouseEvent.Button.right, MouseEvent.Modifiers()), (.left, .shift), (.left, .control)])
    func `the right button, Shift or Ctrl draw one at once, and a mere click draws none`(
        button: MouseEvent.Button, modifiers: MouseEvent.Modifiers
    ) {
        let context = world().context()
        var screen = MapScreen(82, 24)
        screen.draw(context)
        func mouse(_ kind: MouseEvent.Kind, _ x: Int, _ y: Int) -> MapResponse {
            screen.pane.handle(
                MouseEvent(kind, at: Point(x: x, y: y), button: button, modifiers: modifiers), area: screen.area,
                context)
        }
        #expect(mouse(.press, 10, 5) == .handled)
        #expect(mouse(.drag, 20, 9) == .handled)
        guard case .ask(let requests) = mouse(.release, 20, 9), case .filter? = requests.first else {
            Issue.record("there is no filter")
            return
        }
        #expect(mouse(.press, 10, 5) == .handled)
        #expect(mouse(.release, 10, 5) == .handled)
    }

    @Test func `over the date line a box is two, and around a pole it is a cap`() throws {
        let dateline = TangentPlane(longitude: 180, latitude: 0)
        let parts = GeodeticBox(SIMD2(-1000, -1000), SIMD2(1000, 1000), on: dateline).parts
        #expect(parts.count == 2)
        #expect(parts.contains { $0.low.x == -180 } && parts.contains { $0.high.x == 180 })
        let pole = TangentPlane(longitude: 10, latitude: 90)
        let cap = GeodeticBox(SIMD2(-1000, -1000), SIMD2(1000, 1000), on: pole).parts
        #expect(cap.count == 1)
        #expect(cap[0].low.x == -180 && cap[0].high.x == 180 && cap[0].high.y == 90)
        #expect(abs(cap[0].low.y - (90 - 1414.2 / 111_694)) < 1e-4)
        let plain = GeodeticBox(SIMD2(-1000, -1000), SIMD2(1000, 1000), on: TangentPlane(longitude: 8, latitude: 47))
            .parts
        #expect(plain.count == 1 && plain[0].low.x < 8 && plain[0].high.x > 8)
    }

    @Test func `a space's bounds over the date line are drawn the short way`() throws {
        let plane = MapPlane.tangent(TangentPlane(longitude: 180, latitude: 0))
        let box = BoundingVolume.box(min: Vector3(179.9, -0.1, 0), max: Vector3(-179.9, 0.1, 0))
        let extent = try #require(plane.outline(of: box)?.extent)
        #expect(extent.high.x - extent.low.x < 23_000)
    }
}

@Suite struct MapListTests {
    private func open(_ action: Action, at seconds: Double = 7.2) throws -> (MapScreen, PaneContext) {
        let context = try Harbour.context(at: seconds)
        var screen = MapScreen(100, 30)
        screen.draw(context)
        _ = screen.pane.handle(action, context)
        screen.draw(context)
        return (screen, context)
    }

    @Test func `what has no place is listed with why, and with the frames it is in`() throws {
        let (opened, context) = try open(.listUnplaced)
        var screen = opened
        #expect(screen.text.contains("Not placed (4)"))
        #expect(screen.text.contains("again") && screen.text.contains("which is unknown"))
        guard case .select(let entity?) = screen.pane.handle(.open, context) else {
            Issue.record("nothing was selected")
            return
        }
        #expect(context.snapshot.model.entityIndex(entity.id, space: 0) != nil)
        #expect(screen.pane.list == nil)
    }

    @Test func `Enter on a subscription shows it, and on a query too`() throws {
        var (screen, context) = try open(.listSubscriptions)
        _ = screen.pane.handle(.down, context)
        #expect(screen.pane.handle(.open, context) == .handled)
        #expect(screen.pane.layers.contains(.subscriptions) && screen.pane.subscription != nil)
        _ = screen.pane.handle(.listQueries, context)
        #expect(screen.pane.handle(.open, context) == .handled)
        #expect(screen.pane.layers.contains(.queries) && screen.pane.query != nil)
    }

    @Test func `f on a query asks for its messages`() throws {
        var (screen, context) = try open(.listQueries)
        _ = screen.pane.handle(.last, context)
        let query = context.snapshot.chronicle.spatial.queries[0]
        let answer = try #require(query.answer(until: context.snapshot.cursor))
        #expect(
            screen.pane.handle(.followEntity, context)
                == .ask([
                    .filter("number in {\(query.asked.message), \(answer.moment.message)}"), .focus(.messages),
                ]))
    }

    @Test func `the same key and Esc close it, and keys that move do not move the map`() throws {
        var (screen, context) = try open(.listQueries)
        let camera = screen.pane.camera
        _ = screen.pane.handle(.down, context)
        #expect(screen.pane.camera == camera)
        #expect(screen.pane.handle(.back, context) == .handled && screen.pane.list == nil)
        _ = screen.pane.handle(.listQueries, context)
        _ = screen.pane.handle(.listQueries, context)
        #expect(screen.pane.list == nil)
    }

    @Test func `a space is chosen by its name`() {
        var world = MapWorld()
        let yard = UUID(high: 0xCC, low: 1)
        world.announce([
            SpaceInfo(spaceID: MapWorld.plaza, name: "plaza"), SpaceInfo(spaceID: yard, name: "yard"),
        ])
        world.put(1, 0, 0)
        world.put(2, 7, 7, space: yard)
        var screen = MapScreen(80, 20)
        screen.draw(world.context())
        _ = screen.pane.handle(.listSpaces, world.context())
        let text = screen.draw(world.context())
        #expect(text.contains("plaza") && text.contains("yard") && text.contains("CARTESIAN"))
        _ = screen.pane.handle(.down, world.context())
        _ = screen.pane.handle(.open, world.context())
        #expect(screen.draw(world.context()).contains("3 Map  yard"))
    }
}
