import SpatioSession
import SpatioWire
import Testing

@testable import SpatioServer

@Suite struct SubscriptionTests {
    private static let east = BoundingVolume.box(min: Vector3(0, -50, -50), max: Vector3(50, 50, 50))

    private func subscribe(
        _ stage: inout Stage, _ handle: SessionHandle, id: UInt32 = 1, every milliseconds: UInt32 = 100,
        _ bounds: BoundingVolume = east
    ) {
        stage.send(
            .regionSubscribe(
                RegionSubscribe(
                    subscriptionID: id, bounds: bounds, updateFrequency: milliseconds, priority: .high)),
            from: handle)
    }

    @Test func `a subscriber is told at its pace of those who changed in its region`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2)
        subscribe(&stage, bob)
        stage.forget()
        stage.move(5, to: Vector3(1, 0, 0), by: alice)
        stage.move(6, to: Vector3(-1, 0, 0), by: alice)
        #expect(stage.updates(to: bob).isEmpty)
        stage.pass(milliseconds: 100)
        #expect(stage.updates(to: bob).map(\.entityID) == [uuid(5)])
        stage.pass(milliseconds: 1000)
        #expect(stage.updates(to: bob).count == 1, "nothing has changed since")
        stage.move(5, to: Vector3(2, 0, 0), by: alice)
        stage.move(5, to: Vector3(3, 0, 0), by: alice)
        stage.pass(milliseconds: 100)
        #expect(stage.updates(to: bob).map(\.position.x) == [1, 3])
        let delivery = stage.sent(to: bob).last?.delivery
        #expect(delivery?.address?.spaceID == Stage.plaza)
        #expect(delivery?.address?.precision == 0.1)
        #expect(delivery?.priority == .high)
        #expect(delivery?.stream == 1)
    }

    @Test func `it is told at once of who is there already`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.move(5, to: Vector3(1, 0, 0), by: alice)
        subscribe(&stage, bob)
        #expect(stage.updates(to: bob).map(\.entityID) == [uuid(5)])
    }

    @Test func `nobody is told of what it said itself, nor any more of who has left the region`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2)
        subscribe(&stage, bob)
        stage.move(7, to: Vector3(1, 0, 0), by: bob)
        stage.move(5, to: Vector3(1, 0, 0), by: alice)
        stage.pass(milliseconds: 100)
        stage.move(5, to: Vector3(-1, 0, 0), by: alice)
        stage.pass(milliseconds: 500)
        #expect(stage.updates(to: bob).map(\.entityID) == [uuid(5)])
    }

    @Test func `an interval of 0 cancels, a new subscription under its number takes its place`() {
        var stage = Stage()
        let alice = stage.join(1)
        let bob = stage.join(2)
        subscribe(&stage, bob)
        subscribe(&stage, bob, every: 1000)
        stage.pass(milliseconds: 1)
        stage.forget()
        for step in 1...30 {
            stage.move(5, to: Vector3(Double(step), 0, 0), by: alice)
            stage.pass(milliseconds: 100)
        }
        #expect(stage.updates(to: bob).count == 3)
        subscribe(&stage, bob, every: 0)
        stage.forget()
        stage.move(5, to: Vector3(1, 0, 0), by: alice)
        stage.pass(milliseconds: 3000)
        #expect(stage.updates(to: bob).isEmpty)
        #expect(stage.server.deadline == nil)
    }

    @Test func `messages are bounded, and who does not fit comes the next time, nobody left out`() {
        var plan = Stage.plaza()
        plan.limits.updatesPerInterval = 20
        plan.limits.messagesPerSecond = 0
        plan.flow.rateLimit = 0
        var stage = Stage(plan)
        let alice = stage.join(1)
        let bob = stage.join(2)
        subscribe(&stage, bob)
        for _ in 0..<10 {
            for number in 0..<90 { stage.move(UInt64(100 + number), to: Vector3(1, 1, 1), by: alice) }
            stage.pass(milliseconds: 100)
        }
        let told = stage.updates(to: bob)
        #expect(told.count == 180, "two rounds of 90, the last of each not full")
        #expect(Set(told.map(\.entityID)).count == 90)
        for payload in stage.payloads(to: bob) {
            if case .spatialUpdate(let update) = payload {
                #expect(update.updates.count <= SpaceServer.updatesPerMessage)
            }
        }
        stage.pass(milliseconds: 2000)
        stage.forget()
        stage.pass(milliseconds: 2000)
        #expect(stage.updates(to: bob).isEmpty, "all were told at last")
    }

    @Test func `a full message with all its parts fits into a datagram`() {
        let update = EntityUpdate(
            entityID: uuid(1), kind: 1, position: .zero, orientation: .identity, velocity: Vector3f(1, 1, 1))
        var stage = Stage()
        let message = stage.message(
            .spatialUpdate(SpatialUpdate(updates: Array(repeating: update, count: SpaceServer.updatesPerMessage))))
        // What sealing and a checksum add at most.
        #expect(message.encoded().count + 20 <= 1200)
    }

    @Test func `a client has so many subscriptions and no more, and many new ones leave nothing behind`() {
        var plan = Stage.plaza()
        plan.limits.messagesPerSecond = 0
        plan.flow.rateLimit = 0
        var stage = Stage(plan)
        let bob = stage.join(2)
        for number in 0..<20 { subscribe(&stage, bob, id: UInt32(number), every: .max) }
        #expect(stage.faults == Array(repeating: "STORAGE_FULL", count: 4))
        for _ in 0..<10_000 { subscribe(&stage, bob, id: 1, every: .max) }
        #expect(stage.server.due.count < 3000)
    }

    @Test func `a region without an inside is none`() {
        var stage = Stage()
        let bob = stage.join(2)
        subscribe(&stage, bob, .sphere(center: .zero, radius: -1))
        #expect(stage.faults == ["INVALID_COORDINATES"])
    }
}

@Suite struct RegionTests {
    private func bound(_ region: UInt64, _ radius: Double = 3) -> Payload {
        .boundUpdate(BoundUpdate(regionID: uuid(region), bounds: .sphere(center: .zero, radius: radius)))
    }

    @Test func `a region is passed on, and kept for those who come later`() {
        var stage = Stage(
            Stage.plaza { $0.regions = [RegionPlan(id: uuid(70), bounds: .sphere(center: .zero, radius: 1))] })
        let alice = stage.join(1)
        let bob = stage.join(2)
        stage.forget()
        stage.send(bound(71), from: alice)
        stage.send(bound(71, 4), from: alice)
        #expect(stage.payloads(to: bob) == [bound(71), bound(71, 4)])
        #expect(stage.payloads(to: alice).isEmpty)
        stage.forget()
        let carol = stage.join(3)
        #expect(Array(stage.payloads(to: carol).dropFirst()) == [bound(70, 1), bound(71, 4)])
        #expect(stage.sent(to: carol).allSatisfy { $0.delivery.reliable })
        stage.leave(alice)
        #expect(stage.server.spaces[0].regions.count == 1)
    }

    @Test func `another's region is not changed, and there are so many and no more`() {
        var plan = Stage.plaza()
        plan.limits.regionsPerSession = 2
        var stage = Stage(plan)
        let alice = stage.join(1)
        let bob = stage.join(2)
        for region in 1...3 { stage.send(bound(UInt64(region)), from: alice) }
        stage.send(bound(1, 9), from: bob)
        #expect(stage.faults == ["STORAGE_FULL", "SPATIAL_CONFLICT"])
    }
}
