import SpatioWire

/// Something that moves smoothly through a rectangle: it heads for one place after the other, turns by steering, and
/// rests now and then.
struct Walker {
    let id: UUID
    let name: String
    let kindName: String
    let kind: UInt16
    private(set) var position: Vector3
    private(set) var velocity = Vector3.zero
    /// A unit vector, also while resting.
    private(set) var heading: (x: Double, y: Double) = (1, 0)
    /// Metres per second.
    private let speed: Double
    private let area: Area
    private var goal: Vector3
    private var rest = 0.0
    private var generator: Generator

    /// Where somebody may walk, in metres.
    struct Area {
        var minimum, maximum: Vector3

        func place(_ generator: inout Generator) -> Vector3 {
            Vector3(
                generator.number(minimum.x...maximum.x), generator.number(minimum.y...maximum.y),
                generator.number(minimum.z...maximum.z))
        }

        var volume: BoundingVolume { .box(min: minimum, max: maximum) }
    }

    init(
        name: String, kindName: String, kind: UInt16, speed: Double, area: Area, generator: inout Generator
    ) {
        id = generator.uuid()
        self.name = name
        self.kindName = kindName
        self.kind = kind
        self.speed = speed
        self.area = area
        position = area.place(&generator)
        goal = area.place(&generator)
        self.generator = generator.fork()
    }

    /// How fast a walker takes up a new velocity, per second.
    private static let agility = 2.5
    /// Closer to its goal than this, in metres, it chooses the next.
    private static let reach = 1.5

    /// - Parameters:
    ///   - seconds: since the last step; small against a second.
    ///   - isHalting: it comes to a stand and stays there.
    mutating func step(_ seconds: Double, isHalting: Bool) {
        var wanted = Vector3.zero
        let way = goal - position
        let distance = way.length
        if rest > 0 {
            rest -= seconds
        } else if distance < Self.reach {
            goal = area.place(&generator)
            if generator.chance(0.4) { rest = generator.number(0.5...3) }
        } else {
            wanted = way * (speed / distance)
        }
        if isHalting { wanted = .zero }
        velocity = velocity + (wanted - velocity) * min(1, Self.agility * seconds)
        // It would creep on for ever.
        if wanted == .zero, velocity.length < 0.05 { velocity = .zero }
        position = position + velocity * seconds
        let pace = (velocity.x * velocity.x + velocity.y * velocity.y).squareRoot()
        if pace > 0.05 { heading = (velocity.x / pace, velocity.y / pace) }
    }

    /// Looking along the heading, upright.
    var orientation: Quaternion { Quaternion(heading: heading) }

    /// To the millimetre, as a sensor that is good to a few centimetres would send it.
    var update: EntityUpdate {
        EntityUpdate(
            entityID: id, kind: kind, position: position.rounded(to: 1000), orientation: orientation,
            velocity: Vector3f(Float(velocity.x), Float(velocity.y), Float(velocity.z)))
    }
}

extension Quaternion {
    /// The rotation about +z that turns +x to a horizontal unit vector: by half-angle formulas, whose square roots give
    /// the same on every machine.
    init(heading: (x: Double, y: Double)) {
        let cosine = max(0, (1 + heading.x) / 2).squareRoot()
        let sine = max(0, (1 - heading.x) / 2).squareRoot()
        self.init(0, 0, Float(heading.y < 0 ? -sine : sine), Float(cosine))
    }
}

extension Vector3 {
    static func + (left: Vector3, right: Vector3) -> Vector3 {
        Vector3(left.x + right.x, left.y + right.y, left.z + right.z)
    }

    static func - (left: Vector3, right: Vector3) -> Vector3 {
        Vector3(left.x - right.x, left.y - right.y, left.z - right.z)
    }

    static func * (vector: Vector3, factor: Double) -> Vector3 {
        Vector3(vector.x * factor, vector.y * factor, vector.z * factor)
    }

    var length: Double { (x * x + y * y + z * z).squareRoot() }

    /// To multiples of 1 / steps.
    func rounded(to steps: Double) -> Vector3 {
        Vector3((x * steps).rounded() / steps, (y * steps).rounded() / steps, (z * steps).rounded() / steps)
    }
}
