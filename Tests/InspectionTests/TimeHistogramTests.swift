import Capture
import Inspection
import Testing

/// The time line: a fixed number of buckets over any length of time.
struct TimeHistogramTests {
    private let second: Int64 = 1_000_000_000

    private func histogram(_ times: [Int64]) -> TimeHistogram {
        var histogram = TimeHistogram()
        for time in times { histogram.add(time: time, severity: .none) }
        return histogram
    }

    private func messages(_ histogram: TimeHistogram, _ columns: Int) -> [UInt32] {
        histogram.columns(columns).map(\.messages)
    }

    @Test("Without a message there is nothing to draw")
    func empty() {
        #expect(TimeHistogram().columns(80).isEmpty)
        #expect(histogram([1]).columns(0).isEmpty)
    }

    @Test("One message stands in the first column")
    func one() {
        #expect(messages(histogram([Sample.start]), 4) == [1, 0, 0, 0])
    }

    @Test("The first message stands in the first column and the last in the last", arguments: [2, 7, 80, 1000, 2048])
    func ends(columns: Int) {
        let drawn = messages(histogram([Sample.start, Sample.start + 10 * second]), columns)
        #expect(drawn.count == columns)
        #expect(drawn.first == 1)
        #expect(drawn.last == 1)
        #expect(drawn.reduce(0, +) == 2)
    }

    @Test("Messages at an even pace fill the columns evenly")
    func even() {
        let drawn = messages(histogram((0..<10_000).map { Sample.start + Int64($0) * 10_000_000 }), 10)
        #expect(drawn.allSatisfy { abs(Int($0) - 1000) < 60 })
        #expect(drawn.reduce(0, +) == 10_000)
    }

    @Test("A gap of years costs nothing and loses nothing")
    func gapOfYears() {
        let years = 50 * 365 * 86_400 * second
        let histogram = histogram([Sample.start, Sample.start + 1, Sample.start + years])
        #expect(messages(histogram, 3) == [2, 0, 1])
        #expect(histogram.end == Sample.start + years)
    }

    @Test("Messages from before the first are taken in", arguments: [1, 1_000_000, 10_000_000_000, 1 << 60] as [Int64])
    func beforeTheFirst(earlier: Int64) {
        let histogram = histogram([Sample.start, Sample.start - earlier, Sample.start + 5])
        #expect(histogram.columns(50).reduce(0) { $0 + Int($1.messages) } == 3)
        #expect(histogram.start <= Sample.start - earlier)
    }

    @Test("Whatever the order of the times, every message is counted")
    func anyOrder() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<50 {
            let spread = Int64(1) << Int64.random(in: 0...61, using: &generator)
            let times = (0..<200).map { _ in Int64.random(in: 0...spread, using: &generator) }
            let histogram = histogram(times)
            #expect(histogram.columns(100).reduce(0) { $0 + Int($1.messages) } == 200)
            #expect(histogram.end == times.max())
        }
    }

    @Test("The ends of time give no trap, in whatever order they come")
    func extremes() {
        let ends = [CapturedPacket.times.lowerBound, -1, 0, 100, CapturedPacket.times.upperBound]
        for first in ends {
            for second in ends {
                for third in ends {
                    let histogram = histogram([first, second, third])
                    #expect(histogram.columns(10).reduce(0) { $0 + Int($1.messages) } == 3)
                }
            }
        }
    }

    @Test("A bucket keeps the worst that happened in it, also when buckets are joined")
    func severity() {
        var histogram = TimeHistogram()
        histogram.add(time: Sample.start, severity: .note)
        histogram.add(time: Sample.start + 1, severity: .error)
        histogram.add(time: Sample.start + 2, severity: .warning)
        histogram.add(time: Sample.start + 1_000_000 * second, severity: .none)
        #expect(histogram.columns(2).map(\.severity) == [.error, .none])
    }
}
