import SpatioSession
import SpatioWire

extension SpaceServer {
    func isMember(_ handle: SessionHandle, of groupID: UUID) -> Bool {
        group(groupID, for: handle).map { spaces[$0.space].groupMembers[groupID]?.contains(handle) ?? false } ?? false
    }

    /// A group of one of the spaces that a session has joined.
    private func group(_ id: UUID, for handle: SessionHandle) -> (space: Int, group: MulticastGroup)? {
        for number in sessions[handle]?.spaces ?? [] {
            if let group = spaces[number].plan.groups.first(where: { $0.groupID == id }) { return (number, group) }
        }
        return nil
    }

    /// A peer is in the groups that its announcement lists, as far as they let it in, and in no other.
    /// - Returns: the groups that it is in, as the plan has them
    mutating func join(_ groups: [MulticastGroup], _ handle: SessionHandle) -> [MulticastGroup] {
        let wanted = Set(groups.map(\.groupID))
        var joined: [MulticastGroup] = []
        var refused: MulticastGroup?
        for number in sessions[handle]?.spaces ?? [] {
            for group in spaces[number].plan.groups {
                let id = group.groupID
                guard wanted.contains(id), lets(handle, into: group) else {
                    if wanted.contains(id) { refused = group }
                    spaces[number].groupMembers[id]?.removeAll { $0 == handle }
                    continue
                }
                joined.append(group)
                if !(spaces[number].groupMembers[id]?.contains(handle) ?? false) {
                    spaces[number].groupMembers[id, default: []].append(handle)
                }
            }
        }
        if let refused { fault(handle, .unauthorized, "the group \(refused.groupID) is not open to this client") }
        return joined
    }

    private func lets(_ handle: SessionHandle, into group: MulticastGroup) -> Bool {
        guard let session = sessions[handle] else { return false }
        return switch group.accessControl.mode {
        case .open: true
        case .token: session.hasToken
        case .list: group.accessControl.members.contains(session.clientID)
        }
    }

    /// Passes a message on within its group, by its routing, in the group's quality.
    mutating func passOn(_ payload: Payload, _ message: Message, _ form: MulticastForm, from handle: SessionHandle) {
        guard let (number, group) = group(form.groupID, for: handle), takeBroadcast(handle) else { return }
        var delivery = passedOn(message)
        delivery.reliable = group.qos.reliable
        delivery.ordered = group.qos.ordered
        delivery.priority = group.qos.priority
        for member in spaces[number].groupMembers[form.groupID] ?? []
        where member != handle && reaches(form.routing, member, in: number) {
            send(payload, delivery, to: member)
        }
    }

    /// Whether a route leads to a member. Where somebody is not known to be, no route by place leads.
    private func reaches(_ routing: RoutingStrategy, _ member: SessionHandle, in number: Int) -> Bool {
        let coordinates = spaces[number].coordinates
        switch routing {
        case .flood: return true
        case .selective(let peers): return sessions[member].map { peers.contains($0.clientID) } ?? false
        case .spatial(let volume):
            return position(of: member, in: number).flatMap { volume.depth(of: $0, in: coordinates) }.map { $0 >= 0 }
                ?? false
        case .gradient(let origin, let falloff):
            return position(of: member, in: number).flatMap { origin.distance(to: $0, in: coordinates) }.map {
                $0 <= Double(falloff)
            } ?? false
        }
    }

    /// Where a client is: the entity with its own number, else where its last message says that it is.
    func position(of handle: SessionHandle, in number: Int) -> Vector3? {
        guard let session = sessions[handle] else { return nil }
        if let slot = spaces[number].places.slot(of: session.clientID), let place = spaces[number].places[slot],
            place.owner == handle
        {
            return place.entity.position
        }
        return session.positions[number]
    }
}
