import SpatioSession
import SpatioWire

/// Folds marks and logs into the steps of a range.
struct QualityFold {
    /// Streams of one session that are put together; one with more is an attack.
    private static let streamLimit = 4096
    /// Sessions whose windows and rates are compared where everything is shown.
    private static let sessionLimit = 16

    private let model: Model
    private let chronicle: QualityChronicle
    private let cursor: Int
    private let clock: Int64
    private let range: QualityRange
    /// The interval that the clock stands in: its marks may tell of what came later.
    private let present: Int64
    private let silences: [Silence]
    /// What the scope's session is in.
    private let comparisons: [ViewComparison]
    /// Where the steps are shorter than the chronicle's intervals.
    private let fine: QualityFine?

    init(_ snapshot: Snapshot, _ range: QualityRange, _ scope: QualityScope) {
        model = snapshot.model
        chronicle = snapshot.chronicle.quality
        cursor = snapshot.cursor
        clock = snapshot.time
        self.range = range
        present = floorDivided(model.lastTime, by: chronicle.width)
        silences = Self.silences(snapshot, range)
        switch scope {
        case .everything: comparisons = []
        case .session(let session): comparisons = snapshot.comparisons(of: session)
        case .stream(let stream):
            let isThere = snapshot.model.streams.indices.contains(stream)
            comparisons = isThere ? snapshot.comparisons(of: snapshot.model.streams[stream].session) : []
        }
        fine = QualityFine(snapshot, range, Self.targets(of: scope, snapshot.model))
    }

    /// Everything that the picture of a scope is put together from.
    private static func targets(of scope: QualityScope, _ model: Model) -> [QualityTarget] {
        func ends(_ session: Int) -> [QualityTarget] {
            Direction.allCases.map { .end(session: session, sender: $0) }
        }
        switch scope {
        case .everything:
            let isCompared = model.sessions.count <= sessionLimit
            return [.everything] + (isCompared ? model.sessions.indices.flatMap(ends) : [])
        case .session(let session): return ends(session)
        case .stream(let stream) where model.streams.indices.contains(stream):
            return [.stream(stream)] + ends(model.streams[stream].session)
        case .stream: return []
        }
    }

    /// Those that the clock has passed, and the one that it stands in.
    private static func silences(_ snapshot: Snapshot, _ range: QualityRange) -> [Silence] {
        let log = snapshot.chronicle.quality.silences
        var found: [Silence] = []
        log.scan(0..<log.count) { _, silence in
            if silence.message > snapshot.cursor { return false }
            if silence.end > range.start, silence.start < range.end { found.append(copy silence) }
            return true
        }
        let last = snapshot.model.lastTime
        if snapshot.cursor > 0, snapshot.time &- last > QualityChronicle.longestSilence {
            found.append(Silence(start: last, end: snapshot.time, message: snapshot.cursor + 1))
        }
        for gap in snapshot.gaps where gap.end > range.start && gap.start < range.end {
            found.append(Silence(start: gap.start, end: gap.end, message: snapshot.cursor))
        }
        return merged(found)
    }

    /// Those that overlap are one: no time counts twice.
    private static func merged(_ silences: [Silence]) -> [Silence] {
        var merged: [Silence] = []
        for silence in silences.sorted(by: { $0.start < $1.start }) {
            if let last = merged.last, silence.start <= last.end {
                merged[merged.count - 1].end = max(last.end, silence.end)
            } else {
                merged.append(silence)
            }
        }
        return merged
    }

    func picture(of scope: QualityScope) -> QualityPicture {
        var picture = QualityPicture(range: range, lines: [], silences: silences)
        guard cursor > 0 else { return picture }
        switch scope {
        case .everything:
            let isCompared = model.sessions.count <= Self.sessionLimit
            picture.lines = [everything(isCompared: isCompared)]
            if isCompared { picture.comparedSessions = model.sessions.count }
        case .session(let session) where model.sessions.indices.contains(session): picture.lines = lines(of: session)
        case .stream(let stream) where model.streams.indices.contains(stream): picture.lines = [line(of: stream)]
        case .session, .stream: return picture
        }
        let session: Int? =
            switch scope {
            case .everything: nil
            case .session(let session): session
            case .stream(let stream): model.streams[stream].session
            }
        picture.roundTrips = delays(chronicle.roundTrips) { session == nil || session == model.streams[$0].session }
        picture.responses = delays(chronicle.responses) { session == nil || session == model.streams[$0].session }
        if !chronicle.views.isEmpty {
            let twins = session.map { twinSessions(of: $0) } ?? []
            picture.views = delays(chronicle.views) { stream in
                switch scope {
                case .everything: true
                case .session: twins.contains(model.streams[stream].session)
                case .stream(let own): twins.contains(model.streams[stream].session) && isSame(stream, own)
                }
            }
        }
        return picture
    }

