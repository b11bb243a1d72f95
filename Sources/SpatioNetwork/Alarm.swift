import NIOCore

/// Wakes a machine at its deadline. A machine moves its deadline with nearly every message, mostly to later: a timer that
/// goes off too early costs less than one that is made anew each time.
struct Alarm {
    private let loop: any EventLoop
    private var scheduled: Scheduled<Void>?
    private var time = Int64.max

    init(_ loop: any EventLoop) { self.loop = loop }

    /// - Parameter deadline: monotonic nanoseconds; nil: never.
    mutating func set(_ deadline: Int64?, _ body: @escaping @Sendable () -> Void) {
        let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
        if time <= now {
            // It has gone off, or is about to: what comes next needs one of its own.
            cancel()
        }
        guard let deadline else { return }
        // A machine whose deadline has passed has been asked just now; again at once would be a busy loop.
        let next = max(deadline, now + Self.leastDelay)
        guard next < time else { return }
        cancel()
        time = next
        scheduled = loop.scheduleTask(deadline: NIODeadline(monotonic: next), body)
    }

    mutating func cancel() {
        scheduled?.cancel()
        scheduled = nil
        time = .max
    }

    /// Nanoseconds: finer than any time that the protocol counts.
    private static let leastDelay: Int64 = 100_000
}
