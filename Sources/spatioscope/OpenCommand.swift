import ArgumentParser
import Inspection
import Panes
import Screen
import Terminal

struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Look at captures on the screen: streams, messages and a map, as of any time.")

    @OptionGroup var options: CaptureOptions
    @OptionGroup var look: LookOptions

    func run() throws {
        let filter = try options.combinedFilter()
        let keys = try options.keys()
        let source = try options.source(keepsPackets: true)
        if source.files.isEmpty { try conclude(source) }
        let watcher = Watcher(theme: try look.loadTheme(), showsSecrets: look.showSecrets)
        let problems = try watcher.watch(
            source, ports: options.ports, keyLog: keys, filter: filter, colors: look.colors, glyphs: look.glyphs?.set)
        for problem in problems { StandardError.print("spatioscope: \(problem)") }
        if !problems.isEmpty { throw ExitStatus.failed }
    }
}

/// How the screen looks.
struct LookOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Colours: dark, light, a name in the themes folder, or a TOML file.", valueName: "name"))
    var theme: String = "dark"

    @Option(help: ArgumentHelp("How to draw dots and lines.", valueName: "braille|half|ascii"))
    var glyphs: Glyphs?

    @Flag(help: "No colours; NO_COLOR in the environment does the same.")
    var noColor = false

    @Flag(help: "Show credentials and tokens as they are; else only how long they are.")
    var showSecrets = false

    enum Glyphs: String, ExpressibleByArgument, CaseIterable {
        case braille, half, ascii

        var set: GlyphSet {
            switch self {
            case .braille: .braille
            case .half: .halfBlock
            case .ascii: .ascii
            }
        }
    }

    var colors: ColorPreference { noColor ? .never : .automatic }

    func loadTheme() throws -> Theme { try ThemeFile.load(theme) }
}
