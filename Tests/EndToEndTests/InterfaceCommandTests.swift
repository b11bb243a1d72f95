import Capture
import Foundation
import Glibc
import Testing

/// The commands that capture, on the loopback interface; they take the right to.
@Suite(.enabled(if: mayCapture, "nobody may capture here: this takes root or cap_net_raw"))
struct InterfaceCommandTests {
    /// Shell that defines `send COUNT PORT`, which sends so many datagrams, and `await FILE`, which waits until that is
    /// there.
    private static let tools = """
        send() { python3 -c 'import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for n in range(int(sys.argv[1])): s.sendto(b"%d" % n, ("127.0.0.1", int(sys.argv[2])))' $1 $2; }
        await() { until [ -s "$1" ]; do sleep 0.02; done; }

        """

    /// A port that nobody else uses in these tests, which only need one to filter by.
    private static func port() -> Int { Int.random(in: 40_000..<60_000) }

    private func packets(_ path: String) throws -> Int {
        let file = try CaptureFile(path: path)
        var count = 0
        while try file.next() != nil { count += 1 }
        return count
    }

    @Test(arguments: ["TERM", "HUP", "INT"])
    func `A signal ends a recording with everything that came, and a summary`(signal: String) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/r.pcapng"
        let port = Self.port()
        let outcome = try shell(
            """
            \(Self.tools) spatioscope record -i lo -o '\(path)' --bpf 'udp dst port \(port)' & p=$!
            await '\(path)'; send 500 \(port); kill -\(signal) $p; wait $p
            """)
        #expect(outcome.status == (signal == "INT" ? 130 : 0))
        #expect(outcome.errors.contains("spatioscope: 500 packets in "))
        #expect(outcome.errors.contains("nothing dropped"))
        #expect(try packets(path) == 500)
    }

    @Test func `A recording goes on in the next file, and the last ones are kept`() throws {
        let folder = try TemporaryFolder()
        let port = Self.port()
        let outcome = try shell(
            """
            \(Self.tools) spatioscope record -i lo -o '\(folder.path)/r.pcapng' --bpf 'udp dst port \(port)' \
                --count 25 --rotate-packets 10 --keep 2 & p=$!
            await '\(folder.path)/r-00001.pcapng'; send 30 \(port); wait $p
            """)
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("25 packets in "))
        #expect(outcome.errors.contains("2 files (1 older ones are removed)"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["r-00002.pcapng", "r-00003.pcapng"])
        #expect(try names.map { try packets("\(folder.path)/\($0)") } == [10, 5])
    }

    @Test func `Two interfaces and tcpdump beside them record the same`() throws {
        let folder = try TemporaryFolder()
        let port = Self.port()
        let outcome = try shell(
            """
            \(Self.tools) cd '\(folder.path)'
            spatioscope record -i lo -i any -o r.pcapng --bpf 'udp dst port \(port)' --count 600 & p=$!
            timeout 60 tcpdump -i lo -n -U -c 300 -w t.pcap 'udp dst port \(port)' & q=$!
            await r.pcapng; await t.pcap; send 300 \(port); wait $q; wait $p
            """)
        #expect(outcome.status == 0)
        #expect(try packets("\(folder.path)/t.pcap") == 300)
        let file = try CaptureFile(path: "\(folder.path)/r.pcapng")
        var counts: [UInt32: Int] = [:]
        while let packet = try file.next() { counts[packet.linkType.rawValue, default: 0] += 1 }
        #expect(counts == [LinkType.ethernet.rawValue: 300, LinkType.linuxSLL2.rawValue: 300])
        #expect(file.interfaceNames == ["lo", "any"])
    }

    @Test func `What comes on an interface is printed as it comes`() throws {
        let folder = try TemporaryFolder()
        let port = Self.port()
        let outcome = try shell(
            """
            \(Self.tools) spatioscope serve --demo --bind 127.0.0.1 --port \(port) 2> '\(folder.path)/log' & s=$!
            await '\(folder.path)/log'
            spatioscope dump live -i lo --port \(port) --fields type --count 20; r=$?; kill $s; wait $s; exit $r
            """)
        #expect(outcome.status == 0)
        #expect(outcome.output.split(separator: "\n").count >= 20)
    }

    @Test(arguments: ["", "--tcp"])
    func `A server that is joined beside an interface is seen twice, and nothing else is`(transport: String) throws {
        let folder = try TemporaryFolder()
        let port = Self.port()
        let outcome = try shell(
            """
            \(Self.tools) cd '\(folder.path)'
            spatioscope serve --demo --bind 127.0.0.1 --port \(port) 2> log & s=$!
            await log
            spatioscope dump live -i lo --bpf 'port \(port)' --attach localhost:\(port) \(transport) --format json \
                --count 4000 > messages & d=$!
            await messages
            for t in /proc/$d/task/*; do grep -E '^(CapPrm|CapEff|NoNewPrivs|Seccomp):' $t/status; done | tr '\\t' ' ' | sort -u
            wait $d; r=$?; kill $s; wait $s; exit $r
            """)
        #expect(outcome.status == 0)
        #expect(
            outcome.output == """
                CapEff: 0000000000000000
                CapPrm: 0000000000000000
                NoNewPrivs: 1
                Seccomp: 2

                """)
        #expect(outcome.errors.contains("spatioscope: Joined: plaza, hall"))
        let lines = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/messages")), as: UTF8.self
        )
        .split(separator: "\n")
        #expect(lines.count == 4000)
        // Nearly all that is mirrored is also seen on the wire, and nothing comes twice by the way that it came.
        let mirrored = lines.count { $0.contains("\"extension_id\":32770") }
        let matched = lines.count { $0.contains("\"on_wire\":{") || $0.contains("\"at_observer\":{") }
        #expect(mirrored > 1000 && matched > mirrored * 3 / 4)
        #expect(!lines.contains { $0.contains("\"rule\":\"duplicate\"") || $0.contains("\"rule\":\"replay\"") })
    }

    @Test func `What is said of joining goes with the server that is joined`() throws {
        let alone = try shell("spatioscope dump live -i lo --tcp")
        #expect(alone.status == 2 && alone.errors.contains("--tcp goes with --attach"))
        #expect(try shell("spatioscope live -i lo --attach 'no host'").status == 2)
    }

    @Test(.enabled(if: geteuid() == 0, "nobody may mount a small file system here: this takes root"))
    func `A full disk ends a recording with what was written, and a clear message`() throws {
        let folder = try TemporaryFolder()
        let port = Self.port()
        let outcome = try shell(
            """
            \(Self.tools) mount -t tmpfs -o size=300k none '\(folder.path)' || exit 77
            cd '\(folder.path)'; spatioscope record -i lo -o r.pcapng --bpf 'udp dst port \(port)' & p=$!
            await r.pcapng; send 6000 \(port); wait $p; s=$?
            tcpdump -r r.pcapng 2>&1 | grep -ci truncated; cd /; umount '\(folder.path)'; exit $s
            """)
        guard outcome.status != 77 else { return }
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("r.pcapng: cannot be written: No space left on device"))
        #expect(outcome.output == "0\n")
    }

    @Test func `An interface that does not exist is said, with those that do`() throws {
        let outcome = try shell("spatioscope record -i nowhere7 -o /dev/null")
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("spatioscope: nowhere7: no such interface; there are "))
        #expect(try shell("spatioscope live -i lo --bpf 'udp prot 3'").status == 2)
    }
}

