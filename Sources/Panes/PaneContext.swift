import Inspection
import Screen
import SpatioWire

/// Which pane.
package enum PaneKind: Int, CaseIterable, Sendable {
    case streams = 1
    case messages = 2
    case map = 3
    case state = 4
    case quality = 5
    case peers = 6
    case findings = 7
    case extensions = 8

    package var title: String {
        switch self {
        case .streams: "Streams"
        case .messages: "Messages"
        case .map: "Map"
        case .state: "State"
        case .quality: "Quality"
        case .peers: "Peers"
        case .findings: "Findings"
        case .extensions: "Extensions"
        }
    }

    /// As it stands in the border: the key that goes there, and the name.
    package var heading: String { "\(rawValue) \(title)" }
}

/// What is selected, in every pane: select an entity on the map, and the messages follow.
package struct Selection: Equatable, Sendable {
    /// Index of a message in the index.
    package var message: Int?
    /// An entity by its id, because its index differs between models.
    package var entity: SelectedEntity?
    /// The space that the map and State show.
    package var space: UUID?
    /// The replica whose world the map shows; nil: what is known at all.
    package var replica: ReplicaID?
    /// What Quality shows.
    package var scope = Scope.everything
    /// Messages that were marked by hand.
    package var marks = Marks()

    /// Whose figures are shown; indices in the model.
    package enum Scope: Hashable, Sendable {
        case everything
        case session(Int)
        case stream(Int)
    }

    package init() {}
}

package struct SelectedEntity: Hashable, Sendable {
    package var space: UUID
    package var id: UUID

    package init(space: UUID, id: UUID) {
        self.space = space
        self.id = id
    }
}

/// What a pane draws from besides its own state.
package struct PaneContext {
    package var snapshot: Snapshot
    package var theme: Theme
    package var selection: Selection
    package var isFocused: Bool
    /// Height over width of a cell.
    package var cellAspect: Double
    /// Rules whose findings nobody wants to hear of: they count nowhere but in Findings.
    package var silenced: Set<FindingRule> = []
    /// Credentials and tokens are shown as they are.
    package var showsSecrets = false

    package init(snapshot: Snapshot, theme: Theme, selection: Selection, isFocused: Bool, cellAspect: Double = 2) {
        self.snapshot = snapshot
        self.theme = theme
        self.selection = selection
        self.isFocused = isFocused
        self.cellAspect = cellAspect
    }

    package func style(_ role: Role) -> Style { theme[role] }

    package var borderStyle: Style { theme[isFocused ? .borderFocused : .border] }
    package var titleStyle: Style { theme[isFocused ? .titleFocused : .title] }
    /// A style as it looks in the selected row: it keeps its colour where that can be read there.
    package func selected(_ style: Style) -> Style {
        let selection = theme[isFocused ? .selection : .selectionUnfocused]
        var result = style.on(selection).adding(selection.attributes)
        if !Self.isReadable(style.foreground, on: selection.background) { result.foreground = selection.foreground }
        return result
    }

    /// WCAG 2.1 asks for a contrast of 3 for large text; terminals have theirs bold or large enough. The terminal's own
    /// foreground is made for its own background only.
    private static func isReadable(_ foreground: Color, on background: Color) -> Bool {
        switch (foreground, background) {
        case (_, .standard): true
        case (.standard, _): false
        case (.indexed(let text), .indexed(let area)): Palette.contrast(text, area) >= 3
        }
    }
}
