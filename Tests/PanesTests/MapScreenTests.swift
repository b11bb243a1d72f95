import Inspection
import Screen
import SpatioWire
import Testing

@testable import Panes

/// The plaza of the design: three people, one of whom is silent, a robot that turns, a region.
func plaza() -> MapWorld {
    var world = MapWorld()
    world.announce([
        SpaceInfo(
            spaceID: MapWorld.plaza, name: "plaza",
            bounds: .box(min: Vector3(-18, -8, 0), max: Vector3(18, 8, 10)))
    ])
    world.put(3, -12, 5)
    world.name(3, "carol")
    world.wait(seconds: 1)
    world.put(3, -12, 5.5)
    for step in 0..<12 {
        let x = Double(step) * 0.8 - 6
        world.put(1, x, 2 - x * 0.3, kind: 0, orientation: .identity, velocity: Vector3f(4, -1.2, 0))
        world.put(2, 8, -3, 1, kind: 1, orientation: Quaternion(0, 0, 0.7071, 0.7071), precision: 2.5)
        world.wait(seconds: 0.3)
    }
    world.name(1, "alice")
    world.name(2, "bob")
    world.put(4, 1, 0, relativeTo: 2, offset: Vector3(2, 0, 0))
    world.name(4, "tool")
    world.region(9, .box(min: Vector3(-14, -6, 0), max: Vector3(-4, -1, 3)))
    world.put(5, 0, 0, relativeTo: 77)
    return world
}

@Suite struct MapScreenTests {
    @Test(arguments: [(80, 24), (120, 40), (30, 8)])
    func `the plaza looks as recorded`(width: Int, height: Int) {
        var screen = MapScreen(width, height)
        assertGolden(screen.draw(plaza().context(selecting: MapWorld.selected(2))), "map_plaza_\(width)x\(height)")
    }
}
