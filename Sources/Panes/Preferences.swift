import Screen

/// How the screen begins: what a configuration may say about it.
package struct Preferences: Equatable, Sendable {
    /// The pane that has the keys.
    package var pane = PaneKind.messages
    package var isZoomed = false
    package var arrangement = Arrangement.standard
    /// One of `Player.speeds`.
    package var speed = 1.0
    package var skipsGaps = false
    package var loops = false
    package var timeFormat = TimeFormat.start
    /// Of the map.
    package var layers = MapLayer.usual
    /// Of the list of messages.
    package var columns = ColumnList.usual

    package init() {}
}

extension Application {
    /// Begins as a user prefers it.
    package mutating func adopt(_ preferences: Preferences) {
        focus = Focus(preferences.pane)
        desk.isZoomed = preferences.isZoomed
        desk.arrangement = preferences.arrangement
        player.set(speed: preferences.speed, wall: 0)
        player.skipsGaps = preferences.skipsGaps
        player.loops = preferences.loops
        timeFormat = preferences.timeFormat
        messages.show(preferences.columns)
        map.layers = preferences.layers.reduce(into: []) { $0.insert($1) }
    }

    /// Lines to recall, the oldest first.
    package mutating func recall(_ lines: [TypedLine]) {
        for entry in Entry.allCases {
            self.entry = entry
            line = LineEditor(history: lines.filter { $0.kind == entry.kind }.map(\.text))
        }
        entry = nil
    }
}

extension Application.Entry {
    var kind: TypedLine.Kind {
        switch self {
        case .filter: .filter
        case .search: .search
        case .command: .command
        case .seek: .seek
        }
    }
}

extension MapLayer {
    /// What is on as long as nobody changes it.
    package static let usual = Set(allCases.filter(standard.contains))
}
