/// Everything a key can do. The key table binds keys to these; help and the hint line are made from it.
package enum Action: Hashable, Sendable {
    // Everywhere
    case help, problems, quit, back, interrupt, redraw
    case nextPane, previousPane
    case focus(PaneKind)
    case zoomPane
    case filter
    case search, searchNext, searchPrevious
    case open

    // Moving
    case up, down, left, right
    case pageUp, pageDown, halfPageUp, halfPageDown
    case first, last

    // Time
    case playPause, faster, slower
    case stepBack, stepForward
    case seekBack, seekForward
    case toStart, toEnd

    // Streams
    case sortNext, sortReverse
    case onlyThis

    // Messages
    case follow
    case timeFormat

    // Map
    case zoomIn, zoomOut, fit
    case followEntity, centre
    case nextEntity, previousEntity
    case nextSpace
    case toggleTrails, toggleLabels, toggleHeadings, toggleRings, toggleRegions, toggleGrid, toggleAltitude
    case legend

    // Quality
    case qualityTable, qualityCost, qualityScope, qualityScale, qualityOne
}
