import Capture
import Foundation
import Inspection
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// The engine behind the screen.
struct InspectorTests {
    private func plaza(_ seed: UInt64 = 5) throws -> TemporaryFile {
        let file = TemporaryFile("plaza.pcapng")
        _ = try simulate(.plaza, options: SimulationOptions(seed: seed, duration: 4), to: file.path)
        return file
    }

    @Test("When everything is read, the snapshot has every message, and its parts agree")
    func reading() throws {
        let file = try plaza()
        let watched = Watched([file.path])
        let snapshot = watched.load()
        let count = snapshot.index.count
        #expect(count > 500)
        #expect(snapshot.isAtEnd)
        #expect(snapshot.cursor == count)
        #expect(snapshot.model.counters.messages == count)
        #expect(snapshot.whole.counters.messages == count)
        #expect(snapshot.listCount == count)
        #expect(snapshot.firstTime == snapshot.index[0].time)
        #expect(snapshot.lastTime == snapshot.index[count - 1].time)
        #expect(snapshot.timeline.columns(10).reduce(0) { $0 + Int($1.messages) } == count)
        #expect(snapshot.sources == [file.path])
        #expect(snapshot.problems.isEmpty)
        #expect(snapshot.packets > 0)
    }

    @Test("Every message can be read again and is what the index says")
    func readAgain() throws {
        let file = try plaza()
        let watched = Watched([file.path])
        let snapshot = watched.load()
        for number in stride(from: 0, to: snapshot.index.count, by: 17) {
            let record = snapshot.index[number]
            let octets = try #require(snapshot.reader.octets(of: record))
            #expect(octets.count == Int(record.size))
            let header = try #require(octets.withUnsafeBytes { MessageHeader.peek($0) })
            #expect(header.type == record.type)
            #expect(header.sequence == record.sequence)
            #expect(snapshot.fieldMap(of: number) != nil)
        }
        #expect(snapshot.fieldMap(of: snapshot.index.count) == nil)
    }

    @Test("While a pipe is read, snapshots are consistent; stopped, it keeps what is there")
    func stopped() throws {
        let file = TemporaryFile("flood.pcap")
        _ = try simulate(.flood, options: SimulationOptions(seed: 1, messages: 60_000), to: file.path)
        let watched = Watched([file.path])
        let early = watched.wait("nothing was read") { $0.index.count > 0 }
        watched.inspector.stopLoading()
        let stopped = watched.wait("it was not stopped") {
            if case .reading = $0.loading { false } else { true }
        }
        for snapshot in [early, stopped] {
            #expect(snapshot.index.count == snapshot.whole.counters.messages)
            #expect(snapshot.index.count == snapshot.cursor)
            #expect(snapshot.timeline.columns(50).reduce(0) { $0 + Int($1.messages) } == snapshot.index.count)
        }
        #expect(stopped.index.count >= early.index.count)
        // What was read can still be asked.
        #expect(watched.seek(10).model.counters.messages == 10)
    }

