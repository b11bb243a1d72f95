import Foundation
import Testing

/// The article about sessions is a program that other programs' authors begin with: it has to compile and to run.
struct ArticleTests {
    /// The lines of a text's blocks in a language, one block behind the other.
    private static func blocks(_ language: String, of text: String) -> [String] {
        var lines: [String] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isInside = !isInside && line == "```\(language)"
            } else if isInside {
                lines.append(line)
            }
        }
        return lines
    }

    /// Targets of this package that are no library products: the article does without them.
    private static let own: Set = [
        "Capture", "Inspection", "Panes", "Screen", "Settings", "Simulation", "Terminal", "spatioscope",
    ]

    /// What the linker made the program of, less what is no library product.
    private static func objects() throws -> [String] {
        let list = try String(contentsOfFile: "\(Program.folder)/spatioscope.product/Objects.LinkFileList", encoding: .utf8)
        return list.split(separator: "\n").map(String.init).filter { line in
            let path = line.trimmingCharacters(in: ["'", "\""])
            return !path.split(separator: "/").contains { part in
                part.hasSuffix(".build") && own.contains(String(part.dropLast(".build".count)))
            }
        }
    }

    /// Module maps of everything in C that the modules import.
    private static func moduleMaps() throws -> [String] {
        let manager = FileManager.default
        let checkouts = URL(fileURLWithPath: Program.folder).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("checkouts").path
        var folders = ["\(Program.repository)/Sources"].flatMap { folder in
            ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).map { "\(folder)/\($0)" }
        }
        for package in try manager.contentsOfDirectory(atPath: checkouts) {
            let sources = "\(checkouts)/\(package)/Sources"
            let targets = (try? manager.contentsOfDirectory(atPath: sources)) ?? []
            folders += targets.map { "\(sources)/\($0)/include" }
        }
        let built = try manager.contentsOfDirectory(atPath: Program.folder).filter { $0.hasSuffix(".build") }
        folders += built.map { "\(Program.folder)/\($0)" }
        return folders.map { "\($0)/module.modulemap" }.filter { manager.fileExists(atPath: $0) }
    }

    @Test("The article's program compiles against the library products alone, and prints what the article says")
    func article() throws {
        let text = try String(
            contentsOfFile: "\(Program.repository)/Sources/SpatioNetwork/SpatioNetwork.docc/Sessions.md", encoding: .utf8)
        let source = Self.blocks("swift", of: text).joined(separator: "\n")
        let expected = Self.blocks("console", of: text)
        #expect(expected.count > 3)

        let folder = try TemporaryFolder()
        let main = try folder.file("main.swift", Data(source.utf8))
        // File lists, because a command line is not long enough.
        let objects = try folder.file("objects", Data(try Self.objects().joined(separator: "\n").utf8))
        let maps = try folder.file(
            "maps", Data(try Self.moduleMaps().map { "-Xcc -fmodule-map-file=\($0)" }.joined(separator: "\n").utf8))
        let program = "\(folder.path)/article"
        let compilation = try shell(
            """
            swiftc -swift-version 6 -warnings-as-errors -module-name Article -I '\(Program.folder)/Modules' \
            -module-cache-path '\(folder.path)/modules' '@\(maps)' '\(main)' '@\(objects)' \
            -llz4 -lzstd -lstdc++ -o '\(program)'
            """)
        try #require(compilation.status == 0, "\(compilation.output)\(compilation.errors)")

        let outcome = try shell("'\(program)'", patience: 60)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let printed = Set(outcome.output.split(separator: "\n").map(String.init))
        #expect(printed.isSuperset(of: expected), "\(outcome.output)\(outcome.errors)")
    }
}
