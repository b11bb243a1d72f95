import Foundation
import Testing

/// How the program ends, and what it says: 0; 1 what could not be read or done; 2 wrong use; 130 interrupted.
struct ExitStatusTests {
    private let plaza = "captures/plaza.pcapng.zst"

    @Test(
        "What cannot be read is named in one sentence, with status 1",
        arguments: [
            ("stats /nowhere/x.pcap", "/nowhere/x.pcap: no such file"), ("stats /tmp", "/tmp: is a directory"),
            ("stats README.md", "README.md: not a capture"),
            ("dump - < /dev/null", "standard input: the file is empty"),
            ("dump captures/lossy.pcapng --keylog /nowhere/k", "/nowhere/k: No such file or directory"),
            ("open /nowhere/x.pcap", "/nowhere/x.pcap: no such file"),
            ("simulate plaza -o /nowhere/x.pcapng", "/nowhere/x.pcapng"),
            ("open captures/lossy.pcapng", "terminal"),
        ])
    func unreadable(arguments: String, sentence: String) throws {
        let outcome = try shell("spatioscope \(arguments)")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(sentence))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "Wrong use is said, with status 2 and nothing on standard output",
        arguments: [
            ("dump", "a capture is needed"), ("dump x --nope", "--nope"), ("wat", "wat"),
            ("dump x --port 0", "--port is 1 to 65535"), ("dump x --port 65536", "65536"),
            ("dump x --format xml", "xml"), ("dump x --count 0", "--count is at least 1"),
            ("dump x --duration -1", "--duration"), ("dump x --fields nope", "nope"),
            ("dump x --bpf 'udp ports ?'", "udp ports ?"), ("dump x --stream -1", "--stream"),
            ("stats x --filter lost", "no --filter"), ("simulate wat -o /tmp/x", "wat"),
            ("simulate plaza", "--output"), ("simulate plaza -o /tmp/x --loss 2", "--loss is 0 to 1"),
            ("open captures/lossy.pcapng --theme nope", "there are contrast, dark, dusk, light"),
        ])
    func wrongUse(arguments: String, sentence: String) throws {
        let outcome = try shell("spatioscope \(arguments)")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(sentence))
        #expect(outcome.output.isEmpty)
    }

    @Test("A wrong filter is shown with a mark under the place that is wrong")
    func caret() throws {
        let outcome = try shell("spatioscope dump captures/lossy.pcapng --filter 'stream == 1 && type == pingg'")
        #expect(outcome.status == 2)
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        let text = try #require(lines.firstIndex { $0.contains("stream == 1 && type == pingg") })
        let mark = try #require(lines[text + 1].firstIndex(of: "^"))
        let column = lines[text + 1].distance(from: lines[text + 1].startIndex, to: mark)
        #expect(lines[text].dropFirst(column).hasPrefix("pingg"))
        #expect(outcome.errors.contains("ping"))
    }

    @Test("A file that is cut, rotten or empty gives what can be read, a sentence with the place, and status 1")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: Program.capture("lossy.pcapng")))
        let cut = try folder.file("cut.pcapng", whole.prefix(100_001))
        var octets = Array(whole)
        for index in 120_000..<120_400 { octets[index] = 0xFF }
        let rotten = try folder.file("rotten.pcapng", Data(octets))
        for path in [cut, rotten] {
            let outcome = try shell("spatioscope dump '\(path)' --format json")
            #expect(outcome.status == 1)
            #expect(outcome.output.split(separator: "\n").count > 200)
            #expect(outcome.output.hasSuffix("}\n"))
            #expect(outcome.errors.hasPrefix("spatioscope: \(path): "))
            #expect(outcome.errors.contains("at octet "))
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
        let empty = try folder.file("empty.pcap", Data())
        let outcome = try shell("spatioscope stats '\(empty)'")
        #expect(outcome.status == 1)
        #expect(outcome.errors == "spatioscope: \(empty): the file is empty\n")
    }

    @Test("With one bad file among good ones the good ones are read, and the status says that something was not")
    func oneBadFile() throws {
        let outcome = try shell("spatioscope stats captures/lossy.pcapng /nowhere/x.pcap --format json")
        #expect(outcome.status == 1)
        #expect(outcome.output.hasPrefix("{\"packets\":"))
        #expect(outcome.errors == "spatioscope: /nowhere/x.pcap: no such file\n")
    }

    @Test("Wrong lines of a key log are named and the others used")
    func keyLog() throws {
        let folder = try TemporaryFolder()
        let good = try Data(contentsOf: URL(fileURLWithPath: Program.capture("sealed.keylog")))
        let path = try folder.file("keys", Data("SPATIO_SESSION_SECRET zz\n".utf8) + good)
        let outcome = try shell("spatioscope stats captures/sealed.pcapng --format json --keylog '\(path)'")
        #expect(outcome.status == 0)
        #expect(outcome.errors.hasPrefix("spatioscope: \(path): line 1: "))
        #expect(outcome.output.contains("\"undecrypted\":0,"))
    }

    @Test("Help and version go to standard output with status 0", arguments: ["--help", "dump --help", "--version"])
    func help(arguments: String) throws {
        let outcome = try shell("spatioscope \(arguments)")
        #expect(outcome.status == 0)
        #expect(!outcome.output.isEmpty)
        #expect(outcome.errors.isEmpty)
    }

    @Test("A reader that has seen enough ends the program quietly, as it ends any filter")
    func closedPipe() throws {
        let outcome = try shell(
            "spatioscope dump \(plaza) --format json | head -1; echo ${PIPESTATUS[0]} >&2")
        #expect(outcome.output.split(separator: "\n").count == 1)
        #expect(outcome.errors == "141\n")
    }

    @Test("A full disk is said, with status 1")
    func fullDisk() throws {
        let outcome = try shell("spatioscope dump \(plaza) > /dev/full")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("standard output: No space left on device"))
    }

    @Test(
        "SIGINT and SIGTERM end reading: what was read is printed, and the status is 130", arguments: ["INT", "TERM"])
    func interrupted(signal: String) throws {
        let folder = try TemporaryFolder()
        let pipe = try folder.file("pipe")
        let out = try folder.file("out")
        // The pipe stays open: the capture has no end. Output says that the program is reading.
        let line = """
            mkfifo '\(pipe)'; exec 7<>'\(pipe)'
            spatioscope dump '\(pipe)' > '\(out)' & program=$!
            cat captures/lossy.pcapng >&7
            until [ -s '\(out)' ]; do sleep 0.02; done
            kill -\(signal) $program; wait $program; echo $?
            """
        let outcome = try shell(line)
        #expect(outcome.output == "130\n")
        #expect(outcome.errors.isEmpty)
        #expect(try String(contentsOfFile: out, encoding: .utf8).contains("SPATIAL_UPDATE"))
    }

    @Test("Standard input is a source, plain and compressed", arguments: ["cat", "gzip -c", "zstd -qc", "lz4 -qc"])
    func standardInput(command: String) throws {
        let name = String(command.prefix { $0 != " " })
        guard try shell("command -v \(name)").status == 0 else { return }
        let piped = try shell("\(command) captures/tcp.pcapng | spatioscope stats - --format json")
        let direct = try shell("spatioscope stats captures/tcp.pcapng --format json")
        #expect(piped.status == 0)
        #expect(piped.output == direct.output)
    }
}
