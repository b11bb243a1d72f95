import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

/// Four entities in the corners of a square and one in its middle, drawn once.
private func square() -> (world: MapWorld, screen: MapScreen) {
    var world = MapWorld()
    for (number, (x, y)) in [(0.0, 0.0), (-10, 10), (10, 10), (10, -10), (-10, -10)].enumerated() {
        world.put(number, x, y)
    }
    var screen = MapScreen(82, 23)
    screen.draw(world.context())
    return (world, screen)
}

extension MapScreen {
    /// The cell of the whole screen that shows a point.
    fileprivate func cell(_ x: Double, _ y: Double) -> Point {
        guard let cell = pane.camera?.cell(SIMD2(x, y)) else { return Point(x: -1, y: -1) }
        return Point(x: cell.x + 1, y: cell.y + 1)
    }

    fileprivate mutating func mouse(
        _ kind: MouseEvent.Kind, _ point: Point, _ context: PaneContext, button: MouseEvent.Button = .left
    ) -> MapResponse {
        pane.handle(MouseEvent(kind, at: point, button: button), area: area, context)
    }
}

@Suite struct MapCameraKeysTests {
    @Test func `the first picture fits everything`() throws {
        let (world, screen) = square()
        let camera = try #require(screen.pane.camera)
        for number in 0..<5 {
            let place = screen.pane.place(of: MapWorld.selected(number), world.context())
            #expect(place.flatMap { camera.cell($0.point) } != nil)
        }
        #expect(screen.pane.mode == .automatic)
    }

    @Test func `an arrow moves the view by a tenth of it and back`() throws {
        var (world, screen) = square()
        let before = try #require(screen.pane.camera)
        #expect(screen.pane.handle(.left, world.context()) == .handled)
        let moved = try #require(screen.pane.camera)
        #expect(abs(before.centre.x - moved.centre.x - 8 * before.metresPerColumn) < 1e-9)
        _ = screen.pane.handle(.right, world.context())
        _ = screen.pane.handle(.up, world.context())
        let raised = try #require(screen.pane.camera)
        #expect(abs(raised.centre.y - before.centre.y - 2 * before.metresPerRow) < 1e-9)
        _ = screen.pane.handle(.down, world.context())
        #expect(screen.pane.camera == before)
    }

    @Test func `while nobody moved it the view grows with what leaves it, by whole steps`() throws {
        var (world, screen) = square()
        let before = try #require(screen.pane.camera)
        world.put(1, -12, 10)
        screen.draw(world.context())
        #expect(screen.pane.camera == before)
        world.put(1, -90, 10)
        screen.draw(world.context())
        let grown = try #require(screen.pane.camera)
        #expect(grown.step > before.step && grown.cell(SIMD2(-90, 10)) != nil)
        let left = grown.centre / SIMD2(grown.metresPerColumn, grown.metresPerRow)
        #expect(abs(left.x - left.x.rounded()) < 1e-9)
    }

    @Test func `a view that was moved stays, and fit takes it back`() {
        var (world, screen) = square()
        _ = screen.pane.handle(.zoomIn, world.context())
        let chosen = screen.pane.camera
        world.put(1, -90, 10)
        screen.draw(world.context())
        #expect(screen.pane.camera == chosen)
        _ = screen.pane.handle(.fit, world.context())
        screen.draw(world.context())
        #expect(screen.pane.camera?.cell(SIMD2(-90, 10)) != nil)
    }

    @Test func `keys zoom about the selected entity, or about the middle`() throws {
        var (world, screen) = square()
        let before = try #require(screen.pane.camera)
        _ = screen.pane.handle(.zoomIn, world.context())
        #expect(screen.pane.camera?.centre == before.centre)
        let selected = world.context(selecting: MapWorld.selected(2))
        let place = try #require(screen.pane.camera).cells(SIMD2(10, 10))
        _ = screen.pane.handle(.zoomOut, selected)
        let after = try #require(screen.pane.camera).cells(SIMD2(10, 10))
        #expect(abs(after.x - place.x) < 1e-9 && abs(after.y - place.y) < 1e-9)
    }

    @Test func `the wheel zooms at the pointer`() throws {
        var (world, screen) = square()
        let pointer = screen.cell(10, -10)
        for kind in [MouseEvent.Kind.wheelUp, .wheelUp, .wheelDown] {
            let before = try #require(screen.pane.camera).point(Point(x: pointer.x - 1, y: pointer.y - 1))
            #expect(screen.mouse(kind, pointer, world.context()) == .handled)
            let after = try #require(screen.pane.camera).point(Point(x: pointer.x - 1, y: pointer.y - 1))
            #expect(abs(after.x - before.x) < 1e-9 && abs(after.y - before.y) < 1e-9)
        }
    }

    @Test func `dragging takes the map along`() throws {
        var (world, screen) = square()
        let context = world.context()
        let start = screen.cell(0, 0)
        _ = screen.mouse(.press, start, context)
        _ = screen.mouse(.drag, Point(x: start.x + 7, y: start.y - 3), context)
        #expect(screen.cell(0, 0) == Point(x: start.x + 7, y: start.y - 3))
        #expect(screen.mouse(.release, start, context) == .handled)
        #expect(screen.mouse(.drag, start, context) == .ignored)
    }

