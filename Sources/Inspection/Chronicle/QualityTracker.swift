import SpatioSession
import SpatioWire

/// Follows the messages that write the quality chronicle.
struct QualityTracker {
    /// What the interval at hand knows of a stream beside what the model does.
    private struct Touch {
        /// Of the last interval in which it was heard.
        var interval: UInt32
        var jitterPeak: Float
        /// A sender's time with a part of a millisecond was seen.
        var isFine = false
        /// The message with which the stream began: another one may take its place.
        var since: Int
    }

    private struct WindowTouch {
        var session: Int
        var sender: Direction
        var peak: Int
    }

    /// Where the interval at hand ends; before the first message every one ends it.
    private(set) var intervalEnd = Int64.min
    private var slot: Int64 = 0
    private var interval: UInt32 = 0
    /// By the stream's index.
    private var touches: [Touch] = []
    /// Streams that were heard in the interval at hand, and ends whose window changed.
    private var heard: [Int] = []
    private var windows: [WindowTouch] = []
    private var pending = PendingResponses()

    // MARK: Intervals

    /// Marks what the interval at hand ended with, and begins the one of a message that comes now. The model is the one
    /// before that message.
    mutating func endInterval(_ time: Int64, _ model: borrowing Model, _ chronicle: inout QualityChronicle) {
        if interval > 0 {
            mark(model, &chronicle)
            if time &- model.lastTime > QualityChronicle.longestSilence {
                chronicle.add(Silence(start: model.lastTime, end: time, message: model.counters.messages + 1))
            }
            chronicle.makeRoom(messages: model.counters.messages)
        }
        interval &+= 1
        slot = floorDivided(time, by: chronicle.width)
        intervalEnd = (slot &+ 1) &* chronicle.width
        heard.removeAll(keepingCapacity: true)
        windows.removeAll(keepingCapacity: true)
    }

    private func mark(_ model: borrowing Model, _ chronicle: inout QualityChronicle) {
        var everything = QualitySample(
            slot: slot, counts: QualityCounts(model.counters), jitter: .nan, jitterPeak: .nan)
        for stream in heard {
            let sample = QualitySample(
                slot: slot, counts: QualityCounts(model.streams[stream]), jitter: model.streams[stream].jitter.value,
                jitterPeak: touches[stream].jitterPeak)
            chronicle.add(sample, stream: stream)
            everything.jitter = QualitySample.worse(everything.jitter, sample.jitter)
            everything.jitterPeak = QualitySample.worse(everything.jitterPeak, sample.jitterPeak)
        }
        chronicle.add(everything: everything)
        for window in windows {
            let octets = model.sessions[window.session].outstanding[window.sender]
            chronicle.add(
                WindowSample(slot: slot, octets: UInt32(clamping: octets), peak: UInt32(clamping: window.peak)),
                session: window.session, sender: window.sender)
        }
    }