/// What the program holds when its interfaces are open.
@Suite(.enabled(if: geteuid() == 0, "nobody may give up here what root has: this takes root"))
struct PrivilegeTests {
    private static let nothing = """
        capabilities permitted 0x0
        capabilities effective 0x0
        capabilities bounding 0x0
        new privileges forbidden
        system calls filtered

        """

    @Test func `Root keeps its number and nothing else; under sudo it is the user again`() throws {
        let root = try shell("env -u SUDO_UID spatioscope live -i lo --check")
        #expect(root.output == "user 0\ngroup 0\n" + Self.nothing)
        let sudo = try shell("SUDO_UID=65534 SUDO_GID=65533 spatioscope live -i lo --check")
        #expect(sudo.output == "user 65534\ngroup 65533\n" + Self.nothing)
    }

    @Test func `Every thread of a recording has given everything up, and the file is the user's`() throws {
        let folder = try TemporaryFolder()
        let outcome = try shell(
            """
            chmod 777 '\(folder.path)'; cd '\(folder.path)'
            SUDO_UID=65534 SUDO_GID=65534 spatioscope record -i lo -o r.pcapng & p=$!
            until [ -s r.pcapng ] && [ $(ls /proc/$p/task | wc -l) -gt 1 ]; do sleep 0.02; done
            cat /proc/$p/task/*/status | grep -E '^(Uid|Gid|Groups|CapPrm|CapEff|CapInh|CapAmb|NoNewPrivs|Seccomp):' \
                | tr '\\t' ' ' | sort -u
            stat -c %u r.pcapng; kill $p; wait $p
            """)
        #expect(outcome.status == 0)
        #expect(
            outcome.output == """
                CapAmb: 0000000000000000
                CapEff: 0000000000000000
                CapInh: 0000000000000000
                CapPrm: 0000000000000000
                Gid: 65534 65534 65534 65534
                Groups: 65534 
                NoNewPrivs: 1
                Seccomp: 2
                Uid: 65534 65534 65534 65534
                65534

                """)
    }

    @Test(arguments: ["stats", "dump"])
    func `A capture is opened with what root may, and read with nothing of it`(command: String) throws {
        let folder = try TemporaryFolder()
        // Nobody else may open it, and nothing comes out of it before everything is given up.
        let outcome = try shell(
            """
            mkfifo -m 600 '\(folder.path)/capture'
            SUDO_UID=65534 SUDO_GID=65533 spatioscope \(command) '\(folder.path)/capture' > '\(folder.path)/out' & p=$!
            exec 3> '\(folder.path)/capture'
            until grep -q '^Seccomp:.2' /proc/$p/status; do sleep 0.02; done
            grep -E '^(Uid|Gid|CapPrm|CapEff|CapBnd|NoNewPrivs):' /proc/$p/status | tr '\\t' ' '
            zstd -qdc captures/plaza.pcapng.zst >&3; exec 3>&-; wait $p; r=$?; [ -s '\(folder.path)/out' ] && exit $r
            """)
        #expect(outcome.status == 0)
        #expect(
            outcome.output == """
                Uid: 65534 65534 65534 65534
                Gid: 65533 65533 65533 65533
                CapPrm: 0000000000000000
                CapEff: 0000000000000000
                CapBnd: 0000000000000000
                NoNewPrivs: 1

                """)
        #expect(outcome.errors.isEmpty)
    }

    @Test func `Without the right one sentence says which command grants it`() throws {
        let outcome = try shell("setpriv --bounding-set -all spatioscope record -i lo -o /dev/null")
        #expect(outcome.status == 1)
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.errors.hasPrefix("spatioscope: lo: no permission to capture: sudo setcap cap_net_raw+ep /"))
        #expect(outcome.errors.contains("attach, open and demo work without"))
    }
}

/// Whether this process may open an interface.
let mayCapture: Bool = (try? InterfaceCapture("lo")) != nil
