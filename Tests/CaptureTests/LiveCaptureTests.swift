import Capture
import Foundation
import Synchronization
import Testing

@Suite struct LiveCaptureTests {
    private func push(_ octets: Octets, at time: Int64, into capture: LiveCapture) -> Bool {
        octets.withUnsafeBytes { capture.push($0, time: time) }
    }

    /// Every packet until the end: times and octets.
    private func contents(_ file: CaptureFile) throws -> [(time: Int64, octets: Octets)] {
        var packets: [(time: Int64, octets: Octets)] = []
        while let packet = try file.next() { packets.append((packet.time, Octets(packet.octets))) }
        return packets
    }

    @Test func `What is pushed comes out as it was, in order, and then the end`() throws {
        let capture = LiveCapture(name: "somewhere", linkType: .raw)
        for length in 0..<9 {
            #expect(push(Octets(repeating: UInt8(length), count: length), at: Int64(length), into: capture))
        }
        capture.finish()
        let file = try CaptureFile(live: capture, index: 3)
        #expect(file.name == "somewhere")
        let packets = try contents(file)
        #expect(packets.map(\.time) == (0..<9).map(Int64.init))
        #expect(packets.map(\.octets) == (0..<9).map { Octets(repeating: UInt8($0), count: $0) })
        #expect(file.interfaceNames == ["somewhere"])
        #expect(capture.packets == 9)
        #expect(capture.dropped == 0)
    }

    @Test func `A packet says its link type, its length on the wire and where it can be read again`() throws {
        let capture = LiveCapture(name: "x", linkType: .raw)
        let octets: Octets = [1, 2, 3, 4, 5]
        _ = octets.withUnsafeBytes { capture.push($0, time: 1_793_000_000_123_456_789, originalLength: 900) }
        let file = try CaptureFile(live: capture, index: 7)
        let packet = try #require(try file.next())
        #expect(packet.linkType == .raw)
        #expect(packet.originalLength == 900)
        #expect(packet.time == 1_793_000_000_123_456_789)
        #expect(packet.file == 7)
        #expect(file.store.read(at: packet.position, count: 5) == octets)
    }

    @Test func `Where there is no room a packet is dropped and counted, and later ones come`() throws {
        let capture = LiveCapture(name: "x", linkType: .raw, capacity: 2048)
        let octets = Octets(repeating: 7, count: 100)
        let taken = (0..<40).filter { push(octets, at: Int64($0), into: capture) }
        #expect(taken.count < 20 && taken.count > 10)
        #expect(capture.dropped == UInt64(40 - taken.count))
        let file = try CaptureFile(live: capture)
        for _ in taken { #expect(try file.next() != nil) }
        #expect(push(octets, at: 99, into: capture))
        #expect(try file.next()?.time == 99)
    }

    @Test func `Behind the end nothing is taken`() throws {
        let capture = LiveCapture(name: "x", linkType: .raw)
        capture.finish()
        #expect(!push([1], at: 1, into: capture))
        #expect(try contents(CaptureFile(live: capture)).isEmpty)
    }

    @Test func `The reader waits for what comes from other threads, and loses and mixes nothing of it`() throws {
        let capture = LiveCapture(name: "x", linkType: .raw)
        let writers = 4
        let each = 5_000
        let done = Atomic<Int>(0)
        for writer in 0..<writers {
            Thread {
                for number in 0..<each {
                    // Its length and content tell who sent it and when.
                    let octets = Octets(repeating: UInt8(writer), count: number % 50)
                    _ = octets.withUnsafeBytes { capture.push($0, time: Int64(number)) }
                }
                if done.add(1, ordering: .acquiringAndReleasing).newValue == writers { capture.finish() }
            }.start()
        }
        var next = [Int](repeating: 0, count: writers)
        let file = try CaptureFile(live: capture, spool: nil)
        var silent = 0
        for packet in try contents(file) {
            guard let writer = packet.octets.first.map(Int.init) else {
                silent += 1
                continue
            }
            let number = Int(packet.time)
            #expect(packet.octets == Octets(repeating: UInt8(writer), count: number % 50))
            #expect(number >= next[writer])
            next[writer] = number + 1
        }
        #expect(capture.packets == UInt64(writers * each))
        #expect(silent == writers * each / 50)
        #expect(next == [Int](repeating: each, count: writers))
    }

    @Test func `Whoever waits is told once, however much comes before it is read`() throws {
        let capture = LiveCapture(name: "x", linkType: .raw)
        let calls = Atomic<Int>(0)
        let file = try CaptureFile(live: capture)
        capture.onArrival { calls.add(1, ordering: .relaxed) }
        #expect(!file.isReadable)
        for time in 0..<10 { _ = push([1], at: Int64(time), into: capture) }
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(file.isReadable)
        for _ in 0..<10 { _ = try file.next() }
        #expect(!file.isReadable)
        _ = push([1], at: 11, into: capture)
        #expect(calls.load(ordering: .relaxed) == 2)
    }
}

@Suite struct FlowRecorderTests {
    private static let client = Endpoint(address: IPAddress(ipv4: 0x7f00_0001), port: 40_001)
    private static let server = Endpoint(address: IPAddress(ipv4: 0x7f00_0001), port: 7728)

    /// What a dissector finds in what was recorded: each unit's octets with its source and transport.
    private func units(
        _ record: (inout FlowRecorder) -> Void
    ) throws -> [(source: Endpoint, Transport, Octets, gap: Int)] {
        let capture = LiveCapture(name: "x", linkType: .raw)
        var recorder = FlowRecorder(into: capture)
        record(&recorder)
        capture.finish()
        let file = try CaptureFile(live: capture)
        var dissector = Dissector()
        var units: [(source: Endpoint, Transport, Octets, gap: Int)] = []
        while let packet = try file.next() {
            dissector.dissect(packet) { units.append(($0.source, $0.transport, Octets($0.octets), $0.gap)) }
        }
        #expect(dissector.counters.packets == capture.packets)
        return units
    }

    @Test func `Datagrams are found again with their endpoints`() throws {
        let found = try units { recorder in
            recorder.datagram([1, 2, 3], from: Self.client, to: Self.server, at: 1)
            recorder.datagram([4], from: Self.server, to: Self.client, at: 2)
        }
        #expect(found.map(\.source) == [Self.client, Self.server])
        #expect(found.map(\.2) == [[1, 2, 3], [4]])
        #expect(found.allSatisfy { $0.1 == .udp })
    }

    @Test func `Both ways of a connection are whole, also in pieces larger than a packet`() throws {
        let large = Octets((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let found = try units { recorder in
            recorder.stream([1, 2, 3], from: Self.client, to: Self.server, at: 1)
            recorder.stream(large, from: Self.server, to: Self.client, at: 2)
            recorder.stream([4, 5], from: Self.client, to: Self.server, at: 3)
        }
        #expect(found.filter { $0.source == Self.client }.flatMap(\.2) == [1, 2, 3, 4, 5])
        #expect(found.filter { $0.source == Self.server }.flatMap(\.2) == large)
        #expect(found.allSatisfy { $0.1 == .tcp && $0.gap == 0 })
    }
}
