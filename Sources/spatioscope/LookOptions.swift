import ArgumentParser
import Panes
import Screen
import Settings
import Terminal

/// Where the configuration is.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configuration, instead of config.toml in ~/.config/spatioscope.", valueName: "file"))
    var config: String?

    /// - Throws: `Failure` when a file that was named cannot be read. What is wrong in a file is among its problems.
    func load() throws -> ConfigurationFile {
        guard let config else { return ConfigurationFile() }
        do throws(SettingsError) {
            return try ConfigurationFile(path: config)
        } catch {
            throw Failure(error.description)
        }
    }
}

/// How the screen looks.
struct LookOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Colours: a name (spatioscope themes shows them all), or a TOML file.", valueName: "name"))
    var theme: String?

    @Option(help: ArgumentHelp("How to draw dots and lines.", valueName: "braille|half|ascii"))
    var glyphs: Glyphs?

    @Option(
        help: ArgumentHelp(
            "How many colours: as many as there are unless NO_COLOR is set, whatever NO_COLOR says, 16, or none.",
            valueName: "auto|always|16|never"))
    var colors: Colors?

    @Flag(help: "No colours; NO_COLOR in the environment does the same.")
    var noColor = false

    @Option(
        help: ArgumentHelp(
            "Height of a character over its width, where the terminal does not tell it.", valueName: "ratio"))
    var cellAspect: Double?

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

    enum Colors: String, ExpressibleByArgument, CaseIterable {
        case auto, always
        case sixteen = "16"
        case never

        var preference: ColorPreference {
            switch self {
            case .auto: .automatic
            case .always: .always
            case .sixteen: .sixteen
            case .never: .never
            }
        }
    }

    mutating func validate() throws {
        if let cellAspect, !Configuration.cellAspects.contains(cellAspect) {
            throw ValidationError(
                "--cell-aspect is \(Configuration.cellAspects.lowerBound) to \(Configuration.cellAspects.upperBound)")
        }
    }

    /// What the options and the configuration amount to.
    /// - Throws: `WrongUse` when no theme has the name, `Failure` when its file cannot be read
    func look(_ file: inout ConfigurationFile) throws -> Look {
        let loaded = try theme.map { try Self.theme($0) } ?? Self.theme(of: &file)
        let configuration = file.configuration
        return Look(
            theme: loaded.theme, rules: loaded.rules,
            colors: noColor ? .never : colors?.preference ?? configuration.colors,
            glyphs: glyphs?.set ?? configuration.glyphs, cellAspect: cellAspect ?? configuration.cellAspect,
            problems: loaded.problems, options: self)
    }

    private static func theme(_ name: String) throws -> ThemeLibrary.Loaded {
        do throws(ThemeLibrary.Failure) {
            return try ThemeLibrary().load(name)
        } catch {
            if case .unknown = error { throw WrongUse("--theme: \(error)") }
            throw Failure(error.description)
        }
    }

    /// The theme that a configuration names. One that is not there is a problem of that; the usual one is used.
    static func theme(of file: inout ConfigurationFile) -> ThemeLibrary.Loaded {
        do throws(ThemeLibrary.Failure) {
            return try ThemeLibrary().load(file.configuration.theme)
        } catch {
            file.add(problem: error.description, with: "theme")
            return ThemeLibrary.Loaded(theme: .dark)
        }
    }
}

/// How the screen is to look, decided.
struct Look {
    var theme: Theme
    var rules: [ColorRule]
    var colors: ColorPreference
    /// Nil: as the terminal can.
    var glyphs: GlyphSet?
    /// Nil: as the terminal says.
    var cellAspect: Double?
    /// What is wrong in the theme's file, a sentence each.
    var problems: [String]
    /// What was asked for on the command line, which goes before any configuration.
    var options: LookOptions

    /// - Throws: `Failure` without a terminal
    func openTerminal() throws -> Terminal {
        do {
            return try Terminal(colors: colors, glyphs: glyphs)
        } catch {
            throw Failure("\(error); dump and stats work without a screen")
        }
    }
}
