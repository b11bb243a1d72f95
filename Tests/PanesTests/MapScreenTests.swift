import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

/// A space with something of everything: alice walks, bob turns, a tool hangs on bob, carol is silent, one is nowhere.
func plaza() -> MapWorld {
    var world = MapWorld()
    world.announce([
        SpaceInfo(
            spaceID: MapWorld.plaza, name: "plaza",
            bounds: .box(min: Vector3(-18, -8, 0), max: Vector3(18, 8, 10)))
    ])
    for _ in 0..<2 {
        world.put(3, -12, 5)
        world.wait(seconds: 0.7)
    }
    for step in 0..<12 {
        let x = Double(step) * 0.8 - 6
        world.put(1, x, 2 - x * 0.3, orientation: .identity, velocity: Vector3f(2, -0.6, 0))
        world.put(2, 8, -3, 1, kind: 1, orientation: Quaternion(0, 0, 0.7071, 0.7071), precision: 2.5)
        world.put(6, -14, -5, 4, kind: 1)
        world.put(7, 15, 6)
        world.wait(seconds: 0.2)
    }
    for (number, name) in [(1, "alice"), (2, "bob"), (3, "carol"), (4, "tool"), (6, "drone"), (7, "erin")] {
        world.name(number, name)
        if number == 3 { world.wait(seconds: 4.5) }
    }
    for number in [1, 2, 6, 7] { world.touch(number) }
    world.put(4, 1, 0, relativeTo: 2, offset: Vector3(2, 0, 0))
    world.region(9, .box(min: Vector3(-15, -7, 0), max: Vector3(-4, -1, 3)))
    world.region(10, .sphere(center: Vector3(12, 4, 0), radius: 3), of: 7)
    world.put(5, 0, 0, relativeTo: 77)
    return world
}

/// So many entities, spread evenly over 10 cells and rows around the origin at one metre a cell.
func crowd(_ count: Int) -> MapWorld {
    var world = MapWorld()
    var updates: [EntityUpdate] = []
    for number in 0..<count {
        let x = Double(number % 100) / 10 - 5
        let y = Double(number / 100 % 100) / 5 - 10
        updates.append(EntityUpdate(entityID: MapWorld.id(number), kind: 0, position: Vector3(x, y, 0)))
    }
    world.update(updates)
    return world
}

@Suite struct MapGoldenTests {
    @Test(arguments: [(80, 24), (120, 40), (30, 8)])
    func `the plaza looks as recorded`(width: Int, height: Int) {
        var screen = MapScreen(width, height)
        assertGolden(screen.draw(plaza().context(selecting: MapWorld.selected(2))), "map_plaza_\(width)x\(height)")
    }

    @Test func `the plaza in ASCII looks as recorded`() {
        var screen = MapScreen(80, 24, glyphs: .ascii)
        let text = screen.draw(plaza().context(selecting: MapWorld.selected(2)))
        let isASCII = text.unicodeScalars.allSatisfy { $0.isASCII }
        #expect(isASCII)
        assertGolden(text, "map_plaza_ascii_80x24")
    }

    @Test func `a crowd looks as recorded`() {
        var screen = MapScreen(60, 20)
        assertGolden(screen.draw(crowd(3000).context()), "map_crowd_60x20")
        var plain = MapScreen(60, 20)
        let theme = Theme.dark.degraded(to: .none)
        assertGolden(plain.draw(crowd(3000).context(theme: theme)), "map_crowd_colourless_60x20")
    }

    @Test func `a geodetic space looks as recorded`() {
        var world = MapWorld()
        world.put(1, 13.3777, 52.5163, 35, system: .geodetic(nil), orientation: .identity)
        world.put(2, 13.4094, 52.5208, 35, system: .geodetic(nil), velocity: Vector3f(300, 0, 0))
        world.name(1, "gate")
        world.name(2, "tower")
        world.region(3, .box(min: Vector3(13.38, 52.51, 0), max: Vector3(13.40, 52.515, 0)))
        var screen = MapScreen(80, 24)
        assertGolden(screen.draw(world.context()), "map_geodetic_80x24")
    }
}

