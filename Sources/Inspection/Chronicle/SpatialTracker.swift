import SpatioSession
import SpatioWire

/// Follows the messages that write the spatial chronicle.
struct SpatialTracker {
    private struct SubscriptionKey: Hashable {
        var subscriber: Direction
        var id: UInt32
    }

    private struct QueryKey: Hashable {
        var session: Int
        var asker: Direction
        var isExtended: Bool
        var id: UInt32
    }

    /// Queries without an answer that are remembered for one that comes late.
    private static let openLimit = 16_384
    /// Findings with one message: the rest come with the next ones, so that a stop of an hour is no burst.
    private static let expiriesPerMessage = 8
    /// Spaces that are searched for the one that somebody without an address is in.
    private static let spaceSearch = 64

    /// Places in the chronicle of what holds: of each session its subscriptions.
    private var subscriptions: [Int: [SubscriptionKey: Int]] = [:]
    /// Queries that an answer would belong to.
    private var queries: [QueryKey: Int] = [:]
    /// Places of queries whose time runs, in the order of their deadlines.
    private var waiting: [(deadline: Int64, place: Int)] = []
    /// The session that each flow was in last.
    private var flowSessions: [Int: Int] = [:]
    /// Of sessions that have subscriptions, with which message they began.
    private var sessionStarts: [Int: Int] = [:]
    /// A message captured after it shows that an answer did not come.
    private(set) var nextDeadline = Int64.max

    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout SpatialChronicle
    ) {
        if arrival.time > nextDeadline { outcome.findings += expire(arrival, model, &chronicle) }
        guard let payload = outcome.payload, let session = outcome.session, let direction = outcome.direction else {
            return
        }
        let moment = Moment(message: arrival.number, time: arrival.time)
        if let start = sessionStarts[session], start != model.sessions[session].since {
            // Another session is in its place.
            endSubscriptions(of: session, moment, &chronicle)
        }
        switch payload {
        case .connect: follow(session, moment, model, &chronicle)
        case .disconnect: endSubscriptions(of: session, moment, &chronicle)
        case .regionSubscribe(let request): subscribe(request, session, direction, moment, outcome, model, &chronicle)
        case .spatialQuery(let query):
            ask(
                AskedQuery(
                    id: query.queryID, kind: query.parameters.kind.name, isExtended: false, session: session,
                    asker: direction, stream: outcome.stream, space: space(outcome, model),
                    coordinates: coordinates(outcome, model), footprint: query.parameters.footprint,
                    maxResults: UInt32(query.maxResults), timeout: query.timeout == 0 ? nil : UInt32(query.timeout),
                    asked: moment), &chronicle)
        case .spatialResponse(let response):
            answer(response, isExtended: false, session, direction, moment, &chronicle)
        case .extension(let header) where header.extensionID == ExtensionID.spatialQuery:
            switch try? SpatialQueryMessage.decode(header.data) {
            case .query(let request):
                ask(
                    AskedQuery(
                        id: request.queryID, kind: request.query.name, isExtended: true, session: session,
                        asker: direction, stream: outcome.stream, space: space(outcome, model),
                        coordinates: coordinates(outcome, model), footprint: request.query.footprint,
                        maxResults: request.maxResults, timeout: nil, asked: moment), &chronicle)
            case .result(let response):
                answer(response, isExtended: true, session, direction, moment, &chronicle)
            case nil: break
            }
        default: break
        }
    }

    // MARK: Where

    /// The space that a message is about: that of its address; else the only one, or the one that the client is in.
    private func space(_ outcome: borrowing MessageOutcome, _ model: borrowing Model) -> Int? {
        if let space = outcome.space { return space }
        if model.spaces.count == 1 { return 0 }
        guard let session = outcome.session, let id = model.sessions[session].clientID else { return nil }
        return model.spaces.indices.prefix(Self.spaceSearch).first { model.entityIndex(id, space: $0) != nil }
    }

    private func coordinates(_ outcome: borrowing MessageOutcome, _ model: borrowing Model) -> CoordinateSystem.Kind {
        space(outcome, model).flatMap { model.spaces[$0].coordinates } ?? .cartesian
    }

    // MARK: Subscriptions

    /// A new session on a flow ends the one before.
    private mutating func follow(
        _ session: Int, _ moment: Moment, _ model: borrowing Model, _ chronicle: inout SpatialChronicle
    ) {
        let before = flowSessions.updateValue(session, forKey: model.sessions[session].flow)
        if let before, before != session { endSubscriptions(of: before, moment, &chronicle) }
    }

    private mutating func endSubscriptions(of session: Int, _ moment: Moment, _ chronicle: inout SpatialChronicle) {
        sessionStarts[session] = nil
        for place in subscriptions.removeValue(forKey: session)?.values.sorted() ?? [] {
            Self.end(place, .sessionEnded, moment, &chronicle)
        }
    }

    private static func end(
        _ place: Int, _ ending: RegionSubscription.Ending, _ moment: Moment, _ chronicle: inout SpatialChronicle
    ) {
        guard var subscription = chronicle.subscriptions.at(place) else { return }
        subscription.end = (moment, ending)
        chronicle.subscriptions.replace(place, with: subscription)
    }

    private mutating func subscribe(
        _ request: RegionSubscribe, _ session: Int, _ direction: Direction, _ moment: Moment,
        _ outcome: borrowing MessageOutcome, _ model: borrowing Model, _ chronicle: inout SpatialChronicle
    ) {
        let key = SubscriptionKey(subscriber: direction, id: request.subscriptionID)
        let space = space(outcome, model)
        if let place = subscriptions[session]?[key], let known = chronicle.subscriptions.at(place) {
            // Mirrored or said once more, it is the same.
            if known.bounds == request.bounds, known.interval == request.updateFrequency, known.space == space {
                return
            }
            subscriptions[session]?.removeValue(forKey: key)
            Self.end(place, request.updateFrequency == 0 ? .cancelled : .replaced, moment, &chronicle)
        }
        guard request.updateFrequency > 0 else { return }
        makeRoomForSubscription(&chronicle)
        sessionStarts[session] = model.sessions[session].since
        subscriptions[session, default: [:]][key] = chronicle.subscriptions.count
        chronicle.subscriptions.append(
            RegionSubscription(
                id: request.subscriptionID, session: session, subscriber: direction, space: space,
                coordinates: coordinates(outcome, model), bounds: request.bounds, interval: request.updateFrequency,
                priority: request.priority, begun: moment))
    }

    private mutating func makeRoomForSubscription(_ chronicle: inout SpatialChronicle) {
        let gone = chronicle.subscriptions.keepNewest(SpatialChronicle.limit)
        guard gone > 0 else { return }
        chronicle.forgotten += gone
        let first = chronicle.subscriptions.start
        for session in subscriptions.keys {
            let kept = subscriptions[session]?.filter { $0.value >= first } ?? [:]
            subscriptions[session] = kept.isEmpty ? nil : kept
        }
        sessionStarts = sessionStarts.filter { subscriptions[$0.key] != nil }
    }

    // MARK: Queries

    private mutating func ask(_ query: AskedQuery, _ chronicle: inout SpatialChronicle) {
        let key = QueryKey(
            session: query.session, asker: query.asker, isExtended: query.isExtended, id: query.id)
        if let place = queries[key], let known = chronicle.queries.at(place) {
            // Mirrored or repeated while its time runs, it is the same.
            if known.expired == nil, known.footprint == query.footprint { return }
        }
        if queries.count >= Self.openLimit { forgetExpired(chronicle) }
        guard queries.count < Self.openLimit else {
            chronicle.forgotten += 1
            return
        }
        chronicle.forgotten += chronicle.queries.keepNewest(SpatialChronicle.limit)
        let place = chronicle.queries.count
        queries[key] = place
        chronicle.queries.append(query)
        let deadline = query.deadline
        waiting.insert((deadline, place), at: waiting.partitionPoint { $0.deadline <= deadline })
        nextDeadline = waiting[0].deadline
    }

    /// Makes room: what has waited beyond its timeout is not waited for any longer.
    private mutating func forgetExpired(_ chronicle: borrowing SpatialChronicle) {
        queries = queries.filter { entry in chronicle.queries.at(entry.value).map { $0.expired == nil } ?? false }
    }

    private mutating func answer(
        _ response: SpatialResponse, isExtended: Bool, _ session: Int, _ direction: Direction, _ moment: Moment,
        _ chronicle: inout SpatialChronicle
    ) {
        let key = QueryKey(
            session: session, asker: direction.opposite, isExtended: isExtended, id: response.queryID)
        guard let place = queries.removeValue(forKey: key), var query = chronicle.queries.at(place) else { return }
        query.answer = AskedQuery.Answer(
            moment: moment, code: response.code, isTruncated: response.truncated, results: response.results.count)
        chronicle.queries.replace(place, with: query)
        stopWaiting(place, deadline: query.deadline)
    }

    private mutating func stopWaiting(_ place: Int, deadline: Int64) {
        let start = waiting.partitionPoint { $0.deadline < deadline }
        guard
            let found = waiting[start...].prefix(while: { $0.deadline == deadline }).firstIndex(where: {
                $0.place == place
            })
        else { return }
        waiting.remove(at: found)
        nextDeadline = waiting.first?.deadline ?? .max
    }

    // MARK: What does not come

    /// The findings about queries whose time was over before a message came.
    mutating func expire(
        _ arrival: borrowing MessageArrival, _ model: borrowing Model, _ chronicle: inout SpatialChronicle
    ) -> [Finding] {
        var findings: [Finding] = []
        let time = arrival.time
        let late = waiting.prefix(Self.expiriesPerMessage).prefix { $0.deadline < time }
        for (_, place) in late {
            guard var query = chronicle.queries.at(place) else { continue }
            query.expired = arrival.number
            chronicle.queries.replace(place, with: query)
            findings.append(Self.finding(query, arrival, model))
        }
        waiting.removeFirst(late.count)
        nextDeadline = waiting.first?.deadline ?? .max
        return findings
    }

    private static func finding(
        _ query: AskedQuery, _ arrival: borrowing MessageArrival, _ model: borrowing Model
    ) -> Finding {
        let time = query.timeout.map { "its \($0) ms" } ?? "\(AskedQuery.usualTimeout) ms; it states no timeout"
        var finding = Finding(
            rule: .unansweredQuery, message: query.asked.message, detected: arrival.number, time: arrival.time,
            text: "\(query.kind) query \(query.id) got no response within \(time)")
        finding.stream = query.stream
        finding.space = query.space
        finding.entity = query.asker == .client ? model.sessions[query.session].clientID : nil
        return finding
    }
}

