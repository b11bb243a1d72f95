import SpatioWire

/// Every part of a message by its type. The switches name every case, so that a new one has to be thought of.
extension PrivacyRewriter {
    // MARK: Before the payload

    mutating func rewrite(_ address: SpatialAddress) -> SpatialAddress {
        var address = address
        let isGeodetic = address.coordinateSystem.kind == .geodetic
        address.spaceID = id(address.spaceID)
        address.position = position(address.position, isGeodetic)
        address.precision = precision(address.precision)
        address.referenceFrame = address.referenceFrame.map { id($0) }
        address.coordinateSystem = rewrite(address.coordinateSystem)
        return address
    }

    private mutating func rewrite(_ system: CoordinateSystem) -> CoordinateSystem {
        switch system {
        case .cartesian(nil), .geodetic: return system
        case .cartesian(var parameters?):
            parameters.origin = position(parameters.origin, false)
            return .cartesian(parameters)
        case .relative(let reference, let offset):
            return .relative(reference: id(reference), offset: position(offset, false))
        case .custom(let typeID, let parameters):
            return .custom(typeID: typeID, parameters: Self.zeros(parameters))
        }
    }

    mutating func rewrite(_ form: MulticastForm, _ context: Context) -> MulticastForm {
        var form = form
        form.groupID = id(form.groupID)
        switch form.routing {
        case .flood: break
        case .spatial(let volume): form.routing = .spatial(self.volume(volume, context.isGeodetic))
        case .selective(let peers): form.routing = .selective(peers: peers.map { id($0) })
        case .gradient(let origin, let falloff):
            form.routing = .gradient(origin: position(origin, context.isGeodetic), falloff: falloff)
        }
        return form
    }

    mutating func rewrite(_ header: ExtensionHeader, _ context: Context) -> ExtensionHeader {
        var header = header
        guard let content = ExtensionContent.decode(header, schemas: context.schemas) else {
            header.data = Self.zeros(header.data)
            return header
        }
        let data = rewrite(content, context).encoded()
        // The length has 16 bits.
        header.data = data.count <= Int(UInt16.max) ? data : Self.zeros(header.data)
        return header
    }

    private mutating func rewrite(_ content: ExtensionContent, _ context: Context) -> ExtensionContent {
        switch content {
        case .query(var request):
            request.query = rewrite(request.query, context)
            return .query(request)
        case .result(let response): return .result(rewrite(response, context))
        // What software can do, and how its data is laid out, says nothing of anybody.
        case .stateSync, .manifest: return content
        case .origin(var origin):
            origin.sessionID = id(origin.sessionID)
            return .origin(origin)
        case .traceContext(var trace):
            if options.usesPseudonyms {
                trace.traceID = pseudonyms.trace(trace.traceID)
                trace.parentID = pseudonyms.trace(trace.parentID)
            }
            return .traceContext(trace)
        case .values(let values): return .values(values.map { rewrite($0, isGeodetic: context.isGeodetic) })
        }
    }

    private func rewrite(_ query: ExtendedQuery, _ context: Context) -> ExtendedQuery {
        switch query {
        case .nearest(let point, let distance):
            .nearest(point: position(point, context.isGeodetic), maxDistance: distance)
        case .radius(let center, let radius):
            .radius(center: position(center, context.isGeodetic), radius: radius)
        case .boundary(let volume): .boundary(self.volume(volume, context.isGeodetic))
        case .visibility(let frustum): .visibility(self.frustum(frustum, context.isGeodetic))
        case .custom(let type, let parameters): .custom(type, Self.zeros(parameters))
        }
    }

    // MARK: Payloads