    @Test("A filter lists the messages that match and no others, in order")
    func filter() throws {
        let file = try plaza()
        let watched = Watched([file.path])
        let whole = watched.load()
        watched.inspector.setFilter(try Filter(parsing: "type == ping || payload.updates.kind == 2"))
        let filtered = watched.wait("the filter did not finish") { $0.filter?.examined == $0.index.count }
        let rows = (0..<filtered.listCount).map { filtered.listed($0) }
        let expected = (0..<whole.index.count).filter { number in
            if whole.index[number].type == .ping { return true }
            guard whole.index[number].type == .spatialUpdate, let octets = whole.reader.octets(of: whole.index[number]),
                let (message, _) = try? octets.withUnsafeBytes({ try Message.decode($0) }),
                case .payload(.spatialUpdate(let update)) = message.body
            else { return false }
            return update.updates.contains { $0.kind == 2 }
        }
        #expect(!expected.isEmpty)
        #expect(rows == expected)
        // A row leads to its message, and a message between rows to the next row.
        for row in rows.indices { #expect(filtered.row(of: rows[row]) == row) }
        #expect(filtered.row(of: rows[0] + 1) == 1)
        watched.inspector.setFilter(nil)
        let all = watched.wait("the filter did not go") { $0.filter == nil }
        #expect(all.listCount == whole.index.count)
    }

    @Test("A filter set before anything is read sees every message")
    func filterWhileReading() throws {
        let file = try plaza()
        let watched = Watched([file.path])
        watched.inspector.setFilter(try Filter(parsing: "number <= 100"))
        let snapshot = watched.wait("the filter did not finish") {
            $0.loading == .done && $0.filter?.examined == $0.index.count
        }
        #expect(snapshot.listCount == 100)
    }

    @Test("The last of many orders counts")
    func manyOrders() throws {
        let file = try plaza()
        let watched = Watched([file.path])
        watched.load()
        for number in 0..<200 { watched.inspector.seek(.message(number)) }
        watched.wait("the last seek was lost") { $0.cursor == 199 }
    }

    @Test("Closing ends the thread, also while it reads, and the last snapshot stays")
    func close() throws {
        let file = TemporaryFile("flood.pcap")
        _ = try simulate(.flood, options: SimulationOptions(seed: 1, messages: 60_000), to: file.path)
        let inspector = Inspector()
        let path = file.path
        inspector.start(
            ports: [7728], keyLog: KeyLog(),
            open: {
                guard let source = try? CaptureSource(paths: [path], keepsPackets: true) else { preconditionFailure() }
                return source
            }, changed: {})
        inspector.close()
        let count = inspector.snapshot.index.count
        #expect(count <= 60_000)
        #expect(inspector.snapshot.index.count == count)
    }

    @Test("A compressed capture and one with messages in pieces are read again from what was spooled")
    func spooled() throws {
        let file = TemporaryFile("tcp.pcapng")
        _ = try simulate(.tcp, options: SimulationOptions(seed: 5, duration: 5), to: file.path)
        let watched = Watched([file.path])
        let snapshot = watched.load()
        let assembled = (0..<snapshot.index.count).filter { snapshot.index[$0].marks.contains(.assembled) }
        #expect(!assembled.isEmpty)
        for number in assembled { #expect(snapshot.fieldMap(of: number) != nil) }
    }

    @Test("A reassembled message is shown whole")
    func reassembled() throws {
        let file = TemporaryFile("segments.pcapng")
        _ = try simulate(.segments, options: SimulationOptions(seed: 5, duration: 6), to: file.path)
        let watched = Watched([file.path])
        let snapshot = watched.load()
        let whole = (0..<snapshot.index.count).filter { snapshot.index[$0].marks.contains(.reassembled) }
        #expect(!whole.isEmpty)
        for number in whole { #expect(snapshot.fieldMap(of: number)?.reassembled != nil) }
    }
}

/// Several files, and what cannot be read of them.
struct CaptureSourceTests {
    private func packets(_ source: CaptureSource) -> Int {
        var count = 0
        while source.next() != nil { count += 1 }
        return count
    }

    private func file(_ octets: [UInt8]) throws -> TemporaryFile {
        let file = TemporaryFile()
        try Data(octets).write(to: URL(fileURLWithPath: file.path))
        return file
    }

    private func flood(_ messages: Int) throws -> TemporaryFile {
        let file = TemporaryFile("flood.pcap")
        _ = try simulate(.flood, options: SimulationOptions(seed: 1, messages: messages), to: file.path)
        return file
    }

    @Test("A file that cannot be opened is a problem that names it, and the others are read")
    func missing() throws {
        let good = try flood(50)
        let source = try CaptureSource(paths: ["/nowhere/a.pcap", good.path], keepsPackets: false)
        #expect(source.files.count == 1)
        #expect(packets(source) > 0)
        #expect(source.problems.map(\.file) == ["/nowhere/a.pcap"])
    }

    @Test("A file that is cut gives what is whole, then one problem with its place")
    func cut() throws {
        let good = try flood(50)
        let octets = Array(try Data(contentsOf: URL(fileURLWithPath: good.path)))
        let whole = packets(try CaptureSource(paths: [good.path], keepsPackets: false))
        let short = try file(Array(octets.dropLast(10)))
        let source = try CaptureSource(paths: [short.path], keepsPackets: false)
        #expect(packets(source) == whole - 1)
        #expect(source.problems.count == 1)
        #expect(source.problems.first?.position != nil)
        #expect(source.next() == nil)
        #expect(source.problems.count == 1)
    }

    @Test("Empty, no capture and a directory are problems", arguments: [[], [1], Array("not a capture at all".utf8)])
    func wrong(octets: [UInt8]) throws {
        let wrong = try file(octets)
        let source = try CaptureSource(paths: [wrong.path, "/tmp"], keepsPackets: false)
        #expect(source.files.isEmpty)
        #expect(source.problems.count == 2)
        #expect(source.next() == nil)
        #expect(source.progress == 1)
    }

    @Test("A BPF expression limits the packets, and a wrong one is an error")
    func expression() throws {
        let good = try flood(50)
        #expect(packets(try CaptureSource(paths: [good.path], expression: "udp", keepsPackets: false)) > 0)
        #expect(packets(try CaptureSource(paths: [good.path], expression: "tcp", keepsPackets: false)) == 0)
        #expect(throws: CaptureError.self) {
            try CaptureSource(paths: [good.path], expression: "udp ports ?", keepsPackets: false)
        }
    }

    @Test("Progress goes from nothing to everything")
    func progress() throws {
        let good = try flood(5000)
        let source = try CaptureSource(paths: [good.path], keepsPackets: false)
        let start = try #require(source.progress)
        _ = packets(source)
        #expect(start <= 1)
        #expect(source.progress == 1)
    }

    @Test("More files than can be told apart are not read, and it is said")
    func tooMany() throws {
        let good = try flood(2)
        let source = try CaptureSource(paths: Array(repeating: good.path, count: 257), keepsPackets: false)
        #expect(source.files.count == 255)
        #expect(source.problems.count == 2)
    }
}