@Suite struct MapEmptinessTests {
    private func text(_ world: MapWorld, _ change: (inout Snapshot) -> Void = { _ in }) -> String {
        var context = world.context()
        change(&context.snapshot)
        var screen = MapScreen(60, 10)
        return screen.draw(context)
    }

    @Test func `an empty map says why`() {
        #expect(text(MapWorld()) { $0.loading = .reading(0.5) }.contains("still reading"))
        #expect(text(MapWorld()).contains("no Spatio message"))
        var sealed = MapWorld()
        sealed.sealed()
        #expect(text(sealed).contains("--keylog"))
        var silent = MapWorld()
        silent.put(1, 0, 0)
        silent.wait(seconds: 60)
        #expect(text(silent).contains("nothing heard lately of 1 entity"))
        var nowhere = MapWorld()
        nowhere.put(1, 0, 0, relativeTo: 5)
        #expect(text(nowhere).contains("not placed (1): frame unknown 1"))
        var announced = MapWorld()
        announced.announce([SpaceInfo(spaceID: MapWorld.plaza, name: "plaza")])
        #expect(text(announced).contains("no SPATIAL_UPDATE"))
    }

    @Test func `before the first position it says that some come later`() {
        let early = MapWorld()
        #expect(text(early) { $0.whole = plaza().model }.contains("the first ones come later"))
    }

    @Test func `an empty space with bounds shows them`() {
        var world = MapWorld()
        world.announce([
            SpaceInfo(spaceID: MapWorld.plaza, name: "hall", bounds: .sphere(center: .zero, radius: 40))
        ])
        #expect(text(world).contains("1 cell ="))
    }
}

@Suite struct MapDrawingTests {
    @Test func `every size is drawn without harm and stays in its area`() {
        let context = plaza().context(selecting: MapWorld.selected(1))
        for width in [0, 1, 2, 3, 4, 5, 9, 30, 79, 300] {
            for height in [0, 1, 2, 3, 4, 5, 8, 24, 100] {
                var buffer = Buffer(size: Size(width: width + 4, height: height + 4))
                buffer.fill(buffer.bounds, "~", style: .plain)
                var pane = MapPane()
                for action in [Action.zoomIn, .layer(.altitude), .followEntity, .nextEntity, .open, .left] {
                    let area = Rect(x: 2, y: 2, width: width, height: height)
                    pane.draw(into: &buffer, area: area, context)
                    _ = pane.handle(action, context)
                }
                for x in 0..<width + 4 {
                    #expect(buffer[x, 1].scalar == "~" && buffer[x, height + 2].scalar == "~")
                }
                for y in 0..<height + 4 {
                    #expect(buffer[1, y].scalar == "~" && buffer[width + 2, y].scalar == "~")
                }
            }
        }
    }

    @Test func `a circle of metres is round for the cells that the terminal has`() throws {
        for aspect in [2.0, 2.22] {
            var world = MapWorld()
            world.put(1, 0, 0, precision: 8)
            var screen = MapScreen(92, 43)
            let context = world.context(cellAspect: aspect)
            screen.draw(context)
            let camera = try #require(screen.pane.camera)
            let ring = Theme.dark[.mapRing].foreground
            let cells = screen.buffer.bounds.rows.flatMap { y in
                screen.buffer.bounds.columns.filter { screen.buffer[$0, y].style.foreground == ring }.map {
                    Point(x: $0, y: y)
                }
            }.filter { $0.x > 1 && $0.x < 60 && $0.y > 0 }
            let widest = try #require(cells.map(\.x).min())
            let tallest = try #require(cells.map(\.y).min())
            let middle = try #require(camera.cell(.zero))
            let across = Double(middle.x + 1 - widest) * camera.metresPerColumn
            let up = Double(middle.y + 1 - tallest) * camera.metresPerRow
            #expect(abs(across - 8) <= camera.metresPerColumn && abs(up - 8) <= camera.metresPerRow)
        }
    }

