import Screen
import SpatioWire

extension Theme {
    /// The colour of an entity by its identifier, the same in every pane.
    package func entityColor(of id: UUID) -> Color {
        entityColor(Self.stableHash(IdentifierOctets(id: id)))
    }
}

/// The 16 octets of an identifier without an array.
private struct IdentifierOctets: Sequence, IteratorProtocol {
    let id: UUID
    private var position: UInt64 = 0

    init(id: UUID) { self.id = id }

    mutating func next() -> UInt8? {
        guard position < 16 else { return nil }
        let half = position < 8 ? id.high : id.low
        defer { position += 1 }
        return UInt8(truncatingIfNeeded: half >> (56 - 8 * (position & 7)))
    }
}
