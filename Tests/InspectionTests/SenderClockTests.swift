import Inspection
import SpatioWire
import Testing

/// Senders' clocks against the capture's.
struct SenderClockTests {
    /// Sends pings whose stamps are off by some seconds; returns how many findings each gave.
    private func pings(_ offsets: [Double], every milliseconds: Double = 100, to talk: inout Talk) -> [Int] {
        offsets.map { offset in
            let time = Double(talk.now) / 1e6 + milliseconds
            let sent = Int64((time + offset * 1000) * 1000)
            return talk.send(Sample.ping, at: time, sent: sent).findings.count { $0.rule == .clockSkew }
        }
    }

    @Test("A stamp from the future by more than a second is found at once, and once")
    func ahead() {
        var talk = Talk()
        #expect(pings([0, 0.99, 1.01, 1.01, 1.01], to: &talk) == [0, 0, 1, 0, 0])
        let finding = talk.chronicle.findings.kept(0, of: .clockSkew)
        #expect(finding.text == "the clock of 10.7.1.1:40001 is 1.0 s ahead of the capture's")
    }

    @Test("Behind by more than any network delays is found at once")
    func farBehind() {
        var talk = Talk()
        #expect(pings([0, -4.9, 0, -5.1, -5.1], to: &talk) == [0, 0, 0, 1, 0])
    }

    @Test("Behind by more than a second is a clock only if every message of a second says so")
    func behind() {
        var talk = Talk()
        #expect(pings([Double](repeating: -2, count: 12), to: &talk) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
        var stalled = Talk()
        // A network that held everything back for two seconds gives it out in one burst.
        let burst = (0..<20).map { -2 + Double($0) * 0.1 }
        #expect(pings([0, 0, 0], to: &stalled) == [0, 0, 0])
        #expect(pings(burst, every: 1, to: &stalled).allSatisfy { $0 == 0 })
        #expect(pings([0, 0, 0], to: &stalled) == [0, 0, 0])
    }

    @Test("A clock that jumps again is told of again, with where it was")
    func jump() {
        var talk = Talk()
        #expect(pings([-3600, -3600, -3600.5, -3602, 0, 0], to: &talk) == [1, 0, 0, 0, 1, 0])
        #expect(
            talk.chronicle.findings.kept(1, of: .clockSkew).text
                == "the clock of 10.7.1.1:40001 is 0.0 s behind the capture's; it was 3600.0 s behind the capture's")
    }

    @Test("A sender whose clock is never twice the same is told of a bounded number of times")
    func wild() {
        var talk = Talk()
        let offsets = (0..<200).map { Double(($0 * 7919) % 1000 + 10) }
        #expect(pings(offsets, to: &talk).reduce(0, +) == 16)
    }

    @Test("Repeated and overtaken messages carry old times and say nothing of a clock")
    func old() {
        var talk = Talk()
        talk.send(Sample.ping, sequence: 5, at: 1000, sent: 1_000_000)
        talk.send(Sample.ping, sequence: 5, flags: .retransmit, at: 60_000, sent: 1_000_000)
        talk.send(Sample.ping, sequence: 4, at: 60_001, sent: 1_000_000)
        #expect(talk.count(of: .clockSkew) == 0)
    }

    @Test("Each end of a session has a clock of its own, whatever the stream")
    func ends() {
        var talk = Talk()
        talk.open()
        let late: Int64 = -3_600_000_000
        for stream: UInt32 in 0..<3 { talk.send(Sample.ping, stream: stream + 3, at: 100, sent: late) }
        #expect(talk.count(of: .clockSkew) == 1)
        talk.send(Sample.ping, from: Sample.server, to: Sample.client, stream: 3, at: 200, sent: late)
        #expect(talk.count(of: .clockSkew) == 2)
        #expect(
            talk.chronicle.findings.kept(0, of: .clockSkew).text.hasPrefix("the clock of alice (10.7.1.1:40001) is"))
    }

    @Test("An address that is younger than its message is found, once until it is right again")
    func address() {
        var talk = Talk()
        let found = [2000, 2101, 2300, 1300, 3000].enumerated().map { step, stamp in
            talk.move(1, stamp: stamp, at: 1000 + Double(step) * 100).findings.count { $0.rule == .clockSkew }
        }
        #expect(found == [0, 1, 0, 0, 1])
        #expect(
            talk.chronicle.findings.kept(0, of: .clockSkew).text
                == "10.7.1.1:40001 sends positions of a time 1.0 s after that of the message itself")
    }

    @Test(
        "Stamps beyond all reason are found and break nothing", arguments: [0, .max, .max / 1000, 1 << 62] as [UInt64])
    func extremes(stamp: UInt64) {
        var talk = Talk()
        var message = talk.message(Sample.ping, at: 100)
        message.header.timestamp = stamp
        talk.pass(message.encoded())
        #expect(talk.count(of: .clockSkew) == 1)
    }
}
