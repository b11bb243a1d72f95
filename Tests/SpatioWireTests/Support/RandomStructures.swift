import SpatioWire

/// Random structures that several messages share.
extension RandomValues {
    mutating func coordinateSystem() -> CoordinateSystem {
        switch any(CoordinateSystem.Kind.self) {
        case .cartesian: .cartesian(maybe { .init(origin: $0.vector3(), scale: $0.float()) })
        case .geodetic: .geodetic(maybe { .init(datum: $0.string(), precision: $0.float()) })
        case .relative: .relative(reference: uuid(), offset: vector3())
        case .custom: .custom(typeID: integer(UInt16.self), parameters: octets())
        }
    }

    mutating func address() -> SpatialAddress {
        SpatialAddress(
            spaceID: uuid(), coordinateSystem: coordinateSystem(), position: vector3(),
            orientation: maybe { $0.quaternion() }, precision: float().magnitude, confidence: share(),
            timestamp: integer(UInt64.self), referenceFrame: maybe { $0.uuid() })
    }

    mutating func frustum() -> Frustum {
        Frustum(
            apex: vector3(), orientation: quaternion(), fovY: float(), aspect: float(), near: float(), far: float())
    }

    mutating func volume() -> BoundingVolume {
        switch any(BoundingVolume.Tag.self) {
        case .box: .box(min: vector3(), max: vector3())
        case .sphere: .sphere(center: vector3(), radius: double())
        case .frustum: .frustum(frustum())
        }
    }

    mutating func flow() -> FlowControl {
        FlowControl(
            windowSize: integer(UInt32.self), rateLimit: integer(UInt32.self), congestionThreshold: share())
    }

    mutating func config() -> ConnectionConfig {
        ConnectionConfig(
            version: integer(UInt8.self), capabilities: Capabilities(rawValue: integer(UInt32.self)),
            maxMessageSize: integer(UInt32.self), compression: any(Compression.self),
            securityLevel: any(SecurityLevel.self))
    }

    mutating func offer() -> ExtensionOffer {
        ExtensionOffer(extensionID: integer(UInt16.self), version: version())
    }

    mutating func space() -> SpaceInfo {
        SpaceInfo(
            spaceID: uuid(), name: string(), coordinateSystem: coordinateSystem(), bounds: maybe { $0.volume() },
            stateVersion: integer(UInt64.self))
    }

    mutating func group() -> MulticastGroup {
        MulticastGroup(
            groupID: uuid(), spatialBounds: volume(), ttl: integer(UInt8.self),
            qos: QualityOfService(reliable: bool(), ordered: bool(), priority: any(Priority.self), flow: flow()),
            accessControl: AccessControl(mode: any(AccessMode.self), members: list { $0.uuid() }), endpoint: string())
    }

    mutating func peer() -> PeerConfig {
        PeerConfig(
            peerID: uuid(),
            capabilities: PeerCapabilities(
                spatialRange: float(), maxConnections: integer(UInt16.self), bandwidth: integer(UInt32.self),
                roles: list { $0.any(PeerRole.self) }),
            discoveryMode: discoveryMode(),
            relayConfig: maybe { RelayConfig(relayID: $0.uuid(), endpoint: $0.string(), ttl: $0.integer(UInt8.self)) })
    }

    private mutating func discoveryMode() -> DiscoveryMode {
        switch any(DiscoveryMode.Kind.self) {
        case .broadcast: .broadcast
        case .dht: .dht(bootstrap: list { $0.string() })
        case .rendezvous: .rendezvous(servers: list { $0.string() })
        case .manual: .manual(peers: list { $0.string() })
        }
    }

    mutating func auth() -> AuthRequest {
        AuthRequest(
            method: any(AuthMethod.self), credentials: octets(), timestamp: integer(UInt64.self),
            signature: maybe { $0.octets() })
    }

    mutating func value() -> Value {
        switch any(Value.Tag.self) {
        case .null: .null
        case .bool: .bool(bool())
        case .int: .int(integer(Int64.self))
        case .float: .float(double())
        case .string: .string(string())
        case .bytes: .bytes(octets())
        case .vector3: .vector3(vector3())
        case .quaternion: .quaternion(quaternion())
        case .uuid: .uuid(uuid())
        case .timestamp: .timestamp(integer(UInt64.self))
        }
    }

    mutating func fields() -> [StateField] { list { StateField($0.string(), $0.value()) } }

    mutating func sync(delta: Bool? = nil) -> StateSync {
        StateSync(
            spaceID: uuid(), version: integer(UInt64.self), timestamp: integer(UInt64.self), delta: delta ?? bool(),
            entries: list {
                StateSyncEntry(
                    change: $0.any(StateChange.self), entityID: $0.uuid(), entityVersion: $0.integer(UInt64.self),
                    fields: $0.fields())
            })
    }

    mutating func syncMode() -> SyncMode {
        switch any(SyncMode.Kind.self) {
        case .full: .full
        case .delta: .delta
        case .incremental: .incremental
        case .custom: .custom(integer(UInt16.self))
        }
    }

    mutating func extensionHeader() -> ExtensionHeader {
        switch below(6) {
        case 0: known(ExtensionID.spatialQuery, extendedQuery().encoded())
        case 1: known(ExtensionID.spatialQuery, response().encodedAsExtension())
        case 2:
            known(
                ExtensionID.stateSync,
                StateSyncCapabilities(
                    syncModes: list { $0.syncMode() }, deltaCompression: bool(),
                    conflictResolution: any(ConflictStrategy.self)
                ).encoded())
        case 3:
            known(
                ExtensionID.origin,
                Origin(sessionID: uuid(), direction: any(OriginDirection.self), seen: integer(UInt64.self)).encoded())
        case 4: known(ExtensionID.manifest, manifest().encoded())
        default:
            // Also known extensions with data that means nothing.
            known(pick([ExtensionID.traceContext, ExtensionID.stateSync, integer(UInt16.self)]), octets())
        }
    }

    private mutating func known(_ id: UInt16, _ data: [UInt8]) -> ExtensionHeader {
        ExtensionHeader(extensionID: id, version: integer(UInt8.self), flags: integer(UInt8.self), data: data)
    }

    mutating func manifest() -> ExtensionManifest {
        ExtensionManifest(
            id: integer(UInt16.self), name: string(), type: any(ExtensionType.self), version: version(),
            status: any(ExtensionStatus.self), dependencies: list { $0.offer() },
            schema: maybe {
                $0.list { SchemaField($0.string(), $0.pick(Value.Tag.allCases.filter { $0 != .null })) }
            })
    }

    mutating func extendedQuery() -> ExtendedQueryRequest {
        let query: ExtendedQuery =
            switch any(ExtendedQuery.Tag.self) {
            case .nearest: .nearest(point: vector3(), maxDistance: double())
            case .radius: .radius(center: vector3(), radius: double())
            case .boundary: .boundary(volume())
            case .visibility: .visibility(frustum())
            case .custom: .custom(integer(UInt16.self), octets())
            }
        return ExtendedQueryRequest(
            queryID: integer(UInt32.self), query: query, maxResults: integer(UInt32.self),
            kinds: list { $0.integer(UInt16.self) })
    }

    mutating func response() -> SpatialResponse {
        SpatialResponse(
            queryID: integer(UInt32.self), code: code(), truncated: bool(),
            results: list {
                .init(
                    entityID: $0.uuid(), kind: $0.integer(UInt16.self), position: $0.vector3(), distance: $0.float())
            })
    }
}
