import SpatioSession
import SpatioWire
import Testing

@Suite struct SegmentAssemblerTests {
    private func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    private typealias Segment = (sequence: UInt32, form: DataForm, octets: [UInt8])

    private func segments(_ whole: [UInt8], size: Int, from first: UInt32 = 0) -> [Segment] {
        cut(whole, compression: .none, segmentSize: size).enumerated().map {
            (first &+ UInt32($0.offset), $0.element.form, $0.element.octets)
        }
    }

    private func feed(
        _ assembler: inout SegmentAssembler, _ segments: [Segment], stream: UInt64 = 1, type: MessageType = .stateSync
    ) -> [SegmentAssembler.Assembled] {
        segments.compactMap {
            assembler.add(stream: stream, sequence: $0.sequence, form: $0.form, type: type, octets: $0.octets)
        }
    }

    @Test("The segments of a vector come together to its whole", arguments: Vector.segmented)
    func vector(_ vector: Vector) throws {
        let messages = try vector.messages()
        for order in [Array(messages.indices), messages.indices.reversed()] {
            var assembler = SegmentAssembler()
            var wholes: [SegmentAssembler.Assembled] = []
            for index in order {
                let message = messages[index].message
                guard case .segment(let octets) = message.body, let form = message.data else { continue }
                wholes += [
                    assembler.add(
                        stream: 7, sequence: message.header.sequence, form: form, type: message.header.type,
                        octets: octets)
                ].compactMap { $0 }
            }
            let whole = try #require(wholes.first)
            #expect(wholes.count == 1)
            #expect(whole.segments == messages.count)
            #expect(assembler.pendingOctets == 0)
            var context = MessageDissector.Context()
            let decompressed = try whole.compression.decompress(whole.octets, limit: WireLimits.defaultMessageSize)
            context.reassembled = (whole.segments, .success(decompressed))
            let last = try #require(messages.last)
            #expect(try payloadText(MessageDissector.dissect(last.octets, context: context)) == vector.reassembled)
        }
    }

    @Test("Any order, with duplicates, over the wrap of the sequence", arguments: 0..<40)
    func permutations(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let whole = content(Int.random(in: 2...6000, using: &generator))
        let parts = segments(
            whole, size: Int.random(in: 1...700, using: &generator),
            from: .max &- UInt32.random(in: 0..<4, using: &generator)
        )
        var shuffled = parts
        for _ in 0..<parts.count / 3 { shuffled.append(parts[Int.random(in: 0..<parts.count, using: &generator)]) }
        shuffled.shuffle(using: &generator)
        var assembler = SegmentAssembler()
        let wholes = feed(&assembler, shuffled)
        #expect(wholes.map(\.octets) == [whole])
        #expect(wholes.first?.firstSequence == parts.first?.sequence)
        // A single segment is whole by itself and leaves no trace.
        #expect(parts.count == 1 || assembler.counters.duplicates == shuffled.count - parts.count)
        #expect(assembler.pendingSegments == 0)
    }

    @Test("Wholes behind each other and on other streams do not mix") func neighbours() {
        let one = content(2500)
        let two = Array(content(1800).reversed())
        let first = segments(one, size: 1000, from: 10)
        let second = segments(two, size: 1000, from: 13)
        var assembler = SegmentAssembler()
        // The end of the first and the beginning of the second are neighbours before either is whole.
        #expect(feed(&assembler, [first[2], second[0], first[0]]).isEmpty)
        #expect(feed(&assembler, [second[1]], stream: 2).isEmpty)
        #expect(feed(&assembler, [first[1], second[1]]).map(\.octets) == [one, two])
        #expect(assembler.pendingSegments == 1)
        #expect(assembler.counters.contradictions == 0)
    }

    @Test("An unsegmented whole and an empty one come back at once") func unsegmented() {
        var assembler = SegmentAssembler()
        #expect(feed(&assembler, segments([1, 2, 3], size: 1000)).map(\.octets) == [[1, 2, 3]])
        #expect(feed(&assembler, segments([], size: 1000)).map(\.octets) == [[]])
        #expect(assembler.pendingSegments == 0)
    }

