import SpatioWire

/// Random well-formed messages of every type and form.
extension RandomValues {
    static let types = MessageType.names.map { MessageType(rawValue: $0.code) } + [MessageType(rawValue: 0x7A)]

    mutating func message(_ type: MessageType) -> Message {
        var flags = MessageFlags()
        for flag in [MessageFlags.checksum, .reliable, .ordered, .retransmit] where bool() { flags.insert(flag) }
        let header = MessageHeader(
            type: type, flags: flags, streamID: integer(UInt32.self), sequence: integer(UInt32.self),
            timestamp: integer(UInt64.self), priority: any(Priority.self))
        let (body, data) = form(of: payload(type))
        return Message(
            header: header, address: type == .spatialUpdate || bool() ? address() : nil,
            extensions: below(4) == 0 ? list { $0.extensionHeader() } : [],
            multicast: below(4) == 0 ? MulticastForm(groupID: uuid(), routing: routing()) : nil, data: data,
            body: body, signature: below(4) == 0 ? octets(16..<17) : nil)
    }

    /// The body that carries a payload: plain, in the data form, compressed, as one of several segments, or sealed.
    private mutating func form(of payload: Payload) -> (Message.Body, DataForm?) {
        switch below(6) {
        case 0: return (.payload(payload), data(.none, size: payload.encoded().count))
        case 1:
            let compression = pick([Compression.lz4, .zstd])
            let whole = compression.compress(payload.encoded())
            return (.segment(whole), data(compression, size: whole.count))
        case 2:
            let segment = octets(1..<200)
            let data = DataForm(
                compression: any(Compression.self), totalSize: UInt32(segment.count + 1000), segmentOffset: 500,
                segmentSize: UInt16(segment.count), lastSegment: false)
            return (.segment(segment), data)
        case 3: return (.sealed(octets(16..<200)), nil)
        default: return (.payload(payload), nil)
        }
    }

    private func data(_ compression: Compression, size: Int) -> DataForm {
        DataForm(
            compression: compression, totalSize: UInt32(size), segmentOffset: 0, segmentSize: UInt16(size),
            lastSegment: true)
    }

    private mutating func routing() -> RoutingStrategy {
        switch any(RoutingStrategy.Kind.self) {
        case .flood: .flood
        case .spatial: .spatial(volume())
        case .selective: .selective(peers: list { $0.uuid() })
        case .gradient: .gradient(origin: vector3(), falloff: float())
        }
    }

    mutating func payload(_ type: MessageType) -> Payload {
        switch type {
        case .connect:
            .connect(
                Connect(
                    config: config(), clientID: uuid(), role: any(PeerRole.self), name: string(),
                    spaces: list { $0.uuid() }, extensions: list { $0.offer() }, auth: maybe { $0.auth() }))
        case .connectAck:
            .connectAck(
                ConnectAck(
                    code: code(), sessionID: uuid(), serverID: uuid(), config: config(), flow: flow(),
                    spaces: list { $0.space() }, groups: list { $0.group() }, extensions: list { $0.offer() },
                    reason: string()))
        case .disconnect:
            .disconnect(
                Disconnect(category: ErrorCategory(rawValue: integer(UInt8.self)), code: code(), reason: string()))
        case .ping: .ping(ping())
        case .pong: .pong(pong())
        case .spatialUpdate: .spatialUpdate(SpatialUpdate(updates: list { $0.update() }))
        case .spatialQuery:
            .spatialQuery(
                SpatialQuery(
                    queryID: integer(UInt32.self), parameters: queryParameters(), maxResults: integer(UInt16.self),
                    timeout: integer(UInt16.self)))
        case .spatialResponse: .spatialResponse(response())
        case .boundUpdate:
            .boundUpdate(BoundUpdate(regionID: uuid(), entityID: maybe { $0.uuid() }, bounds: volume()))
        case .regionSubscribe:
            .regionSubscribe(
                RegionSubscribe(
                    subscriptionID: integer(UInt32.self), bounds: volume(), updateFrequency: integer(UInt32.self),
                    priority: any(Priority.self)))
        case .stateSync, .stateRequest, .stateResponse, .deltaUpdate, .conflictResolve: statePayload(type)
        case .peerDiscover, .peerAnnounce, .peerLeave, .relayRequest, .relayResponse: peerPayload(type)
        case .authRequest, .authResponse, .keyExchange, .challenge, .challengeResponse: securityPayload(type)
        case .extension: .extension(extensionHeader())
        case .custom: .custom(type: integer(UInt16.self), data: octets())
        default: .unknown(octets())
        }
    }

