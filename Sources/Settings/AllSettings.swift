import Inspection
import Panes
import Screen

/// Every key of the configuration file, in the order of the documented file. Filters and keys are tables whose names the
/// user chooses: `ConfigurationReader` has those.
extension Setting {
    static let all: [Setting] = looks + sources + screen + messages + map + findings

    /// What a path may not be.
    private static let pathExpected = "the path of a file"

    private static let looks: [Setting] = [
        Setting(
            "theme",
            "A name (spatioscope themes shows them all) or the path of a TOML file.", "\"dark\"",
            "the name of a theme, or the path of a file"
        ) { value, configuration in
            guard let name = value.text, !name.isEmpty else { return false }
            configuration.theme = name
            return true
        },
        .choice(
            "glyphs", "How dots and lines are drawn; auto: as finely as the terminal can.",
            [("auto", nil), ("braille", .braille), ("half", .halfBlock), ("ascii", .ascii)]
        ) { (glyphs: GlyphSet?, configuration) in configuration.glyphs = glyphs },
        .choice(
            "colors", "auto: as many as the terminal has, none where NO_COLOR is set; always: whatever NO_COLOR says.",
            [("auto", .automatic), ("always", .always), ("16", .sixteen), ("never", .never)]
        ) { (colors: ColorPreference, configuration) in configuration.colors = colors },
        Setting(
            "cell_aspect",
            "Height of a character over its width, so that circles on the map are round. Most terminals tell it.",
            "2.0",
            isExample: true, "a number from 1 to 4"
        ) { value, configuration in
            guard let aspect = value.real, Configuration.cellAspects.contains(aspect) else { return false }
            configuration.cellAspect = aspect
            return true
        },
    ]

    private static let sources: [Setting] = [
        Setting(
            "ports", "Ports that carry Spatio besides 7728.", "[]", "an array of ports, 1 to 65535"
        ) { value, configuration in
            let ports = value.array { port -> UInt16? in
                if case .integer(let number) = port, number > 0 { UInt16(exactly: number) } else { nil }
            }
            guard let ports else { return false }
            configuration.ports = ports
            return true
        },
        Setting(
            "keylog", "Secrets of sealed sessions, as SPATIO_KEYLOG writes them. Paths begin at this file's folder.",
            "\"spatio.keylog\"", isExample: true, pathExpected
        ) { value, configuration in
            guard let path = value.text, !path.isEmpty else { return false }
            configuration.keyLog = path
            return true
        },
        Setting(
            "extensions", "Files with schemas of extensions, as --extensions takes them.", "[]",
            "an array of paths of files"
        ) { value, configuration in
            guard let paths = value.array(\.text), !paths.contains("") else { return false }
            configuration.extensions = paths
            return true
        },
        Setting(
            "filter", "In force when a capture opens on the screen; Esc takes it back.", "\"type != ping\"",
            isExample: true, "a filter"
        ) { value, configuration in
            guard let text = value.text else { return false }
            configuration.filter = text
            return true
        },
    ]

    private static let screen: [Setting] = [
        .choice(
            "screen.pane", "The pane that has the keys at first.",
            [PaneKind.messages, .streams, .map, .state, .quality, .peers, .findings, .extensions].map {
                ($0.title.lowercased(), $0)
            }
        ) { (pane: PaneKind, configuration) in configuration.preferences.pane = pane },
        .choice(
            "screen.layout", "Which panes stand where on a screen with room for several.",
            Arrangement.allCases.map { ($0.rawValue, $0) }
        ) { (arrangement: Arrangement, configuration) in configuration.preferences.arrangement = arrangement },
        .flag("screen.zoomed", "That pane has the whole screen.", standard: false) { isOn, configuration in
            configuration.preferences.isZoomed = isOn
        },
        Setting(
            "screen.speed", "How fast the clock plays.", "1",
            "one of " + Player.speeds.map { $0 < 1 ? "\($0)" : "\(Int($0))" }.joined(separator: ", ")
        ) { value, configuration in
            guard let speed = value.real, Player.speeds.contains(speed) else { return false }
            configuration.preferences.speed = speed
            return true
        },
        .flag("screen.skip_gaps", "A playing clock passes over times without messages.", standard: false) {
            $1.preferences.skipsGaps = $0
        },
        .flag("screen.loop", "A playing clock begins anew at the end.", standard: false) {
            $1.preferences.loops = $0
        },
    ]

    private static let messages: [Setting] = [
        .choice(
            "messages.time",
            "Times in the list: seconds since the first message, of day, with the date, since the row above, since a "
                + "reference, or since 1970.", TimeFormat.allCases.map { ($0.rawValue, $0) }
        ) { (format: TimeFormat, configuration) in configuration.preferences.timeFormat = format },
        Setting(
            "messages.columns", "Columns of the list, in this order; any field of a message can be one by its path.",
            "[" + ColumnList.usual.names.map { "\"\($0)\"" }.joined(separator: ", ") + "]",
            "an array of paths of fields and of " + MessageColumn.named.map(\.name).joined(separator: ", ")
        ) { value, configuration in
            guard let names = value.array(\.text), !names.isEmpty, let columns = try? ColumnList(names: names) else {
                return false
            }
            configuration.preferences.columns = columns
            return true
        },
    ]

    private static let map: [Setting] = [
        Setting(
            "map.layers",
            "What the map shows at first, of: " + MapLayer.allCases.map { "\($0)" }.joined(separator: ", ") + ".",
            "[" + MapLayer.allCases.filter(MapLayer.usual.contains).map { "\"\($0)\"" }.joined(separator: ", ") + "]",
            "an array of layers: " + MapLayer.allCases.map { "\($0)" }.joined(separator: ", ")
        ) { value, configuration in
            let layers = value.array { layer in MapLayer.allCases.first { "\($0)" == layer.text } }
            guard let layers else { return false }
            configuration.preferences.layers = Set(layers)
            return true
        }
    ]

    private static let findings: [Setting] = [
        Setting(
            "findings.silenced", "Rules whose findings are not shown.", "[]",
            "an array of rules: " + FindingRule.allCases.map(\.rawValue).joined(separator: ", ")
        ) { value, configuration in
            guard let rules = value.array({ $0.text.flatMap(FindingRule.init(rawValue:)) }) else { return false }
            configuration.silenced = Set(rules)
            return true
        }
    ]
}

extension Configuration {
    /// Narrower or wider characters nobody has.
    package static let cellAspects = 1.0...4.0
}
