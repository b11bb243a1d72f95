import SpatioWire

/// Tells the streams of other sessions apart that an observer gets the segments of.
struct MirroredStreams: Sendable {
    private struct Key: Hashable, Sendable {
        var sessionID: UUID
        var direction: OriginDirection
        var stream: UInt32
    }

    private var numbers: [Key: UInt64] = [:]
    private var nextNumber = UInt64(1) << 32

    /// Streams that have segments on their way at a time; beyond it all get new numbers, and the wholes that are on
    /// their way then are lost.
    private static let limit = 4096

    /// A number that is none of the channel's own streams.
    mutating func number(_ origin: Origin, stream: UInt32) -> UInt64 {
        let key = Key(sessionID: origin.sessionID, direction: origin.direction, stream: stream)
        if let number = numbers[key] { return number }
        if numbers.count >= Self.limit { numbers.removeAll(keepingCapacity: true) }
        nextNumber += 1
        numbers[key] = nextNumber
        return nextNumber
    }
}
