import SpatioWire

/// A 64-bit FNV-1a hash that is the same in every process, unlike `Hasher`.
private struct StableHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ octets: some Sequence<UInt8>) {
        for octet in octets { value = (value ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
    }

    /// A value by its text, and an end mark: neighbours cannot run into each other.
    mutating func add(_ value: some Any) {
        add(String(describing: value).utf8)
        add(CollectionOfOne(0xFF))
    }
}

extension Model {
    /// A hash over everything that can be observed of the model, the same for equal models in every process: two ways to
    /// one point of a capture are compared by it. It takes some microseconds an entity and is not for drawing.
    package var digest: UInt64 {
        var hash = StableHash()
        hash.add(counters)
        hash.add(firstTime as Any)
        hash.add(lastTime)
        hash.add(identities)
        for flow in flows {
            hash.add([flow.first, flow.second])
            hash.add(flow.transport)
        }
        for session in sessions { hash.add(session) }
        for stream in streams { Self.add(stream, until: lastTime, to: &hash) }
        for figures in roundTrips {
            hash.add([figures.smoothed, figures.variation, figures.latest, figures.smallest])
            hash.add([figures.percentile(0), figures.percentile(50), figures.percentile(99), figures.percentile(100)])
            hash.add(figures.count)
        }
        for space in spaces { Self.add(space, to: &hash) }
        for entity in entities { hash.add(entity) }
        for state in states { hash.add(state) }
        for trail in trails { hash.add(trail.positions) }
        for (_, manifest) in schemas.manifests.sorted(by: { $0.key < $1.key }) { hash.add(manifest) }
        return hash.value
    }

    private static func add(_ stream: Stream, until time: Int64, to hash: inout StableHash) {
        hash.add([
            stream.session, stream.flow, stream.messages, stream.octets, stream.duplicates, stream.reordered,
            stream.retransmits, stream.repeats, stream.malformed,
        ])
        hash.add(stream.unacknowledged)
        hash.add([stream.isForward, stream.isMirrored])
        hash.add(stream.streamID as Any)
        hash.add(stream.direction)
        hash.add(stream.sequences)
        hash.add(stream.jitter)
        hash.add(stream.roundTrip as Any)
        hash.add([stream.firstTime, stream.lastTime])
        hash.add(stream.lastType)
        hash.add(stream.rate.history(until: time, since: stream.firstTime))
        hash.add(stream.rate.perSecond(until: time, since: stream.firstTime) as Any)
    }

    private static func add(_ space: Space, to hash: inout StableHash) {
        hash.add(space.id)
        hash.add(space.info as Any)
        hash.add(space.stateVersion as Any)
        hash.add(space.fullVersion as Any)
        hash.add([space.entities, space.updates])
        hash.add(space.coordinates as Any)
        hash.add(space.stated.sorted())
        hash.add(space.chain)
        for (_, region) in space.regions.sorted(by: { $0.key < $1.key }) { hash.add(region) }
    }
}
