import SpatioSession
import SpatioWire

extension SpaceServer {
    // MARK: Positions

    /// Puts entities where a client says that they are.
    mutating func take(_ update: SpatialUpdate, _ message: Message, from handle: SessionHandle) {
        guard let address = message.address else {
            return fault(handle, .invalidMessage, "a SPATIAL_UPDATE needs an address")
        }
        guard let index = sessions.index(forKey: handle), let number = spaceNumbers[address.spaceID],
            sessions.values[index].spaces.contains(number)
        else { return fault(handle, .unauthorized, "a space that was not joined") }
        if let (code, reason) = spaces[number].fault(of: address) { return fault(handle, code, reason) }
        sessions.values[index].positions[number] = address.position
        var wrong: (code: ErrorCode, reason: String)?
        for entity in update.updates {
            wrong = put(entity, address, in: number, handle, index) ?? wrong
        }
        // Once for all of a message: the others in it were taken.
        if let (code, reason) = wrong { fault(handle, code, reason) }
        if let form = message.multicast, wrong == nil {
            passOn(.spatialUpdate(update), message, form, from: handle)
        }
    }

    /// Returns what is wrong with it.
    private mutating func put(
        _ entity: EntityUpdate, _ address: SpatialAddress, in number: Int, _ handle: SessionHandle,
        _ index: Dictionary<SessionHandle, Session>.Index
    ) -> (code: ErrorCode, reason: String)? {
        if let fault = spaces[number].fault(of: entity.position) { return fault }
        let slot = spaces[number].places.slot(of: entity.entityID)
        let old = slot.flatMap { spaces[number].places[$0] }
        if let owner = old?.owner, owner != handle {
            return (.spatialConflict, "another client speaks for the entity")
        }
        let isMine = old?.owner == handle
        if !isMine {
            guard sessions.values[index].placeCount < plan.limits.entitiesPerSession,
                old != nil || spaces[number].places.count < plan.limits.entities
            else { return (.storageFull, "there are too many entities") }
        }
        let taken = spaces[number].places.put(
            Place(
                entity: entity, precision: address.precision, confidence: address.confidence, owner: handle,
                isFixture: old?.isFixture ?? false))
        if !isMine {
            sessions.values[index].placeCount += 1
            sessions.values[index].places[number, default: []].insert(taken)
        }
        return nil
    }

    // MARK: Queries

    mutating func answer(_ query: SpatialQuery, _ message: Message, to handle: SessionHandle) {
        let asked = Payload.spatialQuery(query)
        guard let number = space(of: message, handle) else {
            return fault(handle, .unauthorized, "a query about no space that was joined", answerTo: asked)
        }
        guard
            let answer = find(
                query.parameters.shape, most: Int(query.maxResults), within: Int(query.timeout), in: number, handle)
        else { return fault(handle, .rateLimited, "too many queries, or too large ones", answerTo: asked) }
        var delivery = Delivery.answer
        delivery.address = spaces[number].address(at: now)
        send(.spatialResponse(SpatialResponse(answer, to: query.queryID)), delivery, to: handle)
    }

    /// A query of the extension spatial-query.
    mutating func answer(_ request: ExtendedQueryRequest, _ message: Message, to handle: SessionHandle) {
        var delivery = Delivery.answer
        var answer = PlaceQuery.Answer()
        if let number = space(of: message, handle) {
            delivery.address = spaces[number].address(at: now)
            if let shape = request.query.shape {
                let found = find(shape, request.kinds, most: Int(request.maxResults), within: 0, in: number, handle)
                answer = found ?? PlaceQuery.Answer(code: .rateLimited)
            } else {
                answer.code = .extensionError
            }
        } else {
            answer.code = .unauthorized
        }
        if answer.code == .rateLimited || answer.code == .unauthorized {
            fault(handle, answer.code, "a query of the extension")
        }
        guard sessions[handle] != nil else { return }
        let data = SpatialResponse(answer, to: request.queryID).encodedAsExtension()
        send(.extension(ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: data)), delivery, to: handle)
    }

    /// Milliseconds that a query without a timeout may take.
    private static let usualTimeout = 100

    /// Nil: the client has asked for as much as it may.
    private mutating func find(
        _ shape: PlaceQuery.Shape, _ kinds: [UInt16] = [], most: Int, within timeout: Int, in number: Int,
        _ handle: SessionHandle
    ) -> PlaceQuery.Answer? {
        guard let index = sessions.index(forKey: handle), sessions.values[index].queries.take(at: now.monotonic) else {
            return nil
        }
        let left = sessions.values[index].looks.left(at: now.monotonic)
        guard left > 0 else { return nil }
        let work = (timeout == 0 ? Self.usualTimeout : timeout) * plan.limits.placesPerMillisecond
        let answer = spaces[number].places.answer(
            PlaceQuery(
                shape: shape, kinds: kinds, maxResults: min(most, plan.limits.results), work: min(work, left)),
            in: spaces[number].coordinates)
        _ = sessions.values[index].looks.take(answer.looked, at: now.monotonic)
        return answer
    }
}

extension SpatialResponse {
    fileprivate init(_ answer: PlaceQuery.Answer, to queryID: UInt32) {
        self.init(queryID: queryID, code: answer.code, truncated: answer.truncated, results: answer.results)
    }
}
