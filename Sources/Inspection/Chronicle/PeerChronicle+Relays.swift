import SpatioSession
import SpatioWire

/// One way on which messages are relayed: from whom to whom, and between which two the request went.
struct RelayLegKey: Hashable, Sendable {
    var source, target: UUID
    /// The session of the request and the side that sent it.
    var session: Int
    var side: Direction
}

/// What is kept of one way.
struct RelayLegRecord: Sendable {
    var key: RelayLegKey
    /// The first request; what earlier ones say of this place was another way.
    let since: Int
    var sender: PeerSource
    var receiver: PeerSource
    /// The octets are those of the messages within.
    var requests = TrafficLog()
    /// The octets are microseconds between request and answer.
    var passed = TrafficLog()
    var refused = TrafficLog()
    /// Each type within, with the message that had it first.
    var types: [(number: Int, type: MessageType?)] = []
    /// Each relay that answered, with the message that said so first.
    var relays: [(number: Int, id: UUID)] = []

    /// The last request.
    fileprivate var latest: Int { requests.latest(until: .max)?.number ?? since }

    /// Relays that are known of one way.
    static let relayLimit = 16
}

/// One RELAY_REQUEST and its answer.
struct RelayRequestRecord: Sendable {
    var number: Int
    var time: Int64
    var leg: Int
    var requestID: UInt32
    var ttl: UInt8
    /// Octets of the message within, and its type; nil where it is no message.
    var size: Int
    var type: MessageType?
    var answer: PeerChronicle.RelayRequest.Answer?
}

extension PeerChronicle {
    /// A way on which messages are relayed, as of some message.
    package struct RelayLeg: Sendable {
        package var source, target: UUID
        /// Who sent the requests and who got them; nil where nobody has said yet who that is.
        package var sender, receiver: UUID?
        /// Index of the session of the requests.
        package var session: Int
        package var side: Direction
        /// The last request, from 1.
        package var message: Int
        /// The place of this way among all, for `relayRequests`.
        package var place: Int
        package var requests: Int
        /// Octets of the messages within.
        package var octets: UInt64
        /// Answered with SUCCESS, and with anything else.
        package var passed, refused: Int
        /// The usual time to an answer, seconds; nil where there was none.
        package var responseTime: Double?
        /// Types of the messages within; nil for what is no message.
        package var types: [MessageType?]
        package var relays: [UUID]
        /// Capture time of the last request.
        package var last: Int64
    }

    /// A RELAY_REQUEST and its answer, as of some message.
    package struct RelayRequest: Sendable {
        package struct Answer: Sendable {
            package var number: Int
            /// Seconds behind the request.
            package var delay: Double
            package var code: ErrorCode
            package var relay: UUID
            package var hops: UInt8
        }

        package var number: Int
        package var time: Int64
        package var requestID: UInt32
        package var ttl: UInt8
        package var size: Int
        package var type: MessageType?
        package var answer: Answer?
    }

    /// Who had relayed what to whom when so many messages had passed, in the order of the first requests.
    package func relayLegs(until cursor: Int) -> [RelayLeg] {
        legs.indices.sorted { legs[$0].since < legs[$1].since }.compactMap { place in
            let leg = legs[place]
            guard let requests = leg.requests.latest(until: cursor) else { return nil }
            let passed = leg.passed.latest(until: cursor)
            let refused = leg.refused.latest(until: cursor)
            let answers = (passed?.messages ?? 0) + (refused?.messages ?? 0)
            let waited = (passed?.octets ?? 0) + (refused?.octets ?? 0)
            return RelayLeg(
                source: leg.key.source, target: leg.key.target,
                sender: identities.peer(of: leg.sender, until: cursor),
                receiver: identities.peer(of: leg.receiver, until: cursor), session: leg.key.session,
                side: leg.key.side, message: requests.number, place: place, requests: requests.messages,
                octets: requests.octets,
                passed: passed?.messages ?? 0, refused: refused?.messages ?? 0,
                responseTime: answers > 0 ? Double(waited) / 1e6 / Double(answers) : nil,
                types: leg.types.filter { $0.number <= cursor }.map(\.type),
                relays: leg.relays.filter { $0.number <= cursor }.map(\.id), last: requests.time)
        }
    }

