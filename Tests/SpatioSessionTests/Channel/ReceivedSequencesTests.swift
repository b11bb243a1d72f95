@testable import SpatioSession
import SpatioWire
import Testing

@Suite struct ReceivedSequencesTests {
    private func insert(_ sequence: UInt32, _ received: inout ReceivedSequences) -> Bool {
        guard received.standing(of: sequence) == .new else { return false }
        received.insert(sequence)
        return true
    }

    private func sequences(_ ranges: [Pong.SequenceRange]) -> Set<UInt32> {
        Set(ranges.flatMap { range in (0..<range.count).map { range.first &+ $0 } })
    }

    @Test("Each sequence is new once, in any order, over the wrap too", arguments: 1...20) func once(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let first = UInt32.max &- UInt32.random(in: 0...3000, using: &generator)
        var received = ReceivedSequences(startingAt: first)
        var arrived: Set<UInt32> = []
        for step in 0..<4000 as Range<UInt32> {
            let sequence = first &+ step / 2 &+ UInt32.random(in: 0...700, using: &generator)
            #expect(insert(sequence, &received) == arrived.insert(sequence).inserted)
        }
        var next = first
        while arrived.contains(next) { next &+= 1 }
        #expect(received.next == next)
        let end = received.end
        let holes = (0..<(end &- first)).map { first &+ $0 }.filter { !arrived.contains($0) }
        #expect(sequences(received.missing(below: end, most: 100_000, turn: 0)) == Set(holes))
    }

    @Test("In order, nothing is ever missing") func inOrder() {
        var received = ReceivedSequences(startingAt: .max - 10)
        for step in 0..<1000 as Range<UInt32> { #expect(insert(.max - 10 &+ step, &received)) }
        #expect(received.next == 989 && received.end == 989)
        #expect(received.missing(below: 989, most: 10, turn: 0).isEmpty)
        #expect(received.missing(below: 991, most: 10, turn: 0) == [Pong.SequenceRange(first: 989, count: 2)])
    }

    @Test("What lies before the window is known; what is far ahead of it moves it; what is too far is refused")
    func window() {
        var received = ReceivedSequences()
        received.insert(5)
        received.insert(ReceivedSequences.windowSize + 4)
        #expect(received.next == 6)
        received.insert(ReceivedSequences.windowSize + 100)
        #expect(received.next == 101)
        #expect(received.standing(of: 50) == .known)
        #expect(received.standing(of: 101) == .new)
        #expect(received.standing(of: ReceivedSequences.windowSize + 4) == .known)
        received.insert(ReceivedSequences.windowSize * 5)
        #expect(received.end == ReceivedSequences.windowSize * 5 + 1)
        #expect(received.standing(of: received.next &+ ReceivedSequences.jumpLimit) == .tooFar)
        #expect(received.standing(of: received.next &- 1) == .known)
        #expect(received.standing(of: received.next &+ 1 << 31) == .known)
    }

    @Test("Holes that are forgotten count as arrived") func forgetting() {
        var received = ReceivedSequences()
        for sequence in [1, 2, 5, 7] as [UInt32] { received.insert(sequence) }
        received.forget(below: 4)
        #expect(received.next == 4)
        received.forget(below: 2)
        #expect(received.next == 4)
        received.insert(4)
        #expect(received.next == 6)
        received.forget(below: 1000)
        #expect(received.next == 1000 && received.end == 1000)
        received.insert(1001)
        #expect(received.missing(below: 1002, most: 5, turn: 0) == [Pong.SequenceRange(first: 1000, count: 1)])
    }

    @Test(
        "With too many holes for a PONG nothing is acknowledged that has not arrived, and in turns everything that has",
        arguments: [5, 6, 12, 60])
    func turns(most: Int) {
        var generator = SeededGenerator(state: UInt64(most))
        var received = ReceivedSequences()
        var arrived: Set<UInt32> = []
        for sequence in 0..<500 as Range<UInt32> where Int.random(in: 0..<4, using: &generator) > 0 {
            received.insert(sequence)
            arrived.insert(sequence)
        }
        var acknowledged = Set(0..<received.next)
        for turn in 0..<150 {
            let ranges = received.missing(below: 500, most: most, turn: turn)
            #expect(ranges.count <= most)
            for (range, behind) in zip(ranges, ranges.dropFirst()) { #expect(range.first + range.count < behind.first) }
            let told = Set(received.next..<500).subtracting(sequences(ranges))
            #expect(told.isSubset(of: arrived))
            acknowledged.formUnion(told)
        }
        #expect(acknowledged == arrived)
    }

    @Test("A position that cannot be is answered with nothing, or with one range") func oddPositions() {
        var received = ReceivedSequences()
        received.insert(0)
        #expect(received.missing(below: 0, most: 5, turn: 0).isEmpty)
        #expect(received.missing(below: .max, most: 5, turn: 0).isEmpty)
        #expect(received.missing(below: 1 << 31, most: 5, turn: 0).count == 1)
    }
}
