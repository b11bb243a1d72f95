import SpatioWire
import Testing

@Suite("The data of an extension")
struct ExtensionTests {
    /// The field map of an EXTENSION message with this data.
    private func dissect(
        _ id: UInt16, _ data: [UInt8], schemas: ExtensionSchemas = ExtensionSchemas()
    ) throws -> (map: FieldMap, decoded: JSON?) {
        let message = Message(
            header: MessageHeader(type: .extension, streamID: 0, sequence: 0, timestamp: 0),
            body: .payload(.extension(ExtensionHeader(extensionID: id, data: data))))
        var context = MessageDissector.Context()
        context.schemas = schemas
        let map = MessageDissector.dissect(message.encoded(), context: context)
        #expect(map.error == nil)
        #expect(map.contradiction == nil)
        let payload = try JSON(map)["payload"]
        #expect(payload?["data"] == .string(hexadecimalText(data)))
        return (map, payload?["decoded"])
    }

    private static let frustum = Frustum(
        apex: Vector3(1, 2, 3), orientation: .identity, fovY: 1, aspect: 2, near: 0.5, far: 40)

    @Test(
        "is a spatial query of each kind",
        arguments: [
            (ExtendedQuery.nearest(point: Vector3(1, 2, 3), maxDistance: 4), "NEAREST", "max_distance"),
            (.radius(center: Vector3(1, 2, 3), radius: 4), "RADIUS", "center"),
            (.boundary(.sphere(center: .zero, radius: 2)), "BOUNDARY", "value"),
            (.visibility(frustum), "VISIBILITY", "value"),
            (.custom(7, [1, 2]), "CUSTOM", "type_id"),
        ])
    func query(_ query: ExtendedQuery, tag: String, member: String) throws {
        let request = ExtendedQueryRequest(queryID: 12, query: query, maxResults: 5, kinds: [2, 3])
        let decoded = try dissect(ExtensionID.spatialQuery, request.encoded()).decoded
        #expect(decoded?["op"] == .string("QUERY"))
        #expect(decoded?["query_id"] == .unsigned(12))
        #expect(decoded?["query"]?["tag"] == .string(tag))
        #expect(decoded?["query"]?[member] != nil)
        #expect(decoded?["max_results"] == .unsigned(5))
        #expect(decoded?["kinds"] == .array([.unsigned(2), .unsigned(3)]))
        #expect(decoded?["undecoded"] == nil)
    }

    @Test("is a spatial query's result")
    func result() throws {
        let response = SpatialResponse(
            queryID: 12, code: .queryTimeout, truncated: true,
            results: [.init(entityID: .zero, kind: 1, position: Vector3(1, 2, 3), distance: 0.5)])
        let decoded = try dissect(ExtensionID.spatialQuery, response.encodedAsExtension()).decoded
        #expect(decoded?["op"] == .string("RESULT"))
        #expect(decoded?["code"] == .string("QUERY_TIMEOUT"))
        #expect(decoded?["results"]?[0]?["distance"] == .number(0.5))
    }

    @Test("is what a node can do of state sync")
    func stateSync() throws {
        let capabilities = StateSyncCapabilities(
            syncModes: [.full, .custom(300)], deltaCompression: true, conflictResolution: .merge)
        let decoded = try dissect(ExtensionID.stateSync, capabilities.encoded()).decoded
        #expect(decoded?["op"] == .string("CAPABILITIES"))
        #expect(decoded?["sync_modes"] == .array([.string("FULL"), .object(["CUSTOM": .unsigned(300)])]))
        #expect(decoded?["delta_compression"] == .boolean(true))
        #expect(decoded?["conflict_resolution"] == .string("MERGE"))
    }

    private static let manifest = ExtensionManifest(
        id: 0x0101, name: "grip", type: .application, version: SemanticVersion(1, 2, 3), status: .beta,
        dependencies: [ExtensionOffer(extensionID: 1, version: SemanticVersion(1, 0, 0))],
        schema: [SchemaField("hand", .string), SchemaField("at", .vector3), SchemaField("closed", .bool)])