    mutating func update() -> EntityUpdate {
        EntityUpdate(
            entityID: uuid(), kind: integer(UInt16.self), position: vector3(), orientation: maybe { $0.quaternion() },
            velocity: maybe { $0.vector3f() })
    }

    private mutating func ping() -> Ping {
        Ping(
            pingID: integer(UInt32.self),
            streams: list { .init(streamID: $0.integer(UInt32.self), nextSequence: $0.integer(UInt32.self)) })
    }

    private mutating func pong() -> Pong {
        Pong(
            pingID: integer(UInt32.self), pingTimestamp: integer(UInt64.self), holdTime: integer(UInt32.self),
            flow: flow(),
            acks: list {
                .init(
                    streamID: $0.integer(UInt32.self), cumulative: $0.integer(UInt32.self),
                    missing: $0.list { .init(first: $0.integer(UInt32.self), count: $0.integer(UInt32.self)) })
            })
    }

    private mutating func queryParameters() -> SpatialQuery.Parameters {
        switch any(SpatialQuery.Parameters.Kind.self) {
        case .point: .point(vector3(), tolerance: double())
        case .radius: .radius(center: vector3(), radius: double())
        case .bounds: .bounds(min: vector3(), max: vector3())
        case .frustum: .frustum(frustum())
        }
    }

    private mutating func statePayload(_ type: MessageType) -> Payload {
        switch type {
        case .stateSync: .stateSync(sync())
        case .stateRequest:
            .stateRequest(
                StateRequest(
                    requestID: integer(UInt32.self), spaceID: uuid(), knownVersion: integer(UInt64.self),
                    mode: syncMode()))
        case .stateResponse:
            .stateResponse(
                StateResponse(requestID: integer(UInt32.self), code: code(), sync: maybe { $0.sync() }))
        case .deltaUpdate:
            .deltaUpdate(DeltaUpdate(baseVersion: integer(UInt64.self), sync: sync(delta: true)))
        default:
            .conflictResolve(
                ConflictResolve(
                    spaceID: uuid(), entityID: uuid(), version: integer(UInt64.self),
                    strategy: any(ConflictStrategy.self),
                    candidates: list {
                        .init(
                            nodeID: $0.uuid(), entityVersion: $0.integer(UInt64.self),
                            timestamp: $0.integer(UInt64.self), fields: $0.fields())
                    }, resolved: fields()))
        }
    }

    private mutating func peerPayload(_ type: MessageType) -> Payload {
        switch type {
        case .peerDiscover: .peerDiscover(peer())
        case .peerAnnounce:
            .peerAnnounce(
                PeerAnnounce(peer: peer(), endpoints: list { $0.string() }, groups: list { $0.group() }))
        case .peerLeave: .peerLeave(PeerLeave(peerID: uuid(), code: code(), reason: string()))
        case .relayRequest:
            .relayRequest(
                RelayRequest(
                    requestID: integer(UInt32.self), source: uuid(), target: uuid(), ttl: integer(UInt8.self),
                    payload: octets()))
        default:
            .relayResponse(
                RelayResponse(
                    requestID: integer(UInt32.self), code: code(), relayID: uuid(), hops: integer(UInt8.self)))
        }
    }

    private mutating func securityPayload(_ type: MessageType) -> Payload {
        switch type {
        case .authRequest: .authRequest(auth())
        case .authResponse:
            .authResponse(
                AuthResponse(code: code(), token: octets(), expires: integer(UInt64.self), reason: string()))
        case .keyExchange:
            .keyExchange(
                KeyExchange(
                    epoch: integer(UInt16.self), cipherSuites: list { $0.integer(UInt8.self) }, publicKey: octets(),
                    signature: maybe { $0.octets() }))
        case .challenge: .challenge(Challenge(challengeID: integer(UInt32.self), nonce: octets()))
        default: .challengeResponse(ChallengeResponse(challengeID: integer(UInt32.self), proof: octets()))
        }
    }
}
