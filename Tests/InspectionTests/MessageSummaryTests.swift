import Inspection
import SpatioWire
import Testing

@Suite struct MessageSummaryTests {
    static let summaries: [(Int, String)] = [
        (1, "\"demo/1.0\" PARTICIPANT 2 spaces"), (2, "session 5eb9581e 1 space plaza"),
        (3, "plaza v40 full 2 entries"), (4, "1 entity alice 3.00 4.00 0.00 5.0 m/s"),
        (5, "2 entities alice, b0b00000"), (8, "ping 7 1 stream"), (9, "ping 7 hold 0.2 ms missing 1"),
        (10, "plaza v40>v41 1 entry"), (11, "#5 RADIUS 30 m at 10.00 1.00 0.00"), (12, "segment 0..150 of 193"),
        (13, "completes 2 segments: plaza v42 full 2 entries"),
        (14, "malformed at 2: SPATIAL_UPDATE without ADDRESS"), (15, "type 0x7a, 2 octets"), (16, "sealed, 113 octets"),
        (17, "manifest (0x8001) id 257 name \"thermal\" type APPLICATION version 1.0.0"),
        (18, "thermal (0x0101) celsius 36.3 sensor \"roof\""), (20, "region c3c30000 SPHERE 2.5 m at 1.00 2.00 3.00"),
        (21, "peer b0b00000 PARTICIPANT RELAY BROADCAST"), (22, "type 9, 3 octets"),
    ]

    @Test("A message is summed up in one line", arguments: summaries)
    func sumsUp(number: Int, expected: String) {
        let heard = Plaza.capture.heard[number - 1]
        #expect(MessageSummary.text(heard.record.type, map: heard.map, model: Plaza.capture.model) == expected)
    }

    private static let id = UUID(high: 0x0102_0304_0506_0708, low: 9)

    static let payloads: [(Payload, String)] = [
        (.disconnect(Disconnect(category: .none, code: .timeout, reason: "gone")), "TIMEOUT \"gone\""),
        (
            .spatialResponse(
                SpatialResponse(
                    queryID: 5, truncated: true,
                    results: (0..<5).map { _ in
                        SpatialResponse.QueryResult(entityID: id, kind: 1, position: .zero, distance: 1)
                    })),
            "#5 5 results 01020304, 01020304, 01020304 +2 and more"
        ),
        (
            .spatialResponse(SpatialResponse(queryID: 6, code: .queryTimeout, results: [])),
            "#6 QUERY_TIMEOUT 0 results"
        ),
        (
            .regionSubscribe(
                RegionSubscribe(
                    subscriptionID: 4, bounds: .box(min: .zero, max: Vector3(1, 2, 3)), updateFrequency: 1000,
                    priority: .high)),
            "#4 BOX 0.00 0.00 0.00 .. 1.00 2.00 3.00 every 1,000 ms HIGH"
        ),
        (
            .regionSubscribe(
                RegionSubscribe(
                    subscriptionID: 4, bounds: .sphere(center: .zero, radius: 1), updateFrequency: 0, priority: .low)),
            "#4 cancelled"
        ),
        (
            .spatialQuery(
                SpatialQuery(queryID: 1, parameters: .point(.zero, tolerance: 0.5), maxResults: 1, timeout: 1)),
            "#1 POINT at 0.00 0.00 0.00 within 0.5 m"
        ),
        (
            .stateRequest(StateRequest(requestID: 3, spaceID: id, knownVersion: 40, mode: .delta)),
            "#3 01020304 DELTA knows v40"
        ),
        (
            .stateRequest(StateRequest(requestID: 3, spaceID: id, knownVersion: 0, mode: .custom(7))),
            "#3 01020304 CUSTOM knows nothing"
        ),
        (.stateResponse(StateResponse(requestID: 3, code: .syncFailed, sync: nil)), "#3 SYNC_FAILED"),
        (
            .conflictResolve(
                ConflictResolve(
                    spaceID: id, entityID: id, version: 42, strategy: .lastWriteWins, candidates: [], resolved: [])),
            "01020304 v42 01020304 LAST_WRITE_WINS of 0 candidates"
        ),
        (.peerLeave(PeerLeave(peerID: id, code: .success, reason: "")), "peer 01020304 SUCCESS"),
        (
            .relayRequest(RelayRequest(requestID: 9, source: id, target: id, ttl: 3, payload: [1, 2])),
            "#9 01020304 > 01020304 ttl 3 2 octets"
        ),
        (.relayResponse(RelayResponse(requestID: 9, code: .success, relayID: id, hops: 1)), "#9 relay 01020304 1 hop"),
        (.authRequest(AuthRequest(method: .token, credentials: [1, 2, 3], timestamp: 1)), "TOKEN 3 octets"),
        (
            .authResponse(AuthResponse(code: .unauthorized, token: [], expires: 0, reason: "no")),
            "UNAUTHORIZED \"no\" token 0 octets"
        ),
        (
            .keyExchange(KeyExchange(epoch: 1, cipherSuites: [1, 2, 9], publicKey: [1], signature: [1])),
            "epoch 1 X25519 CHACHA20_POLY1305 AES_256_GCM suite 9 signed"
        ),
        (.challenge(Challenge(challengeID: 4, nonce: [1])), "#4 nonce 1 octet"),
        (.challengeResponse(ChallengeResponse(challengeID: 4, proof: [1, 2])), "#4 proof 2 octets"),
        (.extension(ExtensionHeader(extensionID: 0x0777, data: [1, 2])), "extension (0x0777) 2 octets"),
        (
            .connect(
                Connect(
                    config: ConnectionConfig(capabilities: .all, securityLevel: .encrypt), clientID: id,
                    role: .observer, name: "a\u{1B}[2J\u{202E}b",
                    auth: AuthRequest(method: .token, credentials: [], timestamp: 0))),
            "\"a␛[2J\u{FFFD}b\" OBSERVER every space ENCRYPT auth TOKEN"
        ),
    ]

