import SpatioWire

/// What an answer to a query should list, by what was known when it was asked, and what it lists.
///
/// Known is where the model at the clock has each entity that was not heard of since; for the others, what the last
/// messages before the query said. Who stands so near to the edge that his precision and speed leave it open is accused
/// of nothing.
package struct QueryTruth: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Inside, and in the answer.
        case found
        /// Inside, and not in the answer, which had room.
        case missed
        /// In the answer, and outside, or of a kind that was not asked for.
        case extra
        /// Inside, and left out because `max_results` was reached.
        case cut
    }

    /// Before the query: what is older is as good as unknown. Nanoseconds.
    package static let window: Int64 = 10_000_000_000
    package static let messageLimit = 4_000
    package static let reach = 200_000

    package private(set) var verdicts: [UUID: Verdict] = [:]
    /// Where the answer says that each of its entities is, in the order in which it lists them.
    package private(set) var results: [(entity: UUID, position: Vector3)] = []
    /// Entities of which it is certain that they were inside.
    package private(set) var expected = 0
    /// Not all messages of the window could be gone through, so that entities may be missing among the expected.
    package private(set) var isCut = false

    package func count(of verdict: Verdict) -> Int { verdicts.values.count { $0 == verdict } }
}

extension Snapshot {
    /// The truth about a query (its place in the chronicle) that was asked before the clock: what is expected, and once
    /// it is answered, how the answer compares. Nil where there is no footprint to judge by. It takes up to some
    /// milliseconds: keep it until the clock moves.
    package func truth(ofQuery place: Int) -> QueryTruth? {
        let query = chronicle.spatial.queries[place]
        guard let footprint = query.footprint, let space = query.space,
            query.coordinates == .cartesian || query.coordinates == .geodetic
        else { return nil }
        var work = QueryWork(query, footprint, space: space)
        return work.truth(self)
    }
}

/// On the way to a truth.
private struct QueryWork {
    /// How deep inside an entity was, at least and at most, while the query was on its way.
    private struct Depth {
        var least, most: Double
        var kind: UInt16?

        var isCertainlyInside: Bool { least > 0 }
        var isCertainlyOutside: Bool { most < 0 }
    }

    private let query: AskedQuery
    private let footprint: BoundingVolume
    private let space: Int
    private var known: [UUID: Depth] = [:]

    init(_ query: AskedQuery, _ footprint: BoundingVolume, space: Int) {
        self.query = query
        self.footprint = footprint
        self.space = space
    }

    mutating func truth(_ snapshot: Snapshot) -> QueryTruth {
        var truth = QueryTruth()
        let answer = query.answer(until: snapshot.cursor)
        let isCut = readAround(snapshot, until: answer?.moment.message ?? query.asked.message)
        readModel(snapshot)
        var kinds: [UInt16] = []
        if query.isExtended, case .extension(let header)? = snapshot.payload(of: query.asked.message - 1)?.payload,
            case .query(let request)? = try? SpatialQueryMessage.decode(header.data)
        {
            kinds = request.kinds
        }
        let asker =
            query.asker == .client
            ? snapshot.model.session(query.session, toldBy: query.asked.message)?.clientID : nil
        let inside = known.filter { id, depth in
            depth.isCertainlyInside && id != asker && (kinds.isEmpty || depth.kind.map(kinds.contains) ?? false)
        }
        truth.set(expected: inside.count, isCut: isCut)
        guard let answer, let response = response(answer, snapshot) else { return truth }
        let listed = Set(response.results.map(\.entityID))
        // Whoever gets as many as he wanted cannot complain of others.
        let isFull = response.results.count >= Int(query.maxResults)
        for id in inside.keys { truth.add(listed.contains(id) ? .found : isFull ? .cut : .missed, id) }
        for result in response.results {
            truth.add(result.entityID, at: result.position)
            guard inside[result.entityID] == nil, result.entityID != asker else { continue }
            let isStrange = !kinds.isEmpty && !kinds.contains(result.kind)
            let depth = footprint.depth(of: result.position, in: query.coordinates)
            // A position is rounded on its way; what it says to the millimetre is enough.
            let isOutside = depth.map { $0 < -0.001 } ?? false
            let wasOutside = known[result.entityID]?.isCertainlyOutside ?? false
            truth.add(isStrange || isOutside || wasOutside ? .extra : .found, result.entityID)
        }
        return truth
    }

