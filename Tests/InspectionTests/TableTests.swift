@testable import Inspection
import SpatioWire
import Testing

/// The structures that everything lies in.
struct TableTests {
    /// A key whose hash is as bad as can be.
    private struct Colliding: FlatKey {
        var value: Int

        func mixed(with seed: UInt64) -> UInt64 { 7 }
        func isSame(as other: Colliding) -> Bool { value == other.value }
    }

    @Test("Keys are numbered in the order in which they came and found again")
    func numbered() {
        var table = FlatTable<SpatioWire.UUID>()
        var generator = SeededGenerator(seed: 1)
        let keys = (0..<5000).map { _ in SpatioWire.UUID(high: generator.next() % 3, low: generator.next()) }
        for (number, key) in keys.enumerated() {
            #expect(table.index(of: key) == nil)
            #expect(table.append(key) == number)
        }
        #expect(table.count == keys.count)
        #expect(table.keys == keys)
        #expect(keys.indices.allSatisfy { table.index(of: keys[$0]) == $0 })
        #expect(table.index(of: .zero) == nil)
    }

    @Test("An empty table has nothing")
    func empty() { #expect(FlatTable<SpatioWire.UUID>().index(of: .zero) == nil) }

    @Test("Keys that all fall on each other are still told apart")
    func collisions() {
        var table = FlatTable<Colliding>()
        for number in 0..<200 { _ = table.append(Colliding(value: number)) }
        #expect((0..<200).allSatisfy { table.index(of: Colliding(value: $0)) == $0 })
        #expect(table.index(of: Colliding(value: 200)) == nil)
    }

    @Test("A copy keeps what it had when the original grows")
    func copies() {
        var table = FlatTable<SpatioWire.UUID>()
        _ = table.append(Sample.id(1))
        let copy = table
        _ = table.append(Sample.id(2))
        #expect(copy.count == 1)
        #expect(copy.index(of: Sample.id(2)) == nil)
    }

    @Test(
        "A chunked array gives back what was put in, over the ends of its chunks",
        arguments: [0, 1, 4095, 4096, 4097, 10_000])
    func chunks(count: Int) {
        var array = ChunkedArray<Int>()
        for number in 0..<count { array.append(number * 3) }
        #expect(array.count == count)
        #expect(array.isEmpty == (count == 0))
        #expect((0..<count).allSatisfy { array[$0] == $0 * 3 })
    }

    @Test("Copies of a chunked array do not see what comes later")
    func chunkedCopies() {
        var array = ChunkedArray<Int>()
        for number in 0..<5000 { array.append(number) }
        let copy = array
        for number in 5000..<20_000 { array.append(number) }
        #expect(copy.count == 5000)
        #expect((0..<5000).allSatisfy { copy[$0] == $0 })
        #expect(array[19_999] == 19_999)
    }

    @Test(
        "A scan visits a range in order, clipped to what there is, and stops when told",
        arguments: [0..<0, 0..<3, 4090..<4100, 0..<9000, 8999..<12_000, 9000..<9001, 20_000..<30_000])
    func scan(range: Range<Int>) {
        var array = ChunkedArray<Int>()
        for number in 0..<9000 { array.append(number) }
        var seen: [Int] = []
        array.scan(range) { position, element in
            #expect(position == element)
            seen.append(element)
            return true
        }
        #expect(seen == Array(range.clamped(to: 0..<9000)))
        var visits = 0
        array.scan(range) { _, _ in
            visits += 1
            return visits < 2
        }
        #expect(visits == min(2, seen.count))
    }

    @Test(
        "What a chunked array has given up is gone, and the rest stays where it was",
        arguments: [0, 1, 4095, 4096, 4097, 8192, 9000, 20_000])
    func givenUp(position: Int) {
        var array = ChunkedArray<Int>()
        for number in 0..<9000 { array.append(number) }
        let copy = array
        array.removeAll(before: position)
        let start = min(position, 9000)
        #expect(array.kept == start..<9000 && array.keptCount == 9000 - start)
        #expect(array.isEmpty == (start == 9000))
        #expect(array.at(start - 1) == nil && array.at(9000) == nil)
        for number in 9000..<14_000 { array.append(number) }
        #expect(array.kept.allSatisfy { array[$0] == $0 })
        #expect(array.partitionPoint { $0 < 3 } == max(start, 3))
        #expect(array.partitionPoint { $0 < 11_000 } == 11_000)
        var seen: [Int] = []
        array.scan(0..<14_000) { _, element in
            seen.append(element)
            return true
        }
        #expect(seen == Array(start..<14_000))
        #expect(copy.kept == 0..<9000 && copy[0] == 0)
    }

    @Test("A chunked array that keeps the newest never has more than its limit, and a good part of it")
    func newest() {
        var array = ChunkedArray<Int>()
        for number in 0..<50_000 {
            array.keepNewest(1000)
            array.append(number)
            #expect(array.keptCount <= 1000 && (number < 1000 || array.keptCount >= 750))
        }
        #expect(array[49_999] == 49_999)
    }

    @Test("A number of a table goes to another key, and every other key is still found")
    func renumbered() {
        var table = FlatTable<SpatioWire.UUID>()
        var colliding = FlatTable<Colliding>()
        var generator = SeededGenerator(seed: 2)
        var keys = (0..<300).map { _ in SpatioWire.UUID(high: 0, low: generator.next()) }
        for key in keys { _ = table.append(key) }
        for number in 0..<40 { _ = colliding.append(Colliding(value: number)) }
        for _ in 0..<2000 {
            let number = Int.random(in: 0..<keys.count, using: &generator)
            table.remove(number)
            #expect(table.index(of: keys[number]) == nil)
            keys[number] = SpatioWire.UUID(high: 1, low: generator.next())
            table.put(keys[number], at: number)
        }
        #expect(keys.indices.allSatisfy { table.index(of: keys[$0]) == $0 })
        for number in [0, 39, 7, 8, 9, 20] {
            colliding.remove(number)
            colliding.put(Colliding(value: 100 + number), at: number)
        }
        #expect(
            (0..<40).allSatisfy { number in
                let value = [0, 39, 7, 8, 9, 20].contains(number) ? 100 + number : number
                return colliding.index(of: Colliding(value: value)) == number
            })
    }

