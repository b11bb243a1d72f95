import Capture
import Testing

/// The clock of the machine is set while something is watched.
struct WallStepsTests {
    private static let second: Int64 = 1_000_000_000
    private static let start: Int64 = 1_793_000_000 * second

    /// A clock that was looked at so many seconds after the start, when the wall clock was so many seconds off.
    private func clock(_ looks: (after: Int64, off: Int64)...) -> WallSteps {
        var clock = WallSteps()
        for look in looks {
            clock.look(wall: Self.start + (look.after + look.off) * Self.second, monotonic: look.after * Self.second)
        }
        return clock
    }

    /// Seconds since the start.
    private func seconds(_ time: Int64) -> Int64 { (time - Self.start) / Self.second }

    @Test func `Without a step it is the wall clock`() {
        #expect(seconds(clock((0, 0), (5, 0)).now) == 5)
        #expect(clock((0, 0), (5, 0)).continued(Self.start) == Self.start)
    }

    @Test(arguments: [2, 3600, 40 * 365 * 86_400] as [Int64])
    func `Where it is set back time goes on, to the second`(step: Int64) {
        let clock = clock((0, 0), (5, 0), (6, -step), (7, -step))
        #expect(seconds(clock.now) == 7)
        #expect(seconds(clock.continued(Self.start + (7 - step) * Self.second)) == 7)
        // Set back once more.
        let again = self.clock((0, 0), (5, 0), (6, -step), (8, -2 * step))
        #expect(seconds(again.now) == 8)
        #expect(seconds(again.continued(Self.start + (8 - 2 * step) * Self.second)) == 8)
    }

    @Test func `What came before the step and is read behind it stays where it was`() {
        let clock = clock((0, 0), (5, 0), (6, -3600))
        #expect(seconds(clock.continued(Self.start + 5 * Self.second)) == 5)
        let back = self.clock((0, 0), (5, 0), (6, -3600), (10, 0))
        #expect(seconds(back.continued(Self.start + (9 - 3600) * Self.second)) == 9)
    }

    @Test func `Set right again it is the wall clock again, and time has never gone back`() {
        #expect(seconds(clock((0, 0), (5, 0), (6, -3600), (10, 0)).now) == 10)
    }

    @Test func `A step forward is a pause`() {
        let clock = clock((0, 0), (5, 3600))
        #expect(seconds(clock.now) == 3605)
        #expect(seconds(clock.continued(Self.start + 3605 * Self.second)) == 3605)
    }

    @Test func `A clock that is adjusted slowly is followed, however far it goes`() {
        var clock = WallSteps()
        for number in 0..<10_000 as Range<Int64> {
            clock.look(wall: Self.start + number * (Self.second - 500_000), monotonic: number * Self.second)
        }
        #expect(clock.now == Self.start + 9_999 * (Self.second - 500_000))
    }

    @Test func `Times that no clock shows are no trap`() {
        var clock = WallSteps()
        for (wall, monotonic) in [(Int64.max, Int64.min), (.min, .max), (0, 0), (.max, .max)] as [(Int64, Int64)] {
            clock.look(wall: wall, monotonic: monotonic)
            _ = clock.continued(.max)
            _ = clock.continued(.min)
        }
    }
}