    private func response(_ answer: AskedQuery.Answer, _ snapshot: Snapshot) -> SpatialResponse? {
        switch snapshot.payload(of: answer.moment.message - 1)?.payload {
        case .spatialResponse(let response): return response
        case .extension(let header):
            if case .result(let response)? = try? SpatialQueryMessage.decode(header.data) { return response }
            return nil
        default: return nil
        }
    }

    /// What messages said of places, the last before the query and all until the answer; returns whether some of them
    /// had to be left out.
    private mutating func readAround(_ snapshot: Snapshot, until end: Int) -> Bool {
        let space = space
        let isTelling = { (record: MessageRecord) -> Bool in
            record.type == .spatialUpdate && record.marks.contains(.hasSpace) && Int(record.space) == space
                && PlaceReader.tells(record)
        }
        let asked = query.asked.message - 1
        let (before, isCut) = snapshot.messages(
            before: asked, since: query.asked.time - QueryTruth.window, limit: QueryTruth.messageLimit,
            reach: QueryTruth.reach, isTelling)
        let (after, _) = snapshot.messages(
            before: max(asked, end - 1), since: query.asked.time, limit: QueryTruth.messageLimit,
            reach: max(0, end - asked), isTelling)
        var reader = PlaceReader(snapshot)
        // Only the last of each before the query counts.
        for message in before { reader.read(message) { note($0, replacing: true) } }
        for message in after where message > asked { reader.read(message) { note($0, replacing: false) } }
        return isCut
    }

    private mutating func note(_ said: PlaceReader.Said, replacing: Bool) {
        guard said.isAbsolute(query.coordinates),
            let depth = footprint.depth(of: said.update.position, in: query.coordinates)
        else { return }
        let seconds = Double(abs(query.asked.time - said.time)) / 1e9
        let doubt = Double(said.address?.precision ?? 0) + (said.update.velocity?.speed ?? 0) * seconds
        let new = Depth(least: depth - doubt, most: depth + doubt, kind: said.update.kind)
        guard !replacing, let old = known[said.update.entityID] else {
            known[said.update.entityID] = new
            return
        }
        known[said.update.entityID] = Depth(
            least: min(old.least, new.least), most: max(old.most, new.most), kind: new.kind)
    }

    /// Whoever was not heard of since is still where he was.
    private mutating func readModel(_ snapshot: Snapshot) {
        let entities = snapshot.model.entities
        for index in entities.indices where entities[index].space == space {
            let time = query.asked.time
            guard entities[index].lastTime <= time, !entities[index].isRemoved,
                entities[index].staleness(at: time) != .gone, entities[index].coordinates == query.coordinates,
                entities[index].frame == nil, let position = entities[index].position,
                known[entities[index].id] == nil,
                let depth = footprint.depth(of: position, in: query.coordinates)
            else { continue }
            let doubt = entities[index].doubt(at: time)
            known[entities[index].id] = Depth(least: depth - doubt, most: depth + doubt, kind: entities[index].kind)
        }
    }
}

extension QueryTruth {
    fileprivate mutating func set(expected: Int, isCut: Bool) {
        self.expected = expected
        self.isCut = isCut
    }

    fileprivate mutating func add(_ verdict: Verdict, _ entity: UUID) { verdicts[entity] = verdict }
    fileprivate mutating func add(_ entity: UUID, at position: Vector3) { results.append((entity, position)) }
}
