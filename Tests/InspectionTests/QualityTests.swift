import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// What the graphs show, with figures worked out by hand. Times are milliseconds since the start, which is a whole second.
struct QualityTests {
    // MARK: Rates

    @Test("A rate is what came over the real length of its step; before the first message there is none")
    func rates() {
        var talk = Talk()
        // From 0.5 s on, ten a second.
        for step in 0..<25 { talk.move(1, at: 500 + Double(step) * 100) }
        let line = talk.picture().lines[0]
        // 0.5 s with 5 messages, a second with 10, and 0.9 s until the clock with the other 10.
        #expect(line.messages[0] == 10 && line.messages[1] == 10)
        #expect(line.messages[2].map { abs($0 - 10 / 0.9) < 1e-9 } == true)
        #expect(line.messages[3...].allSatisfy { $0 == nil })
        let size = Double(talk.model.counters.octets) / 25
        #expect(line.octets[1] == size * 10)
    }

    @Test("Nothing sent is a rate of 0, and 0 is not the same as nothing to tell")
    func zero() {
        var talk = Talk()
        for time in [0.0, 500, 3500, 3900] { talk.move(1, at: time) }
        let line = talk.picture().lines[0]
        #expect(line.messages[..<4] == [2, 0, 0, Double(2) / 0.9])
        #expect(line.loss[1] == nil && line.loss[0] == 0)
    }

    @Test("A step that has hardly begun tells no rate, a single moment none at all")
    func hardlyBegun() {
        var talk = Talk()
        for step in 0..<11 { talk.move(1, at: Double(step) * 100) }
        #expect(talk.picture().lines[0].messages[..<2] == [10, nil])
        var moment = Talk()
        for _ in 0..<3 { moment.move(1, at: 5) }
        let line = moment.picture().lines[0]
        #expect(line.messages.allSatisfy { $0 == nil } && line.octets.allSatisfy { $0 == nil })
        #expect(line.loss[0] == 0)
    }

    @Test("Before the first message there is no line")
    func nothing() {
        #expect(Talk().picture().lines.isEmpty)
        #expect(Talk().snapshot.cost(by: .type).rows.isEmpty)
    }

    @Test("Longer without anything than a peer is silent breaks the lines, and is told")
    func silence() {
        var talk = Talk()
        for time in [0.0, 900, 20_100, 20_900] { talk.move(1, at: time) }
        let picture = talk.picture(count: 22)
        #expect(picture.silences.map(\.message) == [3])
        let line = picture.lines[0]
        // The silence is from 0.9 s to 20.1 s: what lies outside of it counts.
        #expect(line.messages[0] == 2 / 0.9)
        #expect(line.messages[1..<20].allSatisfy { $0 == nil })
        #expect(line.messages[20].map { abs($0 - 2 / 0.8) < 1e-6 } == true)
        // A silence that lasts until the clock is one, too; a shorter one is a rate of 0.
        #expect(talk.picture(count: 60, clock: 50).lines[0].messages[30] == nil)
        #expect(talk.picture(count: 60, clock: 30).lines[0].messages[25] == 0)
    }

    @Test("A session that is over has no rate any more")
    func over() {
        var talk = Talk()
        talk.open()
        for step in 1..<10 { talk.move(1, at: Double(step) * 100) }
        talk.send(Sample.goodbye, at: 1000)
        talk.move(2, at: 4000, from: Sample.otherClient)
        let lines = talk.picture(.session(0)).lines
        #expect(lines.map(\.sender) == [.client, .server])
        #expect(lines[0].messages[0].map { $0 > 9 } == true)
        #expect(lines[0].messages[2...].allSatisfy { $0 == nil })
        #expect(talk.picture().lines[0].messages[2] == 0)
    }

    // MARK: Shares

    @Test("Loss is the share of the expected that is missing, and what comes late is no loss")
    func loss() {
        var talk = Talk()
        // Ten a second; 13 never comes, 15 comes behind 17.
        let order = Array(0..<13) + [14, 16, 17, 15] + Array(18..<30)
        for (place, sequence) in order.enumerated() {
            talk.move(
                1, sequence: UInt32(sequence),
                at: Double(sequence == 15 ? 17 : place + (sequence > 13 ? 1 : 0)) * 100 + 50)
        }
        let line = talk.picture(.stream(0)).lines[0]
        #expect(line.loss[..<3] == [0, 0.1, 0])
        // RFC 4737: one first arrival below the highest, of nine.
        #expect(line.reordered[1] == 1.0 / 9)
    }

