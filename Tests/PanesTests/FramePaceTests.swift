import Panes
import Testing

private let millisecond: Int64 = 1_000_000

@Suite struct FramePaceTests {
    /// A screen that was drawn at time 0, for nobody in particular.
    private func drawn() -> FramePace {
        var pace = FramePace()
        pace.show(at: 0)
        return pace
    }

    @Test func `the first frame is due at once`() {
        #expect(FramePace().isDue(at: 0))
    }

    @Test func `without a change there is no frame`() {
        let pace = drawn()
        #expect(!pace.isDue(at: .max / 2))
        #expect(pace.next(isMoving: false, isLive: false) == nil)
    }

    @Test func `what changes by itself waits for its frame`() {
        var pace = drawn()
        pace.change()
        #expect(!pace.isDue(at: FramePace.frameInterval - 1))
        #expect(pace.isDue(at: FramePace.frameInterval))
        #expect(pace.next(isMoving: false, isLive: true) == FramePace.frameInterval)
    }

    @Test func `an answer does not wait for the frames of what changes by itself`() {
        var pace = drawn()
        pace.ask()
        #expect(pace.isDue(at: millisecond))
    }

    @Test func `answers come so many milliseconds apart`() {
        var pace = drawn()
        pace.ask()
        pace.show(at: millisecond)
        pace.ask()
        #expect(!pace.isDue(at: millisecond + FramePace.answerInterval - 1))
        #expect(pace.isDue(at: millisecond + FramePace.answerInterval))
        #expect(pace.next(isMoving: true, isLive: true) == millisecond + FramePace.answerInterval)
    }

    @Test func `of what is live time goes on each second`() {
        var pace = drawn()
        #expect(pace.next(isMoving: false, isLive: true) == FramePace.liveInterval)
        pace.goOn(to: FramePace.liveInterval - 1)
        #expect(!pace.isDue(at: FramePace.liveInterval - 1))
        pace.goOn(to: FramePace.liveInterval)
        #expect(pace.isDue(at: FramePace.liveInterval))
    }
}
