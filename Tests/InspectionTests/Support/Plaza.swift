import Inspection
import SpatioSession
import SpatioWire

/// The capture that the tables of filters and summaries speak of: alice and bob in the space plaza.
enum Plaza {
    static let server = "10.7.0.1:7728"
    static let aliceEnd = "10.7.1.1:40001"
    static let bobEnd = "10.7.1.2:40002"
    static let group = "239.77.28.1:7728"

    static let space = UUID(high: 0x114d_8097_669d_4926, low: 0x8748_05ee_8c35_50d2)
    static let session = UUID(high: 0x5eb9_581e_f3b6_0111, low: 0x8097_669d_4926_8748)
    static let alice = UUID(high: 0xa11c_e000_0000_0001, low: 1)
    /// Nobody says its name.
    static let stranger = UUID(high: 0xb0b0_0000_0000_0002, low: 2)
    static let third = UUID(high: 0xc3c3_0000_0000_0003, low: 3)

    static let capture = make()

    static func make(selections: [FieldSelection] = []) -> Conversation {
        var conversation = Conversation(selections: selections)
        for message in connection + spatial + state + others {
            conversation.send(message.octets, from: message.source, to: message.destination, at: message.time)
        }
        return conversation
    }

    struct Sent {
        var time: Double
        var source: String
        var destination: String
        var octets: [UInt8]
    }

    private static func client(_ time: Double, _ message: Message) -> Sent {
        Sent(time: time, source: aliceEnd, destination: server, octets: message.encoded())
    }

    private static func reply(_ time: Double, _ message: Message) -> Sent {
        Sent(time: time, source: server, destination: aliceEnd, octets: message.encoded())
    }

    private static func header(
        _ type: MessageType, _ stream: UInt32, _ sequence: UInt32, _ flags: MessageFlags = [], at time: Double,
        priority: Priority = .medium
    ) -> MessageHeader {
        MessageHeader(
            type: type, flags: flags, streamID: stream, sequence: sequence,
            timestamp: UInt64((1_793_000_000 + time) * 1e6), priority: priority)
    }

    private static let address = SpatialAddress(
        spaceID: space, precision: 0.1, confidence: 1, timestamp: 1_793_000_000_000)

    private static let config = ConnectionConfig(capabilities: .all)

    /// 1 CONNECT, 2 CONNECT_ACK
    private static let connection: [Sent] = [
        client(
            0,
            Message(
                header: header(.connect, 0, 0, [.reliable], at: 0),
                body: .payload(
                    .connect(
                        Connect(
                            config: config, clientID: alice, role: .participant, name: "demo/1.0",
                            spaces: [space, alice]))))),
        reply(
            0.01,
            Message(
                header: header(.connectAck, 0, 0, [.reliable], at: 0.01),
                body: .payload(
                    .connectAck(
                        ConnectAck(
                            code: .success, sessionID: session, serverID: third, config: config,
                            flow: FlowControl(windowSize: 65536, rateLimit: 0, congestionThreshold: 0.1),
                            spaces: [SpaceInfo(spaceID: space, name: "plaza", stateVersion: 40)],
                            extensions: [ExtensionOffer(extensionID: 2, version: SemanticVersion(1, 2, 0))]))))),
    ]

    private static func update(
        _ time: Double, sequence: UInt32, flags: MessageFlags = [], _ updates: [EntityUpdate]
    ) -> Sent {
        client(
            time,
            Message(
                header: header(.spatialUpdate, 1, sequence, flags, at: time), address: address,
                body: .payload(.spatialUpdate(SpatialUpdate(updates: updates)))))
    }

    private static let first = EntityUpdate(
        entityID: alice, kind: 2, position: Vector3(3, 4, 0), velocity: Vector3f(3, 4, 0))

    private static func sync(_ version: UInt64, delta: Bool, _ entries: [StateSyncEntry]) -> StateSync {
        StateSync(spaceID: space, version: version, timestamp: 1_793_000_000_500, delta: delta, entries: entries)
    }

    private static let whole = sync(
        40, delta: false,
        [
            StateSyncEntry(
                change: .added, entityID: alice, entityVersion: 1,
                fields: [StateField("name", .string("alice")), StateField("position", .vector3(.zero))]),
            StateSyncEntry(
                change: .added, entityID: third, entityVersion: 1,
                fields: [
                    StateField("name", .string("ent-3")), StateField("score", .int(5)),
                    StateField("position", .vector3(Vector3(10, 0, 0))),
                ]),
        ])

    /// 3 STATE_SYNC v40; 4...7 SPATIAL_UPDATE: in order, 2 lost before, again, late
    private static let spatial: [Sent] = [
        reply(
            0.5,
            Message(
                header: header(.stateSync, 2, 0, [.reliable, .ordered], at: 0.5), body: .payload(.stateSync(whole)))),
        update(1, sequence: 100, [first]),
        update(
            1.5, sequence: 103,
            [
                EntityUpdate(entityID: alice, kind: 2, position: Vector3(9, 0, 0)),
                EntityUpdate(entityID: stranger, kind: 7, position: Vector3(100, 100, 0)),
            ]),
        update(1.6, sequence: 103, [EntityUpdate(entityID: stranger, kind: 7, position: Vector3(100, 100, 0))]),
        update(1.7, sequence: 102, [EntityUpdate(entityID: stranger, kind: 7, position: Vector3(50, 50, 0))]),
    ]

