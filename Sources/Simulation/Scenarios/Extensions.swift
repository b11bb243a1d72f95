import Capture
import SpatioWire

/// Two visitors of a laboratory use extensions, announced in band or known to all; an observer watches a yard whose
/// own traffic does not pass the capture point.
enum Extensions {
    private static let thermalID: UInt16 = 0x0101
    private static let heatMapID: UInt16 = 0x0102
    /// Application data has a stream of its own.
    private static let stream: UInt32 = 3

    private static let thermal = ExtensionManifest(
        id: thermalID, name: "thermal-sensor", type: .application, version: SemanticVersion(1, 2, 0), status: .beta,
        dependencies: [ExtensionOffer(extensionID: ExtensionID.stateSync, version: SemanticVersion(1, 0, 0))],
        schema: [
            SchemaField("sensor", .uuid), SchemaField("celsius", .float), SchemaField("label", .string),
            SchemaField("at", .vector3), SchemaField("calibrated", .bool), SchemaField("taken", .timestamp),
        ])
    /// It needs a newer thermal-sensor than there is.
    private static let heatMap = ExtensionManifest(
        id: heatMapID, name: "heat-map", type: .spatial, version: SemanticVersion(0, 3, 1), status: .experimental,
        dependencies: [ExtensionOffer(extensionID: thermalID, version: SemanticVersion(2, 0, 0))])

    private static let watcher = Endpoint(address: IPAddress(ipv4: 0x0A07_0401), port: 43_001)

    static func play(_ network: Network, _ report: inout SimulationReport) {
        let offers = [
            ExtensionID.spatialQuery, ExtensionID.stateSync, ExtensionID.manifest, ExtensionID.traceContext, thermalID,
        ].map { ExtensionOffer(extensionID: $0, version: SemanticVersion(1, 0, 0)) }
        let lab = PlazaWorld(network, walkers: 5, clients: 2, name: "lab") { _, profile in profile.extensions = offers }
        lab.server.extensions = offers
        answerQueries(lab.server)
        measure(lab.visitors[0], network)
        ask(lab.visitors[1], network)

        let yardEndpoints = [Endpoint(address: IPAddress(ipv4: 0x0A07_0002), port: 7728)]
        let yard = PlazaWorld(
            network, walkers: 4, clients: 2, name: "yard", onlyCaptured: watcher, endpoints: yardEndpoints
        ) { index, profile in
            profile.endpoint = Endpoint(
                address: IPAddress(ipv4: UInt32(0x0A07_0301 + index)), port: UInt16(42_001 + index))
        }
        observe(yard.server, network)
        network.run()
        lab.server.state.write(name: lab.server.space.name, into: &report)
        yard.server.state.write(name: yard.server.space.name, into: &report)
    }

    private static func send(_ id: UInt16, _ data: [UInt8], _ end: End, _ extensions: [ExtensionHeader] = []) {
        end.send(
            .extension(ExtensionHeader(extensionID: id, data: data)), End.Form(stream: stream, extensions: extensions))
    }

    /// Announces a sensor, then tells what it measures.
    private static func measure(_ visitor: Visitor, _ network: Network) {
        let sensor = network.generator.uuid()
        visitor.onReady = { [unowned visitor, unowned network] in
            send(ExtensionID.manifest, thermal.encoded(), visitor.end)
            send(ExtensionID.manifest, heatMap.encoded(), visitor.end)
            send(
                ExtensionID.stateSync,
                StateSyncCapabilities(
                    syncModes: [.full, .delta, .custom(7)], deltaCompression: true, conflictResolution: .lastWriteWins
                ).encoded(), visitor.end)
            network.every(0.5) {
                guard visitor.isActive else { return false }
                let celsius = (network.generator.number(18...26) * 10).rounded() / 10
                let values: [Value] = [
                    .uuid(sensor), .float(celsius), .string("bench 3"), .vector3(visitor.position),
                    .bool(celsius < 25), .timestamp(network.milliseconds),
                ]
                var writer = WireWriter()
                for value in values { value.encodeUntagged(into: &writer) }
                send(thermalID, writer.octets, visitor.end)
                return true
            }
        }
    }

    /// Asks the extended queries in turn, each with a trace of its own.
    private static func ask(_ visitor: Visitor, _ network: Network) {
        visitor.updateExtensions = { [unowned network] in [trace(network, flags: 0)] }
        var number: UInt32 = 0
        visitor.onReady = { [unowned visitor, unowned network] in
            network.every(0.8) {
                guard visitor.isActive else { return false }
                number += 1
                let here = visitor.position
                let queries: [ExtendedQuery] = [
                    .nearest(point: here, maxDistance: 20), .radius(center: here, radius: 12),
                    .boundary(.box(min: here - Vector3(9, 9, 2), max: here + Vector3(9, 9, 2))),
                    .visibility(
                        Frustum(apex: here, orientation: .identity, fovY: 0.75, aspect: 1.5, near: 0.5, far: 30)),
                    .custom(9, [1, 2, 3]),
                ]
                let request = ExtendedQueryRequest(
                    queryID: number, query: queries[Int(number - 1) % queries.count], maxResults: 4, kinds: [1, 2])
                send(ExtensionID.spatialQuery, request.encoded(), visitor.end, [trace(network, flags: 1)])
                return true
            }
        }
    }

    private static func trace(_ network: Network, flags: UInt8) -> ExtensionHeader {
        let context = TraceContext(
            traceID: network.generator.octets(16), parentID: network.generator.octets(8), flags: flags)
        return ExtensionHeader(extensionID: ExtensionID.traceContext, data: context.encoded())
    }

    /// The answer to each query is who is near, whatever its form; it carries the query's trace on.
    private static func answerQueries(_ server: SpaceServer) {
        var answered: UInt32 = 0
        server.onMessage = { [unowned server] session, message in
            guard case .payload(.extension(let header)) = message.body, header.extensionID == ExtensionID.spatialQuery
            else { return }
            // Queries arrive in order here: the number of the query is that of the answer.
            answered += 1
            let (results, isTruncated) = server.results(.radius(center: .zero, radius: 25), most: 4)
            let response = SpatialResponse(queryID: answered, truncated: isTruncated, results: results)
            send(ExtensionID.spatialQuery, response.encodedAsExtension(), session.end, message.extensions)
        }
    }

    /// Joins the yard as an observer, to whom the server mirrors everything of the space.
    private static func observe(_ server: SpaceServer, _ network: Network) {
        let observer = Visitor(
            network,
            Visitor.Profile(
                name: "watcher", endpoint: watcher, server: server.endpoints[0], distance: 4_000_000, arrival: 0.05,
                rate: 1, entities: [], role: .observer),
            server: server)
        server.onTraffic = { [unowned server, unowned observer] session, message, direction in
            // Streams above 0 carry what is the space's.
            guard message.header.streamID > 0, session.connect?.role != .observer,
                let watching = server.sessions.first(where: { $0.connect?.role == .observer }), observer.isActive
            else { return }
            let origin = Origin(sessionID: session.id, direction: direction, seen: network.microseconds)
            var mirrored = message
            mirrored.extensions.append(ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded()))
            mirrored.header.flags.insert(.extensions)
            watching.end.forward(mirrored)
        }
    }
}
