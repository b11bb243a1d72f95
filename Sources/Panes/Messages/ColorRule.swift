import Inspection
import Screen
import SpatioWire

/// The colour of messages that a filter lets through. Of several rules the first that fits counts; without one the type
/// has the colour of its family.
package struct ColorRule: Sendable {
    /// What changes of the look of a row; nil leaves it.
    package struct Look: Equatable, Sendable {
        /// A role of the theme, before the rest.
        package var role: Role?
        package var foreground: Color?
        package var background: Color?
        package var attributes: Style.Attributes = []

        package init(
            role: Role? = nil, foreground: Color? = nil, background: Color? = nil, attributes: Style.Attributes = []
        ) {
            self.role = role
            self.foreground = foreground
            self.background = background
            self.attributes = attributes
        }

        func style(over base: Style, _ theme: Theme) -> Style {
            var style = role.map { theme[$0] } ?? base
            if let foreground { style.foreground = foreground }
            if let background { style.background = background }
            return style.adding(attributes)
        }
    }

    package let filter: Filter
    package let look: Look

    /// - Throws: when the text is no filter, or one that has to see every message (`near`).
    package init(filter text: String, look: Look) throws(FilterError) {
        filter = try Filter(parsing: text)
        self.look = look
        if filter.followsEntities { throw FilterError(followingIn: text) }
    }
}

/// Rules at work: each is asked once a message.
struct ColorRules {
    private(set) var rules: [ColorRule] = []
    private var runs: [FilterRun] = []

    init(_ rules: [ColorRule] = []) {
        self.rules = rules
        runs = rules.map { FilterRun($0.filter) }
    }

    /// The first rule that fits a message.
    mutating func look(of message: Int, _ snapshot: Snapshot, fields: () -> FieldMap?) -> ColorRule.Look? {
        let record = snapshot.index[message]
        for place in runs.indices
        where runs[place].matches(record, number: message + 1, model: snapshot.whole, fields: fields) {
            return rules[place].look
        }
        return nil
    }
}
