import ArgumentParser
import Glibc
import Screen
import Settings

struct ThemesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "themes", abstract: "Show the themes, or print one as a file to begin your own from.",
        discussion: """
            A theme of your own is a TOML file, given with --theme FILE, or by its name from the folder themes beside the \
            configuration:

            spatioscope themes dusk > ~/.config/spatioscope/themes/mine.toml
            """)

    @Argument(help: "The theme to print; without it, all are shown.")
    var name: String?

    func run() throws {
        let library = ThemeLibrary()
        guard let name else { return StandardOutput.print(try Self.list(library)) }
        do throws(ThemeLibrary.Failure) {
            var output = StandardOutput()
            output.write(try library.source(of: name))
            output.flush()
        } catch {
            if case .unknown = error { throw WrongUse(error.description) }
            throw Failure(error.description)
        }
    }

    /// A line each, with swatches where colours can be seen.
    private static func list(_ library: ThemeLibrary) throws -> String {
        let showsColors = isatty(STDOUT_FILENO) == 1 && UserFolders.environment("NO_COLOR") == nil
        let names = library.names
        let width = names.map(\.count).max() ?? 0
        return names.map { name in
            do throws(ThemeLibrary.Failure) {
                let loaded = try library.load(name)
                let kind = loaded.theme.isDark ? "dark " : "light"
                let spaces = String(repeating: " ", count: width - name.count)
                let swatch = showsColors ? "  " + Swatch.line(of: loaded.theme) : ""
                return (["\(name)\(spaces)  \(kind)\(swatch)"] + loaded.problems).joined(separator: "\n")
            } catch {
                return error.description
            }
        }.joined(separator: "\n")
    }
}