    mutating func rewrite(_ payload: Payload, _ context: Context) -> Payload {
        switch payload {
        case .connect(let connect): return .connect(rewrite(connect))
        case .connectAck(let answer): return .connectAck(rewrite(answer))
        case .disconnect(var disconnect):
            disconnect.reason = ""
            return .disconnect(disconnect)
        case .ping, .pong: return payload
        case .spatialUpdate(let update): return .spatialUpdate(rewrite(update, context))
        case .spatialQuery(let query): return .spatialQuery(rewrite(query, context))
        case .spatialResponse(let response): return .spatialResponse(rewrite(response, context))
        case .boundUpdate(let update):
            return .boundUpdate(
                BoundUpdate(
                    regionID: id(update.regionID), entityID: update.entityID.map { id($0) },
                    bounds: volume(update.bounds, context.isGeodetic)))
        case .regionSubscribe(var subscription):
            subscription.bounds = volume(subscription.bounds, context.isGeodetic)
            return .regionSubscribe(subscription)
        case .stateSync(let sync): return .stateSync(rewrite(sync, context))
        case .stateRequest(var request):
            request.spaceID = id(request.spaceID)
            return .stateRequest(request)
        case .stateResponse(var response):
            response.sync = response.sync.map { rewrite($0, context) }
            return .stateResponse(response)
        case .deltaUpdate(var update):
            update.sync = rewrite(update.sync, context)
            return .deltaUpdate(update)
        case .conflictResolve(let conflict): return .conflictResolve(rewrite(conflict, context))
        case .peerDiscover(let peer): return .peerDiscover(rewrite(peer))
        case .peerAnnounce(let announce):
            return .peerAnnounce(
                PeerAnnounce(
                    peer: rewrite(announce.peer), endpoints: announce.endpoints.map { endpoint($0) },
                    groups: announce.groups.map { rewrite($0) }))
        case .peerLeave(let leave):
            return .peerLeave(PeerLeave(peerID: id(leave.peerID), code: leave.code, reason: ""))
        case .relayRequest(var request):
            request.source = id(request.source)
            request.target = id(request.target)
            request.payload = nested(request.payload, context)
            return .relayRequest(request)
        case .relayResponse(var response):
            response.relayID = id(response.relayID)
            return .relayResponse(response)
        case .authRequest, .authResponse, .keyExchange, .challenge, .challengeResponse: return withoutSecrets(payload)
        case .extension(let header): return .extension(rewrite(header, context))
        case .custom(let type, let data): return .custom(type: type, data: Self.zeros(data))
        case .unknown(let octets): return .unknown(Self.zeros(octets))
        }
    }

    private func withoutSecrets(_ payload: Payload) -> Payload {
        switch payload {
        case .authRequest(let request): return .authRequest(withoutSecrets(request))
        case .authResponse(var response):
            response.token = Self.zeros(response.token)
            response.reason = ""
            return .authResponse(response)
        case .keyExchange(var exchange):
            exchange.publicKey = Self.zeros(exchange.publicKey)
            exchange.signature = exchange.signature.map { Self.zeros($0) }
            return .keyExchange(exchange)
        case .challenge(var challenge):
            challenge.nonce = Self.zeros(challenge.nonce)
            return .challenge(challenge)
        case .challengeResponse(var response):
            response.proof = Self.zeros(response.proof)
            return .challengeResponse(response)
        default: return payload
        }
    }

    private func withoutSecrets(_ request: AuthRequest) -> AuthRequest {
        var request = request
        request.credentials = Self.zeros(request.credentials)
        request.signature = request.signature.map { Self.zeros($0) }
        return request
    }

    private mutating func rewrite(_ connect: Connect) -> Connect {
        var connect = connect
        connect.clientID = id(connect.clientID)
        connect.name = name(connect.name)
        connect.spaces = connect.spaces.map { id($0) }
        connect.auth = connect.auth.map { withoutSecrets($0) }
        return connect
    }

    private mutating func rewrite(_ answer: ConnectAck) -> ConnectAck {
        var answer = answer
        answer.sessionID = id(answer.sessionID)
        answer.serverID = id(answer.serverID)
        answer.spaces = answer.spaces.map { space in
            var space = space
            let isGeodetic = space.coordinateSystem.kind == .geodetic
            space.spaceID = id(space.spaceID)
            space.name = name(space.name)
            space.coordinateSystem = rewrite(space.coordinateSystem)
            space.bounds = space.bounds.map { volume($0, isGeodetic) }
            return space
        }
        answer.groups = answer.groups.map { rewrite($0) }
        answer.reason = ""
        return answer
    }

    private mutating func rewrite(_ group: MulticastGroup) -> MulticastGroup {
        var group = group
        group.groupID = id(group.groupID)
        // A group names no space; metres are the coarser of the two readings.
        group.spatialBounds = volume(group.spatialBounds, false)
        group.accessControl.members = group.accessControl.members.map { id($0) }
        group.endpoint = endpoint(group.endpoint)
        return group
    }