    @Test("Segments that contradict their neighbours drop the run")
    func contradictions() {
        let parts = segments(content(3000), size: 1000)
        let changes: [(inout Segment) -> Void] = [
            { $0.form.totalSize = 4000 },
            { $0.form.segmentOffset += 1 },
            { $0.form.compression = .lz4 },
            { $0.form.segmentOffset = 0 },
        ]
        for change in changes {
            var wrong = parts[1]
            change(&wrong)
            var assembler = SegmentAssembler()
            #expect(feed(&assembler, [parts[0], wrong, parts[2]]).isEmpty)
            #expect(assembler.counters.contradictions >= 1)
        }
        var assembler = SegmentAssembler()
        #expect(feed(&assembler, [parts[0]]).isEmpty)
        #expect(feed(&assembler, [parts[1]], type: .stateResponse).isEmpty)
        #expect(assembler.counters.contradictions == 1)
        #expect(assembler.pendingSegments == 0)
    }

    @Test("A segment that does not fit into its whole is refused") func outside() {
        var assembler = SegmentAssembler()
        let long = DataForm(compression: .none, totalSize: 10, segmentOffset: 8, segmentSize: 3, lastSegment: false)
        let short = DataForm(compression: .none, totalSize: 10, segmentOffset: 2, segmentSize: 3, lastSegment: true)
        let huge = DataForm(
            compression: .none, totalSize: UInt32(WireLimits.largestMessage) + 1, segmentOffset: 0, segmentSize: 3,
            lastSegment: false)
        #expect(feed(&assembler, [(0, long, [1, 2, 3]), (5, short, [1, 2, 3]), (9, huge, [1, 2, 3])]).isEmpty)
        #expect(feed(&assembler, [(0, long, [])]).isEmpty)
        #expect(assembler.counters.contradictions == 4)
        #expect(assembler.pendingOctets == 0)
    }

    @Test("The oldest runs make room; what is held stays bounded") func bounds() {
        var assembler = SegmentAssembler()
        let size = 60_000
        let octets = content(size)
        let form = DataForm(
            compression: .none, totalSize: UInt32(2 * size), segmentOffset: 0, segmentSize: UInt16(size),
            lastSegment: false)
        for stream in 0..<UInt64(1200) {
            #expect(assembler.add(stream: stream, sequence: 0, form: form, type: .stateSync, octets: octets) == nil)
            #expect(assembler.pendingOctets <= SegmentAssembler.octetLimit)
        }
        #expect(assembler.counters.evictions == 1200 - SegmentAssembler.octetLimit / size)
        // The newest is still there and can be completed, the oldest is gone.
        let last = DataForm(
            compression: .none, totalSize: UInt32(2 * size), segmentOffset: UInt32(size), segmentSize: UInt16(size),
            lastSegment: true)
        #expect(assembler.add(stream: 0, sequence: 1, form: last, type: .stateSync, octets: octets) == nil)
        #expect(assembler.add(stream: 1199, sequence: 1, form: last, type: .stateSync, octets: octets) != nil)
    }

    @Test("Tiny segments are bounded by number", .timeLimit(.minutes(1))) func boundedByNumber() {
        var assembler = SegmentAssembler()
        let form = DataForm(compression: .none, totalSize: 10, segmentOffset: 2, segmentSize: 1, lastSegment: false)
        // No two are neighbours: each is a run of its own.
        for number in 0..<UInt32(SegmentAssembler.segmentLimit + 1000) {
            _ = assembler.add(stream: 1, sequence: number &* 2, form: form, type: .stateSync, octets: [0])
        }
        #expect(assembler.pendingSegments == SegmentAssembler.segmentLimit)
        #expect(assembler.counters.evictions == 1000)
    }

    @Test("The largest whole in small segments, in order and backwards", .timeLimit(.minutes(1)))
    func largest() {
        let whole = [UInt8](repeating: 0xA5, count: WireLimits.largestMessage)
        let parts = segments(whole, size: 1000)
        for order in [parts, parts.reversed()] {
            var assembler = SegmentAssembler()
            let wholes = feed(&assembler, order)
            #expect(wholes.count == 1)
            #expect(wholes.first?.octets == whole)
        }
    }

    @Test(
        "Cutting gives consecutive segments that end at the size of the whole",
        arguments: [Compression.none, .lz4, .zstd])
    func cutting(compression: Compression) throws {
        let payload = content(10_000)
        let parts = cut(payload, compression: compression, segmentSize: 999)
        #expect(parts.dropLast().allSatisfy { $0.octets.count == 999 && !$0.form.lastSegment })
        #expect(parts.last?.form.lastSegment == true)
        let whole = parts.flatMap(\.octets)
        #expect(parts.allSatisfy { Int($0.form.totalSize) == whole.count && $0.form.compression == compression })
        #expect(try compression.decompress(whole, limit: 10_000) == payload)
    }
}