    @Test func `north is up and east is right`() throws {
        var world = MapWorld()
        world.put(1, -5, 5, kind: 2)
        world.put(2, 5, -5, kind: 3)
        var screen = MapScreen(50, 14)
        screen.pane.layers = []
        screen.pane.legend = .nothing
        screen.draw(world.context())
        let first = try #require(screen.find("*"))
        let second = try #require(screen.find("#"))
        #expect(first.x < second.x && first.y < second.y)
    }

    @Test func `each cell with an entity has a mark, however crowded`() {
        let context = crowd(5000).context()
        for theme in [Theme.dark, Theme.light, Theme.dark.degraded(to: .none)] {
            var context = context
            context.theme = theme
            var screen = MapScreen(60, 20)
            screen.draw(context)
            let crowd = screen.pane.crowd
            #expect(crowd.total == 5000 && crowd.isCrowded)
            for y in 0..<crowd.size.height {
                for x in 0..<crowd.size.width where crowd.count(at: Point(x: x, y: y)) > 0 {
                    #expect(screen.buffer[x + 1, y + 1].scalar != " ")
                }
            }
        }
    }

    @Test func `a few in one cell are a number, many are a shade with numbers in the legend`() throws {
        var world = MapWorld()
        for number in 0..<5 { world.put(number, 0, 0) }
        for number in 10..<40 { world.put(number, 10, 0) }
        var screen = MapScreen(70, 20)
        let text = screen.draw(world.context())
        #expect(screen.find("5") != nil)
        #expect(text.contains("9 to 30 a cell"))
        let shaded = try #require(screen.pane.camera?.cell(SIMD2(10, 0)))
        #expect(screen.buffer[shaded.x + 1, shaded.y + 1].style.background == Theme.dark.density.last)
    }

    @Test func `the peak of the shades comes down slowly`() {
        var crowd = Crowd()
        let camera = Camera(centre: .zero, step: 0, size: Size(width: 10, height: 10), aspect: 2)
        let place = Survey.Place(x: 0.5, y: 0.5, height: 0, entity: 0, isStale: false)
        crowd.count(Array(repeating: place, count: 100), through: camera, time: 0)
        crowd.count([place], through: camera, time: 5_000_000_000)
        #expect(abs(crowd.peak - 50) < 1e-6)
        crowd.count([place], through: camera, time: 5_000_000_000)
        #expect(abs(crowd.peak - 50) < 1e-6)
        // The same five seconds back again: time may run either way.
        crowd.count([place], through: camera, time: 0)
        #expect(abs(crowd.peak - 25) < 1e-6)
    }

    @Test func `the selected entity stands out and is named, even in a crowd`() throws {
        var screen = MapScreen(60, 20)
        let text = screen.draw(crowd(3000).context(selecting: MapWorld.selected(1515)))
        #expect(text.contains("0005eb00"))
        let mark = try #require(screen.pane.camera?.cell(SIMD2(-3.5, -7)))
        #expect(screen.buffer[mark.x + 1, mark.y + 1].style.isReversed)
    }

    @Test func `the stale are grey, whatever their colour was`() throws {
        var world = MapWorld()
        world.put(1, 0, 0, kind: 2)
        world.wait(seconds: 5)
        world.put(2, 9, 9)
        var screen = MapScreen(60, 20)
        screen.draw(world.context())
        let mark = try #require(screen.pane.camera?.cell(SIMD2(9, 9)))
        #expect(screen.buffer[mark.x + 1, mark.y + 1].style != Theme.dark[.mapStale])
        for _ in 0..<7 { _ = screen.pane.handle(.zoomOut, world.context()) }
        screen.draw(world.context())
        let stale = try #require(screen.find("*"))
        #expect(screen.buffer[stale].style == Theme.dark[.mapStale])
    }

