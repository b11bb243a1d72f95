import Capture
import SpatioWire
import Testing

@testable import Inspection

/// What this program's own sockets bring, beside interfaces that bring it, too.
struct OwnTrafficTests {
    private static let observer = Sample.endpoint("10.7.4.1:43001")

    private func octets(_ sequence: UInt32) -> [UInt8] {
        Message(
            header: MessageHeader(
                type: .ping, streamID: 0, sequence: sequence, timestamp: UInt64(Sample.start / 1000)),
            body: .payload(Sample.ping)
        ).encoded()
    }

    private func take(_ packet: [UInt8], file: UInt8, at time: Int64, _ analysis: inout Analysis) {
        packet.withUnsafeBytes { octets in
            analysis.take(
                CapturedPacket(
                    time: Sample.start + time, octets: octets, originalLength: octets.count, linkType: .raw, file: file)
            )
        }
    }

    /// An analysis where file 1 is what a feed's sockets bring.
    private func analysis(_ feed: LiveFeed) -> Analysis {
        var analysis = Analysis()
        analysis.leaveOut(OwnTraffic(files: [1], flows: [feed.ownFlows]))
        return analysis
    }

    @Test func `A datagram of an own socket counts once, whatever an interface brings of it`() {
        let feed = LiveFeed(name: "server")
        var analysis = analysis(feed)
        for number in UInt32(0)..<3 {
            feed.datagram(octets(number), from: Self.observer, to: Sample.server, at: Sample.start)
            let packet = PacketBuilder.udp(from: Self.observer, to: Sample.server, octets(number))
            take(packet, file: 0, at: Int64(number), &analysis)
            take(packet, file: 1, at: Int64(number), &analysis)
            // The way back is the same flow; somebody else's is not.
            take(PacketBuilder.udp(from: Sample.server, to: Self.observer, octets(number)), file: 0, at: 5, &analysis)
            take(PacketBuilder.udp(from: Sample.client, to: Sample.server, octets(number)), file: 0, at: 6, &analysis)
        }
        let model = analysis.book.model
        #expect(model.counters.messages == 6 && model.counters.duplicates == 0)
        #expect(model.sessions.map(\.client) == [Self.observer, Sample.client])
        #expect(analysis.counters.packets == 6)
    }

    @Test func `The numbers of an own TCP connection on an interface confuse nobody`() {
        let feed = LiveFeed(name: "server")
        var analysis = analysis(feed)
        var numbers: (wire: UInt32, own: UInt32) = (3_000_000_000, 1)
        for number in UInt32(0)..<4 {
            let octets = octets(number)
            feed.stream(octets, from: Self.observer, to: Sample.server, at: Sample.start)
            for (file, sequence) in [(UInt8(0), numbers.wire), (1, numbers.own)] {
                take(
                    PacketBuilder.tcp(
                        from: Self.observer, to: Sample.server, sequence: sequence, acknowledgement: 1, octets),
                    file: file, at: Int64(number), &analysis)
            }
            numbers.wire &+= UInt32(octets.count)
            numbers.own &+= UInt32(octets.count)
        }
        analysis.finish()
        #expect(analysis.book.model.counters.messages == 4)
        #expect(analysis.counters.tcpGaps == 0 && analysis.counters.tcpRetransmitted == 0)
    }

    @Test func `What is sent to a group that is listened to is known before it comes, whoever sends it`() {
        let feed = LiveFeed(name: "server")
        let group = Sample.endpoint("239.77.28.1:7728")
        feed.ownFlows.listen(to: group)
        #expect(feed.ownFlows.contains(Sample.client, group, .udp))
        #expect(!feed.ownFlows.contains(group, Sample.client, .udp))
        #expect(!feed.ownFlows.contains(Sample.client, Sample.server, .udp))
    }

    @Test func `Of many connections one after the other the last are remembered`() {
        let flows = OwnFlows()
        let recorder = FlowRecorder(into: LiveCapture(name: "x", linkType: .raw), flows: flows)
        let ends = (0..<300).map { Sample.endpoint("10.7.4.1:\(40_000 + $0)") }
        for end in ends { recorder.datagram([1], from: end, to: Sample.server, at: Sample.start) }
        #expect(!flows.contains(ends[0], Sample.server, .udp))
        #expect(flows.contains(Sample.server, ends[299], .udp) && flows.contains(ends[100], Sample.server, .udp))
    }

    // MARK: Order

    /// Times of what is handed on, in milliseconds, and whether something waits.
    private func read(_ merge: inout LiveMerge, now: Int64) throws -> [Int64] {
        var times: [Int64] = []
        _ = try merge.read(100, at: WallSteps(now: Sample.start + now * 1_000_000)) {
            times.append(($0.time - Sample.start) / 1_000_000)
        }
        return times
    }

    private func push(_ capture: LiveCapture, _ times: Int64...) {
        for time in times {
            [UInt8](repeating: 0, count: 20).withUnsafeBytes {
                _ = capture.push($0, time: Sample.start + time * 1_000_000)
            }
        }
    }

    @Test func `What a socket brought waits for what an interface may bring of before`() throws {
        let interface = LiveCapture(name: "eth0", linkType: .raw)
        let own = LiveCapture(name: "server", linkType: .raw)
        var merge = LiveMerge(
            [try CaptureFile(live: interface, spool: nil), try CaptureFile(live: own, index: 1, spool: nil)],
            areInterfaces: [true, false])
        push(own, 10, 30)
        #expect(try read(&merge, now: 31).isEmpty)
        #expect(merge.isHolding)
        // The kernel hands over what came until 35.
        push(interface, 5, 20, 35)
        #expect(try read(&merge, now: 36) == [5])
        #expect(try read(&merge, now: 61) == [10, 20])
        #expect(try read(&merge, now: 81) == [30, 35])
        #expect(!merge.isHolding)
        // A clock that was set back holds nothing up, and neither does an interface that is gone.
        push(own, 90)
        #expect(try read(&merge, now: 50) == [90])
        push(own, 100)
        #expect(try read(&merge, now: 101).isEmpty)
        interface.finish()
        #expect(try read(&merge, now: 102) == [100])
    }
}