    @Test("A record of the index takes 40 octets")
    func recordSize() { #expect(MemoryLayout<MessageRecord>.stride == 40) }

    @Test("A record keeps places of files up to 2^56 octets and 256 of them")
    func recordPlace() {
        let record = MessageRecord(
            time: 1, position: 1 << 56 - 1, file: 255, stream: 1, sequence: 2, size: 3, flags: [], marks: [],
            offsetInPacket: 4, space: 5, type: .ping, severity: .note)
        #expect(record.position == 1 << 56 - 1)
        #expect(record.file == 255)
    }

    @Test("Checkpoints are bounded in number, and the latest before any point is found")
    func checkpoints() throws {
        var store = CheckpointStore()
        var model = Model()
        for step in 0..<3000 {
            model.counters.messages = step * 1000
            store.offer(model)
        }
        #expect(store.latest(upTo: 100) == nil)
        let last = try #require(store.latest(upTo: 2_999_000))
        // The distance has doubled until 64 checkpoints span all.
        #expect(2_999_000 - last.counters.messages < 200_000)
        for target in stride(from: 300_000, to: 3_000_000, by: 77_777) {
            let found = try #require(store.latest(upTo: target)).counters.messages
            #expect(found <= target)
            #expect(target - found < 200_000)
        }
    }
}

/// Octets that lie in no packet in one piece.
struct SideStoreTests {
    @Test("What was written is read again, wherever it lies")
    func roundTrip() throws {
        let store = try #require(SideStore())
        let parts: [(UInt64, [UInt8])] = [(0, [1, 2, 3]), (3, [4]), (1 << 20, [5, 6])]
        for (position, octets) in parts { #expect(octets.withUnsafeBytes { store.write($0, at: position) }) }
        for (position, octets) in parts { #expect(store.read(at: position, count: octets.count) == octets) }
        #expect(store.read(at: 0, count: 4) == [1, 2, 3, 4])
        #expect(store.read(at: 0, count: 0) == [])
    }

    @Test("What was never written is not there")
    func missing() throws {
        let store = try #require(SideStore())
        #expect(store.read(at: 0, count: 1) == nil)
        #expect([UInt8(1)].withUnsafeBytes { store.write($0, at: 0) })
        #expect(store.read(at: 0, count: 2) == nil)
    }

    @Test("Beyond the limit nothing is written")
    func limit() throws {
        let store = try #require(SideStore())
        #expect(![UInt8(1)].withUnsafeBytes { store.write($0, at: SideStore.limit) })
        #expect(![UInt8(1)].withUnsafeBytes { store.write($0, at: .max) })
    }
}
