/// The looks of the whole program: a style for every role, ramps for quantities and a palette for entities.
///
/// Always complete: a theme file changes some of it (``applying(overrides:)``), a poorer terminal all of it
/// (``degraded(to:)``).
package struct Theme: Equatable, Sendable {
    package var name: String
    /// Whether it is made for light text on a dark background.
    package var isDark: Bool
    /// The colours of `text` stand for the terminal's own wherever those are asked for: a theme may bring its own paper.
    package var styles: [Role: Style]
    /// Low to high, 10 to 12 steps where there is colour; one step where there is none.
    package var altitude: [Color]
    /// Sparse to crowded, as backgrounds; 10 to 12 steps where there is colour; one step where there is none.
    package var density: [Color]
    /// Colours that people with a colour vision deficiency can tell apart too.
    package var entities: [Color]

    package subscript(role: Role) -> Style {
        styles[role] ?? .plain
    }

    /// The colour of an entity: the same wherever and whenever its identifier is shown.
    /// - Parameter hash: of the identifier, from ``stableHash(_:)``; `hashValue` differs between runs
    package func entityColor(_ hash: UInt64) -> Color {
        guard !entities.isEmpty else { return .standard }
        return entities[Int(truncatingIfNeeded: hash % UInt64(entities.count))]
    }

    /// FNV-1a, with the upper half folded into the lower one: few colours are chosen by the lowest bits.
    package static func stableHash(_ octets: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
        return hash ^ hash >> 32
    }

    /// The step of a ramp for a place between its ends, 0...1; what lies outside gets the nearest end, NaN the first.
    package static func step(_ ramp: [Color], at fraction: Double) -> Color {
        guard let last = ramp.indices.last else { return .standard }
        guard fraction > 0 else { return ramp[0] }
        return ramp[min(last, Int(min(fraction, 1) * Double(ramp.count)))]
    }
}
