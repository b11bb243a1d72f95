import ArgumentParser
import Panes
import Settings

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check the configuration, or print one with every key and its default.",
        discussion: """
            spatioscope config --default > ~/.config/spatioscope/config.toml
            """)

    @Flag(name: .customLong("default"), help: "Print a configuration with every key, what it means, and its default.")
    var printsDefault = false

    @Flag(help: "Print what every key does, as it is configured: pane, action, keys.")
    var keys = false

    @OptionGroup var settings: ConfigurationOptions

    mutating func validate() throws {
        if printsDefault, keys { throw ValidationError("--default or --keys, not both") }
    }

    func run() throws {
        if printsDefault {
            var output = StandardOutput()
            output.write(ConfigurationText.documented.utf8)
            return output.flush()
        }
        var file = try settings.load()
        if keys {
            StandardOutput.print(file.configuration.keyTable.lines.joined(separator: "\n"))
        } else {
            _ = LookOptions.theme(of: &file)
            StandardOutput.print(Self.state(of: file))
        }
        file.sayProblems()
        if !file.problems.isEmpty { throw ExitStatus.failed }
    }

    private static func state(of file: ConfigurationFile) -> String {
        guard let path = file.path else { return "no home, so no configuration: everything has its default" }
        guard file.isThere else { return "\(path): not there; everything has its default" }
        switch file.problems.count {
        case 0: return "\(path): right"
        case 1: return "\(path): 1 problem; the rest is used"
        default: return "\(path): \(file.problems.count) problems; the rest is used"
        }
    }
}

extension KeyTable {
    /// A line for each binding: pane, action, keys, and what it does.
    fileprivate var lines: [String] {
        let widths = (
            bindings.map(\.scope.name.count).max() ?? 0, bindings.map(\.action.name.count).max() ?? 0,
            bindings.map { Self.keys(of: $0).count }.max() ?? 0
        )
        return bindings.map { binding in
            [
                binding.scope.name.padded(to: widths.0), binding.action.name.padded(to: widths.1),
                Self.keys(of: binding).padded(to: widths.2), binding.help,
            ].joined(separator: "  ")
        }
    }

    private static func keys(of binding: KeyBinding) -> String { binding.keys.map(\.name).joined(separator: " ") }
}
