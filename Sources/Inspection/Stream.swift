import SpatioSession
import SpatioWire

/// What makes a stream: one direction of a session with one stream_id; what a server mirrored is apart from what was
/// seen on the wire, and what one observer got from what another got, because the same message can be seen in all ways.
struct StreamKey: FlatKey, Equatable {
    var session: UInt32
    /// Nil for messages whose header cannot be read.
    var streamID: UInt32?
    var direction: Direction
    /// The ordinal of the observer's flow, where the messages are mirrored.
    var mirroredOn: UInt32?

    func isSame(as other: StreamKey) -> Bool { self == other }

    func mixed(with seed: UInt64) -> UInt64 {
        let part = UInt64(direction.rawValue) | (mirroredOn.map { UInt64($0) << 2 | 2 } ?? 0)
        return mix(UInt64(session) << 32 ^ UInt64(streamID ?? .max) ^ part << 45 ^ seed)
    }
}

/// One stream with its figures as design defines them.
package struct Stream: Sendable {
    package var session: Int
    package var direction: Direction
    /// Nil: a collection of messages of this direction whose header could not be read.
    package var streamID: UInt32?
    package var isMirrored: Bool
    /// The flow that its messages came on, and whether they are sent by its first endpoint: those of the observer where
    /// the stream is mirrored.
    package var flow: Int
    package var isForward: Bool

    package var messages = 0
    package var octets = 0
    package var duplicates = 0
    package var reordered = 0
    package var retransmits = 0
    /// Retransmissions of what had come before.
    package var repeats = 0
    package var malformed = 0
    package var sequences = SequenceTracker()
    package var jitter = JitterEstimator()
    package var rate = RateSeries()
    var unacknowledged = UnacknowledgedMessages()
    /// Index into the model's round-trip figures.
    package var roundTrip: Int?
    package var firstTime: Int64
    package var lastTime: Int64
    /// The messages with which it began and which it had last, from 1.
    package var since = 0
    var lastMessage = 0
    /// The type seen last, which says what the stream is for.
    package var lastType = MessageType.ping

    init(_ key: StreamKey, flow: Int, isForward: Bool, time: Int64, message: Int) {
        since = message
        lastMessage = message
        self.flow = flow
        self.isForward = isForward
        session = Int(key.session)
        direction = key.direction
        streamID = key.streamID
        isMirrored = key.mirroredOn != nil
        firstTime = time
        lastTime = time
    }

    package var lost: Int { sequences.lost }

    /// Counts a message of so many octets, whatever its sequence.
    @inline(__always)
    mutating func count(_ type: MessageType, octets count: Int, time: Int64, message: Int) {
        messages += 1
        lastMessage = message
        octets += count
        lastTime = time
        lastType = type
        rate.add(time: time, octets: count)
    }

    /// Counts a message whose sequence is the next one, and which was not sent before.
    ///
    /// - Returns: by how many there are more sequences that may still come.
    @inline(__always)
    mutating func countNext(_ message: PlainUpdate, time: Int64, number: Int) -> Int {
        count(.spatialUpdate, octets: message.size, time: time, message: number)
        let before = sequences.unsettled
        sequences.advance()
        jitter.add(captured: time, sent: message.sent)
        return sequences.unsettled - before
    }
}

/// Messages and octets of the last seconds, one bucket a second.
package struct RateSeries: Sendable {
    package static let seconds = 16

    private var messages = InlineArray<16, UInt32>(repeating: 0)
    private var octets = InlineArray<16, UInt32>(repeating: 0)
    /// The second of the newest bucket, since the Unix epoch.
    private var newest = Int64.min

    package init() {}

    @inline(__always)
    package mutating func add(time: Int64, octets count: Int) {
        let second = time / 1_000_000_000
        if second != newest { advance(to: second) }
        guard second <= newest, newest - second < Int64(Self.seconds) else { return }
        let bucket = Int(second & Int64(Self.seconds - 1))
        messages[bucket] &+= 1
        octets[bucket] &+= UInt32(truncatingIfNeeded: count)
    }

    private mutating func advance(to second: Int64) {
        guard second > newest else { return }
        let fresh = newest == Int64.min ? Int64(Self.seconds) : min(second - newest, Int64(Self.seconds))
        for step in 0..<fresh {
            let bucket = Int((second - step) & Int64(Self.seconds - 1))
            messages[bucket] = 0
            octets[bucket] = 0
        }
        newest = second
    }

    /// Whether something was counted in the second of a capture time, and nothing after it.
    @inline(__always)
    func isAt(_ time: Int64) -> Bool { time / 1_000_000_000 == newest }

    /// Octets in one second since the Unix epoch; 0 where it is too long ago.
    func octets(inSecond second: Int64) -> Int {
        guard second <= newest, newest - second < Int64(Self.seconds) else { return 0 }
        return Int(octets[Int(second & Int64(Self.seconds - 1))])
    }

    /// Messages in each of the last seconds before `time`, the oldest first; nil where nothing was recorded yet.
    package func history(until time: Int64, since first: Int64) -> [Double?] {
        let now = time / 1_000_000_000
        return (0..<Int64(Self.seconds)).reversed().map { age -> Double? in
            let second = now - age
            guard second >= first / 1_000_000_000 else { return nil }
            guard second <= newest, newest - second < Int64(Self.seconds) else { return second > newest ? 0 : nil }
            return Double(messages[Int(second & Int64(Self.seconds - 1))])
        }
    }

    /// Messages and octets a second over at most `window` whole seconds before `time`, but not before `first`.
    package func perSecond(until time: Int64, since first: Int64, window: Int64 = 4) -> (
        messages: Double, octets: Double
    )? {
        let now = time / 1_000_000_000
        var sums = (messages: 0.0, octets: 0.0)
        for age in 0..<window {
            let second = now - age
            guard second <= newest, newest - second < Int64(Self.seconds) else { continue }
            sums.messages += Double(messages[Int(second & Int64(Self.seconds - 1))])
            sums.octets += Double(octets[Int(second & Int64(Self.seconds - 1))])
        }
        let start = max(first, (now - window + 1) * 1_000_000_000)
        let elapsed = Double(time - start) / 1e9
        guard elapsed > 0.05 else { return nil }
        return (sums.messages / elapsed, sums.octets / elapsed)
    }
}
