/// What may still turn out to be a conflict that somebody resolves: only after a while it counts as wrong.
///
/// Two clients that claim the same version at once differ, and so do the replicas that each has until the server has
/// decided. That is how conflicts begin; a fork it is when nobody resolves it. Where both are taken in, one after the
/// other, there was no conflict.
struct StateSettling {
    /// Nanoseconds: a server decides within a few round trips.
    static let patience: Int64 = 1_000_000_000
    /// More doubts at once than that are no conflict.
    private static let limit = 4_096

    struct Doubt {
        var space: Int
        var chain: Int
        var fault: StateFault
        var text: String
        /// The bodies of claims that the server has not made a version of yet; empty where it is about something else.
        var claims: Set<UInt64> = []
    }

    /// In the order of capture.
    private var doubts: [Doubt] = []

    var isEmpty: Bool { doubts.isEmpty }

    /// Keeps a doubt; false when there is no room.
    mutating func add(_ doubt: Doubt) -> Bool {
        guard doubts.count < Self.limit else { return false }
        doubts.append(doubt)
        return true
    }

    /// A conflict was resolved, which settles what there was about this version and those before.
    mutating func resolve(space: Int, chain: Int, version: UInt64) {
        doubts.removeAll { $0.space == space && $0.chain == chain && $0.fault.version <= version }
    }

    /// The server has made a version of what somebody may have claimed for another one.
    mutating func publish(_ body: UInt64, space: Int, chain: Int) {
        doubts.removeAll { doubt in
            doubt.space == space && doubt.chain == chain && doubt.claims == [body]
        }
        for index in doubts.indices where doubts[index].space == space && doubts[index].chain == chain {
            doubts[index].claims.remove(body)
        }
    }

    /// A replica does not hold a content any more that it had for a moment.
    mutating func withdraw(_ replica: Int, space: Int, chain: Int, version: UInt64) {
        doubts.removeAll {
            $0.space == space && $0.chain == chain && $0.fault.version == version && $0.fault.kind == .divergence
                && ($0.fault.replica == replica || $0.fault.other == replica)
        }
    }

    /// The doubts that nobody has settled in time.
    mutating func due(at time: Int64) -> [Doubt] {
        let due = doubts.prefix { time - $0.fault.time > Self.patience }
        defer { doubts.removeFirst(due.count) }
        return Array(due)
    }
}
