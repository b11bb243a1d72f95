import Inspection
import Screen

/// The keys and the mouse that move the clock, and the clock that plays.
extension Application {
    /// How far `,` and `.` go, nanoseconds.
    private static let seekStep: Int64 = 1_000_000_000
    /// A longer time without a message is a gap, nanoseconds.
    private static let gap: Int64 = 1_000_000_000
    /// What is played of a gap, at either end, so that a gap is still seen as one.
    private static let gapRest: Int64 = 100_000_000

    /// Nil when the action is not about time.
    mutating func moveClock(_ action: Action, wall: Int64) -> [Effect]? {
        switch action {
        case .playPause: return playOrPause(wall: wall)
        case .faster: player.change(by: 1, wall: wall)
        case .slower: player.change(by: -1, wall: wall)
        case .stepBack: return step(by: -1)
        case .stepForward: return step(by: 1)
        case .seekBack: return jump(to: snapshot.time - Self.seekStep, wall: wall)
        case .seekForward: return jump(to: snapshot.time + Self.seekStep, wall: wall)
        case .toStart: return jump(to: snapshot.firstKeptTime, wall: wall)
        case .toEnd: return goToEnd()
        case .loop: toggleLoop()
        case .markLoop: markLoop()
        case .skipGaps: toggleGaps()
        case .timelineIn: timeline.zoom(1, about: snapshot.time, snapshot)
        case .timelineOut: timeline.zoom(-1, about: snapshot.time, snapshot)
        case .timelineAll: timeline.showAll()
        case .previousFinding, .previousLoss, .previousConflict, .versionBack:
            return Landmark(action).map { go(to: $0, forward: false) }
        default: return Landmark(action).map { go(to: $0, forward: true) }
        }
        return []
    }

    private mutating func playOrPause(wall: Int64) -> [Effect] {
        if player.isPlaying {
            player.pause()
            return []
        }
        if isLive, snapshot.isAtEnd {
            pendingCursor = nil
            notice = Notice(
                text: "Paused; what comes is still read. p plays on from here, > goes back to what happens now.",
                role: .note)
            return [.seek(.time(max(snapshot.time, now)))]
        }
        let isAtEnd = !isLive && (snapshot.isAtEnd || snapshot.cursor >= snapshot.index.count)
        player.play(from: isAtEnd ? snapshot.firstKeptTime : snapshot.time, wall: wall)
        pendingCursor = nil
        messages.follow()
        return tick(wall: wall)
    }

    mutating func goToEnd() -> [Effect] {
        player.pause()
        pendingCursor = nil
        messages.follow()
        return [.seek(.end)]
    }

    /// The clock to a capture time; a playing clock goes on playing from there.
    mutating func jump(to time: Int64, wall: Int64) -> [Effect] {
        guard time < snapshot.lastTime else { return goToEnd() }
        if time < snapshot.firstKeptTime { sayOlderIsGone() }
        let time = max(time, snapshot.firstKeptTime)
        if player.isPlaying { player.play(from: time, wall: wall) }
        pendingCursor = nil
        messages.follow()
        return [.seek(.time(time))]
    }

    /// The clock to where somebody wants it.
    mutating func go(to target: SeekTarget, wall: Int64) -> [Effect] {
        switch target {
        case .time(let time): jump(to: time, wall: wall)
        case .message(let message): go(to: message)
        }
    }

    /// One message on or back, of those that the filter lets through; the list goes along.
    private mutating func step(by step: Int) -> [Effect] {
        player.pause()
        guard snapshot.listCount > 0 else { return [] }
        let cursor = pendingCursor ?? snapshot.cursor
        // The first row at or behind the clock's message: going on from between two rows ends on the later one.
        let row = snapshot.row(of: max(0, cursor - 1))
        let isOnRow = cursor > 0 && row < snapshot.listCount && snapshot.listed(row) == cursor - 1
        let target = max(0, min(row + (step > 0 && !isOnRow ? 0 : step), snapshot.listCount - 1))
        return go(to: snapshot.listed(target))
    }

    /// What is older than the index goes back is there no more.
    mutating func sayOlderIsGone() {
        let first = Format.thousands(snapshot.index.start + 1)
        notice = Notice(text: "Older messages are gone: \(first) is the first that is kept.")
    }

    /// The clock to right after a message, which becomes the selected one.
    mutating func go(to message: Int) -> [Effect] {
        player.pause()
        if message < snapshot.index.start { sayOlderIsGone() }
        let message = max(message, snapshot.index.start)
        messages.select(message)
        showEntityOfMessage()
        pendingCursor = message + 1
        return [.seek(.message(message + 1))]
    }

    // MARK: Playing

    /// Moves a playing clock on.
    mutating func play(wall: Int64) -> [Effect] {
        guard var time = player.time(wall: wall) else { return [] }
        if player.skipsGaps, let end = endOfGap(at: time) {
            notice = Notice(
                text: "passed over \(Format.si(Double(end - time) / 1e9, unit: "s")) without a message", role: .note)
            player.play(from: end, wall: wall)
            time = end
        }
        if let loop = player.loop(first: snapshot.firstKeptTime, last: snapshot.lastTime), time >= loop.upperBound {
            player.play(from: loop.lowerBound, wall: wall)
            return [.seek(.time(loop.lowerBound))]
        }
        if time >= snapshot.lastTime, snapshot.loading == .done || isLive {
            player.pause()
            return [.seek(.end)]
        }
        return [.seek(.time(time))]
    }

    /// Where to go on playing from a time in the middle of a gap; nil when it is in none.
    private func endOfGap(at time: Int64) -> Int64? {
        let passed = snapshot.index.count(until: time)
        guard passed > snapshot.index.start, passed < snapshot.index.count else { return nil }
        let before = snapshot.index[passed - 1].time
        let next = snapshot.index[passed].time
        guard next - before > Self.gap, time >= before + Self.gapRest, time < next - Self.gapRest else { return nil }
        return next - Self.gapRest
    }

    private mutating func toggleLoop() {
        player.loops.toggle()
        let range = player.loopStart == nil ? "all of it" : "from A to " + (player.loopEnd == nil ? "the end" : "B")
        let hint = player.loopStart == nil ? "; a marks where a loop begins and ends" : ""
        notice = Notice(text: player.loops ? "Plays \(range) again and again\(hint)." : "Plays once.", role: .note)
    }

    private mutating func markLoop() {
        player.mark(snapshot.time)
        let text =
            switch (player.loopStart, player.loopEnd) {
            case (nil, _): "No part is marked any more."
            case (_, nil): "A: the loop begins here; a again, at another time, marks its end."
            default: "B: plays from A to B again and again; r plays once, a takes the marks away."
            }
        notice = Notice(text: text, role: .note)
    }

    private mutating func toggleGaps() {
        player.skipsGaps.toggle()
        notice = Notice(
            text: player.skipsGaps
                ? "Playing passes over times without messages of more than \(Format.si(Double(Self.gap) / 1e9, unit: "s"))."
                : "Playing takes all the time there is.", role: .note)
    }
}
