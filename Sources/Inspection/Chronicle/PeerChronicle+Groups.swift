import Capture
import SpatioSession
import SpatioWire

/// What is kept of one multicast group.
struct GroupRecord: Sendable {
    struct Announcement: Sendable {
        var number: Int
        var time: Int64
        var group: MulticastGroup
        /// The peer that announced it, or the server that told of it.
        var by: UUID
        var isPeer: Bool
    }

    /// Somebody to whom a server told of the group.
    struct Told: Sendable {
        var number: Int
        var source: PeerSource
    }

    struct Sender: Sendable {
        var source: PeerSource
        var traffic = TrafficLog()
    }

    var id: UUID
    /// Whenever somebody announced it first, or otherwise than before.
    var announcements: [Announcement] = []
    var told: [Told] = []
    var toldSources: Set<PeerSource> = []
    var senders: [Sender] = []
    var senderPlaces: [PeerSource: Int] = [:]

    /// The last message that had to do with it.
    fileprivate var latest: Int {
        senders.reduce(max(announcements.last?.number ?? 0, told.last?.number ?? 0)) {
            max($0, $1.traffic.latest(until: .max)?.number ?? 0)
        }
    }

    /// Entries of the access lists of all its announcements.
    fileprivate var listEntries: Int { announcements.reduce(0) { $0 + $1.group.accessControl.members.count } }

    /// Announcements and members that are kept of one group.
    static let announcementLimit = 256
    static let memberLimit = 4_096
}

extension PeerChronicle {
    /// A multicast group, as of some message.
    package struct Group: Sendable {
        package var id: UUID
        /// As it was announced last.
        package var group: MulticastGroup
        /// The peer that announced it last, or the server that told of it.
        package var announcedBy: UUID
        package var members: [Member]
    }

    /// A group that is sent to, and that nobody has announced.
    package struct UnannouncedGroup: Sendable {
        package var id: UUID
        package var members: [Member]
    }

    /// Somebody who has to do with a group.
    package struct Member: Sendable {
        /// How that is known.
        package struct Ties: OptionSet, Hashable, Sendable {
            package var rawValue: UInt8
            package init(rawValue: UInt8) { self.rawValue = rawValue }

            /// Listed the group in a PEER_ANNOUNCE.
            package static let announces = Ties(rawValue: 1)
            /// Sent messages to it.
            package static let sends = Ties(rawValue: 2)
            /// Its access list has this peer.
            package static let listed = Ties(rawValue: 4)
            /// A server told it of the group in CONNECT_ACK.
            package static let told = Ties(rawValue: 8)
        }

        /// Nil where nobody has said yet who speaks from there.
        package var peer: UUID?
        /// From where it sent, or where it was told: index of the session in the model, and its side there.
        package var session: Int?
        package var direction: Direction?
        package var endpoint: Endpoint?
        package var ties: Ties
        /// What it sent to the group: messages, octets, the first and the last.
        package var traffic: TrafficLog?

        /// It sends to a group whose access list does not have it.
        package func isIntruder(in group: MulticastGroup) -> Bool {
            group.accessControl.mode == .list && ties.contains(.sends) && !ties.contains(.listed)
        }
    }

    /// The groups that were announced when so many messages had passed, in the order in which they were.
    package func groups(until cursor: Int) -> [Group] {
        groups.compactMap { record in
            let count = record.announcements.prefixCount { $0.number <= cursor }
            guard count > 0 else { return nil }
            let latest = record.announcements[count - 1]
            return Group(
                id: record.id, group: latest.group, announcedBy: latest.by,
                members: members(record, announcements: count, cursor))
        }
    }

    /// The groups that were sent to, and not announced, when so many messages had passed.
    package func unannouncedGroups(until cursor: Int) -> [UnannouncedGroup] {
        groups.compactMap { record in
            if let first = record.announcements.first, first.number <= cursor { return nil }
            let members = members(record, announcements: 0, cursor)
            return members.isEmpty ? nil : UnannouncedGroup(id: record.id, members: members)
        }
    }