    @Test func `following keeps the entity in view until the map is moved`() throws {
        var (world, screen) = square()
        let selected = MapWorld.selected(2)
        #expect(screen.pane.handle(.followEntity, world.context(selecting: selected)) == .handled)
        for step in 0..<50 {
            world.put(2, 10 + Double(step), 10)
            let text = screen.draw(world.context(selecting: selected))
            #expect(text.contains("follows"))
            #expect(screen.pane.camera?.cell(SIMD2(10 + Double(step), 10)) != nil)
        }
        _ = screen.pane.handle(.zoomIn, world.context(selecting: selected))
        #expect(screen.pane.mode == .following(selected))
        _ = screen.pane.handle(.left, world.context(selecting: selected))
        #expect(screen.pane.mode == .manual)
        #expect(!screen.draw(world.context(selecting: selected)).contains("follows"))
    }

    @Test func `back ends following and else means nothing here`() {
        var (world, screen) = square()
        let context = world.context(selecting: MapWorld.selected(1))
        #expect(screen.pane.handle(.back, context) == .ignored)
        _ = screen.pane.handle(.followEntity, context)
        #expect(screen.pane.handle(.back, context) == .handled)
        #expect(screen.pane.mode == .manual)
    }

    @Test func `follow without a selection takes the nearest to the middle`() {
        var (world, screen) = square()
        #expect(screen.pane.handle(.followEntity, world.context()) == .select(MapWorld.selected(0)))
        #expect(screen.pane.mode == .following(MapWorld.selected(0)))
    }

    @Test func `centre goes to the selected entity`() {
        var (world, screen) = square()
        _ = screen.pane.handle(.centre, world.context(selecting: MapWorld.selected(3)))
        #expect(screen.pane.camera?.centre == SIMD2(10, -10))
    }

    @Test func `on the earth the plane follows the view, and the way back is found`() throws {
        var world = MapWorld()
        world.put(1, 13.4, 52.5, system: .geodetic(nil))
        world.put(2, 13.5, 52.55, system: .geodetic(nil))
        var screen = MapScreen(80, 24)
        screen.draw(world.context())
        let before = try #require(cell(1, screen, world))
        for _ in 0..<20 {
            _ = screen.pane.handle(.right, world.context())
            screen.draw(world.context())
            #expect(screen.pane.camera?.centre == .zero)
        }
        for _ in 0..<20 {
            _ = screen.pane.handle(.left, world.context())
            screen.draw(world.context())
        }
        let after = try #require(cell(1, screen, world))
        #expect(abs(after.x - before.x) <= 1 && abs(after.y - before.y) <= 1)
    }

    private func cell(_ number: Int, _ screen: MapScreen, _ world: MapWorld) -> Point? {
        let place = screen.pane.place(of: MapWorld.selected(number), world.context())
        return place.flatMap { screen.pane.camera?.cell($0.point) }
    }
}

@Suite struct MapPickingTests {
    @Test func `a click takes the entity under it or next to it`() {
        var (world, screen) = square()
        let context = world.context()
        #expect(screen.mouse(.press, screen.cell(10, 10), context) == .select(MapWorld.selected(2)))
        let near = screen.cell(-10, -10)
        #expect(
            screen.mouse(.press, Point(x: near.x + 2, y: near.y - 1), context) == .select(MapWorld.selected(4)))
    }

    @Test func `a click beside everything takes nothing and says so`() {
        var (world, screen) = square()
        #expect(screen.mouse(.press, screen.cell(5, 0), world.context()) == .handled)
        #expect(screen.draw(world.context()).contains("no entity here"))
    }

    @Test func `a click outside of the map is somebody else's`() {
        var (world, screen) = square()
        #expect(screen.mouse(.press, Point(x: 0, y: 5), world.context()) == .ignored)
        #expect(screen.mouse(.wheelUp, Point(x: 5, y: 22), world.context()) == .ignored)
        #expect(screen.mouse(.press, screen.cell(0, 0), world.context(), button: .middle) == .ignored)
    }

    @Test func `clicks go round those in one cell, and say which of how many it is`() {
        var (world, screen) = square()
        for number in 20..<23 { world.put(number, 10, 10) }
        screen.draw(world.context())
        let cell = screen.cell(10, 10)
        var selection: SelectedEntity?
        var seen: [SelectedEntity?] = []
        for turn in 1...5 {
            guard case .select(let entity) = screen.mouse(.press, cell, world.context(selecting: selection)) else {
                break
            }
            selection = entity
            seen.append(entity)
            #expect(screen.draw(world.context(selecting: entity)).contains("\((turn - 1) % 4 + 1) of 4 here"))
        }
        #expect(seen == [2, 20, 21, 22, 2].map { MapWorld.selected($0) })
        _ = screen.pane.handle(.left, world.context())
        #expect(!screen.draw(world.context()).contains("of 4 here"))
    }

    @Test func `Enter takes the one nearest to the middle`() {
        var (world, screen) = square()
        #expect(screen.pane.handle(.open, world.context()) == .select(MapWorld.selected(0)))
    }

    @Test func `next and previous go round in the order of appearance`() {
        var (world, screen) = square()
        var selection: SelectedEntity?
        var seen: [SelectedEntity?] = []
        for _ in 0..<6 {
            if case .select(let entity) = screen.pane.handle(.nextEntity, world.context(selecting: selection)) {
                selection = entity
            }
            seen.append(selection)
        }
        #expect(seen == [0, 1, 2, 3, 4, 0].map { MapWorld.selected($0) })
        #expect(
            screen.pane.handle(.previousEntity, world.context(selecting: MapWorld.selected(0)))
                == .select(MapWorld.selected(4)))
        #expect(screen.pane.handle(.previousEntity, world.context()) == .select(MapWorld.selected(4)))
    }

    @Test func `the next entity comes into view`() {
        var (world, screen) = square()
        for _ in 0..<12 { _ = screen.pane.handle(.left, world.context()) }
        screen.draw(world.context())
        #expect(screen.pane.camera?.cell(.zero) == nil)
        _ = screen.pane.handle(.nextEntity, world.context())
        #expect(screen.pane.camera?.centre == .zero)
    }
}