    // MARK: Space

    private mutating func rewrite(_ update: SpatialUpdate, _ context: Context) -> SpatialUpdate {
        SpatialUpdate(
            updates: update.updates.map { update in
                var update = update
                update.entityID = id(update.entityID)
                update.position = position(update.position, context.isGeodetic)
                update.velocity = update.velocity.map { Vector3f(length($0.x), length($0.y), length($0.z)) }
                return update
            })
    }

    private func rewrite(_ query: SpatialQuery, _ context: Context) -> SpatialQuery {
        var query = query
        let isGeodetic = context.isGeodetic
        switch query.parameters {
        case .point(let point, let tolerance):
            query.parameters = .point(position(point, isGeodetic), tolerance: tolerance)
        case .radius(let center, let radius):
            query.parameters = .radius(center: position(center, isGeodetic), radius: radius)
        case .bounds(let min, let max):
            if let box = blur?.box(min, max, isGeodetic: isGeodetic) {
                query.parameters = .bounds(min: box.min, max: box.max)
            }
        case .frustum(let frustum): query.parameters = .frustum(self.frustum(frustum, isGeodetic))
        }
        return query
    }

    private mutating func rewrite(_ response: SpatialResponse, _ context: Context) -> SpatialResponse {
        var response = response
        response.results = response.results.map { result in
            var result = result
            result.entityID = id(result.entityID)
            result.position = position(result.position, context.isGeodetic)
            result.distance = length(result.distance)
            return result
        }
        return response
    }

    // MARK: State

    private mutating func rewrite(_ sync: StateSync, _ context: Context) -> StateSync {
        var sync = sync
        let isGeodetic = context.geodetic.contains(sync.spaceID)
        sync.spaceID = id(sync.spaceID)
        sync.entries = sync.entries.map { entry in
            var entry = entry
            entry.entityID = id(entry.entityID)
            entry.fields = rewrite(entry.fields, isGeodetic: isGeodetic)
            return entry
        }
        return sync
    }

    private mutating func rewrite(_ conflict: ConflictResolve, _ context: Context) -> ConflictResolve {
        var conflict = conflict
        let isGeodetic = context.geodetic.contains(conflict.spaceID)
        conflict.spaceID = id(conflict.spaceID)
        conflict.entityID = id(conflict.entityID)
        conflict.candidates = conflict.candidates.map { candidate in
            var candidate = candidate
            candidate.nodeID = id(candidate.nodeID)
            candidate.fields = rewrite(candidate.fields, isGeodetic: isGeodetic)
            return candidate
        }
        conflict.resolved = rewrite(conflict.resolved, isGeodetic: isGeodetic)
        return conflict
    }

    /// Keys are the application's words, as those of a schema are.
    private mutating func rewrite(_ fields: [StateField], isGeodetic: Bool) -> [StateField] {
        fields.map { StateField($0.key, rewrite($0.value, isGeodetic: isGeodetic)) }
    }

    private mutating func rewrite(_ value: Value, isGeodetic: Bool) -> Value {
        switch value {
        case .null, .bool, .int, .float, .quaternion, .timestamp: value
        case .string(let text): .string(name(text))
        case .bytes(let octets): .bytes(Self.zeros(octets))
        case .vector3(let vector): .vector3(position(vector, isGeodetic))
        case .uuid(let id): .uuid(self.id(id))
        }
    }

    // MARK: Peers

    private mutating func rewrite(_ peer: PeerConfig) -> PeerConfig {
        var peer = peer
        peer.peerID = id(peer.peerID)
        switch peer.discoveryMode {
        case .broadcast: break
        case .dht(let addresses): peer.discoveryMode = .dht(bootstrap: addresses.map { endpoint($0) })
        case .rendezvous(let addresses): peer.discoveryMode = .rendezvous(servers: addresses.map { endpoint($0) })
        case .manual(let addresses): peer.discoveryMode = .manual(peers: addresses.map { endpoint($0) })
        }
        if let relay = peer.relayConfig {
            peer.relayConfig = RelayConfig(
                relayID: id(relay.relayID), endpoint: endpoint(relay.endpoint), ttl: relay.ttl)
        }
        return peer
    }
}
