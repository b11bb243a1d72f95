import Inspection
import Screen
import SpatioSession
import SpatioWire
import Testing

@testable import Panes

@Suite struct MapLayerGoldenTests {
    private func screen(
        _ width: Int, _ height: Int, _ actions: [Action], at seconds: Double? = 7.2, selecting name: String? = nil,
        glyphs: GlyphSet = .braille, replica: ReplicaID? = nil
    ) throws -> String {
        let context = try Harbour.context(at: seconds, selecting: name, replica: replica)
        var screen = MapScreen(width, height, glyphs: glyphs)
        screen.draw(context)
        for action in actions { _ = screen.pane.handle(action, context) }
        return screen.draw(context)
    }

    @Test(arguments: [MapLayer.subscriptions, .queries, .frusta, .groups, .cost, .altitude])
    func `each layer looks as recorded`(layer: MapLayer) throws {
        let text = try screen(80, 24, [.layer(layer)])
        assertGolden(text, "map_layer_\(layer)_80x24")
    }

    @Test func `everything at once looks as recorded`() throws {
        let all = MapLayer.allCases.filter { !MapLayer.standard.contains($0) }.map { Action.layer($0) }
        assertGolden(try screen(120, 40, all, selecting: "alice"), "map_all_layers_120x40")
        let text = try screen(80, 24, all, selecting: "alice", glyphs: .ascii)
        let isASCII = text.unicodeScalars.allSatisfy { $0.isASCII }
        #expect(isASCII)
    }

    @Test func `the list of layers names each with its key, and whether it is on`() throws {
        let text = try screen(80, 24, [.legend, .layer(.trails)])
        for layer in MapLayer.allCases {
            let sign = MapLayer.standard.contains(layer) && layer != .trails ? "+" : "-"
            #expect(text.contains("\(layer.key.name) \(sign) "), "\(layer)")
            #expect(text.contains(layer.name))
        }
        assertGolden(text, "map_list_of_layers_80x24")
    }

    @Test(arguments: [
        (Action.listSpaces, "spaces"), (.listUnplaced, "unplaced"), (.listSubscriptions, "subscriptions"),
        (.listQueries, "queries"),
    ])
    func `each list looks as recorded`(action: Action, name: String) throws {
        assertGolden(try screen(80, 24, [action]), "map_list_\(name)_80x24")
    }

    @Test(arguments: [Action.listUnplaced, .listSubscriptions, .listQueries, .listSpaces])
    func `an empty list says why it is empty`(action: Action) {
        var pane = MapScreen(60, 14)
        let context = MapWorld().context()
        pane.draw(context)
        _ = pane.pane.handle(action, context)
        let text = pane.draw(context)
        #expect(text.contains("(0)") && text.contains("."))
    }

    @Test func `a replica's world looks as recorded`() throws {
        let replica = ReplicaID(session: 1, side: .client)
        assertGolden(try screen(100, 30, [], at: 4.3, replica: replica), "map_replica_100x30")
    }

    @Test func `before the first message and with every layer on nothing breaks`() throws {
        var context = try Harbour.context(at: 0)
        context.snapshot.moveCursor(to: Model(), time: nil)
        var screen = MapScreen(80, 24)
        for layer in MapLayer.allCases {
            _ = screen.pane.handle(.layer(layer), context)
            screen.draw(context)
        }
        #expect(screen.text.contains("the first ones come later"))
    }

    @Test(arguments: [(0, 0), (3, 3), (12, 5), (28, 6), (60, 16), (300, 90)])
    func `every size is drawn with every layer, list and tool`(width: Int, height: Int) throws {
        let context = try Harbour.context(
            at: 5, selecting: "alice", replica: ReplicaID(session: 0, side: .client))
        var screen = MapScreen(width, height)
        screen.draw(context)
        for layer in MapLayer.allCases where !MapLayer.standard.contains(layer) {
            _ = screen.pane.handle(.layer(layer), context)
        }
        let actions: [Action] = [
            .measure, .open, .right, .open, .back, .drawBox, .open, .up, .back, .listQueries, .down, .open,
            .listSubscriptions, .down, .open, .listUnplaced, .last, .open, .legend, .legend, .listSpaces, .open,
        ]
        for action in actions {
            _ = screen.pane.handle(action, context)
            screen.draw(context)
        }
    }
}

@Suite struct MapTruthScreenTests {
    private func drawn(_ layer: MapLayer, selecting name: String? = nil, at seconds: Double = 7.2) throws -> MapScreen {
        let context = try Harbour.context(at: seconds, selecting: name)
        var screen = MapScreen(160, 50)
        _ = screen.pane.handle(.layer(layer), context)
        screen.draw(context)
        // All of the quay and the water around it, so that every edge is in view.
        var extent = Extent(SIMD2(-40, -30))
        extent.include(SIMD2(40, 30))
        screen.pane.camera = Camera(fitting: extent, size: screen.pane.viewSize, aspect: 2)
        screen.pane.mode = .manual
        screen.draw(context)
        return screen
    }