    @Test func `height by colour has a scale with numbers that only widens`() {
        var world = MapWorld()
        world.put(1, 0, 0, 0.3)
        world.put(2, 5, 5, 9.2)
        var screen = MapScreen(60, 20)
        screen.draw(world.context())
        _ = screen.pane.handle(.layer(.altitude), world.context())
        #expect(screen.draw(world.context()).contains("height 0 to 10 m"))
        world.put(2, 5, 5, 4)
        #expect(screen.draw(world.context()).contains("height 0 to 10 m"))
        world.put(2, 5, 5, 14)
        #expect(screen.draw(world.context()).contains("height 0 to 15 m"))
    }

    @Test func `a name from the network cannot command the terminal`() {
        var world = MapWorld()
        world.put(1, 0, 0)
        world.name(1, "\u{1B}[2Jevil")
        var screen = MapScreen(60, 12)
        let text = screen.draw(world.context())
        #expect(text.contains("evil") && !text.contains("\u{1B}"))
    }

    @Test func `positions, speeds and rings beyond all measure do no harm`() {
        var world = MapWorld()
        for (number, value) in [1e308, -1e308, 1e12, 1e-300, Double.leastNonzeroMagnitude].enumerated() {
            world.put(number, value, -value, value, velocity: Vector3f(3e38, -3e38, 3e38), precision: 3e38)
            world.put(number + 10, value, value, system: .geodetic(nil))
            world.put(number + 20, value, value, relativeTo: 2, offset: Vector3(1e308, 1e308, 1e308))
        }
        world.region(1, .box(min: Vector3(-1e308, -1e308, 0), max: Vector3(1e308, 1e308, 0)))
        world.region(2, .sphere(center: Vector3(1, 1, 1), radius: 1e308))
        let context = world.context(selecting: MapWorld.selected(2))
        var screen = MapScreen(80, 24)
        for action in [Action.zoomIn, .zoomOut, .left, .layer(.altitude), .followEntity, .fit, .centre, .open] {
            for _ in 0..<60 {
                _ = screen.pane.handle(action, context)
                screen.draw(context)
            }
        }
        #expect(screen.text.contains("not placed"))
    }
}

@Suite struct MapLabelTests {
    @Test func `labels keep their places while the map is moved by a cell`() throws {
        var world = MapWorld()
        var seed: UInt64 = 5
        for number in 0..<40 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1
            let x = Double(seed >> 48) / 65_536 * 40 - 20
            let y = Double(seed >> 32 & 0xFFFF) / 65_536 * 20 - 10
            world.put(number, x, y)
        }
        // Out in the corners, so that nothing else enters or leaves.
        world.put(100, -40, 30)
        world.put(101, 40, -30)
        let context = world.context()
        var screen = MapScreen(120, 40)
        screen.pane.layers = [.labels]
        screen.pane.legend = .nothing
        screen.draw(context)
        let before = screen.pane.placer.slots
        #expect(before.count > 20)
        screen.pane.camera?.pan(columns: 1, rows: 0)
        screen.pane.mode = .manual
        screen.draw(context)
        #expect(screen.pane.placer.slots == before)
    }

    @Test func `two texts never share a cell, and no mark is covered`() {
        let context = plaza().context(selecting: MapWorld.selected(2))
        var screen = MapScreen(80, 24)
        let text = screen.draw(context)
        for name in ["alice", "bob", "tool", "drone", "erin"] { #expect(text.contains(name)) }
        for y in 0..<screen.pane.crowd.size.height {
            for x in 0..<screen.pane.crowd.size.width where screen.pane.crowd.count(at: Point(x: x, y: y)) == 1 {
                #expect(["o", "x"].contains(screen.buffer[x + 1, y + 1].scalar))
            }
        }
    }
}
