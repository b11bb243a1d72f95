/// What the user wants of colours, over what the terminal can do.
package enum ColorPreference: Equatable, Sendable {
    /// As many as the terminal has, none if NO_COLOR is set.
    case automatic
    /// As many as the terminal has, whatever NO_COLOR says.
    case always
    /// The 16 that the user has set, although the terminal has more; none if NO_COLOR is set.
    case sixteen
    case never
}