    @Test("Copies and retransmissions are shares of all messages, and neither counts as expected")
    func again() {
        var talk = Talk()
        for sequence in 0..<8 { talk.move(1, sequence: UInt32(sequence), at: Double(sequence) * 100) }
        talk.move(1, sequence: 7, at: 810)
        talk.send(
            Sample.update(1), stream: 1, sequence: 6, flags: .retransmit, address: Sample.address(stamp: 1), at: 820)
        let line = talk.picture(.stream(0)).lines[0]
        #expect(line.duplicates[0] == 0.1 && line.retransmits[0] == 0.1)
        #expect(line.loss[0] == 0 && line.reordered[0] == 0)
        #expect(talk.picture().lines[0].retransmits[0] == 0.1)
    }

    // MARK: Jitter

    @Test("Jitter is the greatest of a step, and stays what it is for a while without messages")
    func jitter() {
        var talk = Talk()
        for step in 0..<10 { talk.move(1, at: Double(step) * 100) }
        // One late by 32 ms: |D| is 32 and then 32 again.
        talk.send(
            Sample.update(1), stream: 1, address: Sample.address(stamp: 1000), at: 1032, sent: 1_000_000)
        let line = talk.picture(.stream(0), clock: 9).lines[0]
        #expect(line.jitter[0] == 0 && line.jitter[1] == 2)
        #expect(line.jitter[2] == 2 && line.jitter[3...].allSatisfy { $0 == nil })
    }

    @Test("The jitter of several streams is that of the worst, and one message has none")
    func worstJitter() {
        var talk = Talk()
        talk.send(Sample.ping, at: 0)
        for step in 0..<5 { talk.move(1, at: Double(step) * 100) }
        #expect(talk.picture(.session(0)).lines[0].jitter[0] == 0)
        #expect(talk.picture(.stream(0)).lines[0].jitter[0] == nil)
    }

    @Test("Senders that tell whole milliseconds are known, until one tells more")
    func grain() {
        var talk = Talk()
        for step in 0..<5 { talk.move(1, at: Double(step) * 100) }
        #expect(talk.picture(.stream(0)).lines[0].isCoarselyStamped)
        talk.send(Sample.update(1), stream: 1, address: Sample.address(stamp: 9), at: 600, sent: 600_123)
        #expect(!talk.picture(.stream(0)).lines[0].isCoarselyStamped)
        #expect(!talk.picture().lines[0].isCoarselyStamped)
        #expect(talk.chronicle.quality.isCoarselyStamped(0, until: 5))
    }

    // MARK: Percentiles

    @Test("Percentiles are by nearest rank, also of few values and of many")
    func percentiles() throws {
        #expect(QualityFigures([Double?]()) == nil && QualityFigures([nil, nil]) == nil)
        let one = try #require(QualityFigures([nil, 7, nil]))
        #expect([one.latest, one.p50, one.p90, one.p99, one.greatest] == [7, 7, 7, 7, 7] && one.count == 1)
        // The 95th of ten is the tenth and not beyond it; 0 is a value.
        let ten = try #require(QualityFigures((0..<10).map { Double($0) }))
        #expect(ten.p50 == 4 && ten.p90 == 8 && ten.p99 == 9 && ten.latest == 9)
        let many = try #require(QualityFigures((1...100_000).map { Double($0) / 100 }))
        #expect(abs(many.p50 - 500) < 0.6 && abs(many.p99 - 990) < 1.1 && many.greatest == 1000)
        #expect(many.count == 100_000)
    }

    @Test("Values without sense give no trap")
    func senseless() {
        let values = [-1, 1e300, .infinity, 0] + (0..<2000).map { Double($0) * 1e20 }
        #expect(QualityFigures(values.map(Optional.some))?.count == 2004)
    }

    // MARK: Ranges

    @Test(
        "A range is made of steps that people can say, and covers what it shall",
        arguments: [(0, 0), (0, 1), (5, 29), (0, 7_200), (0, 400_000_000), (-50, 50)] as [(Int64, Int64)])
    func ranges(first: Int64, last: Int64) {
        for width in QualityChronicle.widths {
            for points in [1, 7, 100] {
                let first = Sample.start + first * 1_000_000_000 + 123
                let last = Sample.start + last * 1_000_000_000
                let range = QualityRange(covering: first, to: last, points: points, width: width)
                #expect(range.step % width == 0 && range.start % range.step == 0)
                #expect(range.start <= first && range.end > last)
                #expect(range.count <= points + 2)
            }
        }
    }

    @Test("Clocks at the ends of their range give no trap")
    func extremes() {
        for (first, last) in [(Int64.min, Int64.max), (.max, .min), (0, .max), (.min, 0), (.max, .max)] {
            let range = QualityRange(covering: first, to: last, points: 50, width: 100_000_000)
            #expect(range.count > 0 && range.count < 10_000)
        }
    }
}