    // MARK: Messages

    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: borrowing MessageOutcome, _ model: borrowing Model,
        _ chronicle: inout QualityChronicle
    ) {
        guard let stream = outcome.stream else { return }
        touch(stream, model, &chronicle)
        guard let session = outcome.session, let sender = outcome.direction, let header = outcome.header else { return }
        if stream < touches.count, !touches[stream].isFine { look(at: header.timestamp, stream, arrival, &chronicle) }
        if sessionStarts[session] != model.sessions[session].since { begin(session, model, &chronicle) }
        if header.flags.contains(.reliable) { touchWindow(session, sender, model) }
        if let trip = outcome.roundTrip {
            chronicle.add(
                DelaySample(
                    time: arrival.time, message: arrival.number, stream: UInt32(trip.stream),
                    milliseconds: Float(trip.milliseconds), kind: .roundTrip))
        }
        if let sample = pending.take(arrival, outcome, flow: model.streams[stream].flow) { chronicle.add(sample) }
        switch outcome.payload {
        case .pong(let pong):
            touchWindow(session, sender.opposite, model)
            notice(pong.flow, session, sender.opposite, arrival, &chronicle)
        case .connectAck(let ack) where ack.code == .success:
            notice(ack.flow, session, .client, arrival, &chronicle)
        default: break
        }
    }

    @inline(__always)
    mutating func takePlain(
        _ arrival: borrowing MessageArrival, _ outcome: borrowing PlainOutcome, _ model: borrowing Model,
        _ chronicle: inout QualityChronicle
    ) {
        let stream = outcome.stream
        touch(stream, model, &chronicle)
        if stream < touches.count, !touches[stream].isFine {
            look(at: outcome.message.sent, stream, arrival, &chronicle)
        }
        if outcome.message.flags.contains(.reliable) {
            touchWindow(model.streams[stream].session, model.streams[stream].direction, model)
        }
    }

    @inline(__always)
    private mutating func touch(_ stream: Int, _ model: borrowing Model, _ chronicle: inout QualityChronicle) {
        if stream >= touches.count { makeRoom(for: stream) }
        if touches[stream].since != model.streams[stream].since { begin(stream: stream, model, &chronicle) }
        let jitter = model.streams[stream].jitter.value
        if touches[stream].interval != interval {
            touches[stream].interval = interval
            touches[stream].jitterPeak = jitter
            heard.append(stream)
        } else if jitter > touches[stream].jitterPeak || touches[stream].jitterPeak.isNaN {
            touches[stream].jitterPeak = jitter
        }
    }

    @inline(never)
    private mutating func makeRoom(for stream: Int) {
        while touches.count <= stream { touches.append(Touch(interval: 0, jitterPeak: .nan, since: 0)) }
    }

    @inline(never)
    private mutating func begin(
        stream: Int, _ model: borrowing Model, _ chronicle: inout QualityChronicle
    ) {
        if touches[stream].since > 0 { chronicle.forget(stream: stream) }
        // In the interval at hand it has been noted already, where its place was.
        touches[stream].since = model.streams[stream].since
        touches[stream].isFine = false
        touches[stream].jitterPeak = .nan
    }

    private mutating func begin(
        _ session: Int, _ model: borrowing Model, _ chronicle: inout QualityChronicle
    ) {
        let before = sessionStarts.updateValue(model.sessions[session].since, forKey: session)
        guard before != nil else { return }
        for sender in Direction.allCases { chronicle.forgetWindow(of: session, sender: sender) }
        for side in 0..<2 { lastNotices[session * 2 + side] = nil }
    }

    /// Notes when a stream's sender first told its time finer than in whole milliseconds.
    private mutating func look(
        at stamp: UInt64, _ stream: Int, _ arrival: borrowing MessageArrival, _ chronicle: inout QualityChronicle
    ) {
        guard stamp % 1000 != 0 else { return }
        touches[stream].isFine = true
        chronicle.noteFineStamp(stream, message: arrival.number)
    }

    /// Notes what an end has under way now.
    private mutating func touchWindow(_ session: Int, _ sender: Direction, _ model: borrowing Model) {
        guard let octets = model.sessions[session].unacknowledged(of: sender) else { return }
        if let place = windows.firstIndex(where: { $0.session == session && $0.sender == sender }) {
            windows[place].peak = max(windows[place].peak, octets)
        } else if windows.count < Self.windowLimit {
            windows.append(WindowTouch(session: session, sender: sender, peak: octets))
        }
    }

    /// Windows that are followed in one interval: they are searched one by one, and a flood must not make that dear.
    private static let windowLimit = 256

    private var lastNotices: [Int: FlowControl] = [:]
    /// By index of the session, with which message it began: another one may take its place.
    private var sessionStarts: [Int: Int] = [:]

    private mutating func notice(
        _ flow: FlowControl, _ session: Int, _ sender: Direction, _ arrival: borrowing MessageArrival,
        _ chronicle: inout QualityChronicle
    ) {
        let key = session * 2 + (sender == .client ? 0 : 1)
        guard lastNotices[key] != flow else { return }
        lastNotices[key] = flow
        chronicle.add(
            FlowNotice(time: arrival.time, message: arrival.number, session: session, sender: sender, flow: flow))
    }
}
