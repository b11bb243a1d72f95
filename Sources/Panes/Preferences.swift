import Screen

/// How the screen begins: what a configuration file may say about it.
package struct Preferences: Equatable, Sendable {
    /// The pane that has the keys.
    package var pane = PaneKind.messages
    package var isZoomed = false
    /// One of `Player.speeds`.
    package var speed = 1.0

    package init() {}
}
