/// What a style is for. The raw value is the key in a theme file, under `[styles]`.
package enum Role: String, CaseIterable, Sendable {
    // Everywhere
    case text
    case dim
    case title
    case titleFocused
    case border
    case borderFocused
    case selection
    case selectionUnfocused
    case marked
    case match
    case header
    case key
    case hint
    case fieldName
    case fieldValue
    case progress

    // Severities
    case good
    case note
    case warning
    case error
    case malformed

    // Octets and differences
    case highlightedOctets
    case added
    case removed
    case changed

    // The time cursor
    case live
    case replay
    case paused

    // Map
    case mapGrid
    case mapScale
    case mapEntity
    case mapSelected
    case mapTrail
    case mapHeading
    case mapRing
    case mapLabel
    case mapStale
    case mapAlert
    case mapRegion
    case mapSubscription
    case mapQuery
    case mapFrustum
    case mapMulticast
    case mapMeasure

    // Time line
    case timeline
    case timelineCursor
    case timelineFinding

    // Filter line
    case filterValid
    case filterInvalid
    case filterPlaceholder

    // Message families
    case typeConnection
    case typeSpatial
    case typeState
    case typePeer
    case typeSecurity
    case typeExtension
    case typeUnknown

    /// What marks the role where there is no colour; without it a selection or an error could not be seen.
    package var monochromeAttributes: Style.Attributes {
        switch self {
        case .selection, .highlightedOctets, .timelineCursor, .mapSelected: .reversed
        case .malformed, .filterInvalid, .paused, .mapAlert: [.reversed, .bold]
        case .selectionUnfocused, .match, .header, .changed: .underlined
        case .titleFocused: [.bold, .reversed]
        case .borderFocused, .title, .key, .error, .warning, .live, .timelineFinding, .marked, .added: .bold
        case .dim, .hint, .border, .mapGrid, .mapStale, .mapTrail, .filterPlaceholder, .removed: .dim
        default: []
        }
    }
}