    /// The last requests of a way, the newest first; at most so many, looked for among the newest of all.
    package func relayRequests(of place: Int, until cursor: Int, limit: Int) -> [RelayRequest] {
        var found: [RelayRequest] = []
        let count = relayRequests.partitionPoint { $0.number <= cursor }
        for position in (max(relayRequests.start, count - Self.lookedThrough)..<count).reversed()
        where found.count < limit {
            let record = relayRequests[position]
            guard record.number >= legs[place].since else { break }
            guard record.leg == place else { continue }
            let answer = record.answer.flatMap { $0.number <= cursor ? $0 : nil }
            found.append(
                RelayRequest(
                    number: record.number, time: record.time, requestID: record.requestID, ttl: record.ttl,
                    size: record.size, type: record.type, answer: answer))
        }
        return found
    }

    /// Requests that are looked through for those of one way: what a frame can afford.
    private static let lookedThrough = 4_096

    // MARK: Writing

    /// Returns the place of the request, for its answer; nil where it is not kept.
    mutating func relay(
        _ request: SpatioWire.RelayRequest, from sender: PeerSource, to receiver: PeerSource, number: Int, time: Int64
    ) -> (leg: Int, request: Int?)? {
        _ = place(of: request.source, number: number, time: time)
        _ = place(of: request.target, number: number, time: time)
        let key = RelayLegKey(
            source: request.source, target: request.target, session: sender.session, side: sender.direction)
        guard let leg = leg(key, sender, receiver, number) else { return nil }
        let type = request.payload.withUnsafeBytes { try? Envelope.decode($0) }?.header.type
        legs[leg].requests.add(number: number, time: time, octets: request.payload.count)
        // There are no more than 256 types.
        if !legs[leg].types.contains(where: { $0.type == type }) { legs[leg].types.append((number, type)) }
        overflow += relayRequests.keepNewest(Limits.relayRequests)
        relayRequests.append(
            RelayRequestRecord(
                number: number, time: time, leg: leg, requestID: request.requestID, ttl: request.ttl,
                size: request.payload.count, type: type))
        return (leg, relayRequests.count - 1)
    }

    mutating func answer(
        _ response: RelayResponse, leg: Int, request: Int?, asked: Moment, number: Int, time: Int64
    ) {
        // Another way may be in the place of the one that was asked.
        guard asked.message >= legs[leg].since else { return }
        let delay = max(0, (Double(time) - Double(asked.time)) / 1e9)
        let microseconds = Int(clamping: Int64(delay * 1e6))
        if response.code == .success {
            legs[leg].passed.add(number: number, time: time, octets: microseconds)
        } else {
            legs[leg].refused.add(number: number, time: time, octets: microseconds)
        }
        if legs[leg].relays.count < RelayLegRecord.relayLimit,
            !legs[leg].relays.contains(where: { $0.id == response.relayID })
        {
            legs[leg].relays.append((number, response.relayID))
        }
        _ = place(of: response.relayID, number: number, time: time)
        guard let request, var record = relayRequests.at(request) else { return }
        record.answer = RelayRequest.Answer(
            number: number, delay: delay, code: response.code, relay: response.relayID, hops: response.hops)
        relayRequests.replace(request, with: record)
    }

    private mutating func leg(_ key: RelayLegKey, _ sender: PeerSource, _ receiver: PeerSource, _ number: Int) -> Int? {
        if let known = legPlaces[key] { return known }
        let leg = RelayLegRecord(key: key, since: number, sender: sender, receiver: receiver)
        guard legs.count >= Limits.relayLegs else {
            legs.append(leg)
            legPlaces[key] = legs.count - 1
            return legs.count - 1
        }
        guard let place = silentLeg() else { return nil }
        overflow += 1
        legPlaces[legs[place].key] = nil
        legs[place] = leg
        legPlaces[key] = place
        return place
    }

    /// The place of a way that has been silent for long.
    private mutating func silentLeg() -> Int? {
        if silentLegs.isEmpty {
            let bySilence = legs.indices.map { (place: $0, latest: legs[$0].latest) }.sorted { $0.latest < $1.latest }
            silentLegs = bySilence.prefix(max(1, bySilence.count / 4)).reversed()
        }
        while let silent = silentLegs.popLast() {
            // It may have been heard of since; the last of all is as good as any.
            if legs[silent.place].latest == silent.latest || silentLegs.isEmpty { return silent.place }
        }
        return nil
    }
}
