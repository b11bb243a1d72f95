/// One replica as of the clock: what it has, how far it is behind, and what is wrong with it.
package struct StateLane: Sendable {
    /// Its place among the space's replicas.
    package var replica: Int
    package var id: ReplicaID
    /// How many of its events have come.
    package var events: Int
    /// The newest version that it has got.
    package var version: UInt64
    /// The versions have begun anew since without it.
    package var isOfEarlierChain: Bool
    /// Versions: the newest one seen anywhere less the one that this replica has. Nil for one of an earlier chain.
    package var lag: UInt64?
    /// Nanoseconds that it has lacked a version: from when the first version after its own was seen anywhere to the
    /// clock; 0 where it lacks none. Nil for one of an earlier chain.
    package var lagTime: Int64?
    package var totals: StateTotals
}

extension SpaceStates {
    /// The newest version as of so many messages; nil before the first.
    package func newestVersion(at cursor: Int) -> StateNewest? {
        let count = newest.partitionPoint { $0.message <= cursor }
        return count > 0 ? newest[count - 1] : nil
    }

    /// Every replica that has been seen by then, in the order of appearance.
    ///
    /// - Parameters:
    ///   - cursor: messages until the clock.
    ///   - time: of the clock, nanoseconds since the Unix epoch.
    package func lanes(at cursor: Int, time: Int64) -> [StateLane] {
        guard let newest = newestVersion(at: cursor) else { return [] }
        return replicas.indices.compactMap { lane(of: $0, newest, at: cursor, time: time) }
    }

    /// One replica as of the clock; nil before its first version.
    package func lane(of replica: Int, at cursor: Int, time: Int64) -> StateLane? {
        newestVersion(at: cursor).flatMap { lane(of: replica, $0, at: cursor, time: time) }
    }

    private func lane(of replica: Int, _ newest: StateNewest, at cursor: Int, time: Int64) -> StateLane? {
        let count = eventCount(of: replica, at: cursor)
        guard count > 0 else { return nil }
        let last = event(count - 1, of: replica)
        var lane = StateLane(
            replica: replica, id: replicas[replica].id, events: count, version: last.held,
            isOfEarlierChain: last.chain != newest.chain, totals: totals(of: replica, at: cursor))
        guard !lane.isOfEarlierChain else { return lane }
        lane.lag = newest.version > last.held ? newest.version - last.held : 0
        lane.lagTime = firstSeen(after: last.held, newest, at: cursor).map { max(0, time - $0) } ?? 0
        return lane
    }

    /// When a version after this one was first seen anywhere; nil where there is none yet.
    private func firstSeen(after version: UInt64, _ last: StateNewest, at cursor: Int) -> Int64? {
        guard last.version > version else { return nil }
        var low = 0
        var high = newest.partitionPoint { $0.message <= cursor }
        while low < high {
            let middle = (low + high) / 2
            let candidate = newest[middle]
            // In one chain the newest version only grows.
            if candidate.chain < last.chain || candidate.chain == last.chain && candidate.version <= version {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < newest.count ? newest[low].time : nil
    }

    /// How many events of a replica have come by then.
    package func eventCount(of replica: Int, at cursor: Int) -> Int {
        let places = replicas[replica].events
        return partitionPoint(places.count) { events[Int(places[$0])].message <= cursor }
    }

    /// An event of a replica, by its place among the replica's own.
    package func event(_ place: Int, of replica: Int) -> StateEvent { events[Int(replicas[replica].events[place])] }

    /// What has come to light about a replica by then.
    package func totals(of replica: Int, at cursor: Int) -> StateTotals {
        let count = faultCount(of: replica, at: cursor)
        return count > 0 ? fault(count - 1, of: replica).totals : StateTotals()
    }

    package func faultCount(of replica: Int, at cursor: Int) -> Int {
        let places = replicas[replica].faults
        return partitionPoint(places.count) { faults[Int(places[$0])].detected <= cursor }
    }

    package func fault(_ place: Int, of replica: Int) -> StateFault { faults[Int(replicas[replica].faults[place])] }

    /// Conflicts that have been resolved by then.
    package func conflictCount(at cursor: Int) -> Int { conflicts.partitionPoint { $0.message <= cursor } }

    /// Where in an ascending list the first one stands that is not `inside`.
    func partitionPoint(_ count: Int, _ inside: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if inside(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The place of a replica; nil when it is not known in this space.
    package func place(of id: ReplicaID) -> Int? { replicas.firstIndex { $0.id == id } }
}

/// Steps for the clock. All of them give the number of a message, from 1, so that the clock stands right after it; nil
/// where there is none.
extension StateChronicle {
    /// The next message that makes a version of a space that nobody had; of any space if nil.
    package func nextVersion(after cursor: Int, space: Int?) -> Int? {
        next(after: cursor, space, count: \.newest.count) { $0.newest[$1].message }
    }

    package func previousVersion(before cursor: Int, space: Int?) -> Int? {
        previous(before: cursor, space, count: \.newest.count) { $0.newest[$1].message }
    }

    /// The next message that resolves a conflict.
    package func nextConflict(after cursor: Int, space: Int?) -> Int? {
        next(after: cursor, space, count: \.conflicts.count) { $0.conflicts[$1].message }
    }

    package func previousConflict(before cursor: Int, space: Int?) -> Int? {
        previous(before: cursor, space, count: \.conflicts.count) { $0.conflicts[$1].message }
    }

    private func next(
        after cursor: Int, _ space: Int?, count: (SpaceStates) -> Int, message: (SpaceStates, Int) -> Int
    ) -> Int? {
        looked(at: space).compactMap { states -> Int? in
            let count = count(states)
            let place = states.partitionPoint(count) { message(states, $0) <= cursor }
            return place < count ? message(states, place) : nil
        }.min()
    }

    private func previous(
        before cursor: Int, _ space: Int?, count: (SpaceStates) -> Int, message: (SpaceStates, Int) -> Int
    ) -> Int? {
        looked(at: space).compactMap { states -> Int? in
            let place = states.partitionPoint(count(states)) { message(states, $0) < cursor }
            return place > 0 ? message(states, place - 1) : nil
        }.max()
    }

    private func looked(at space: Int?) -> [SpaceStates] {
        guard let space else { return known.compactMap { self[$0] } }
        return self[space].map { [$0] } ?? []
    }
}
