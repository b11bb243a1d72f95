import Foundation
import Testing

/// One command of a console block, and what the text says that it prints.
private struct Example: CustomTestStringConvertible {
    var command: String
    var expected: [String]

    var testDescription: String { command }

    /// Every line `$ spatioscope ...` of the ```console blocks of a text, with the lines below it.
    static func parse(_ text: String) -> [Example] {
        var examples: [Example] = []
        for line in markdownBlocks("console", of: text).joined() {
            if line.hasPrefix("$ ") {
                examples.append(Example(command: String(line.dropFirst(2)), expected: []))
            } else if !examples.isEmpty {
                examples[examples.count - 1].expected.append(line)
            }
        }
        return examples.filter { $0.command.hasPrefix("spatioscope ") }
    }

    /// Whether lines are the expected ones, where `...` stands for any lines, or none.
    func isMet(by lines: [String]) -> Bool { Self.fits(expected[...], lines[...]) }

    private static func fits(_ pattern: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return lines.isEmpty }
        if first == "..." {
            return (lines.startIndex...lines.endIndex).contains { fits(pattern.dropFirst(), lines[$0...]) }
        }
        return lines.first == first && fits(pattern.dropFirst(), lines.dropFirst())
    }
}

/// What the README shows is what the program prints.
struct ReadmeTests {
    private static let readme =
        (try? String(contentsOfFile: "\(Program.repository)/README.md", encoding: .utf8)) ?? ""

    @Test("Every command of the README prints what stands below it", arguments: Example.parse(readme))
    private func example(_ example: Example) throws {
        let outcome = try shell(example.command)
        // CSV has the line ends of RFC 4180.
        let output = outcome.output.replacingOccurrences(of: "\r\n", with: "\n")
        var lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        #expect(outcome.status == 0)
        #expect(
            example.isMet(by: lines), "\(example.command) printed:\n\(outcome.output.prefix(4000))\(outcome.errors)")
    }

    /// A script of the README for servers and who joins or watches them: the server in the background at a free port (the
    /// demo where the script has none), `attach` and `live` without their screen and for one message, and at the end the
    /// server is told to stop and has to.
    private static func rehearsal(_ block: [String]) -> String {
        var lines = ["set -eo pipefail"]
        let hasServer = block.contains { $0.hasPrefix("spatioscope serve") }
        for line in (hasServer ? [] : ["spatioscope serve --demo"]) + block {
            if line.hasPrefix("spatioscope serve") {
                lines += [
                    "\(line) --bind 127.0.0.1 --port 0 2> log & server=$!; trap 'kill $server 2>/dev/null' EXIT",
                    "until grep -q listening log; do kill -0 $server; sleep 0.05; done",
                    "PORT=$(sed -n 's/.*address=127.0.0.1:\\([0-9]*\\).*/\\1/p' log)",
                    "KEY=$(sed -n 's/.*server_key=\\([0-9a-f]*\\).*/\\1/p' log)",
                ]
            } else if line.hasPrefix("spatioscope ") {
                // What is somewhere else in the README is on the loopback interface here, where nothing takes 20 ms.
                let here = [
                    "spatioscope attach": "spatioscope dump attach", "spatioscope live": "spatioscope dump live",
                    "localhost": "127.0.0.1:$PORT", "192.0.2.7": "127.0.0.1:$PORT", "eth0": "lo", "20ms": "0ms",
                ]
                let printing = here.reduce(line) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
                // Whoever is refused is never asked for a PONG.
                let filter = line.contains("--filter") ? "" : " --filter 'type == pong'"
                lines.append("\(printing)\(filter) --count 1 --duration 60 | grep .")
            } else {
                lines.append(line)
            }
        }
        return (lines + ["trap - EXIT", "kill -TERM $server", "wait $server", "grep -q stopped log"])
            .joined(separator: "\n")
    }

    @Test("Every server of the README serves, is joined and watched as the README says, and ends")
    func servers() throws {
        let plan = markdownBlocks("toml", of: Self.readme).first { $0.contains("[[space]]") }
        let scripts = markdownBlocks("sh", of: Self.readme)
        #expect(scripts.count == 3)
        for script in scripts where mayCapture || !script.contains(where: { $0.contains(" -i ") }) {
            let folder = try TemporaryFolder()
            _ = try folder.file("lab.toml", Data(try #require(plan).joined(separator: "\n").utf8))
            let file = try folder.file("script", Data(Self.rehearsal(script).utf8))
            let outcome = try shell("cd '\(folder.path)'; bash '\(file)'; status=$?; cat log >&2; exit $status")
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        }
    }

    @Test("The README has commands to try")
    func hasExamples() { #expect(Example.parse(Self.readme).count >= 3) }

    @Test("Blocks, commands and lines are found in a text")
    func parsing() {
        let text = """
            ```
            $ spatioscope not this
            ```
            ```console
            $ spatioscope one
            a
            ...
            b
            $ ls
            c
            $ spatioscope two
            ```
            """
        let examples = Example.parse(text)
        #expect(examples.map(\.command) == ["spatioscope one", "spatioscope two"])
        #expect(examples.map(\.expected) == [["a", "...", "b"], []])
        #expect(examples[0].isMet(by: ["a", "b"]))
        #expect(examples[0].isMet(by: ["a", "x", "b", "b"]))
        #expect(!examples[0].isMet(by: ["a", "b", "x"]))
        #expect(!examples[0].isMet(by: ["b"]))
        #expect(examples[1].isMet(by: []))
        #expect(!examples[1].isMet(by: ["x"]))
    }
}
