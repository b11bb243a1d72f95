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
        guard let number = space(of: message, handle) else {
            return fault(
                handle, .unauthorized, "a query about no space that was joined", answerTo: .spatialQuery(query))
        }
        guard takeQuery(handle) else {
            return fault(handle, .rateLimited, "too many queries", answerTo: .spatialQuery(query))
        }
        let answer = spaces[number].places.answer(
            PlaceQuery(
                shape: query.parameters.shape, maxResults: min(Int(query.maxResults), plan.limits.results),
                work: work(within: Int(query.timeout))),
            in: spaces[number].coordinates)
        var delivery = Delivery.answer
        delivery.address = spaces[number].address(at: now)
        send(
            .spatialResponse(
                SpatialResponse(
                    queryID: query.queryID, code: answer.code, truncated: answer.truncated, results: answer.results)),
            delivery, to: handle)
    }

    /// A query of the extension spatial-query.
    mutating func answer(_ request: ExtendedQueryRequest, _ message: Message, to handle: SessionHandle) {
        var response = SpatialResponse(queryID: request.queryID, results: [])
        var delivery = Delivery.answer
        if let number = space(of: message, handle) {
            delivery.address = spaces[number].address(at: now)
            if !takeQuery(handle) {
                response.code = .rateLimited
            } else if let shape = request.query.shape {
                let answer = spaces[number].places.answer(
                    PlaceQuery(
                        shape: shape, kinds: request.kinds,
                        maxResults: min(Int(request.maxResults), plan.limits.results), work: work(within: 0)),
                    in: spaces[number].coordinates)
                response.code = answer.code
                response.truncated = answer.truncated
                response.results = answer.results
            } else {
                response.code = .extensionError
            }
        } else {
            response.code = .unauthorized
        }
        if response.code == .rateLimited || response.code == .unauthorized {
            fault(handle, response.code, "a query of the extension")
        }
        guard sessions[handle] != nil else { return }
        send(
            .extension(ExtensionHeader(extensionID: ExtensionID.spatialQuery, data: response.encodedAsExtension())),
            delivery, to: handle)
    }

    private mutating func takeQuery(_ handle: SessionHandle) -> Bool {
        guard let index = sessions.index(forKey: handle) else { return false }
        return sessions.values[index].queries.take(at: now.monotonic)
    }

    /// Milliseconds that a query without a timeout may take.
    private static let usualTimeout = 100

    private func work(within timeout: Int) -> Int {
        (timeout == 0 ? Self.usualTimeout : timeout) * plan.limits.placesPerMillisecond
    }
}
