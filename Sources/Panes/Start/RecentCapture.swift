/// A capture that was opened once.
package struct RecentCapture: Equatable, Sendable {
    /// From the root.
    package var path: String
    /// Unix seconds.
    package var opened: Int64
    /// Nil for all counts: not known, as where several captures were read together.
    package var octets: UInt64?
    package var messages: Int?
    package var sessions: Int?
    package var spaces: Int?
    /// The file still exists.
    package var isThere: Bool

    package init(
        path: String, opened: Int64, octets: UInt64? = nil, messages: Int? = nil, sessions: Int? = nil,
        spaces: Int? = nil, isThere: Bool = true
    ) {
        self.path = path
        self.opened = opened
        self.octets = octets
        self.messages = messages
        self.sessions = sessions
        self.spaces = spaces
        self.isThere = isThere
    }
}