    // MARK: Lines

    private func everything(isCompared: Bool) -> QualityLine {
        var sums = StepSums(range)
        sums.add(chronicle.everything, now: QualityCounts(model.counters), present, chronicle.width)
        sums = fine?[.everything] ?? sums
        var line = QualityLine(sender: nil, count: range.count)
        let shares = shares(from: model.firstTime ?? clock, to: clock)
        sums.fill(&line, shares)
        fillJitter(&line, chronicle.everything, now: .nan, hold: Self.shortestHold, until: clock)
        line.isCoarselyStamped = chronicle.isCoarselyStamped(nil, until: cursor)
        blank(&line, shares, until: clock)
        guard isCompared else { return line }
        for session in model.sessions.indices {
            for end in lines(of: session) {
                for step in 0..<range.count {
                    line.window[step] = Self.greater(line.window[step], end.window[step])
                    line.rate[step] = Self.greater(line.rate[step], end.rate[step])
                    let thresholds = [line.threshold[step], end.threshold[step]].compactMap { $0 }
                    line.threshold[step] = thresholds.min()
                }
            }
        }
        return line
    }

    private static func greater(_ first: Double?, _ second: Double?) -> Double? {
        guard let first, let second else { return first ?? second }
        return max(first, second)
    }

    /// What the client sent, and what the server did.
    private func lines(of index: Int) -> [QualityLine] {
        let session = model.sessions[index]
        let shares = shares(from: session.firstTime, to: end(of: session))
        return Direction.allCases.map { sender in
            var sums = StepSums(range)
            var line = QualityLine(sender: sender, count: range.count)
            for stream in session.streams.prefix(Self.streamLimit)
            where model.streams[stream].direction == sender && model.streams[stream].counts(in: session) {
                add(stream, to: &sums, &line, until: end(of: session))
            }
            sums = fine?[.end(session: index, sender: sender)] ?? sums
            sums.fill(&line, shares)
            fillAllowances(&line, index, sender)
            blank(&line, shares, until: end(of: session))
            return line
        }
    }

    private func line(of index: Int) -> QualityLine {
        let stream = model.streams[index]
        let session = model.sessions[stream.session]
        var sums = StepSums(range)
        var line = QualityLine(sender: stream.direction, count: range.count)
        add(index, to: &sums, &line, until: end(of: session))
        sums = fine?[.stream(index)] ?? sums
        let shares = shares(from: stream.firstTime, to: end(of: session))
        sums.fill(&line, shares)
        // Window and rate are of all that this end sends in the session.
        let own = lines(of: stream.session).first { $0.sender == stream.direction }
        line.window = own?.window ?? line.window
        line.rate = own?.rate ?? line.rate
        line.threshold = own?.threshold ?? line.threshold
        line.allowance = own?.allowance
        line.unacknowledged = own?.unacknowledged
        blank(&line, shares, until: end(of: session))
        return line
    }

    /// Nothing is to be told of a session behind its end.
    private func end(of session: Session) -> Int64 { session.state == .closed ? session.lastTime : clock }

    private func add(_ index: Int, to sums: inout StepSums, _ line: inout QualityLine, until end: Int64) {
        let stream = model.streams[index]
        let run = chronicle.run(of: index) ?? QualityRun()
        sums.add(run, now: QualityCounts(stream), present, chronicle.width)
        if !chronicle.isCoarselyStamped(index, until: cursor) { line.isCoarselyStamped = false }
        let usual = Double(stream.lastTime &- stream.firstTime) / Double(max(1, stream.messages - 1))
        let hold = max(Self.shortestHold, min(Int64(max(0, min(usual * 3, 1e18))), QualityChronicle.longestSilence))
        let wasHeard = floorDivided(stream.lastTime, by: chronicle.width) >= present
        fillJitter(&line, run, now: wasHeard ? stream.jitter.value : .nan, hold: hold, until: end)
    }

