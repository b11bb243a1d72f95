import Glibc
import SpatioWire

/// Claim against evidence: whether what is told of an entity can be.
extension Entity {
    /// The bounds of the rules; the explanations of the rules name them.
    enum Bounds {
        /// Times the reported speed that an entity may have: what is reported is a mean, or a moment, or old.
        static let speedFactor = 3.0
        /// Metres a second that need no explanation: faster than people, robots and cars in a town.
        static let plausibleSpeed = 50.0
        /// Metres below which nothing is a leap, and in sums of both precisions the same.
        static let leastLeap = 1.0
        static let precisionFactor = 3.0
        /// How far the length of an orientation may be from 1: a hundred times the rounding of four floats.
        static let lengthTolerance = 1e-3
        /// Senders' times are whole milliseconds.
        static let stampResolution = 0.001
    }

    // MARK: The quick way

    /// Whether a sighting is so ordinary that nothing has to be worked out: the usual stream, a small step, upright,
    /// well inside the space, no doubts before. Only in metres: a step of a degree is none.
    @inline(__always)
    func isOrdinary(_ sighting: Sighting, core: AxisBox) -> Bool {
        let place = sighting.update.position
        let step = SIMD3(place.x - witness.position.x, place.y - witness.position.y, place.z - witness.position.z)
        return Int(witness.stream) == sighting.stream && witness.doubts.isEmpty && witness.frame == .plain
            && sighting.frame == .plain && sighting.time &- lastTime <= Self.leastSilence
            && sighting.stamp >= witness.stamp
            && (step * step).sum() <= Bounds.leastLeap * Bounds.leastLeap && core.contains(place)
            && !sighting.update.isCrooked
    }

    /// Nanoseconds: with intervals of at least 100 ms nothing is gone before.
    static let leastSilence: Int64 = 1_000_000_000
    /// Updates that tell a usual interval.
    private static let leastUpdates = 4

    // MARK: The thorough way

    /// How long nothing had been heard of it before `time`, where its usual intervals do not explain that; nanoseconds.
    ///
    /// What was heard a few times has no usual interval yet, what is only in the state speaks when it changes, and of what a
    /// server tells nobody may have been interested: a client that tells of an entity goes on to do so.
    package func unusualSilence(at time: Int64) -> Int64? {
        let silence = time - lastTime
        guard silence > Self.leastSilence, witness.isClient, updates >= Self.leastUpdates, interval > 0, !isRemoved,
            staleness(at: time) == .gone
        else { return nil }
        return silence
    }

    /// Whether the stream of a sighting is the one that is believed, and what it tells is not older than what it told.
    func believes(_ sighting: Sighting) -> Bool {
        guard Int(witness.stream) == sighting.stream else {
            guard witness.stream != .max else { return true }
            let (silence, overflow) = sighting.time.subtractingReportingOverflow(witness.time)
            return overflow || silence > Witness.patience
        }
        return sighting.stamp >= witness.stamp || witness.stamp - sighting.stamp > Self.otherClock
    }

    /// What is doubtful about the entity with a sighting that it believes.
    @inline(never)
    func doubts(_ sighting: Sighting, _ space: borrowing Space) -> EntityDoubts {
        var doubts = witness.doubts.intersection(.crookedState)
        if leap(sighting) != nil { doubts.insert(.leapt) }
        if sighting.update.orientation == nil {
            doubts.formUnion(witness.doubts.intersection(.crooked))
        } else if sighting.update.isCrooked {
            doubts.insert(.crooked)
        }
        if space.excess(of: sighting) != nil { doubts.insert(.outside) }
        return doubts
    }

    /// How far and for how long it moved, in metres and seconds, where neither its velocity nor the precision of both
    /// places explains it. A place in another frame is no move; neither is one after it was gone, nor by another clock.
    func leap(_ sighting: Sighting) -> (distance: Double, seconds: Double)? {
        guard Int(witness.stream) == sighting.stream, witness.frame == sighting.frame,
            sighting.stamp >= witness.stamp, staleness(at: sighting.time) != .gone,
            let distance = Self.distance(witness.position, sighting.update.position, sighting.coordinates)
        else { return nil }
        // Whoever sends old places together has times of its own for them; whoever never sets those has only the message's.
        let placed = Double(sighting.stamp - witness.stamp) / 1000
        let sent = sighting.sent > witness.sent ? Double(sighting.sent - witness.sent) / 1e6 : 0
        let seconds = max(placed, sent)
        let slack = Double(witness.precision) + Double(sighting.precision)
        let speed = max(velocity?.speed ?? 0, sighting.update.velocity?.speed ?? 0)
        let reach = max(Bounds.speedFactor * speed, Bounds.plausibleSpeed) * (seconds + Bounds.stampResolution)
        let isLeap =
            distance > Bounds.leastLeap && distance > Bounds.precisionFactor * slack && distance - slack > reach
        return isLeap ? (distance, seconds) : nil
    }