    /// Who announced it, who sends to it, who is on its list and who was told of it, each peer once.
    private func members(_ record: GroupRecord, announcements count: Int, _ cursor: Int) -> [Member] {
        var members: [Member] = []
        var places: [UUID: Int] = [:]
        func place(_ peer: UUID?) -> Int {
            if let peer, let known = places[peer] { return known }
            members.append(Member(peer: peer, ties: []))
            if let peer { places[peer] = members.count - 1 }
            return members.count - 1
        }
        for announcement in record.announcements[..<count] where announcement.isPeer {
            members[place(announcement.by)].ties.insert(.announces)
        }
        for told in record.told where told.number <= cursor {
            let member = place(identities.peer(of: told.source, until: cursor))
            members[member].ties.insert(.told)
            members[member].take(told.source)
        }
        for sender in record.senders where sender.traffic.latest(until: cursor) != nil {
            let member = place(identities.peer(of: sender.source, until: cursor))
            members[member].ties.insert(.sends)
            members[member].take(sender.source)
            members[member].traffic = sender.traffic
        }
        if count > 0, record.announcements[count - 1].group.accessControl.mode == .list {
            for peer in record.announcements[count - 1].group.accessControl.members {
                members[place(peer)].ties.insert(.listed)
            }
        }
        return members
    }

    // MARK: Writing

    /// Groups as they were announced, each at most so many words.
    mutating func announce(
        _ announced: [MulticastGroup], by peer: UUID, isPeer: Bool, to told: PeerSource?, number: Int, time: Int64
    ) {
        for group in announced {
            let place = place(of: group.groupID)
            if let told { tell(place, told, number) }
            var group = group
            group.endpoint = String(group.endpoint.prefix(Self.Limits.textLength))
            guard groups[place].announcements.count < GroupRecord.announcementLimit,
                groups[place].announcements.last(where: { $0.by == peer })?.group != group,
                groupListEntries + group.accessControl.members.count <= Self.Limits.groupListEntries
            else { continue }
            groupListEntries += group.accessControl.members.count
            groups[place].announcements.append(
                GroupRecord.Announcement(number: number, time: time, group: group, by: peer, isPeer: isPeer))
        }
    }

    private mutating func tell(_ place: Int, _ source: PeerSource, _ number: Int) {
        guard groups[place].told.count < GroupRecord.memberLimit, groups[place].toldSources.insert(source).inserted
        else { return }
        groups[place].told.append(GroupRecord.Told(number: number, source: source))
    }

    /// A message to a group.
    mutating func send(to id: UUID, _ source: PeerSource, number: Int, time: Int64, octets: Int) {
        let place = place(of: id)
        let sender: Int
        if let known = groups[place].senderPlaces[source] {
            sender = known
        } else {
            guard groups[place].senders.count < GroupRecord.memberLimit, senders < Self.Limits.senders else {
                overflow += 1
                return
            }
            senders += 1
            sender = groups[place].senders.count
            groups[place].senders.append(GroupRecord.Sender(source: source))
            groups[place].senderPlaces[source] = sender
        }
        groups[place].senders[sender].traffic.add(number: number, time: time, octets: octets)
    }

    private mutating func place(of id: UUID) -> Int {
        if let known = groupPlaces[id] { return known }
        if groups.count >= Self.Limits.groups { forgetGroups() }
        groups.append(GroupRecord(id: id))
        groupPlaces[id] = groups.count - 1
        return groups.count - 1
    }

    /// The quarter that nothing was heard of longest.
    private mutating func forgetGroups() {
        let latest = groups.map(\.latest)
        let bound = latest.sorted()[latest.count / 4]
        overflow += groups.count
        groups = zip(groups, latest).filter { $0.1 > bound }.map(\.0)
        overflow -= groups.count
        groupPlaces = Dictionary(groups.enumerated().map { ($1.id, $0) }) { first, _ in first }
        senders = groups.reduce(0) { $0 + $1.senders.count }
        groupListEntries = groups.reduce(0) { $0 + $1.listEntries }
    }
}

extension PeerChronicle.Member {
    fileprivate mutating func take(_ source: PeerSource) {
        session = source.session
        direction = source.direction
        endpoint = source.endpoint ?? endpoint
    }
}
