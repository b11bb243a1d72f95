import SpatioSession
import SpatioWire

/// When something happened: with which message (from 1), and its capture time in nanoseconds since the Unix epoch.
package struct Moment: Hashable, Sendable {
    package var message: Int
    package var time: Int64

    package init(message: Int, time: Int64) {
        self.message = message
        self.time = time
    }
}

/// Who wanted to hear of what: subscriptions to regions, and queries with their answers.
package struct SpatialChronicle: Sendable {
    /// Subscriptions and queries that are kept; a peer asks some times a second, so it is hours of traffic. The oldest go.
    package static let limit = 65_536

    /// In the order in which they began.
    package internal(set) var subscriptions = ChunkedArray<RegionSubscription>()
    /// In the order in which they were asked.
    package internal(set) var queries = ChunkedArray<AskedQuery>()
    /// Subscriptions and queries that have made room for others.
    package internal(set) var forgotten = 0

    package init() {}

    /// Places of the subscriptions that hold after so many messages, those of one space where one is given.
    package func subscriptions(until cursor: Int, space: Int? = nil) -> [Int] {
        let count = subscriptions.partitionPoint { $0.begun.message <= cursor }
        var places: [Int] = []
        subscriptions.scan(0..<count) { place, subscription in
            if subscription.holds(at: cursor), space == nil || subscription.space == space { places.append(place) }
            return true
        }
        return places
    }

    /// Places of the queries that were asked within the first messages, the latest first, at most so many; those of one
    /// space where one is given, and not before a time.
    package func queries(until cursor: Int, since time: Int64 = .min, space: Int? = nil, most: Int) -> [Int] {
        var place = queries.partitionPoint { $0.asked.message <= cursor }
        var places: [Int] = []
        while place > queries.start, places.count < most {
            place -= 1
            let query = queries[place]
            if query.asked.time < time { break }
            if space == nil || query.space == space { places.append(place) }
        }
        return places
    }
}

/// A REGION_SUBSCRIBE, from the message that began it to the one that ended it.
package struct RegionSubscription: Sendable {
    package enum Ending: Hashable, Sendable { case replaced, cancelled, sessionEnded }

    package let id: UInt32
    /// Index in the model; the subscriber is its end `subscriber`.
    package let session: Int
    package let subscriber: Direction
    /// Index in the model; nil where nothing said which space is meant.
    package let space: Int?
    /// What the numbers in `bounds` are.
    package let coordinates: CoordinateSystem.Kind
    package let bounds: BoundingVolume
    /// Milliseconds between updates; never 0.
    package let interval: UInt32
    package let priority: Priority
    package let begun: Moment
    /// Written when it ends: what came after the clock is for nobody to see, so ask `ending`.
    var end: (moment: Moment, ending: Ending)?

    /// Whether it is in force after so many messages.
    package func holds(at cursor: Int) -> Bool {
        begun.message <= cursor && (end.map { $0.moment.message > cursor } ?? true)
    }

    /// How it ended within the first messages.
    package func ending(until cursor: Int) -> Ending? {
        end.flatMap { $0.moment.message <= cursor ? $0.ending : nil }
    }
}

/// A SPATIAL_QUERY or a QUERY of the extension spatial-query, with what came back.
package struct AskedQuery: Sendable {
    package struct Answer: Hashable, Sendable {
        package var moment: Moment
        package var code: ErrorCode
        /// It says that there would be more.
        package var isTruncated: Bool
        /// What it lists.
        package var results: Int
    }

    /// As it stands after some message.
    package enum Status: Hashable, Sendable {
        case waiting, answered
        /// The answer came behind the timeout.
        case late
        /// None came within the timeout and the grace.
        case unanswered
    }

    /// Milliseconds that count where a query states no timeout: those of the extension, and those that state 0.
    package static let usualTimeout: UInt32 = 5_000
    /// Milliseconds beyond the timeout before a missing answer is a finding: the capture point is not the asker.
    package static let grace: UInt32 = 100

    package let id: UInt32
    /// As the protocol calls it: `RADIUS`.
    package let kind: String
    package let isExtended: Bool
    /// Index in the model; the asker is its end `asker`.
    package let session: Int
    package let asker: Direction
    package let stream: Int?
    /// Index in the model; nil where nothing said which space is meant.
    package let space: Int?
    /// What the numbers in `footprint` are.
    package let coordinates: CoordinateSystem.Kind
    /// Where is asked about; nil for a CUSTOM query.
    package let footprint: BoundingVolume?
    package let maxResults: UInt32
    /// Milliseconds; nil where it states none.
    package let timeout: UInt32?
    package let asked: Moment
    /// Written later, so ask `answer(until:)` and `status(until:at:)`.
    var answer: Answer?
    /// The message with which it became clear that nothing comes in time.
    var expired: Int?

    /// The answer, if it came within the first messages.
    package func answer(until cursor: Int) -> Answer? {
        answer.flatMap { $0.moment.message <= cursor ? $0 : nil }
    }

    /// - Parameter time: of the clock, nanoseconds since the Unix epoch: a query expires also where nothing comes any
    ///   more.
    package func status(until cursor: Int, at time: Int64 = .min) -> Status {
        if let answer = answer(until: cursor) { return isLate(answer) ? .late : .answered }
        return expired.map { $0 <= cursor } ?? false || time > deadline ? .unanswered : .waiting
    }

    /// From the query to its answer at the capture point, milliseconds; nil before one came.
    package func responseTime(until cursor: Int) -> Double? { answer(until: cursor).map(responseTime) }

    private func responseTime(_ answer: Answer) -> Double { Double(answer.moment.time - asked.time) / 1e6 }

    private func isLate(_ answer: Answer) -> Bool { responseTime(answer) > Double(timeout ?? Self.usualTimeout) }

    /// When a missing answer becomes a finding, nanoseconds since the Unix epoch.
    var deadline: Int64 {
        asked.time.addingReportingOverflow(
            Int64(timeout ?? Self.usualTimeout) * 1_000_000 + Int64(Self.grace) * 1_000_000
        )
        .partialValue
    }
}