    @Test func `who is inside and not heard has a sign, and the subscription says how many`() throws {
        let screen = try drawn(.subscriptions)
        #expect(screen.text.contains("alice: 5 of 5/s, 1 silent"))
        #expect(screen.text.contains("! inside and not heard"))
        let robot = try #require(Harbour.entity("robot-1", Harbour.snapshot()))
        let place = try #require(screen.pane.place(of: robot, Harbour.context(at: 7.2)))
        let cell = try #require(screen.pane.camera?.cell(place.point))
        #expect(screen.buffer[cell.x + 1, cell.y + 1].scalar == "!")
    }

    @Test func `the subscription of the selected entity is the one that is looked at`() throws {
        let screen = try drawn(.subscriptions, selecting: "chloe")
        #expect(screen.text.contains("chloe: ") && !screen.text.contains("silent"))
    }

    @Test func `a query without an answer stays red and is named`() throws {
        #expect(try drawn(.queries).text.contains("RADIUS: no answer"))
    }

    @Test func `with the clock before an answer the query waits`() throws {
        let snapshot = try Harbour.snapshot()
        let query = snapshot.chronicle.spatial.queries[0]
        let seconds = Double(query.asked.time - snapshot.firstTime) / 1e9 + 0.0005
        #expect(try drawn(.queries, at: seconds).text.contains("RADIUS: waits"))
    }

    @Test func `each camera says how far it sees`() throws {
        let text = try drawn(.frusta).text
        #expect(text.contains("to 40 m") && text.contains("to 35 m"))
    }
}

@Suite struct FrustumSightTests {
    private let plane = MapPlane.metric

    @Test func `straight down the footprint is the rectangle that the angles give`() throws {
        let down = Frustum(
            apex: Vector3(5, 5, 10), orientation: Quaternion(0, 0.70710678, 0, 0.70710678), fovY: 1.5707963, aspect: 2,
            near: 1, far: 30)
        let sight = try #require(FrustumSight(down, plane: plane, ground: 0))
        let extent = try #require(sight.footprint?.extent)
        // 10 m below an eye that opens a right angle upwards and downwards, and twice as wide.
        #expect(abs(extent.high.x - 15) < 1e-4 && abs(extent.low.x + 5) < 1e-4)
        #expect(abs(extent.high.y - 25) < 1e-4 && abs(extent.low.y + 15) < 1e-4)
        #expect(abs(sight.aim.x - 5) < 1e-4 && abs(sight.aim.y - 5) < 1e-4)
    }

    @Test func `a level camera that sees the ground far away is cut at its far end`() throws {
        let level = Frustum(
            apex: Vector3(0, 0, 2), orientation: .identity, fovY: 1.5707963, aspect: 1, near: 0.5, far: 20)
        let extent = try #require(FrustumSight(level, plane: plane, ground: 0)?.footprint?.extent)
        #expect(abs(extent.low.x - 2) < 1e-4 && abs(extent.high.x - 20) < 1e-4)
    }

    @Test func `one that looks up has no footprint and a shadow all the same`() throws {
        let up = Frustum(
            apex: Vector3(0, 0, 2), orientation: Quaternion(0, -0.3826834, 0, 0.9238795), fovY: 0.5, aspect: 1, near: 1,
            far: 20)
        let sight = try #require(FrustumSight(up, plane: plane, ground: 0))
        #expect(sight.footprint == nil && sight.shadow.extent != nil)
    }
}

@Suite struct ReplicaScreenTests {
    @Test func `the replica's places are shown, the known ones beside them, and how far they are apart`() throws {
        let replica = ReplicaID(session: 1, side: .client)
        // While they still walk.
        let context = try Harbour.context(at: 4.3, replica: replica)
        var screen = MapScreen(120, 40)
        let text = screen.draw(context)
        #expect(text.contains("THE WORLD OF bob"))
        let error = try #require(screen.pane.replicaError)
        #expect(error.shared > 3 && error.unknown > 0 && error.largest >= error.mean && error.mean > 0)
        #expect(text.contains("off by \(MapText.distance(error.mean)) mean"))
        #expect(text.contains("\(error.unknown) unknown to it"))
    }

    @Test func `Esc asks for all that is known, after what was chosen last`() throws {
        let context = try Harbour.context(at: 7.2, replica: ReplicaID(session: 1, side: .client))
        var screen = MapScreen(120, 40)
        screen.draw(context)
        screen.pane.subscription = 0
        #expect(screen.pane.handle(.back, context) == .handled)
        #expect(screen.pane.handle(.back, context) == .ask([.showReplica(nil)]))
    }

    @Test func `a world without anybody says so`() throws {
        let context = try Harbour.context(at: 0.12, replica: ReplicaID(session: 3, side: .client))
        var screen = MapScreen(120, 40)
        #expect(screen.draw(context).contains("this end knows no position yet"))
    }

    @Test func `distances are those on the map`() {
        var known = MapWorld()
        known.put(1, 0, 0)
        known.put(2, 10, 0)
        known.put(3, 5, 5)
        var seen = MapWorld()
        seen.put(1, 3, 4)
        seen.put(2, 10, 0)
        func survey(_ world: MapWorld) -> Survey {
            var survey = Survey()
            survey.run(world.model, space: 0, time: world.time, plane: .metric)
            return survey
        }
        let error = ReplicaError(survey(seen), survey(known))
        #expect(error.mean == 2.5 && error.largest == 5 && error.shared == 2 && error.unknown == 1)
    }
}
