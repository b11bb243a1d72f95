import Glibc
import SpatioWire

/// What differs between two contents of a space's state, by entity and field.
package struct StateDifference: Sendable {
    package enum Change: Sendable { case added, removed, changed }

    package struct Field: Sendable {
        package var key: String
        /// Nil where the field is not there.
        package var old, new: Value?
        package var measure: StateMeasure?
    }

    package struct Entity: Sendable {
        package var id: UUID
        package var change: Change
        package var fields: [Field]
        /// Entity versions; nil where it is not there.
        package var oldVersion, newVersion: UInt64?
        /// Index of the message that told of it last: of the new content, else of the old.
        package var message: Int
    }

    /// Ordered by id.
    package let entities: [Entity]

    package var fieldCount: Int { entities.reduce(0) { $0 + $1.fields.count } }

    /// - Parameter coordinates: of the space, for the distance between positions.
    package init(_ old: StateContent, _ new: StateContent, coordinates: CoordinateSystem.Kind?) {
        var entities: [Entity] = []
        for (id, before) in old.entities {
            let after = new.entities[id]
            let fields = Self.fields(before.fields, after?.fields ?? [], coordinates)
            guard after == nil || !fields.isEmpty else { continue }
            entities.append(
                Entity(
                    id: id, change: after == nil ? .removed : .changed, fields: fields, oldVersion: before.version,
                    newVersion: after?.version, message: after?.message ?? before.message))
        }
        for (id, after) in new.entities where old.entities[id] == nil {
            entities.append(
                Entity(
                    id: id, change: .added, fields: Self.fields([], after.fields, coordinates),
                    newVersion: after.version, message: after.message))
        }
        self.entities = entities.sorted { $0.id < $1.id }
    }

    /// Fields that differ, in the order of the new ones, then those that are gone.
    static func fields(
        _ old: [StateField], _ new: [StateField], _ coordinates: CoordinateSystem.Kind?
    ) -> [Field] {
        let before = Dictionary(old.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        let after = Dictionary(new.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        let changed = new.filter { before[$0.key] != $0.value }.map { field in
            Field(
                key: field.key, old: before[field.key], new: field.value,
                measure: before[field.key].flatMap {
                    StateMeasure(from: $0, to: field.value, isPosition: field.key == "position", coordinates)
                })
        }
        return changed + old.filter { after[$0.key] == nil }.map { Field(key: $0.key, old: $0.value) }
    }
}

/// How far two values are apart, where that can be measured.
package enum StateMeasure: Equatable, Sendable {
    /// Of positions: how far apart they are.
    case metres(Double)
    /// Of orientations: the angle of the turn from one to the other, 0...180.
    case degrees(Double)
    /// Of numbers: the new one less the old one.
    case difference(Double)
    /// Of times: milliseconds from the old one to the new one.
    case milliseconds(Double)

    /// The mean radius of the earth (IUGG), metres.
    private static let earthRadius = 6_371_008.8

    /// Nil where nothing can be measured.
    package init?(from old: Value, to new: Value, isPosition: Bool, _ coordinates: CoordinateSystem.Kind?) {
        switch (old, new) {
        case (.vector3(let old), .vector3(let new)):
            self = .metres(
                isPosition && coordinates == .geodetic ? Self.overEarth(old, new) : Self.straight(old, new))
        case (.quaternion(let old), .quaternion(let new)):
            guard let angle = Self.angle(old, new) else { return nil }
            self = .degrees(angle)
        case (.int(let old), .int(let new)): self = .difference(Double(new) - Double(old))
        case (.float(let old), .float(let new)): self = .difference(new - old)
        case (.timestamp(let old), .timestamp(let new)): self = .milliseconds(Double(new) - Double(old))
        default: return nil
        }
    }

    private static func straight(_ old: Vector3, _ new: Vector3) -> Double {
        let (x, y, z) = (new.x - old.x, new.y - old.y, new.z - old.z)
        return (x * x + y * y + z * z).squareRoot()
    }

    /// Along the great circle (haversine formula), with the difference in height: exact to 0.6 %, which is what a sphere
    /// differs from the ellipsoid.
    private static func overEarth(_ old: Vector3, _ new: Vector3) -> Double {
        let degree = Double.pi / 180
        let rise = sin((new.y - old.y) * degree / 2)
        let turn = sin((new.x - old.x) * degree / 2)
        let half = rise * rise + cos(old.y * degree) * cos(new.y * degree) * turn * turn
        let ground = 2 * earthRadius * asin(min(1, half.squareRoot()))
        let height = new.z - old.z
        return (ground * ground + height * height).squareRoot()
    }

    /// Twice the arc cosine of the product of two unit quaternions; nil for one without a length.
    private static func angle(_ old: Quaternion, _ new: Quaternion) -> Double? {
        let lengths = old.length * new.length
        guard lengths > 0 else { return nil }
        let product =
            Double(old.x) * Double(new.x) + Double(old.y) * Double(new.y) + Double(old.z) * Double(new.z)
            + Double(old.w) * Double(new.w)
        // q and -q are the same turn.
        return 2 * acos(min(1, abs(product) / lengths)) * 180 / .pi
    }
}
