import Inspection
import Screen
import SpatioWire

/// What a pane asks of the rest of the screen in answer to a key or the mouse.
package enum PaneRequest: Equatable, Sendable {
    /// Selects an entity in every pane; none if nil.
    case select(SelectedEntity?)
    /// The map shows the world as this replica has it; as it is known at all if nil.
    case showReplica(ReplicaID?)
    /// Map and State show this space.
    case showSpace(UUID)
    /// The clock goes to right after a message (its index, from 0), which becomes the selected one.
    case goTo(message: Int)
    /// The same, and its fields get the keys.
    case open(message: Int)
    /// Puts a filter in force; the empty one shows everything.
    case filter(String)
    /// The keys go to another pane.
    case focus(Application.Focus)
    /// These rules, and no others, are silenced.
    case silence(Set<FindingRule>)
    /// Said once at the bottom.
    case notice(String)
}

/// A pane with a number of its own: a state machine that keeps only how it looks at things; what it shows comes with
/// the context.
protocol InspectorPane {
    /// What it shows and what its signs mean, a line each.
    static var help: [String] { get }
    static var keys: [KeyBinding] { get }

    /// Draws the pane with its border into an area.
    mutating func draw(into buffer: inout Buffer, area: Rect, _ context: PaneContext)

    /// Takes a key. Nil: it means nothing here.
    mutating func handle(_ action: Action, _ context: PaneContext) -> [PaneRequest]?

    /// Takes what the mouse did in its area; a drag may have left it.
    mutating func handle(_ mouse: MouseEvent, area: Rect, _ context: PaneContext) -> [PaneRequest]
}
