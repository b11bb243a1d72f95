import Capture
import SpatioWire

/// Drones over Zurich, in degrees and metres; the first one carries a camera that tells its place in the drone's frame.
enum Drones {
    private static let drones = 7
    private static let origin = (longitude: 8.54, latitude: 47.37, height: 440.0)
    /// Metres of one degree on the WGS 84 ellipsoid at this latitude: along the parallel and along the meridian.
    private static let degree = (longitude: 75_527.0, latitude: 111_177.0)
    private static let area = Walker.Area(minimum: Vector3(-400, -300, 30), maximum: Vector3(400, 300, 120))
    /// Below the drone, in its own frame.
    private static let mount = Vector3(0.15, 0, -0.3)

    static func play(_ network: Network, _ options: SimulationOptions, _ report: inout SimulationReport) {
        let total = options.entities ?? drones
        let walkers = (0..<total).map { index in
            Walker(
                name: "drone-\(index + 1)", kindName: "drone", kind: 4, speed: network.generator.number(6...13),
                area: area,
                generator: &network.generator)
        }
        let crowd = Crowd(network, walkers) { walker in
            var update = walker.update
            update.position = place(walker.position)
            return update
        }
        let space = SpaceInfo(
            spaceID: network.generator.uuid(), name: "zurich-air", coordinateSystem: .geodetic(nil),
            bounds: .box(min: place(area.minimum), max: place(area.maximum)))
        let server = SpaceServer(
            network, endpoints: [Endpoint(address: IPAddress(ipv4: 0x0A07_0001), port: 7728)], space: space,
            crowd: crowd, residents: [])
        server.state.found(
            walkers.map {
                let fields = [
                    StateField("name", .string($0.name)), StateField("kind", .string($0.kindName)),
                    StateField("battery", .float(1)),
                ]
                return ($0.id, fields)
            })
        server.regions = [
            // The lake shore, where nobody may fly.
            SpaceServer.Region(
                id: network.generator.uuid(),
                bounds: .box(min: place(Vector3(-380, -290, 0)), max: place(Vector3(-150, -180, 150))))
        ]
        let visitors = walkers.indices.map { index in
            Visitor(
                network,
                Visitor.Profile(
                    name: walkers[index].name,
                    endpoint: Endpoint(address: IPAddress(ipv4: UInt32(0x0A07_0201 + index)), port: 41_001),
                    server: server.endpoints[0], distance: Int64(network.generator.number(8e6...20e6)),
                    arrival: 0.1 + 0.15 * Double(index % 8), rate: 10, entities: [index], flags: .checksum,
                    subscription: { around($0) }),
                server: server)
        }
        carryCamera(visitors[0], network)
        drainBatteries(server, network)
        network.run()
        server.state.write(name: space.name, into: &report)
    }

    /// Degrees to the centimetre, metres to the millimetre.
    private static func place(_ local: Vector3) -> Vector3 {
        let horizontal = Vector3(
            origin.longitude + local.x / degree.longitude, origin.latitude + local.y / degree.latitude, 0
        ).rounded(to: 1e7)
        return Vector3(horizontal.x, horizontal.y, ((origin.height + local.z) * 1000).rounded() / 1000)
    }

    private static func around(_ here: Vector3) -> BoundingVolume {
        let reach = Vector3(250 / degree.longitude, 250 / degree.latitude, 100)
        return .box(min: here - reach, max: here + reach)
    }

    /// A camera that pans to and fro under the drone.
    private static func carryCamera(_ drone: Visitor, _ network: Network) {
        let camera = network.generator.uuid()
        var phase = 0
        drone.onReady = { [unowned drone, unowned network] in
            network.every(0.2) {
                guard drone.isActive else { return false }
                let sway = Double(abs(phase % 40 - 20) - 10) / 10
                phase += 1
                let heading = (x: (1 - sway * sway / 2), y: sway * (1 - sway * sway / 4).squareRoot())
                drone.end.send(
                    .spatialUpdate(
                        SpatialUpdate(updates: [
                            EntityUpdate(
                                entityID: camera, kind: 5, position: Vector3(0.02 * sway, 0, -0.05).rounded(to: 1000),
                                orientation: Quaternion(heading: heading))
                        ])),
                    End.Form(
                        stream: 1,
                        address: SpatialAddress(
                            spaceID: drone.address().spaceID,
                            coordinateSystem: .relative(reference: drone.id, offset: mount), precision: 0.01,
                            confidence: 0.99, timestamp: network.milliseconds, referenceFrame: drone.id)))
                return true
            }
        }
    }

    private static func drainBatteries(_ server: SpaceServer, _ network: Network) {
        var charges = [Double](repeating: 1, count: server.state.count)
        network.every(0.9) {
            guard network.left > 3 else { return false }
            guard !server.participants.isEmpty else { return true }
            let index = network.generator.integer(0..<charges.count)
            charges[index] = ((charges[index] - network.generator.number(0.01...0.05)) * 1000).rounded() / 1000
            let id = server.state.entityIDs[index]
            server.publish(
                server.state.change(
                    .modified, id, [StateField("battery", .float(max(charges[index], 0)))], at: network.milliseconds))
            return true
        }
    }
}
