import SpatioSession

/// Something that both ends of a session have, each its own.
package struct PerEnd<Value: Sendable>: Sendable {
    package var client, server: Value

    package init(_ both: Value) {
        client = both
        server = both
    }

    package subscript(end: Direction) -> Value {
        @inline(__always) get { end == .client ? client : server }
        set { if end == .client { client = newValue } else { server = newValue } }
    }

    /// The ends have turned out to be the other way round.
    mutating func swap() { (client, server) = (server, client) }
}

extension PerEnd: Equatable where Value: Equatable {}
