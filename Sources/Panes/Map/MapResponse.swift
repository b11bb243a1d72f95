/// What the map made of a key or of the mouse.
package enum MapResponse: Equatable, Sendable {
    /// It means nothing here; somebody else may want it.
    case ignored
    case handled
    /// This entity shall be selected in every pane; none if nil.
    case select(SelectedEntity?)
    /// Something for the rest of the screen to do.
    case ask([PaneRequest])
}
