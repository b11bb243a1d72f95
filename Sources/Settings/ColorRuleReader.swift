import Inspection
import Panes
import Screen

/// Reads the `[[colour]]` tables of a theme: which messages look how in the list.
///
/// Keys: `when` (a filter), and what changes: `role` (as one of the theme's own), `foreground` and `background`
/// (0...255 or `"default"`), and `bold`, `dim`, `underlined`, `reversed`, `italic`.
struct ColorRuleReader {
    private(set) var rules: [ColorRule] = []
    private(set) var problems: [SettingProblem] = []

    static let key = "colour"
    /// Each is asked about every row.
    private static let limit = 64
    private static let attributes: [(name: String, attribute: Style.Attributes)] = [
        ("bold", .bold), ("dim", .dim), ("underlined", .underlined), ("reversed", .reversed), ("italic", .italic),
    ]

    init(_ value: SettingValue) {
        guard case .array(let values) = value, values.count <= Self.limit else {
            problems = [
                SettingProblem(key: Self.key, found: value, expected: "at most \(Self.limit) tables [[colour]]")
            ]
            return
        }
        for (number, value) in values.enumerated() { readRule(value, key: "\(Self.key)[\(number)]") }
    }

    private mutating func readRule(_ value: SettingValue, key: String) {
        guard case .table(let entries) = value else {
            return problems.append(SettingProblem(key: key, found: value, expected: "a table"))
        }
        var look = ColorRule.Look()
        for (name, value) in entries.sorted(by: { $0.key < $1.key }) where name != "when" {
            read(name, value, key: "\(key).\(name)", into: &look)
        }
        guard let when = entries["when"] else {
            return problems.append(SettingProblem(key: key, reason: .other("when is missing: a filter")))
        }
        guard let filter = when.text else {
            return problems.append(SettingProblem(key: "\(key).when", found: when, expected: "a filter"))
        }
        do throws(FilterError) {
            rules.append(try ColorRule(filter: filter, look: look))
        } catch {
            let text = "\(error.message), at character \(error.offset + 1) of \"\(filter)\""
            problems.append(SettingProblem(key: "\(key).when", reason: .other(text)))
        }
    }

    private mutating func read(_ name: String, _ value: SettingValue, key: String, into look: inout ColorRule.Look) {
        if let attribute = Self.attributes.first(where: { $0.name == name })?.attribute {
            guard case .boolean(let isOn) = value else { return wrong(key, value, "true or false") }
            if isOn { look.attributes.insert(attribute) }
            return
        }
        switch name {
        case "role":
            guard let role = value.text.flatMap(Role.init(rawValue:)) else {
                return wrong(key, value, "a style of the theme, as under [styles]")
            }
            look.role = role
        case "foreground", "background":
            guard let color = Color(value) else { return wrong(key, value, "a colour, 0...255 or \"default\"") }
            if name == "foreground" { look.foreground = color } else { look.background = color }
        default:
            let known = ["when", "role", "foreground", "background"] + Self.attributes.map(\.name)
            problems.append(
                SettingProblem(key: key, reason: .unknownKey(nearest: Spelling.nearest(to: name, among: known))))
        }
    }

    private mutating func wrong(_ key: String, _ value: SettingValue, _ expected: String) {
        problems.append(SettingProblem(key: key, found: value, expected: expected))
    }
}