extension Array {
    /// How many elements, from the first on, are `inside`; those that are must all come before those that are not.
    fileprivate func partitionPoint(_ inside: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if inside(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension SpatialQuery.Parameters {
    /// The part of space that is asked about: of a POINT the sphere of its tolerance.
    package var footprint: BoundingVolume {
        switch self {
        case .point(let point, let tolerance): .sphere(center: point, radius: tolerance)
        case .radius(let center, let radius): .sphere(center: center, radius: radius)
        case .bounds(let low, let high): .box(min: low, max: high)
        case .frustum(let frustum): .frustum(frustum)
        }
    }
}

extension ExtendedQuery {
    /// As the profile calls it.
    package var name: String {
        switch self {
        case .nearest: Tag.nearest.name
        case .radius: Tag.radius.name
        case .boundary: Tag.boundary.name
        case .visibility: Tag.visibility.name
        case .custom: Tag.custom.name
        }
    }

    /// The part of space that is asked about; nil where only the asker knows.
    package var footprint: BoundingVolume? {
        switch self {
        case .nearest(let point, let distance): .sphere(center: point, radius: distance)
        case .radius(let center, let radius): .sphere(center: center, radius: radius)
        case .boundary(let volume): volume
        case .visibility(let frustum): .frustum(frustum)
        case .custom: nil
        }
    }
}