@Suite struct MapSpaceTests {
    private static let yard = UUID(high: 0xCC, low: 1)

    private func world() -> MapWorld {
        var world = MapWorld()
        world.put(1, 0, 0)
        world.put(2, 5, 5)
        world.put(3, 500, 500, space: Self.yard)
        return world
    }

    @Test func `the space with the most entities comes first, and the key goes round`() {
        let context = world().context()
        var screen = MapScreen(60, 12)
        #expect(screen.draw(context).contains("2 entities"))
        _ = screen.pane.handle(.nextSpace, context)
        #expect(screen.draw(context).contains("1 entity"))
        #expect(screen.pane.camera?.cell(SIMD2(500, 500)) != nil)
        _ = screen.pane.handle(.nextSpace, context)
        #expect(screen.draw(context).contains("2 entities"))
    }

    @Test func `an entity that was selected elsewhere brings its space`() {
        let selected = MapWorld.selected(3, in: Self.yard)
        var screen = MapScreen(60, 12)
        screen.draw(world().context())
        #expect(screen.draw(world().context(selecting: selected)).contains("1 entity"))
        // But it holds nobody there.
        _ = screen.pane.handle(.nextSpace, world().context(selecting: selected))
        #expect(screen.draw(world().context(selecting: selected)).contains("2 entities"))
    }

    @Test func `with one space the key says that there is no other`() {
        var world = MapWorld()
        world.put(1, 0, 0)
        var screen = MapScreen(60, 12)
        screen.draw(world.context())
        _ = screen.pane.handle(.nextSpace, world.context())
        #expect(screen.draw(world.context()).contains("there is no other space"))
    }

    @Test func `of metres and degrees in one space the majority is shown`() {
        var world = MapWorld()
        world.put(1, 13.4, 52.5, system: .geodetic(nil))
        world.put(2, 13.5, 52.5, system: .geodetic(nil))
        world.put(3, 1, 1)
        var screen = MapScreen(100, 12)
        #expect(screen.draw(world.context()).contains("not placed (1): other coordinate system 1"))
        #expect(screen.pane.plane.isGeodetic)
        for number in 4...6 { world.put(number, 2, 2) }
        #expect(screen.draw(world.context()).contains("not placed (2): other coordinate system 2"))
        #expect(!screen.pane.plane.isGeodetic)
    }
}

@Suite struct MapKeysTests {
    @Test(arguments: [
        MapLayer.trails, .labels, .headings, .velocities, .rings, .regions, .grid, .altitude,
    ])
    func `a layer's key changes the picture and changes it back`(layer: MapLayer) {
        let action = Action.layer(layer)
        let context = plaza().context()
        var screen = MapScreen(100, 30)
        screen.draw(context)
        let before = screen.buffer
        #expect(screen.pane.handle(action, context) == .handled)
        screen.draw(context)
        #expect(screen.buffer != before)
        _ = screen.pane.handle(action, context)
        screen.draw(context)
        #expect(screen.buffer == before)
    }

    @Test(arguments: [Action.quit, .filter, .playPause, .nextPane, .sortNext])
    func `what is nothing of the map's is left to others`(action: Action) {
        var screen = MapScreen(60, 20)
        screen.draw(plaza().context())
        #expect(screen.pane.handle(action, plaza().context()) == .ignored)
    }

    @Test func `keys before the first picture do no harm`() {
        let context = plaza().context()
        for action in [Action.left, .zoomIn, .fit, .followEntity, .centre, .nextEntity, .open, .nextSpace] {
            var pane = MapPane()
            _ = pane.handle(action, context)
            var buffer = Buffer(size: Size(width: 40, height: 12))
            pane.draw(into: &buffer, area: buffer.bounds, context)
        }
    }
}