    private static let delta = DeltaUpdate(
        baseVersion: 40,
        sync: sync(
            41, delta: true,
            [
                StateSyncEntry(
                    change: .modified, entityID: third, entityVersion: 2, fields: [StateField("score", .int(10))])
            ]))

    /// 8 PING, 9 PONG (round trip 60 ms), 10 DELTA_UPDATE v40>v41, 11 SPATIAL_QUERY, 12 and 13 segments of STATE_SYNC v42
    private static let state: [Sent] =
        [
            client(
                2,
                Message(
                    header: header(.ping, 0, 1, at: 2),
                    body: .payload(
                        .ping(Ping(pingID: 7, streams: [Ping.StreamPosition(streamID: 1, nextSequence: 104)])))
                )),
            reply(
                2.0602,
                Message(
                    header: header(.pong, 0, 1, at: 2.03),
                    body: .payload(
                        .pong(
                            Pong(
                                pingID: 7, pingTimestamp: 1_793_000_002_000_000, holdTime: 200,
                                flow: FlowControl(windowSize: 65536, rateLimit: 0, congestionThreshold: 0.1),
                                acks: [
                                    Pong.StreamAck(
                                        streamID: 1, cumulative: 101,
                                        missing: [Pong.SequenceRange(first: 101, count: 1)])
                                ]))))),
            reply(
                3,
                Message(
                    header: header(.deltaUpdate, 2, 1, [.reliable, .ordered], at: 3),
                    body: .payload(.deltaUpdate(delta)))),
            client(
                4,
                Message(
                    header: header(.spatialQuery, 3, 0, at: 4, priority: .high),
                    body: .payload(
                        .spatialQuery(
                            SpatialQuery(
                                queryID: 5, parameters: .radius(center: Vector3(10, 1, 0), radius: 30), maxResults: 16,
                                timeout: 250))))),
        ]
        + segments

    private static let segments: [Sent] = {
        let content = Payload.stateSync(sync(42, delta: false, whole.entries)).encoded()
        return cut(content, compression: .none, segmentSize: 150).enumerated().map { place, segment in
            reply(
                5 + Double(place) / 10,
                Message(
                    header: header(.stateSync, 2, 2 + UInt32(place), at: 5), data: segment.form,
                    body: .segment(segment.octets)))
        }
    }()

    private static let thermal = ExtensionManifest(
        id: 0x0101, name: "thermal", type: .application, version: SemanticVersion(1, 0, 0), status: .stable,
        schema: [SchemaField("celsius", .float), SchemaField("sensor", .string)])

    private static let reading: [UInt8] = {
        var writer = WireWriter()
        writer.f64(36.3)
        writer.string("roof")
        return writer.octets
    }()

    /// 14 malformed, 15 unknown, 16 sealed from bob, 17 and 18 EXTENSION, 19 again with RETRANSMIT, 20 mirrored,
    /// 21 to a group, 22 signed and CUSTOM
    private static let others: [Sent] = [
        Sent(
            time: 6, source: aliceEnd, destination: server,
            octets: Array(update(6, sequence: 104, [first]).octets.enumerated().map { $0 == 3 ? $1 & 0xFE : $1 }[..<60])
        ),
        client(
            6.1, Message(header: header(MessageType(rawValue: 0x7a), 9, 0, at: 6.1), body: .payload(.unknown([1, 2])))),
        Sent(
            time: 6.2, source: bobEnd, destination: server,
            octets: Message(
                header: header(.ping, 0, 0, at: 6.2), body: .sealed([UInt8](repeating: 7, count: 113))
            ).encoded()),
        client(
            6.3,
            Message(
                header: header(.extension, 0, 2, at: 6.3),
                body: .payload(
                    .extension(ExtensionHeader(extensionID: ExtensionID.manifest, data: thermal.encoded()))))),
        client(
            6.4,
            Message(
                header: header(.extension, 0, 3, at: 6.4),
                body: .payload(.extension(ExtensionHeader(extensionID: 0x0101, data: reading))))),
        update(6.5, sequence: 100, flags: [.retransmit], [first]),
        Sent(
            time: 6.6, source: server, destination: bobEnd,
            octets: Message(
                header: header(.boundUpdate, 1, 0, at: 6.6), address: address,
                extensions: [
                    ExtensionHeader(
                        extensionID: ExtensionID.origin,
                        data: Origin(sessionID: session, direction: .toServer, seen: 1).encoded())
                ],
                body: .payload(
                    .boundUpdate(BoundUpdate(regionID: third, bounds: .sphere(center: Vector3(1, 2, 3), radius: 2.5))))
            ).encoded()),
        Sent(
            time: 6.7, source: bobEnd, destination: group,
            octets: Message(
                header: header(.peerDiscover, 0, 1, at: 6.7), multicast: MulticastForm(groupID: third, routing: .flood),
                body: .payload(
                    .peerDiscover(
                        PeerConfig(
                            peerID: stranger,
                            capabilities: PeerCapabilities(
                                spatialRange: 50, maxConnections: 8, bandwidth: 1000, roles: [.participant, .relay]),
                            discoveryMode: .broadcast)))
            ).encoded()),
        client(
            6.8,
            Message(
                header: header(.custom, 4, 0, at: 6.8, priority: .critical),
                body: .payload(.custom(type: 9, data: [1, 2, 3])), signature: [UInt8](repeating: 1, count: 16))),
    ]
}
