import Inspection
import Testing

/// Design section 3: lost, duplicate, reordered.
struct SequenceTests {
    private func tracker(_ sequences: [UInt32]) -> SequenceTracker {
        var tracker = SequenceTracker()
        for sequence in sequences { _ = tracker.arrive(sequence) }
        return tracker
    }

    @Test("Sequences that come one after the other lose nothing")
    func inOrder() {
        var tracker = SequenceTracker()
        #expect((5..<100).allSatisfy { tracker.arrive($0) == .inOrder })
        #expect(tracker.lost == 0)
        #expect((tracker.lowest, tracker.highest) == (5, 99))
    }

    @Test("What lies between the lowest and the highest and never came is lost")
    func lost() {
        var tracker = tracker([10, 11])
        #expect(tracker.arrive(15) == .ahead(missing: 3))
        #expect(tracker.lost == 3)
        #expect(tracker.missing.map { [$0.first, $0.count] } == [[12, 3]])
    }

    @Test("A sequence that comes late is no longer lost, whatever part of the hole it fills", arguments: [12, 13, 14])
    func late(sequence: UInt32) {
        var tracker = tracker([10, 11, 15])
        #expect(tracker.arrive(sequence) == .late(wasMissing: true))
        #expect(tracker.lost == 2)
        #expect(tracker.arrive(sequence) == .again)
        #expect(tracker.missing.reduce(0) { $0 + Int($1.count) } == 2)
        #expect(!tracker.missing.contains { $0.first <= sequence && sequence < $0.first + $0.count })
    }

    @Test("A sequence that was seen comes again", arguments: [0, 3, 7])
    func again(sequence: UInt32) {
        var tracker = tracker(Array(0..<8))
        #expect(tracker.arrive(sequence) == .again)
        #expect(tracker.lost == 0)
    }

    @Test("A first arrival below the lowest opens what lies between")
    func belowTheLowest() {
        var tracker = tracker([10])
        #expect(tracker.arrive(7) == .late(wasMissing: false))
        #expect(tracker.lost == 2)
        #expect(tracker.arrive(8) == .late(wasMissing: true))
        #expect(tracker.arrive(9) == .late(wasMissing: true))
        #expect(tracker.lost == 0)
    }

    @Test("The count goes on over the end of 32 bits (RFC 1982)")
    func wrap() {
        var tracker = tracker([UInt32.max - 1, UInt32.max])
        #expect(tracker.arrive(0) == .inOrder)
        #expect(tracker.arrive(3) == .ahead(missing: 2))
        #expect(tracker.arrive(UInt32.max) == .again)
        #expect(tracker.arrive(1) == .late(wasMissing: true))
        #expect(tracker.lost == 1)
        #expect((tracker.lowest, tracker.highest) == (UInt32.max - 1, 3))
    }

    @Test("A hole over the end of 32 bits is as large as it is")
    func holeOverTheEnd() {
        var tracker = tracker([UInt32.max - 2, 4])
        #expect(tracker.lost == 6)
        #expect(tracker.arrive(UInt32.max) == .late(wasMissing: true))
        #expect(tracker.arrive(0) == .late(wasMissing: true))
        #expect(tracker.missing.map(\.count) == [1, 3])
    }

    @Test(
        "A jump that no loss explains is a new beginning",
        arguments: [5 + (1 << 20) + 1, 1 << 31, UInt32.max - (1 << 21), 5 + (1 << 31)] as [UInt32])
    func restart(sequence: UInt32) {
        var tracker = tracker([3, 5])
        #expect(tracker.arrive(sequence) == .restart)
        #expect(tracker.lost == 1)
        #expect((tracker.lowest, tracker.highest) == (sequence, sequence))
        #expect(tracker.arrive(sequence &+ 1) == .inOrder)
    }

    @Test("The largest jump that counts as loss is 2^20")
    func largestJump() {
        var tracker = tracker([5])
        #expect(tracker.arrive(5 + (1 << 20)) == .ahead(missing: (1 << 20) - 1))
        #expect(tracker.lost == (1 << 20) - 1)
    }

    @Test("With a hold-off, what may still come is not lost yet")
    func holdOff() {
        // Missing: 2, 3, 5, 7 below a highest of 8.
        let tracker = tracker([1, 4, 6, 8])
        #expect(tracker.lost == 4)
        #expect(tracker.lost(holdOff: 0) == 4)
        #expect(tracker.lost(holdOff: 1) == 4)
        #expect(tracker.lost(holdOff: 2) == 3)
        #expect(tracker.lost(holdOff: 3) == 3)
        #expect(tracker.lost(holdOff: 4) == 2)
        #expect(tracker.lost(holdOff: 6) == 1)
        #expect(tracker.lost(holdOff: 100) == 0)
    }

    @Test("A hold-off that ends within a hole counts the part before it")
    func holdOffWithinAHole() {
        let tracker = tracker([1, 12])
        #expect(tracker.lost == 10)
        #expect(tracker.lost(holdOff: 3) == 8)
    }

    @Test("However many holes a sender makes, few are kept and all are counted")
    func manyHoles() {
        var tracker = SequenceTracker()
        let holes: UInt32 = 5000
        for step in 0...holes { _ = tracker.arrive(step * 2) }
        #expect(tracker.lost == Int(holes))
        #expect(tracker.missing.count == 1024)
        // The newest holes are those that may still be filled.
        #expect(tracker.arrive(holes * 2 - 1) == .late(wasMissing: true))
        #expect(tracker.lost == Int(holes) - 1)
    }

    @Test(
        "What lies before the holes that are kept is settled: a copy of it is no first arrival and loses nothing more")
    func settled() {
        var tracker = SequenceTracker()
        for step in 0...UInt32(5000) { _ = tracker.arrive(step * 2) }
        let lost = tracker.lost
        #expect(tracker.arrive(100) == .again)
        #expect(tracker.arrive(100) == .again)
        #expect(tracker.lost == lost)
        #expect(tracker.arrive(0) == .again)
        #expect(tracker.lost == lost)
    }

    @Test("Many holes below the lowest are counted once, too")
    func manyHolesBelow() {
        var tracker = SequenceTracker()
        for step in 0...UInt32(3000) { _ = tracker.arrive(10_000 - step * 2) }
        let lost = tracker.lost
        #expect(tracker.missing.count <= 1024)
        #expect(tracker.arrive(10_000 - 200) == .again)
        #expect(tracker.lost == lost)
    }

    @Test("In whatever order sequences come, lost is what never came and every first arrival is counted once")
    func anyOrder() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let base = UInt32.random(in: .min ... .max, using: &generator)
            let count = UInt32.random(in: 2...60, using: &generator)
            let sent = (0..<count).map { base &+ $0 }
            var arrivals = sent.filter { _ in Bool.random(using: &generator) }
            arrivals += arrivals.filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }
            arrivals.shuffle(using: &generator)
            guard !arrivals.isEmpty else { continue }
            var tracker = SequenceTracker()
            let again = arrivals.filter { tracker.arrive($0) == .again }.count
            let distances = Set(arrivals.map { $0 &- base })
            let span = (distances.max() ?? 0) - (distances.min() ?? 0) + 1
            #expect(tracker.lost == Int(span) - distances.count)
            #expect(again == arrivals.count - distances.count)
        }
    }
}