    @Test("is a manifest")
    func manifest() throws {
        let data = Self.manifest.encoded()
        #expect(try ExtensionManifest.decode(data) == Self.manifest)
        let decoded = try dissect(ExtensionID.manifest, data).decoded
        #expect(decoded?["id"] == .unsigned(0x0101))
        #expect(decoded?["status"] == .string("BETA"))
        #expect(decoded?["version"] == .array([.unsigned(1), .unsigned(2), .unsigned(3)]))
        #expect(decoded?["dependencies"]?[0]?["extension_id"] == .unsigned(1))
        #expect(decoded?["schema"]?["fields"]?[1] == .object(["name": .string("at"), "type": .string("VECTOR3")]))
        var withoutSchema = Self.manifest
        withoutSchema.schema = nil
        #expect(try dissect(ExtensionID.manifest, withoutSchema.encoded()).decoded?["schema"] == .null)
    }

    @Test("of a manifest whose schema has a NULL is refused")
    func nullInSchema() {
        var manifest = Self.manifest
        manifest.schema = [SchemaField("nothing", .null)]
        let error = #expect(throws: DecodeError.self) { try ExtensionManifest.decode(manifest.encoded()) }
        #expect(error?.reason == .enumValue)
    }

    @Test("is the origin of a mirrored message")
    func origin() throws {
        let origin = Origin(sessionID: UUID(high: 1, low: 2), direction: .fromServer, seen: 99)
        #expect(try Origin.decode(origin.encoded()) == origin)
        #expect(throws: DecodeError.self) { try Origin.decode(origin.encoded() + [0]) }
        #expect(throws: DecodeError.self) { try Origin.decode(origin.encoded().dropLast()) }
        let decoded = try dissect(ExtensionID.origin, origin.encoded()).decoded
        #expect(decoded?["direction"] == .string("FROM_SERVER"))
        let message = Message(
            header: MessageHeader(type: .ping, streamID: 0, sequence: 0, timestamp: 0),
            extensions: [
                ExtensionHeader(extensionID: ExtensionID.traceContext, data: []),
                ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded()),
            ], body: .payload(.ping(Ping(pingID: 1))))
        #expect(try decodeEnvelope(message.encoded()).origin == origin)
    }

    @Test("is a trace context")
    func traceContext() throws {
        let trace = TraceContext(
            traceID: Array(repeating: 0xAB, count: 16), parentID: Array(repeating: 0xCD, count: 8), flags: 1)
        let decoded = try dissect(ExtensionID.traceContext, trace.encoded()).decoded
        #expect(decoded?["trace_id"] == .string(String(repeating: "ab", count: 16)))
        #expect(decoded?["parent_id"] == .string(String(repeating: "cd", count: 8)))
        #expect(decoded?["flags"] == .unsigned(1))
    }

    @Test("is read by the schema of its manifest")
    func schema() throws {
        var schemas = ExtensionSchemas()
        schemas.register(Self.manifest)
        var writer = WireWriter()
        writer.string("left")
        writer.vector3(Vector3(1, 2.5, 3))
        writer.bool(true)
        let decoded = try dissect(0x0101, writer.octets, schemas: schemas).decoded
        let position = JSON.array([.unsigned(1), .number(2.5), .unsigned(3)])
        #expect(decoded == .object(["hand": .string("left"), "at": position, "closed": .boolean(true)]))
        #expect(try dissect(0x0101, writer.octets).decoded == nil)
        #expect(schemas.name(0x0101) == "grip")
        #expect(schemas.name(ExtensionID.origin) == "origin")
        #expect(schemas.name(0x0102) == nil)
    }

    @Test("of every type in a schema is its value without the tag")
    func schemaTypes() throws {
        var random = RandomValues(seed: 70)
        for _ in 0..<200 {
            let values = random.list(upTo: 6) { $0.value() }.filter { $0 != .null }
            var schemas = ExtensionSchemas()
            schemas.register(
                ExtensionManifest(
                    id: 0x0102, name: "any", type: .application, version: SemanticVersion(1, 0, 0), status: .stable,
                    schema: values.enumerated().map { SchemaField("f\($0.offset)", $0.element.tag) }))
            var writer = WireWriter()
            for value in values { value.encodeUntagged(into: &writer) }
            let (map, decoded) = try dissect(0x0102, writer.octets, schemas: schemas)
            #expect(decoded?.keys == Set(values.indices.map { "f\($0)" }))
            #expect(map.uncoveredOctets == [])
        }
    }

    @Test("that does not fit stays raw, with the reason, and the message is well-formed")
    func doesNotFit() throws {
        var schemas = ExtensionSchemas()
        schemas.register(Self.manifest)
        // "left", and then only two octets of a position
        let short = try dissect(0x0101, [4, 0x6C, 0x65, 0x66, 0x74, 0, 0], schemas: schemas).decoded
        #expect(short?["hand"] == .string("left"))
        #expect(short?["at"] == nil)
        guard case .string(let reason) = short?["undecoded"] else {
            Issue.record("no reason")
            return
        }
        #expect(reason.hasPrefix("truncated at octet 34"))
        // A query with an unknown tag, inside a structure that stays open.
        let unknown = try dissect(ExtensionID.spatialQuery, [0, 0, 0, 0, 1, 9]).decoded
        #expect(unknown?["query_id"] == .unsigned(1))
        #expect(unknown?["undecoded"] != nil)
        #expect(unknown?["query"] == .object([:]))
        let long = try dissect(ExtensionID.traceContext, Array(repeating: 1, count: 26)).decoded
        #expect(long?["flags"] == .unsigned(1) && long?["undecoded"] != nil)
        #expect(try dissect(ExtensionID.stateSync, []).decoded?["undecoded"] != nil)
    }

    @Test("that does not fit leaves the fields behind it at their depth")
    func depthAfterMisfit() throws {
        let message = Message(
            header: MessageHeader(type: .ping, streamID: 0, sequence: 0, timestamp: 0),
            extensions: [
                ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: [0, 0, 0, 0, 1, 9]),
                ExtensionHeader(extensionID: ExtensionID.manifest, data: [1]),
            ], multicast: MulticastForm(groupID: .zero, routing: .flood), body: .payload(.ping(Ping(pingID: 1))))
        let map = MessageDissector.dissect(message.encoded())
        #expect(map.contradiction == nil)
        #expect(map.value("extensions", "1", "decoded", "undecoded") != nil)
        #expect(map.value("multicast", "group_id") == .uuid(.zero))
        #expect(map.value("payload", "ping_id") == .unsigned(1))
    }

    @Test("costs no more with many headers than with few")
    func manyHeaders() {
        // Well-formed and hostile: as many decoded headers as the map records fields of.
        let headers = Array(
            repeating: ExtensionHeader(extensionID: ExtensionID.stateSync, data: [0, 0, 0, 0]), count: 30_000)
        let message = Message(
            header: MessageHeader(type: .ping, streamID: 0, sequence: 0, timestamp: 0), extensions: headers,
            body: .payload(.ping(Ping(pingID: 1))))
        let map = MessageDissector.dissect(message.encoded())
        #expect(map.error == nil)
        #expect(map.contradiction == nil)
        #expect(map.unrecordedFields > 0)
    }

    @Test("of more extensions than a reader keeps is counted, not kept")
    func schemaLimit() {
        var schemas = ExtensionSchemas()
        var manifest = Self.manifest
        for id in 0..<UInt16(ExtensionSchemas.limit + 10) {
            manifest.id = id
            schemas.register(manifest)
        }
        #expect(schemas.manifests.count == ExtensionSchemas.limit)
        #expect(schemas.refused == 10)
        manifest.id = 0
        manifest.name = "newer"
        schemas.register(manifest)
        #expect(schemas.manifests[0]?.name == "newer")
        #expect(schemas.refused == 10)
    }

    @Test("whose manifests say more than a reader keeps are refused, whatever their number")
    func schemaOctets() {
        var schemas = ExtensionSchemas()
        var manifest = Self.manifest
        manifest.name = String(repeating: "x", count: ExtensionSchemas.octetLimit / 4)
        for id in 0..<UInt16(6) {
            manifest.id = id
            schemas.register(manifest)
        }
        #expect(schemas.manifests.count == 3)
        #expect(schemas.refused == 3)
        // A shorter one in the place of a long one makes room.
        manifest.id = 0
        manifest.name = "short"
        schemas.register(manifest)
        manifest.id = 4
        manifest.name = String(repeating: "x", count: ExtensionSchemas.octetLimit / 4)
        schemas.register(manifest)
        #expect(schemas.manifests.keys.sorted() == [0, 1, 2, 4])
    }
}
