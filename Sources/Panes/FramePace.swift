/// When the screen is to be drawn. Times are monotonic, nanoseconds.
package struct FramePace {
    /// At most 30 frames a second: more is not seen and costs an ssh line.
    package static let frameInterval: Int64 = 33_000_000
    /// Between two frames that answer somebody. They do not wait for the others, so that what is typed keeps up with the
    /// hand; a mouse that is dragged brings more events than can be drawn.
    package static let answerInterval: Int64 = 8_000_000
    /// Of what is live, time is seen to go on also when nothing comes.
    package static let liveInterval: Int64 = 1_000_000_000

    private var lastFrame = Int64.min / 2
    private var lastAnswer = Int64.min / 2
    /// Something is to be seen that the last frame did not show.
    private var isDirty = true
    /// Somebody waits for it.
    private var isAsked = false

    package init() {}

    /// Something has changed by itself.
    package mutating func change() { isDirty = true }

    /// Somebody has done something and looks for what comes of it.
    package mutating func ask() {
        isDirty = true
        isAsked = true
    }

    /// Time goes on: of what is live that is a change now and then.
    package mutating func goOn(to now: Int64) { if now - lastFrame >= Self.liveInterval { isDirty = true } }

    package func isDue(at now: Int64) -> Bool { isDirty && now >= due }

    /// A frame was shown that was begun after everything that was told here.
    package mutating func show(at now: Int64) {
        lastFrame = now
        if isAsked { lastAnswer = now }
        isDirty = false
        isAsked = false
    }

    /// When the next frame is due.
    ///
    /// - Parameters:
    ///   - isMoving: something changes all the time.
    ///   - isLive: time is to be seen to go on.
    /// - Returns: nil where nothing is to be drawn.
    package func next(isMoving: Bool, isLive: Bool) -> Int64? {
        if isDirty || isMoving { return due }
        return isLive ? lastFrame + Self.liveInterval : nil
    }

    private var due: Int64 {
        let usual = lastFrame + Self.frameInterval
        return isAsked ? min(usual, lastAnswer + Self.answerInterval) : usual
    }
}