    /// Metres between two places of one frame; nil where its unit is the application's own.
    private static func distance(_ from: Vector3, _ to: Vector3, _ coordinates: CoordinateSystem.Kind) -> Double? {
        let way: SIMD3<Double>
        switch coordinates {
        case .cartesian, .relative: way = SIMD3(to.x - from.x, to.y - from.y, to.z - from.z)
        case .geodetic: way = Earth.offset(of: to, from: from)
        case .custom: return nil
        }
        let distance = (way * way).sum().squareRoot()
        return distance.isNaN ? nil : distance
    }

    /// Takes over what the stream that is believed told.
    @inline(__always)
    mutating func believe(_ sighting: Sighting, _ doubts: EntityDoubts) {
        if Int(witness.stream) == sighting.stream, sighting.time > witness.time {
            keepTime(sighting.time - witness.time)
        }
        witness.stream = UInt32(truncatingIfNeeded: sighting.stream)
        witness.precision = sighting.precision
        witness.frame = sighting.frame
        witness.doubts = doubts
        witness.isClient = sighting.isClients
        witness.stamp = sighting.stamp
        witness.sent = sighting.sent
        witness.time = sighting.time
        witness.position = sighting.update.position
    }
}

extension EntityUpdate {
    /// Whether it has an orientation whose length is not 1.
    @inline(__always)
    var isCrooked: Bool { orientation?.isCrooked ?? false }
}

extension Quaternion {
    @inline(__always)
    var isCrooked: Bool {
        let square = Double(x) * Double(x) + Double(y) * Double(y) + Double(z) * Double(z) + Double(w) * Double(w)
        let tolerance = Entity.Bounds.lengthTolerance
        return square < (1 - tolerance) * (1 - tolerance) || square > (1 + tolerance) * (1 + tolerance)
    }
}

/// A box with its edges along the axes; metres.
struct AxisBox: Equatable, Sendable {
    var low: SIMD3<Double>
    var high: SIMD3<Double>

    static let everything = AxisBox(
        low: SIMD3(repeating: -.infinity), high: SIMD3(repeating: .infinity))
    static let nothing = AxisBox(low: SIMD3(repeating: .infinity), high: SIMD3(repeating: -.infinity))

    @inline(__always)
    func contains(_ place: Vector3) -> Bool {
        place.x >= low.x && place.y >= low.y && place.z >= low.z && place.x <= high.x && place.y <= high.y
            && place.z <= high.z
    }
}

extension Space {
    /// Takes over what the server says of the space.
    mutating func describe(_ info: SpaceInfo) {
        self.info = info
        frame = FrameTag(info.coordinateSystem, frame: nil)
        core = frame == .plain ? info.bounds?.core ?? .everything : .everything
    }

    /// How far outside the bounds a sighting is beyond its precision, metres; nil where it is inside, or where bounds and
    /// place are not of one frame.
    func excess(of sighting: Sighting) -> Double? {
        guard sighting.frame == frame, let bounds = info?.bounds,
            let depth = bounds.depth(of: sighting.update.position, in: sighting.coordinates),
            -depth > Double(sighting.precision)
        else { return nil }
        return -depth
    }
}

extension BoundingVolume {
    /// A box that lies wholly inside.
    fileprivate var core: AxisBox {
        switch self {
        case .box(let min, let max):
            return AxisBox(low: SIMD3(min.x, min.y, min.z), high: SIMD3(max.x, max.y, max.z))
        case .sphere(let center, let radius):
            let middle = SIMD3(center.x, center.y, center.z)
            // The cube in a sphere; a hair smaller, because roots are rounded.
            let half = SIMD3(repeating: radius * 0.577)
            return AxisBox(low: middle - half, high: middle + half)
        case .frustum: return .nothing
        }
    }
}
