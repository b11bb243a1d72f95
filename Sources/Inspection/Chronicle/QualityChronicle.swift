import SpatioSession
import SpatioWire

/// Rates, delays and losses over time, a series a stream.
///
/// Series are marks at the end of intervals, all of one width, which grows when there are too many of them. As of the
/// clock are the marks of the intervals before the one it stands in; what that one holds is the difference between the
/// model and the last of them. So nothing is told that had not come by then, and a seek shows what a replay would.
package struct QualityChronicle: Sendable {
    /// What a long capture or a flood can make us keep.
    package enum Limits {
        /// Streams with a series, and ends of sessions whose window is followed; the quarter that was silent longest makes
        /// room for others.
        package static let streams = 16_384
        package static let windows = 8_192
        /// Marks of some 60 octets: a part of what the index takes for the same messages, with some for the first.
        package static func marks(messages: Int) -> Int { min(1 << 20, 65_536 + messages / 8) }
        /// Round trips, responses: 32 octets for each pair of messages. A day of 12 a second; then the oldest go.
        package static let delays = 1 << 20
        /// Changes of what a receiver advertises: honest ones change it now and then. The oldest go.
        package static let notices = 65_536
        package static let silences = 10_000
        /// Requests that wait for their response.
        static let pending = 4_096
    }

    /// Widths of an interval in nanoseconds, each a multiple of the one before.
    package static let widths: [Int64] = [
        100_000_000, 500_000_000, 1_000_000_000, 5_000_000_000, 10_000_000_000, 60_000_000_000, 300_000_000_000,
        600_000_000_000, 3_600_000_000_000,
    ]

    /// Longer without any message than this, and a peer would have sent a PING (profile section 6): nobody was there,
    /// or nobody captured.
    package static let longestSilence: Int64 = 15_000_000_000

    /// The width of every interval, nanoseconds.
    package var width: Int64 { Self.widths[level] }
    private var level = 0

    private var streams: [Int: Series] = [:]
    package private(set) var everything = QualityRun<QualitySample>()
    private var windows: [QualityRun<WindowSample>] = []
    private var windowPlaces: [WindowKey: Int] = [:]
    /// Round trips of PING and PONG; and from a request to its response, apart from them.
    package private(set) var roundTrips = ChunkedArray<DelaySample>()
    package private(set) var responses = ChunkedArray<DelaySample>()
    /// From the wire to an observer.
    package private(set) var views = ChunkedArray<DelaySample>()
    package private(set) var notices = ChunkedArray<FlowNotice>()
    package private(set) var silences = ChunkedArray<Silence>()
    private var firstFineStamp = 0
    private var marks = 0
    /// What has made room for something new.
    package private(set) var forgotten = 0

    package init() {}

    /// Of a stream.
    private struct Series {
        var run = QualityRun<QualitySample>()
        /// The first message whose sender's time was no whole millisecond; 0 where there is none.
        var fineStamp = 0
    }

    /// The marks of a stream, by its index in the model; nil where it has none.
    package func run(of stream: Int) -> QualityRun<QualitySample>? { streams[stream]?.run }

    private struct WindowKey: Hashable {
        var session: Int
        var sender: Direction
    }

    /// The octets that an end had under way; nil where it never sent anything RELIABLE.
    package func window(_ session: Int, of sender: Direction) -> QualityRun<WindowSample>? {
        windowPlaces[WindowKey(session: session, sender: sender)].map { windows[$0] }
    }

    /// Whether a stream's sender told its time only in whole milliseconds until a message: then a jitter below half of
    /// one may be nothing but that. Nil: every stream's sender.
    package func isCoarselyStamped(_ stream: Int?, until message: Int) -> Bool {
        let first = stream.map { streams[$0]?.fineStamp ?? 0 } ?? firstFineStamp
        return first == 0 || first > message
    }

    // MARK: Writing

    mutating func noteFineStamp(_ stream: Int, message: Int) {
        makeRoomForStream(stream)
        streams[stream, default: Series()].fineStamp = message
        if firstFineStamp == 0 { firstFineStamp = message }
    }

    /// Another stream is in the place of one.
    mutating func forget(stream: Int) {
        if let series = streams.removeValue(forKey: stream) { marks -= series.run.count }
    }

    mutating func add(_ sample: QualitySample, stream: Int) {
        makeRoomForStream(stream)
        if streams[stream, default: Series()].run.append(sample) { marks += 1 }
    }

    private mutating func makeRoomForStream(_ stream: Int) {
        guard streams.count >= Limits.streams, streams[stream] == nil else { return }
        let bySilence = streams.sorted { $0.value.run.lastSlot < $1.value.run.lastSlot }.map(\.key)
        for stream in bySilence.prefix(bySilence.count / 4) { forget(stream: stream) }
        forgotten += bySilence.count / 4
    }

    mutating func add(everything sample: QualitySample) {
        if everything.append(sample) { marks += 1 }
    }

    mutating func add(_ sample: WindowSample, session: Int, sender: Direction) {
        let key = WindowKey(session: session, sender: sender)
        let place: Int
        if let known = windowPlaces[key] {
            place = known
        } else {
            if windows.count >= Limits.windows { forgetWindows() }
            place = windows.count
            windowPlaces[key] = place
            windows.append(QualityRun())
        }
        if windows[place].append(sample) { marks += 1 }
    }

    /// Those of the sessions that were silent longest.
    private mutating func forgetWindows() {
        let bySilence = windowPlaces.sorted { windows[$0.value].lastSlot < windows[$1.value].lastSlot }
        var kept: [QualityRun<WindowSample>] = []
        var places: [WindowKey: Int] = [:]
        for (key, place) in bySilence.dropFirst(bySilence.count / 4) {
            places[key] = kept.count
            kept.append(windows[place])
        }
        forgotten += windows.count - kept.count
        marks -= windows.reduce(0) { $0 + $1.count } - kept.reduce(0) { $0 + $1.count }
        windows = kept
        windowPlaces = places
    }

    /// Another session is in the place of one.
    mutating func forgetWindow(of session: Int, sender: Direction) {
        guard let place = windowPlaces[WindowKey(session: session, sender: sender)] else { return }
        marks -= windows[place].count
        windows[place] = QualityRun()
    }

    /// Makes the intervals wider until there are few enough of them.
    mutating func makeRoom(messages: Int) {
        while marks > Limits.marks(messages: messages), level + 1 < Self.widths.count { coarsen() }
    }

    /// Goes on to the next width.
    mutating func coarsen() {
        let factor = Self.widths[level + 1] / Self.widths[level]
        level += 1
        for stream in streams.keys { streams[stream]?.run.coarsen(by: factor) }
        for window in windows.indices { windows[window].coarsen(by: factor) }
        everything.coarsen(by: factor)
        marks =
            streams.values.reduce(everything.count) { $0 + $1.run.count } + windows.reduce(0) { $0 + $1.count }
    }

    mutating func add(_ sample: DelaySample) {
        switch sample.kind {
        case .roundTrip: append(sample, to: \.roundTrips)
        case .view: append(sample, to: \.views)
        case .query, .state, .relay, .connect, .authentication, .keys: append(sample, to: \.responses)
        }
    }

    private mutating func append(
        _ sample: DelaySample, to log: WritableKeyPath<QualityChronicle, ChunkedArray<DelaySample>>
    ) {
        forgotten += self[keyPath: log].keepNewest(Limits.delays)
        self[keyPath: log].append(sample)
    }

    mutating func add(_ notice: FlowNotice) {
        forgotten += notices.keepNewest(Limits.notices)
        notices.append(notice)
    }

    mutating func add(_ silence: Silence) {
        forgotten += silences.keepNewest(Limits.silences)
        silences.append(silence)
    }
}