    @Test("A payload is summed up without a model too", arguments: payloads)
    func sumsUpPayload(payload: Payload, expected: String) throws {
        let type = try #require(payload.type)
        let message = Message(
            header: MessageHeader(type: type, streamID: 0, sequence: 0, timestamp: 0), body: .payload(payload))
        #expect(
            MessageSummary.text(type, map: MessageDissector.dissect(message.encoded()), model: nil) == expected)
    }

    @Test("A text without end is cut")
    func cuts() {
        let payload = Payload.disconnect(
            Disconnect(category: .none, code: .timeout, reason: String(repeating: "x", count: 1000)))
        let message = Message(
            header: MessageHeader(type: .disconnect, streamID: 0, sequence: 0, timestamp: 0), body: .payload(payload))
        let text = MessageSummary.text(.disconnect, map: MessageDissector.dissect(message.encoded()), model: nil)
        #expect(text == "TIMEOUT \"" + String(repeating: "x", count: 60) + "...\"")
    }

    static let lines: [(Int, String)] = [
        (
            4,
            "     4     1.000000  10.7.1.1:40001 > 10.7.0.1:7728       1  #100     SPATIAL_UPDATE        139"
                + "  1 entity alice 3.00 4.00 0.00 5.0 m/s"
        ),
        (
            5,
            "     5     1.500000  10.7.1.1:40001 > 10.7.0.1:7728       1  #103     SPATIAL_UPDATE        172"
                + "  2 entities alice, b0b00000  [lost 2]"
        ),
        (
            14,
            "    14     6.000000  10.7.1.1:40001 > 10.7.0.1:7728       1  #104     SPATIAL_UPDATE         60"
                + "  [malformed at 2: SPATIAL_UPDATE without ADDRESS]"
        ),
        (
            16,
            "    16     6.200000  10.7.1.2:40002 > 10.7.0.1:7728       0  #0       PING                  135"
                + "  sealed, 113 octets  [no key]"
        ),
    ]

    @Test("The line of dump has columns and says what is remarkable", arguments: lines)
    func line(number: Int, expected: String) {
        #expect(Plaza.capture.heard[number - 1].line == expected)
    }

    @Test("Each mark of a message stands in its line")
    func marks() {
        let lines = Plaza.capture.heard.map(\.line)
        #expect(lines[5].hasSuffix("[dup]"))
        #expect(lines[6].hasSuffix("[reordered]"))
        #expect(lines[14].hasSuffix("[unknown type]"))
        #expect(lines[18].hasSuffix("[retransmit]"))
    }
}
