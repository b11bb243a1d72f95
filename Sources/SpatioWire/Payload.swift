/// The payload of a message by its type (profile section 5).
public enum Payload: Hashable, Sendable {
    case connect(Connect)
    case connectAck(ConnectAck)
    case disconnect(Disconnect)
    case ping(Ping)
    case pong(Pong)
    case spatialUpdate(SpatialUpdate)
    case spatialQuery(SpatialQuery)
    case spatialResponse(SpatialResponse)
    case boundUpdate(BoundUpdate)
    case regionSubscribe(RegionSubscribe)
    case stateSync(StateSync)
    case stateRequest(StateRequest)
    case stateResponse(StateResponse)
    case deltaUpdate(DeltaUpdate)
    case conflictResolve(ConflictResolve)
    case peerDiscover(PeerConfig)
    case peerAnnounce(PeerAnnounce)
    case peerLeave(PeerLeave)
    case relayRequest(RelayRequest)
    case relayResponse(RelayResponse)
    case authRequest(AuthRequest)
    case authResponse(AuthResponse)
    case keyExchange(KeyExchange)
    case challenge(Challenge)
    case challengeResponse(ChallengeResponse)
    case `extension`(ExtensionHeader)
    case custom(type: UInt16, data: [UInt8])
    /// A type that the profile does not list.
    case unknown([UInt8])

    static func leftOver(_ offset: Int, _ count: Int) -> DecodeError {
        DecodeError(.octetsAfterPayload, at: offset, "\(count) octets are left over")
    }

    /// Decodes a payload to its last octet. Offsets in errors count from the first of `octets`.
    public init<R>(
        _ type: MessageType, from reader: inout WireReader<R>, schemas: ExtensionSchemas? = nil
    ) throws(DecodeError) {
        self =
            switch type {
            case .connect: .connect(try Connect(from: &reader))
            case .connectAck: .connectAck(try ConnectAck(from: &reader))
            case .disconnect: .disconnect(try Disconnect(from: &reader))
            case .ping: .ping(try Ping(from: &reader))
            case .pong: .pong(try Pong(from: &reader))
            case .spatialUpdate: .spatialUpdate(try SpatialUpdate(from: &reader))
            case .spatialQuery: .spatialQuery(try SpatialQuery(from: &reader))
            case .spatialResponse: .spatialResponse(try SpatialResponse(from: &reader))
            case .boundUpdate: .boundUpdate(try BoundUpdate(from: &reader))
            case .regionSubscribe: .regionSubscribe(try RegionSubscribe(from: &reader))
            case .stateSync: .stateSync(try StateSync(from: &reader))
            case .stateRequest: .stateRequest(try StateRequest(from: &reader))
            case .stateResponse: .stateResponse(try StateResponse(from: &reader))
            case .deltaUpdate: .deltaUpdate(try DeltaUpdate(from: &reader))
            case .conflictResolve: .conflictResolve(try ConflictResolve(from: &reader))
            case .peerDiscover: .peerDiscover(try PeerConfig(from: &reader))
            case .peerAnnounce: .peerAnnounce(try PeerAnnounce(from: &reader))
            case .peerLeave: .peerLeave(try PeerLeave(from: &reader))
            case .relayRequest: .relayRequest(try RelayRequest(from: &reader))
            case .relayResponse: .relayResponse(try RelayResponse(from: &reader))
            case .authRequest: .authRequest(try AuthRequest(from: &reader))
            case .authResponse: .authResponse(try AuthResponse(from: &reader))
            case .keyExchange: .keyExchange(try KeyExchange(from: &reader))
            case .challenge: .challenge(try Challenge(from: &reader))
            case .challengeResponse: .challengeResponse(try ChallengeResponse(from: &reader))
            case .extension: .extension(try ExtensionHeader(from: &reader, schemas: schemas))
            case .custom: .custom(type: try reader.u16("custom_type"), data: reader.rest("data"))
            default: .unknown(reader.rest("raw"))
            }
        guard reader.remaining == 0 else { throw Self.leftOver(reader.offset, reader.remaining) }
    }

    /// Decodes the payload that lies in `range` of `octets`; offsets in errors count from the first of `octets`.
    public static func decode(
        _ type: MessageType, _ octets: UnsafeRawBufferPointer, range: Range<Int>
    ) throws(DecodeError) -> Payload {
        var reader = WireReader(octets, range: range, recorder: NoRecorder())
        return try Payload(type, from: &reader)
    }

    /// The message type that carries this payload; nil for an unknown one.
    public var type: MessageType? {
        switch self {
        case .connect: .connect
        case .connectAck: .connectAck
        case .disconnect: .disconnect
        case .ping: .ping
        case .pong: .pong
        case .spatialUpdate: .spatialUpdate
        case .spatialQuery: .spatialQuery
        case .spatialResponse: .spatialResponse
        case .boundUpdate: .boundUpdate
        case .regionSubscribe: .regionSubscribe
        case .stateSync: .stateSync
        case .stateRequest: .stateRequest
        case .stateResponse: .stateResponse
        case .deltaUpdate: .deltaUpdate
        case .conflictResolve: .conflictResolve
        case .peerDiscover: .peerDiscover
        case .peerAnnounce: .peerAnnounce
        case .peerLeave: .peerLeave
        case .relayRequest: .relayRequest
        case .relayResponse: .relayResponse
        case .authRequest: .authRequest
        case .authResponse: .authResponse
        case .keyExchange: .keyExchange
        case .challenge: .challenge
        case .challengeResponse: .challengeResponse
        case .extension: .extension
        case .custom: .custom
        case .unknown: nil
        }
    }

    public func encode(into writer: inout WireWriter) {
        switch self {
        case .connect(let payload): payload.encode(into: &writer)
        case .connectAck(let payload): payload.encode(into: &writer)
        case .disconnect(let payload): payload.encode(into: &writer)
        case .ping(let payload): payload.encode(into: &writer)
        case .pong(let payload): payload.encode(into: &writer)
        case .spatialUpdate(let payload): payload.encode(into: &writer)
        case .spatialQuery(let payload): payload.encode(into: &writer)
        case .spatialResponse(let payload): payload.encode(into: &writer)
        case .boundUpdate(let payload): payload.encode(into: &writer)
        case .regionSubscribe(let payload): payload.encode(into: &writer)
        case .stateSync(let payload): payload.encode(into: &writer)
        case .stateRequest(let payload): payload.encode(into: &writer)
        case .stateResponse(let payload): payload.encode(into: &writer)
        case .deltaUpdate(let payload): payload.encode(into: &writer)
        case .conflictResolve(let payload): payload.encode(into: &writer)
        case .peerDiscover(let payload): payload.encode(into: &writer)
        case .peerAnnounce(let payload): payload.encode(into: &writer)
        case .peerLeave(let payload): payload.encode(into: &writer)
        case .relayRequest(let payload): payload.encode(into: &writer)
        case .relayResponse(let payload): payload.encode(into: &writer)
        case .authRequest(let payload): payload.encode(into: &writer)
        case .authResponse(let payload): payload.encode(into: &writer)
        case .keyExchange(let payload): payload.encode(into: &writer)
        case .challenge(let payload): payload.encode(into: &writer)
        case .challengeResponse(let payload): payload.encode(into: &writer)
        case .extension(let payload): payload.encode(into: &writer)
        case .custom(let type, let data):
            writer.u16(type)
            writer.octets.append(contentsOf: data)
        case .unknown(let octets): writer.octets.append(contentsOf: octets)
        }
    }

    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        encode(into: &writer)
        return writer.octets
    }
}