    /// The step in which the clock's interval begins, or its last message lies where steps are shorter.
    private var presentStep: Int { range.place(of: fine == nil ? present &* chronicle.width : model.lastTime) }

    /// The marks of intervals that are over and reach into the range, and the one before them.
    private func passed<Mark: QualityMark>(_ run: QualityRun<Mark>) -> Range<Int> {
        let first = max(0, run.count(before: floorDivided(range.start, by: chronicle.width)) - 1)
        let end = floorDivided(range.end &- 1, by: chronicle.width) &+ 1
        return first..<max(first, run.count(before: min(present, end)))
    }

    // MARK: Jitter

    /// An estimate is still what it was while nothing is heard, for three of the usual times between messages, but at
    /// least this long.
    private static let shortestHold: Int64 = 1_000_000_000

    private func fillJitter(
        _ line: inout QualityLine, _ run: QualityRun<QualitySample>, now: Float, hold: Int64, until end: Int64
    ) {
        let width = chronicle.width
        let last = min(range.place(of: end), range.count - 1)
        let held = Int(max(hold, width) / range.step)
        var value = Float.nan
        var since = 0
        func goOn(to step: Int) {
            guard !value.isNaN else { return }
            for between in max(0, since + 1)..<max(since + 1, 0, min(step, since + held + 1, last + 1)) {
                line.jitter[between] = Self.greater(line.jitter[between], Double(value))
            }
        }
        func put(_ step: Int, _ peak: Float, _ end: Float) {
            goOn(to: step)
            if range.contains(step), !peak.isNaN {
                line.jitter[step] = Self.greater(line.jitter[step], Double(peak))
            }
            value = end
            since = step
        }
        run.forEach(passed(run)) { mark in
            put(range.place(of: mark.slot &* width), mark.jitterPeak, mark.jitter)
        }
        if !now.isNaN { put(presentStep, now, now) }
        goOn(to: last + 1)
    }

    // MARK: What was allowed

    private func fillAllowances(_ line: inout QualityLine, _ session: Int, _ sender: Direction) {
        var notices: [(time: Int64, flow: FlowControl)] = []
        chronicle.notices.scan(0..<chronicle.notices.count) { _, notice in
            if notice.message > cursor { return false }
            if notice.session == session, notice.sender == sender { notices.append((notice.time, notice.flow)) }
            return true
        }
        line.allowance = model.sessions[session].allowances[sender]
        line.unacknowledged = model.sessions[session].unacknowledged(of: sender)
        guard let first = notices.first else { return }
        let octets = windowOctets(session, sender)
        var place = 0
        for step in 0..<range.count {
            let end = range.start &+ range.step &* Int64(step + 1)
            while place + 1 < notices.count, notices[place + 1].time < end { place += 1 }
            guard first.time < end else { continue }
            let flow = notices[place].flow
            line.threshold[step] = Double(flow.congestionThreshold)
            if flow.rateLimit > 0 { line.rate[step] = line.octets[step].map { $0 / Double(flow.rateLimit) } }
            if flow.windowSize > 0 { line.window[step] = octets[step].map { $0 / Double(flow.windowSize) } }
        }
    }

    /// The greatest that was under way in each step; it stays until something else is known.
    private func windowOctets(_ session: Int, _ sender: Direction) -> [Double?] {
        var values = [Double?](repeating: nil, count: range.count)
        let width = chronicle.width
        var value: Double?
        var next = 0
        func goOn(to step: Int) {
            while next < min(step, range.count) {
                values[next] = value
                next += 1
            }
        }
        func put(_ step: Int, peak: Double, end: Double) {
            goOn(to: step)
            if range.contains(step) {
                values[step] = Self.greater(Self.greater(values[step], value), peak)
                next = step + 1
            }
            value = end
        }
        if let run = chronicle.window(session, of: sender) {
            run.forEach(passed(run)) { mark in
                put(range.place(of: mark.slot &* width), peak: Double(mark.peak), end: Double(mark.octets))
            }
        }
        if let octets = model.sessions[session].unacknowledged(of: sender) {
            put(presentStep, peak: Double(octets), end: Double(octets))
        }
        goOn(to: range.count)
        return values
    }

    // MARK: Time that counts

