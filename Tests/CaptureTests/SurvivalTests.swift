import Capture
import Testing

/// A small generator of random numbers (SplitMix64), so that a failure can be repeated.
private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

@Suite struct SurvivalTests {
    /// Reads and dissects a file as a program would; what counts is that it ends.
    ///
    /// - Returns: the number of packets.
    private func survive(_ octets: Octets, in file: TemporaryFile) throws -> Int {
        try file.replace(octets)
        let contents = Contents(at: file.path)
        var bench = Bench()
        for packet in contents.packets {
            bench.take(
                packet.octets, linkType: packet.linkType, time: packet.time, originalLength: packet.originalLength)
        }
        bench.finish()
        #expect(bench.counters.packets == UInt64(contents.packets.count))
        return contents.packets.count
    }

    @Test(arguments: Sample.allCases)
    func `Every prefix of a capture is read as far as it goes`(sample: Sample) throws {
        let octets = sample.octets
        let file = try TemporaryFile([])
        let whole = try survive(octets, in: file)
        var before = 0
        for length in 0..<octets.count {
            let count = try survive(Octets(octets[..<length]), in: file)
            #expect(count >= before && count <= whole)
            before = count
        }
    }

    @Test(arguments: Sample.allCases)
    func `A damaged octet anywhere ends in packets or an error`(sample: Sample) throws {
        var random = Random(state: 1)
        let octets = sample.octets
        let file = try TemporaryFile([])
        for index in octets.indices {
            var damaged = octets
            damaged[index] ^= UInt8.random(in: 1...255, using: &random)
            _ = try survive(damaged, in: file)
        }
    }

    @Test(arguments: [LinkType.ethernet, .null, .raw, .linuxSLL, .linuxSLL2, .ipv4, .ipv6, .loop], [3, 4] as [UInt64])
    func `Random octets on every link layer do no harm`(linkType: LinkType, seed: UInt64) {
        var random = Random(state: seed)
        var bench = Bench()
        for round in 0..<2000 {
            var frame = (0..<Int.random(in: 0..<120, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            // Half of them get past the first headers.
            if round % 2 == 0 { frame = Octets(Packet.datagram([]).prefix(24)) + frame }
            bench.take(frame, linkType: linkType, time: Int64(truncatingIfNeeded: random.next()))
        }
        bench.finish()
        #expect(bench.counters.packets == 2000)
    }

    @Test func `Random TCP segments do no harm`() {
        var random = Random(state: 5)
        var bench = Bench()
        for _ in 0..<5000 {
            let segment = Packet.tcp(
                pattern(Int.random(in: 0..<40, using: &random)), from: Int.random(in: 1..<5, using: &random),
                to: Int.random(in: 1..<5, using: &random),
                sequence: Int.random(in: 0..<200, using: &random) - (Bool.random(using: &random) ? 0 : 1 << 31),
                acknowledgement: Int.random(in: 0..<200, using: &random),
                flags: Packet.Flags(rawValue: Int.random(in: 0..<256, using: &random) & 0xfb))
            bench.take(Packet.ethernet(Packet.ipv4(segment, protocolNumber: 6)))
        }
        bench.finish()
        #expect(bench.counters.packets == 5000)
        #expect(bench.units.allSatisfy { $0.gap >= 0 })
    }
}
