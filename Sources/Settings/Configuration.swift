import Inspection
import Panes
import Screen

/// What a user has settled once and for all. Options on the command line go before it.
package struct Configuration: Equatable, Sendable {
    /// A name, or a path that begins with `/`.
    package var theme = "dark"
    /// Nil: what the terminal can draw.
    package var glyphs: GlyphSet?
    package var colors = ColorPreference.automatic
    /// Height over width of a cell; nil: as the terminal says.
    package var cellAspect: Double?
    /// Besides 7728.
    package var ports: [UInt16] = []
    /// Paths from the root.
    package var keyLog: String?
    package var extensions: [String] = []
    /// In force when a capture opens on the screen.
    package var filter: String?
    /// By name.
    package var savedFilters: [String: String] = [:]
    package var silenced: Set<FindingRule> = []
    package var preferences = Preferences()
    package var keys: [KeyBinding.Scope: [String: [Key]]] = [:]

    package init() {}
}