/// How long something took that has an answer.
package struct DelaySample: Equatable, Sendable {
    package enum Kind: UInt8, CaseIterable, Sendable {
        /// PING to PONG, less the time the other end held it.
        case roundTrip
        /// SPATIAL_QUERY, STATE_REQUEST, RELAY_REQUEST, CONNECT, AUTH_REQUEST and KEY_EXCHANGE to what answers each.
        case query, state, relay, connect, authentication, keys
        /// From the wire to an observer to whom it is mirrored; below 0 where he was first.
        case view

        package var name: String {
            switch self {
            case .roundTrip: "rtt"
            case .query: "query"
            case .state: "state"
            case .relay: "relay"
            case .connect: "connect"
            case .authentication: "auth"
            case .keys: "keys"
            case .view: "observer"
            }
        }
    }

    /// Capture time of the answer, nanoseconds since the Unix epoch.
    package var time: Int64
    /// The message that answers, from 1.
    package var message: Int
    /// The stream of what was asked.
    package var stream: UInt32
    package var milliseconds: Float
    package var kind: Kind
}

/// A receiver said what it lets an end send, otherwise than before.
package struct FlowNotice: Equatable, Sendable {
    package var time: Int64
    /// From 1.
    package var message: Int
    package var session: Int
    /// Who may send so much.
    package var sender: Direction
    package var flow: FlowControl
}

/// A time without any message, longer than peers are silent.
package struct Silence: Equatable, Sendable {
    /// Capture times of the messages before and after it.
    package var start, end: Int64
    /// The message that ended it, from 1.
    package var message: Int
}
