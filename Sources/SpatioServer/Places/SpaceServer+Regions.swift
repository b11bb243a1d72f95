import SpatioSession
import SpatioWire

extension SpaceServer {
    // MARK: Subscriptions

    mutating func subscribe(_ request: RegionSubscribe, _ message: Message, _ handle: SessionHandle) {
        guard let number = space(of: message, handle) else {
            return fault(handle, .unauthorized, "a subscription in no space that was joined")
        }
        guard request.updateFrequency > 0 else {
            sessions[handle]?.subscriptions[request.subscriptionID] = nil
            return
        }
        guard request.bounds.isProper, spaces[number].coordinates.tellsDistances else {
            return fault(handle, .invalidCoordinates, "a subscription of no region")
        }
        let count = sessions[handle]?.subscriptions.count ?? 0
        guard
            count < plan.limits.subscriptionsPerSession
                || sessions[handle]?.subscriptions[request.subscriptionID] != nil
        else { return fault(handle, .storageFull, "too many subscriptions") }
        generation += 1
        sessions[handle]?.subscriptions[request.subscriptionID] = Subscription(
            id: request.subscriptionID, space: number, bounds: request.bounds,
            footprint: request.bounds.footprint(in: spaces[number].coordinates), priority: request.priority,
            interval: Int64(max(request.updateFrequency, plan.limits.shortestInterval)) * 1_000_000,
            generation: generation)
        tell(handle, request.subscriptionID, generation)
    }

    /// Tells a subscriber what changed in its region since the last time, and when to do so again.
    mutating func tell(_ handle: SessionHandle, _ id: UInt32, _ generation: UInt64) {
        guard let index = sessions.index(forKey: handle),
            var subscription = sessions.values[index].subscriptions[id], subscription.generation == generation
        else { return }
        let slots = changed(in: &subscription, for: handle)
        sessions.values[index].subscriptions[id] = subscription
        add(.subscription(handle, id: id, generation: generation), at: now.monotonic + subscription.interval)
        var start = 0
        while start < slots.count {
            let end = min(start + Self.updatesPerMessage, slots.count)
            send(slots[start..<end], subscription, to: handle)
            start = end
        }
    }

    /// As many as fit into one datagram with both optional parts of each: a message that is cut is lost as a whole when
    /// one piece of it is.
    static let updatesPerMessage = 14

    /// Slots of those that changed in a region, and that somebody else moved; those that are too many go on the next
    /// time from the last one that was told, so that nobody is left out for ever.
    private func changed(in subscription: inout Subscription, for handle: SessionHandle) -> ArraySlice<Int> {
        let places = spaces[subscription.space].places
        let coordinates = spaces[subscription.space].coordinates
        let first = subscription.resume?.slot ?? 0
        let reached = subscription.resume?.told ?? places.revision
        var slots: [Int] = []
        places.visit(subscription.footprint, since: subscription.told) { slot, place in
            if slot >= first, place.revision > subscription.told, place.owner != handle,
                let depth = subscription.bounds.depth(of: place.entity.position, in: coordinates), depth >= 0
            {
                slots.append(slot)
            }
            return true
        }
        slots.sort()
        if slots.count > plan.limits.updatesPerInterval {
            subscription.resume = (slots[plan.limits.updatesPerInterval], reached)
        } else {
            subscription.resume = nil
            subscription.told = reached
        }
        return slots.prefix(plan.limits.updatesPerInterval)
    }

    private mutating func send(_ slots: ArraySlice<Int>, _ subscription: Subscription, to handle: SessionHandle) {
        let told = slots.compactMap { spaces[subscription.space].places[$0] }
        var address = spaces[subscription.space].address(at: now, around: subscription.bounds.middle)
        // The worst of all that it is made of.
        address.precision = told.reduce(0) { max($0, $1.precision) }
        address.confidence = told.reduce(1) { min($0, $1.confidence) }
        send(
            .spatialUpdate(SpatialUpdate(updates: told.map(\.entity))),
            Delivery(stream: 1, priority: subscription.priority, address: address), to: handle)
    }

    // MARK: Regions

    /// Keeps a region as a client says that it is now, and tells the others.
    mutating func take(_ update: BoundUpdate, _ message: Message, from handle: SessionHandle) {
        guard let number = space(of: message, handle), let index = sessions.index(forKey: handle) else {
            return fault(handle, .unauthorized, "a region in no space that was joined")
        }
        if let (code, reason) = message.address.flatMap({ spaces[number].fault(of: $0) }) {
            return fault(handle, code, reason)
        }
        guard update.bounds.isProper else { return fault(handle, .invalidCoordinates, "a region without an inside") }
        guard sessions.values[index].broadcasts.take(at: now.monotonic) else {
            return fault(handle, .rateLimited, "too many messages for everybody")
        }
        if let place = spaces[number].regions.firstIndex(where: { $0.update.regionID == update.regionID }) {
            if let owner = spaces[number].regions[place].owner, owner != handle {
                return fault(handle, .spatialConflict, "another client speaks for the region")
            }
            spaces[number].regions[place].update = update
        } else {
            guard sessions.values[index].regionCount < plan.limits.regionsPerSession,
                spaces[number].regions.count < plan.limits.regions
            else { return fault(handle, .storageFull, "there are too many regions") }
            sessions.values[index].regionCount += 1
            spaces[number].regions.append(Space.Region(update: update, owner: handle))
        }
        let delivery = delivery(of: update, in: number)
        for other in others(than: handle, in: number) { send(.boundUpdate(update), delivery, to: other) }
    }

    func delivery(of region: BoundUpdate, in number: Int) -> Delivery {
        Delivery(stream: 1, reliable: true, address: spaces[number].address(at: now, around: region.bounds.middle))
    }
}

extension CoordinateSystem.Kind {
    /// Whether it is known what is near what.
    var tellsDistances: Bool { self == .cartesian || self == .geodetic }
}
