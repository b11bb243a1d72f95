import SpatioWire

/// One malformed datagram for each reason that a datagram can have.
enum Malformations {
    struct Sample {
        var reason: DecodeError.Reason
        var octets: [UInt8]
        /// Well-formed messages before the malformed one.
        var messages: [Outgoing] = []
    }

    /// "message over 16 MiB" is not among them: no datagram is that long.
    static func samples(spaceID: UUID, at microseconds: UInt64, _ generator: inout Generator) -> [Sample] {
        let maker = Maker(spaceID: spaceID, microseconds: microseconds)
        let entityID = generator.uuid()
        let ping = maker.message(.ping(Ping(pingID: 1)), .checksum)
        let query: [UInt8] = [0, 0, 0, 1, 0, 33] + [UInt8](repeating: 0, count: 33) + [0, 8, 1, 0]
        let samples = [
            Sample(reason: .truncated, octets: Array(ping.encoded().dropLast(5))),
            Sample(reason: .version, octets: changed(ping.encoded(), 0, 2)),
            Sample(reason: .reservedFlag, octets: changed(ping.encoded(), 2, 0x14)),
            Sample(reason: .checksum, octets: flipped(ping.encoded())),
            Sample(reason: .countPastEnd, octets: maker.raw(.ping, [0, 0, 0, 1, 0x3F])),
            Sample(reason: .octetsAfterPayload, octets: maker.raw(.ping, [0, 0, 0, 1, 0, 0xAA])),
            Sample(
                reason: .octetsAfterLastMessage, octets: ping.encoded() + [1, 2, 3],
                messages: [Outgoing(plain: ping, octets: ping.encoded())]),
            Sample(reason: .octetsAfterParameters, octets: maker.raw(.spatialQuery, query)),
            Sample(reason: .boolean, octets: maker.stateSyncWithDelta2()),
            Sample(reason: .notUTF8, octets: maker.raw(.disconnect, [0, 0, 1, 0xFF])),
            Sample(reason: .notFinite, octets: maker.update(entityID) { $0.position.x = .nan }.encoded()),
            Sample(reason: .confidence, octets: maker.addressed(entityID) { $0.confidence = 1.5 }.encoded()),
            Sample(reason: .precision, octets: maker.addressed(entityID) { $0.precision = -1 }.encoded()),
            Sample(reason: .congestionThreshold, octets: maker.pongWithThreshold(1.5)),
            Sample(reason: .updateWithoutAddress, octets: maker.raw(.spatialUpdate, [0])),
            Sample(reason: .enumValue, octets: maker.raw(.spatialQuery, [0, 0, 0, 1, 9, 0, 0, 8, 1, 0])),
            Sample(reason: .deltaUpdateNotDelta, octets: maker.deltaUpdateThatIsFull()),
            Sample(reason: .segmentSize, octets: maker.segment(stated: 9, octets: [1, 2, 3])),
            Sample(reason: .routing, octets: maker.floodWithParameters()),
            Sample(reason: .uncompressedSize, octets: maker.compressed([0xBF, 0xFF, 0xFF, 0xFF, 0])),
            Sample(reason: .compression, octets: maker.compressed([20, 0xF0, 0xFF, 0xFF])),
        ]
        return samples
    }

    private static func changed(_ octets: [UInt8], _ index: Int, _ value: UInt8) -> [UInt8] {
        var copy = octets
        copy[index] = value
        return copy
    }

    private static func flipped(_ octets: [UInt8]) -> [UInt8] {
        changed(octets, octets.count - 1, (octets.last ?? 0) ^ 0x01)
    }

    private struct Maker {
        var spaceID: UUID
        var microseconds: UInt64

        private func header(_ type: MessageType, _ flags: MessageFlags = []) -> MessageHeader {
            MessageHeader(type: type, flags: flags, streamID: 0, sequence: 0, timestamp: microseconds)
        }

        func message(_ payload: Payload, _ flags: MessageFlags = []) -> Message {
            Message(header: header(payload.type ?? .custom, flags), body: .payload(payload))
        }

        func raw(_ type: MessageType, _ payload: [UInt8]) -> [UInt8] {
            Message(header: header(type), body: .payload(.unknown(payload))).encoded()
        }

        func update(_ entityID: UUID, _ change: (inout EntityUpdate) -> Void) -> Message {
            var update = EntityUpdate(entityID: entityID, kind: 1, position: Vector3(1, 2, 0))
            change(&update)
            return Message(
                header: header(.spatialUpdate),
                address: SpatialAddress(
                    spaceID: spaceID, precision: 0.05, confidence: 0.9, timestamp: microseconds / 1000),
                body: .payload(.spatialUpdate(SpatialUpdate(updates: [update]))))
        }

        func addressed(_ entityID: UUID, _ change: (inout SpatialAddress) -> Void) -> Message {
            var message = update(entityID) { _ in }
            if var address = message.address {
                change(&address)
                message.address = address
            }
            return message
        }

        func stateSyncWithDelta2() -> [UInt8] {
            var writer = WireWriter()
            writer.uuid(spaceID)
            writer.u64(9)
            writer.u64(microseconds / 1000)
            writer.u8(2)
            writer.varint(0)
            return raw(.stateSync, writer.octets)
        }

        func pongWithThreshold(_ threshold: Float) -> [UInt8] {
            let flow = FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: threshold)
            return message(.pong(Pong(pingID: 1, pingTimestamp: microseconds, holdTime: 100, flow: flow))).encoded()
        }

        func deltaUpdateThatIsFull() -> [UInt8] {
            let sync = StateSync(
                spaceID: spaceID, version: 2, timestamp: microseconds / 1000, delta: false, entries: [])
            return message(.deltaUpdate(DeltaUpdate(baseVersion: 1, sync: sync))).encoded()
        }

        func segment(stated: UInt16, octets: [UInt8]) -> [UInt8] {
            let form = DataForm(
                compression: .none, totalSize: 100, segmentOffset: 0, segmentSize: stated, lastSegment: false)
            return Message(header: header(.stateSync), data: form, body: .segment(octets)).encoded()
        }

        func compressed(_ whole: [UInt8]) -> [UInt8] {
            let form = DataForm(
                compression: .lz4, totalSize: UInt32(whole.count), segmentOffset: 0, segmentSize: UInt16(whole.count),
                lastSegment: true)
            return Message(header: header(.stateSync), data: form, body: .segment(whole)).encoded()
        }

        /// FLOOD has no parameters.
        func floodWithParameters() -> [UInt8] {
            var writer = WireWriter()
            let plain = Message(header: header(.ping, .multicast), body: .payload(.ping(Ping(pingID: 1))))
            writer.octets = plain.encodedPrefix()
            writer.uuid(spaceID)
            writer.u8(RoutingStrategy.Kind.flood.rawValue)
            writer.bytes([1, 2])
            writer.bytes(Payload.ping(Ping(pingID: 1)).encoded())
            return writer.octets
        }
    }
}
