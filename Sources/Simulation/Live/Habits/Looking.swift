import SpatioWire

/// Wants to hear of what moves around itself, and says so anew as it moves on.
struct Watching: Habit {
    /// Metres.
    let reach: Double
    /// Milliseconds between updates.
    let frequency: UInt32

    private static let renewal = 5.0
    /// It has one subscription, which each new one replaces.
    private static let subscriptionID: UInt32 = 1

    func act(_ presence: inout Presence) -> Double {
        presence.question(
            .regionSubscribe(
                RegionSubscribe(
                    subscriptionID: Self.subscriptionID,
                    bounds: .sphere(center: presence.position, radius: reach), updateFrequency: frequency,
                    priority: .medium)))
        return Self.renewal
    }
}

/// Tells what the camera that it carries sees.
struct Filming: Habit {
    let regionID: UUID
    /// Seconds.
    let interval: Double

    func act(_ presence: inout Presence) -> Double {
        presence.question(
            .boundUpdate(
                BoundUpdate(regionID: regionID, entityID: presence.id, bounds: .frustum(.camera(of: presence)))))
        return interval
    }
}

/// Asks who is where: each of the four queries in turn, and those of the extension where it has that.
struct Asking: Habit {
    /// Seconds, about.
    let interval: Double
    let isExtended: Bool
    private var count = 0

    init(every interval: Double, isExtended: Bool = false) {
        self.interval = interval
        self.isExtended = isExtended
    }

    var delay: Double { interval / 2 }

    private static let results: UInt32 = 8

    mutating func act(_ presence: inout Presence) -> Double {
        let here = presence.position
        let around = Vector3(8, 8, 4)
        let limit = UInt16(Self.results)
        switch isExtended ? count % 8 : count % 4 * 2 {
        case 0: presence.ask(.radius(center: here, radius: 10), maxResults: limit)
        case 1: presence.ask(.nearest(point: here, maxDistance: 30), maxResults: 3)
        case 2: presence.ask(.bounds(min: here - around, max: here + around), maxResults: limit)
        case 3: presence.ask(.boundary(.box(min: here - around, max: here + around)), maxResults: Self.results)
        case 4: presence.ask(.frustum(.camera(of: presence)), maxResults: limit)
        case 5: presence.ask(.visibility(.camera(of: presence)), maxResults: Self.results)
        case 6: presence.ask(.point(here, tolerance: 2), maxResults: limit)
        default: presence.ask(.radius(center: here, radius: 12), maxResults: Self.results)
        }
        count += 1
        return interval * presence.generator.number(0.8...1.2)
    }
}

extension Frustum {
    /// What somebody who looks ahead and a little down has before him.
    fileprivate static func camera(of presence: Presence) -> Frustum {
        Frustum(
            apex: presence.position, orientation: Quaternion(heading: presence.body.heading).lookingDown, fovY: 0.75,
            aspect: 1.5, near: 0.5, far: 25)
    }
}

extension Quaternion {
    /// This turn about +z behind one of 30 degrees about +y, which lowers +x.
    fileprivate var lookingDown: Quaternion {
        // Sine and cosine of half the angle.
        let (sine, cosine): (Float, Float) = (0.258_819_05, 0.965_925_8)
        return Quaternion(-z * sine, w * sine, z * cosine, w * cosine)
    }
}
