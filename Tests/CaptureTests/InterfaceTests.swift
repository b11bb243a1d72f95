import Capture
import Foundation
import Glibc
import Testing

/// Of the loopback interface, with datagrams of our own; it takes the right to capture.
@Suite(.enabled(if: mayCapture, "nobody may capture here: this takes root or cap_net_raw"))
struct InterfaceTests {
    /// What a capture of the datagrams to one port holds, from its start to its stop.
    private func capture(
        _ interface: String = "lo", _ change: (inout InterfaceCapture.Options) -> Void = { _ in },
        while body: (LoopbackSender) throws -> Void
    ) throws -> (capture: InterfaceCapture, packets: [(time: Int64, octets: Octets, originalLength: Int)]) {
        let sender = try LoopbackSender()
        var options = InterfaceCapture.Options()
        options.bufferSize = 8 << 20
        options.filter = "udp dst port \(sender.port)"
        change(&options)
        let capture = try InterfaceCapture(interface, options)
        capture.start()
        try body(sender)
        capture.stop()
        let file = try CaptureFile(live: capture.ring, spool: nil)
        var packets: [(time: Int64, octets: Octets, originalLength: Int)] = []
        while let packet = try file.next() {
            #expect(packet.linkType == capture.linkType)
            packets.append((packet.time, Octets(packet.octets), packet.originalLength))
        }
        return (capture, packets)
    }

    @Test(arguments: [false, true])
    func `Every datagram is taken once, in order and whole, in batches or at once`(isImmediate: Bool) throws {
        let before = wallTime()
        let (capture, packets) = try capture {
            $0.isImmediate = isImmediate
            // At once means a frame of that length for each packet, however short: a few thousand fit.
            $0.snapLength = 1000
        } while: { sender in
            for number in 0..<1000 { try sender.send(Octets("datagram \(number)".utf8)) }
        }
        #expect(packets.count == 1000)
        for (number, packet) in packets.enumerated() {
            // Ethernet's header, IPv4's, UDP's.
            #expect(packet.octets.dropFirst(14 + 20 + 8).elementsEqual("datagram \(number)".utf8))
        }
        #expect(packets.map(\.time) == packets.map(\.time).sorted())
        #expect(packets.allSatisfy { (before...wallTime()).contains($0.time) })
        #expect(packets.contains { $0.time % 1000 != 0 }, "times are nanoseconds")
        #expect(capture.drops == InterfaceCapture.Drops())
        #expect(capture.failure == nil)
    }

    @Test func `What is there before the start is taken, too`() throws {
        let sender = try LoopbackSender()
        var options = InterfaceCapture.Options()
        options.filter = "udp dst port \(sender.port)"
        let capture = try InterfaceCapture("lo", options)
        for _ in 0..<100 { try sender.send([1, 2, 3]) }
        capture.start()
        capture.stop()
        #expect(capture.ring.packets == 100)
    }

    @Test func `The snap length cuts, and the length on the wire stays known`() throws {
        let (_, packets) = try capture {
            $0.snapLength = 60
        } while: {
            try $0.send(Octets(repeating: 7, count: 500))
        }
        let packet = try #require(packets.first)
        #expect(packet.octets.count == 60)
        #expect(packet.originalLength == 14 + 20 + 8 + 500)
    }

    @Test func `The interface "any" takes what passes loopback once, under a header that tells the interface`() throws {
        let (capture, packets) = try capture("any") { sender in for _ in 0..<10 { try sender.send([1]) } }
        #expect(capture.linkType == .linuxSLL2)
        #expect(packets.count == 10)
    }

    @Test func `What finds no room in the ring is dropped and counted`() throws {
        let sender = try LoopbackSender()
        var options = InterfaceCapture.Options()
        options.filter = "udp dst port \(sender.port)"
        let capture = try InterfaceCapture("lo", options, capacity: 4096)
        capture.start()
        for _ in 0..<200 { try sender.send(Octets(repeating: 1, count: 100)) }
        capture.stop()
        #expect(capture.drops.byRing > 100)
        #expect(capture.drops.byRing + capture.ring.packets == 200)
        #expect(capture.drops.byKernel == 0)
    }

    @Test func `What the kernel has no room for is dropped and counted`() throws {
        let sender = try LoopbackSender()
        var options = InterfaceCapture.Options()
        options.bufferSize = 256 << 10
        options.filter = "udp dst port \(sender.port)"
        let capture = try InterfaceCapture("lo", options)
        // Nobody reads yet.
        for _ in 0..<3000 { try sender.send(Octets(repeating: 1, count: 1000)) }
        capture.start()
        capture.stop()
        #expect(capture.ring.packets < 3000)
        #expect(capture.drops.byKernel >= 3000 - capture.ring.packets)
    }

    @Test func `tcpdump beside it counts the same`() throws {
        let sender = try LoopbackSender()
        let tcpdump = try Tcpdump("udp dst port \(sender.port)", count: 5000)
        var options = InterfaceCapture.Options()
        options.filter = "udp dst port \(sender.port)"
        let capture = try InterfaceCapture("lo", options)
        capture.start()
        for number in 0..<5000 { try sender.send(Octets(repeating: 1, count: number % 1000)) }
        let counted = tcpdump.packets()
        capture.stop()
        #expect(counted == 5000)
        #expect(capture.ring.packets == 5000)
        #expect(capture.drops == InterfaceCapture.Drops())
    }

    @Test func `An interface that does not exist, and a filter that is wrong, are said in words`() {
        #expect(throws: InterfaceError.unknown(interface: "nowhere7")) { _ = try InterfaceCapture("nowhere7") }
        var options = InterfaceCapture.Options()
        options.filter = "udp prot 7"
        #expect {
            _ = try InterfaceCapture("lo", options)
        } throws: { error in
            "\(error)".hasPrefix("lo: the filter is wrong: ")
        }
    }

    @Test func `Stopping twice, or without a start, does nothing`() throws {
        let capture = try InterfaceCapture("lo")
        capture.stop()
        capture.start()
        capture.stop()
        capture.stop()
        #expect(capture.failure == nil)
    }
}

@Suite struct NetworkInterfaceTests {
    @Test(.enabled(if: mayCapture, "libpcap lists only what may be captured"))
    func `The loopback interface is listed with its address`() throws {
        let loopback = try #require(try NetworkInterface.all().first { $0.name == "lo" })
        #expect(loopback.isLoopback && loopback.isUp)
        #expect(loopback.addresses.contains(IPAddress(ipv4: 0x7f00_0001)))
    }
}

/// Whether this process may open an interface.
let mayCapture: Bool = (try? InterfaceCapture("lo")) != nil

/// Nanoseconds since the Unix epoch.
private func wallTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
