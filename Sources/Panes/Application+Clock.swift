import Inspection

/// The keys and the mouse that move the clock.
extension Application {
    /// How far `,` and `.` go, nanoseconds.
    private static let seekStep: Int64 = 1_000_000_000

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
        case .toStart: return jump(to: snapshot.firstTime, wall: wall)
        case .toEnd: return goToEnd()
        default: return nil
        }
        return []
    }

    private mutating func playOrPause(wall: Int64) -> [Effect] {
        if player.isPlaying {
            player.pause()
            return []
        }
        let isAtEnd = snapshot.isAtEnd || snapshot.cursor >= snapshot.index.count
        player.play(from: isAtEnd ? snapshot.firstTime : snapshot.time, wall: wall)
        pendingCursor = nil
        messages.follow()
        return tick(wall: wall)
    }

    private mutating func goToEnd() -> [Effect] {
        player.pause()
        pendingCursor = nil
        messages.follow()
        return [.seek(.end)]
    }

    /// The clock to a capture time; a playing clock goes on playing from there.
    mutating func jump(to time: Int64, wall: Int64) -> [Effect] {
        guard time < snapshot.lastTime else { return goToEnd() }
        let time = max(time, snapshot.firstTime)
        if player.isPlaying { player.play(from: time, wall: wall) }
        pendingCursor = nil
        messages.follow()
        return [.seek(.time(time))]
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

    /// The clock to right after a message, which becomes the selected one.
    mutating func go(to message: Int) -> [Effect] {
        player.pause()
        messages.select(message)
        showEntityOfMessage()
        pendingCursor = message + 1
        return [.seek(.message(message + 1))]
    }
}
