import Capture
import Inspection
import SpatioWire
import Testing

/// Messages that the snap length of a capture has cut.
struct CutTests {
    /// Octets of Ethernet, IPv4 and UDP before a message.
    private static let headers = 42

    /// A message of stream 1.
    private static func update(_ sequence: Int) -> [UInt8] {
        Message(
            header: MessageHeader(
                type: .spatialUpdate, streamID: 1, sequence: UInt32(sequence),
                timestamp: UInt64(Sample.start / 1000) + UInt64(sequence)),
            address: Sample.address(), body: .payload(Sample.update(1))
        ).encoded()
    }

    /// Datagrams of these sequences, a millisecond apart, of which so many octets are kept of each frame.
    private static func analysis(_ datagrams: [[Int]], keeping limit: Int = .max) -> Analysis {
        var analysis = Analysis()
        for (place, sequences) in datagrams.enumerated() {
            let frame = Frame.datagram(sequences.flatMap(update), from: Sample.client, to: Sample.server)
            Array(frame.prefix(limit)).withUnsafeBytes { octets in
                analysis.take(
                    CapturedPacket(
                        time: Sample.start + Int64(place) * 1_000_000, octets: octets, originalLength: frame.count,
                        linkType: .ethernet))
            }
        }
        analysis.finish()
        return analysis
    }

    @Test("A cut message has come, is not malformed, and says that it is cut", arguments: [20, 40, 60])
    func cut(octets: Int) throws {
        let analysis = Self.analysis([[1], [2], [3], [4]], keeping: Self.headers + octets)
        let model = analysis.book.model
        #expect(model.counters.messages == 4 && model.counters.cut == 4)
        #expect(model.counters.malformed == 0 && model.counters.lost == 0)
        #expect(model.streams.map(\.messages) == [4])
        #expect(analysis.book.chronicle.findings.count(of: .malformed) == 0)
        let record = try #require(analysis.book.index?.at(2))
        #expect(record.marks.isCut && record.sequence == 3 && record.type == .spatialUpdate)
        #expect(record.severity == .none)
    }

    @Test("Without its header, a cut message is only counted", arguments: [0, 1, 19])
    func withoutHeader(octets: Int) {
        let model = Self.analysis([[1], [2]], keeping: Self.headers + octets).book.model
        #expect(model.counters.messages == 2 && model.counters.cut == 2 && model.counters.malformed == 0)
    }

    @Test("What lies whole before the cut is read, what lies behind it is no loss")
    func behind() {
        let size = Self.update(1).count
        let datagrams = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
        let model = Self.analysis(datagrams, keeping: Self.headers + size + 30).book.model
        #expect(model.counters.messages == 6 && model.counters.cut == 3)
        #expect(model.counters.lost == 0 && model.counters.malformed == 0)
        // The cut lies between two messages.
        let between = Self.analysis(datagrams, keeping: Self.headers + size).book.model
        #expect(between.counters.malformed == 0 && between.counters.lost == 0 && between.counters.cut == 3)
    }

    @Test("Behind what is whole again, losses are losses")
    func lossLater() {
        let size = Self.update(1).count
        let datagrams = [[1, 2, 3], [4], [6], [7, 8]]
        let model = Self.analysis(datagrams, keeping: Self.headers + size + 30).book.model
        #expect(model.counters.cut == 2)
        #expect(model.counters.lost == 1)
    }

    @Test("A message that is short without a snap length is malformed")
    func malformed() {
        var analysis = Analysis()
        let octets = Array(Self.update(1).dropLast(10))
        let frame = Frame.datagram(octets, from: Sample.client, to: Sample.server)
        frame.withUnsafeBytes { octets in
            analysis.take(
                CapturedPacket(
                    time: Sample.start, octets: octets, originalLength: frame.count, linkType: .ethernet))
        }
        #expect(analysis.book.model.counters.malformed == 1 && analysis.book.model.counters.cut == 0)
    }

    @Test("Going back gives the model that there was, and each cut message says what it is")
    func back() throws {
        let file = TemporaryFile("cut.pcap")
        var writer = try CaptureWriter(path: file.path, format: .pcapNanoseconds, linkType: .ethernet)
        for number in 0..<40 {
            let frame = Frame.datagram(
                Self.update(3 * number) + Self.update(3 * number + 1), from: Sample.client, to: Sample.server)
            try writer.write(
                time: Sample.start + Int64(number) * 1_000_000,
                octets: Array(frame.prefix(Self.headers + [1000, 40 + number, 0, Self.update(1).count][number % 4])),
                originalLength: frame.count)
        }
        try writer.close()
        let watched = Watched([file.path])
        let end = watched.load()
        #expect(end.whole.counters.cut > 20)
        let forward = watched.seek(17).model.digest
        watched.seek(end.index.count - 1)
        #expect(watched.seek(17).model.digest == forward)
        let filter = try Filter(parsing: "cut")
        watched.inspector.setFilter(filter)
        let filtered = watched.wait("nothing was filtered") { $0.filter?.examined == $0.index.count }
        #expect(filtered.listCount == end.whole.counters.cut)
    }
}
