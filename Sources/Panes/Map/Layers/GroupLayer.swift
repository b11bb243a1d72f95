import Inspection
import Screen
import SpatioWire

extension MapPane {
    /// Where multicast groups reach, and who of their members is there.
    func groupAreas(_ picture: inout Picture, _ context: PaneContext) -> [MapArea] {
        guard layers.contains(.groups) else { return [] }
        let known = picture.known
        var areas: [MapArea] = []
        for group in known.chronicle.peers.groups(until: known.cursor).prefix(Self.mostAreas) {
            guard let outline = visibleOutline(of: group.group.spatialBounds, in: nil, picture) else { continue }
            // Whom a server told of a group is no member where a list says who is. One can send from several places.
            let isListed = group.group.accessControl.mode == .list
            let members = Set(
                group.members.filter { !isListed || $0.ties != .told }.compactMap { $0.peer ?? client(of: $0, known) })
            var inside = 0
            for member in members {
                guard let index = known.model.entityIndex(member, space: picture.space),
                    let place = survey.place(ofEntity: index)
                else { continue }
                let position = known.model.entities[index].position
                let coordinates = known.model.entities[index].coordinates
                let isInside =
                    position.flatMap {
                        group.group.spatialBounds.depth(of: $0, in: coordinates)
                    }.map { $0 >= 0 } ?? false
                if isInside { inside += 1 }
                picture.verdicts.append((place.point, isInside ? .member : .memberOutside))
            }
            let name = "group \(String(group.id.description.prefix(8)))"
            areas.append(
                MapArea(
                    outline: outline, style: context.style(.mapMulticast), priority: MapPriority.group,
                    name: "\(name): \(inside) of \(members.count) members inside, ttl \(group.group.ttl)"))
        }
        if !areas.isEmpty { picture.shown.insert(.layer(.groups)) }
        return areas
    }

    private func client(of member: PeerChronicle.Member, _ known: Snapshot) -> UUID? {
        member.session.flatMap { known.whole.sessions.indices.contains($0) ? known.whole.sessions[$0].clientID : nil }
    }
}
