import Inspection

/// What was worked out for the moment that the clock is at, so that a frame which changes nothing costs nothing.
struct TruthCache {
    private var cursor = -1
    private var time: Int64 = 0
    private var space: Int?
    /// The first subscription that is kept.
    private var start = 0
    private var subscriptions: [Int: SubscriptionTruth] = [:]
    private var queries: [Int: QueryTruth?] = [:]
    /// Places of the subscriptions to the space that hold at the clock.
    private(set) var holding: [Int] = []

    /// Forgets everything when the clock or the space is another.
    mutating func settle(_ snapshot: Snapshot, space: Int) {
        let start = snapshot.chronicle.spatial.subscriptions.start
        guard snapshot.cursor != cursor || snapshot.time != time || space != self.space || start != self.start else {
            return
        }
        self.start = start
        cursor = snapshot.cursor
        time = snapshot.time
        self.space = space
        subscriptions.removeAll()
        queries.removeAll()
        holding = snapshot.chronicle.spatial.subscriptions(until: cursor, space: space)
    }

    mutating func subscription(_ place: Int, _ snapshot: Snapshot) -> SubscriptionTruth {
        if let known = subscriptions[place] { return known }
        let truth = snapshot.truth(ofSubscription: place)
        subscriptions[place] = truth
        return truth
    }

    mutating func query(_ place: Int, _ snapshot: Snapshot) -> QueryTruth? {
        if let known = queries[place] { return known }
        let truth = snapshot.truth(ofQuery: place)
        queries[place] = .some(truth)
        return truth
    }
}
