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
    package var savedFilters = SavedFilters()
    package var silenced: Set<FindingRule> = []
    package var preferences = Preferences()
    /// Every one by itself is possible, and so are all together.
    package var keys: [Rebinding] = []

    package init() {}

    /// The keys as the user wants them, those of the start page among them.
    package var keyTable: KeyTable { (try? KeyTable.complete.rebound(with: keys)) ?? .complete }
}
