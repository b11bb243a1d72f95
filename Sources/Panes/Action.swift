/// Everything a key can do. The key table binds keys to these; help and the hint line are made from it.
package enum Action: Hashable, Sendable {
    // Everywhere
    case help, problems, quit, back, interrupt, redraw, reload
    case nextPane, previousPane
    case focus(PaneKind)
    case zoomPane, nextLayout
    case resizePanes, wider, narrower, taller, shorter, resetSizes
    case filter, onlySpace
    case command
    case search, searchNext, searchPrevious
    case open

    // Moving
    case up, down, left, right
    case pageUp, pageDown, halfPageUp, halfPageDown
    case first, last

    // Time
    case playPause, faster, slower
    case stepBack, stepForward
    case versionBack, versionForward
    case seek, seekBack, seekForward
    case toStart, toEnd
    case loop, markLoop, skipGaps
    case previousFinding, nextFinding
    case previousLoss, nextLoss
    case previousConflict, nextConflict
    case timelineIn, timelineOut, timelineAll

    // Peers and Extensions
    case toggleDetails

    // Streams
    case sortNext, sortReverse
    case onlyThis

    // Messages
    case follow
    case timeFormat, timePrecision, timeReference
    case ladder, compare, chooseColumns, onlyEntity, otherView
    case mark, nextMark, previousMark, onlyMarked, clearMarks
    case write, copy, copyWhole

    // Map
    case zoomIn, zoomOut, fit
    case followEntity, centre
    case nextEntity, previousEntity
    case nextSpace
    case layer(MapLayer)
    case ringFactor
    case measure, drawBox
    case listSpaces, listUnplaced, listSubscriptions, listQueries
    case legend

    // State
    case nextView, previousView
    case markVersion, markOtherVersion

    // Quality
    case qualityTable, qualityCost, qualityScope, qualityScale, qualityOne

    // Findings
    case silence, unsilence

    // Start page
    case openFile, startDemo, deleteUnfinished
}

extension Action {
    /// What commands and the configuration call it: its words with hyphens (`play-pause`), and the pane's name for going
    /// to a pane.
    package var name: String {
        if case .focus(let pane) = self { return pane.title.lowercased() }
        let words = String(describing: self).split { !$0.isLetter && !$0.isNumber }.map(String.init)
        // Of what a case carries, the last word is its value: `layer(Panes.Layer.trails)`.
        return (words.first.map(Self.hyphenated) ?? "")
            + (words.count > 1 ? words.last.map { "-" + Self.hyphenated($0) } ?? "" : "")
    }

    private static func hyphenated(_ word: String) -> String {
        word.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }

    /// The action of a name; nil where there is none.
    package static func named(_ name: String) -> Action? { byName[name] }

    /// Every name, in the order of the key table.
    package static let names = KeyTable.standard.bindings.map(\.action.name).reduce(into: [String]()) {
        if !$0.contains($1) { $0.append($1) }
    }

    private static let byName = Dictionary(
        KeyTable.standard.bindings.map { ($0.action.name, $0.action) }, uniquingKeysWith: { first, _ in first })
}