    /// Seconds of each step between two times, without silences; nil where that is too little to tell a rate.
    private func shares(from first: Int64, to last: Int64) -> [Double?] {
        let total = last > first ? Double(last &- first) : 0
        let least = min(Double(range.step), total) / 2
        return (0..<range.count).map { step in
            let start = range.start &+ range.step &* Int64(step)
            let from = max(start, first)
            let to = min(start &+ range.step, last)
            guard to > from else { return nil }
            var length = Double(to &- from)
            for silence in silences where silence.end > from && silence.start < to {
                length -= Double(min(silence.end, to) &- max(silence.start, from))
            }
            return length >= least && length > 0 ? length / 1e9 : nil
        }
    }

    /// Where no time counts there is nothing to tell of either, whatever is held from before.
    private func blank(_ line: inout QualityLine, _ shares: [Double?], until last: Int64) {
        for step in 0..<range.count where shares[step] == nil {
            let start = range.start &+ range.step &* Int64(step)
            let isSilent = silences.contains { $0.start <= start && $0.end >= start &+ range.step }
            if isSilent || start >= last, start > model.firstTime ?? clock {
                line.jitter[step] = nil
                line.window[step] = nil
                line.threshold[step] = nil
            }
        }
    }

    // MARK: Delays

    /// So many points are kept as they are; of more, the least and the greatest of each of so many short times.
    private static let pointLimit = 4096
    private static let pointColumns: Int64 = 1024

    /// One group while it grows.
    private struct Delays {
        var counter = QualityCounter()
        var points: [DelaySample] = []
        private var column = Int64.min
        private var least: DelaySample?
        private var greatest: DelaySample?

        mutating func add(_ sample: DelaySample) {
            counter.add(Double(sample.milliseconds))
            points.append(sample)
        }

        /// Keeps only the extremes of a short time.
        mutating func add(_ sample: DelaySample, column: Int64) {
            counter.add(Double(sample.milliseconds))
            if column != self.column { flush() }
            self.column = column
            if sample.milliseconds < least?.milliseconds ?? .infinity { least = sample }
            if sample.milliseconds > greatest?.milliseconds ?? -.infinity { greatest = sample }
        }

        mutating func flush() {
            if let least { points.append(least) }
            if let greatest, greatest != least { points.append(greatest) }
            least = nil
            greatest = nil
        }
    }

    /// A session and what it is where it is seen otherwise.
    private func twinSessions(of session: Int) -> Set<Int> {
        comparisons.reduce(into: [session]) { $0.formUnion([$1.wire.session, $1.mirrored.session]) }
    }

    /// Whether two streams of one conversation carry the same, each as somebody sees it.
    private func isSame(_ stream: Int, _ other: Int) -> Bool {
        stream == other
            || !model.streams[other].isMirrored && model.streams[stream].streamID == model.streams[other].streamID
                && model.streams[stream].direction == model.streams[other].direction
    }

    private func delays(_ log: ChunkedArray<DelaySample>, _ isWanted: (Int) -> Bool) -> QualityDelays {
        let first = log.partitionPoint { $0.time < range.start }
        let last = log.partitionPoint { $0.message <= cursor && $0.time < range.end }
        guard first < last else { return QualityDelays() }
        let isThinned = last - first > Self.pointLimit
        let column = max(1, (range.end &- range.start) / Self.pointColumns)
        // Each kind asked by a client, and then by a server: only of round trips that says where the time was spent.
        let kinds = DelaySample.Kind.allCases
        var found = [Delays](repeating: Delays(), count: kinds.count * 2)
        log.scan(first..<last) { _, sample in
            let stream = Int(sample.stream)
            guard isWanted(stream) else { return true }
            let isServers = sample.kind == .roundTrip && model.streams[stream].direction == .server
            let place = Int(sample.kind.rawValue) * 2 + (isServers ? 1 : 0)
            if isThinned {
                found[place].add(copy sample, column: (sample.time &- range.start) / column)
            } else {
                found[place].add(copy sample)
            }
            return true
        }
        var delays = QualityDelays()
        for place in found.indices {
            found[place].flush()
            guard let figures = found[place].counter.figures else { continue }
            delays.groups.append(
                QualityDelays.Group(
                    kind: kinds[place / 2], asker: place % 2 == 0 ? .client : .server, figures: figures,
                    points: found[place].points))
        }
        return delays
    }
}
