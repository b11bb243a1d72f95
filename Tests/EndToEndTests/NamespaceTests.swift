import Capture
import Foundation
import Testing

/// Two machines, as network namespaces with a cable between them: what is captured beside tcpdump, what the way loses, and
/// a cable that is cut.
@Suite(.enabled(if: NamespacePair.isPossible, "no network namespaces with nft here: this takes root and nftables"))
struct NamespaceTests {
    private func packets(_ path: String) throws -> [[UInt8]] {
        let file = try CaptureFile(path: path)
        var packets: [[UInt8]] = []
        while let packet = try file.next() { packets.append(Array(packet.octets)) }
        return packets
    }

    /// Totals and streams of a recorded file.
    private func statistics(_ path: String) throws -> [String: Any] {
        let text = try shell("spatioscope stats '\(path)' --format json").output
        return try #require(jsonLines(text).first)
    }

    @Test(arguments: ["", "--immediate", "--promiscuous"])
    func `A recording beside tcpdump holds the same packets of a session between two machines`(option: String) throws {
        let pair = try NamespacePair()
        let folder = try TemporaryFolder()
        let outcome = try shell(
            """
            \(pair.tools) cd '\(folder.path)'
            $near tcpdump -i va -n -U --immediate-mode -B 65536 -w t.pcap port 7728 2> t.err & t=$!
            $near spatioscope record -i va -o r.pcapng --bpf 'port 7728' \(option) 2> r.err & r=$!
            await r.pcapng; await t.pcap
            $far spatioscope serve --demo --bind 10.77.0.2 2> s.err & s=$!
            await s.err
            $near spatioscope dump attach 10.77.0.2 --fields type --count 500 > d.txt; d=$?
            kill $s; wait $s; sleep 0.5; kill $t; wait $t; kill $r; wait $r; cat r.err t.err >&2; exit $d
            """)
        #expect(outcome.status == 0)
        let recorded = try packets("\(folder.path)/r.pcapng")
        #expect(recorded.count > 100)
        #expect(recorded == (try packets("\(folder.path)/t.pcap")))
        #expect(outcome.errors.contains("nothing dropped"))
        let statistics = try statistics("\(folder.path)/r.pcapng")
        #expect(statistics["malformed"] as? Int == 0 && statistics["repeats"] as? Int == 0)
    }

    @Test func `What nft drops on the way is what is lost where the packets arrive, to the message`() throws {
        let pair = try NamespacePair()
        let folder = try TemporaryFolder()
        // Every fifth, the third of each: so that none is lost before the first that came or behind the last.
        let outcome = try shell(
            """
            \(pair.tools) cd '\(folder.path)'
            $far nft -f - <<'END'
            table ip t { counter lost {}; chain out { type filter hook output priority 0;
                udp sport 7730 numgen inc mod 5 2 counter name lost drop; }; }
            END
            $near tcpdump -i va -n -U --immediate-mode -B 65536 -w t.pcap udp port 7730 2> /dev/null & t=$!
            $near spatioscope record -i va -o r.pcapng --bpf 'udp port 7730' & r=$!
            $near spatioscope dump live -i va --fields seq > d.txt & d=$!
            until [ "$($near ss -0 -H | wc -l)" = 3 ]; do sleep 0.02; done; send 1001
            await d.txt; sleep 0.5; kill $r $d $t; wait $r; wait $t; wait $d
            $far nft -j list counter ip t lost
            """)
        let dropped = try #require(outcome.output.firstMatch(of: /"packets": (\d+)/).flatMap { Int($0.1) })
        #expect((199...201).contains(dropped))
        let recorded = try packets("\(folder.path)/r.pcapng")
        #expect(recorded.count == 1001 - dropped)
        #expect(recorded == (try packets("\(folder.path)/t.pcap")))
        let streams = try #require(try statistics("\(folder.path)/r.pcapng")["streams"] as? [[String: Any]])
        #expect(streams.compactMap { $0["lost"] as? Int }.reduce(0, +) == dropped)
        let printed = try String(contentsOfFile: "\(folder.path)/d.txt", encoding: .utf8).split(separator: "\n")
        #expect(printed.count == recorded.count)
    }

    @Test(arguments: ["", "--immediate", "--promiscuous"])
    func `An interface that is switched off, cut and made anew is said, and goes on by itself`(option: String) throws {
        let pair = try NamespacePair()
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/r.pcapng"
        let outcome = try shell(
            """
            \(pair.tools) cd '\(folder.path)'; said() { until grep -q "$1" r.err; do sleep 0.02; done; }
            $near spatioscope record -i va -o r.pcapng --bpf 'udp port 7730' \(option) 2>> r.err & r=$!
            await r.pcapng; send 10
            ip -n \(pair.far) link set vb down; said 'va has no carrier'
            ip -n \(pair.far) link set vb up; said 'va is back'; send 20; : > r.err
            ip -n \(pair.near) link set va down; said 'va is switched off'
            ip -n \(pair.near) link set va up; said 'va is back'; send 30; : > r.err
            \(pair.unplug); said 'va is gone'
            \(pair.plug); said 'va is back'; send 40
            grep -h CapEff /proc/$r/task/*/status | sort -u
            sleep 0.2; kill $r; wait $r; cat r.err >&2
            """)
        #expect(outcome.errors.contains("100 packets in "))
        #expect(outcome.errors.contains("nothing dropped"))
        #expect(try packets(path).count == 100)
        // What took it up again had no right to.
        #expect(outcome.output == "CapEff:\t0000000000000000\n")
    }

    @Test func `On the screen an interface that is gone is named, with what makes it go on`() throws {
        let pair = try NamespacePair()
        let terminal = try TerminalSession(100, 30)
        try terminal.run("clear; ip netns exec \(pair.near) $(command -v spatioscope) live -i va")
        terminal.wait("LIVE")
        try shell(pair.unplug)
        terminal.wait("va GONE")
        terminal.wait("It goes on by itself")
        try shell("\(pair.plug)\n\(pair.tools) send 50")
        terminal.wait("it does not go on") { !$0.contains("va GONE") && !$0.contains("va UNPLUGGED") }
        try shell("\(pair.tools) send 50")
        terminal.wait("PING")
        try terminal.press("Escape", ":")
        try terminal.run("quit")
        terminal.waitForPrompt()
        #expect(try terminal.status() == 0)
    }
}
