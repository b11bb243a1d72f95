/// Copies of the model along the capture, so that a seek has little to replay.
///
/// Their number is bounded by the memory they take: when there are too many, every second goes and the distance
/// doubles.
struct CheckpointStore {
    /// Octets that all checkpoints together may take: what a small capture needs for a few of them, and for a large one
    /// a small part of its index.
    static func memoryLimit(messages: Int) -> Int { 24 << 20 + messages * 8 }
    static let countLimit = 64
    private static let firstDistance = 8_192

    private var checkpoints: [Model] = []
    private var distance = Self.firstDistance

    /// Keeps a copy of the model when it is far enough from the last one.
    mutating func offer(_ model: borrowing Model) {
        let last = checkpoints.last?.counters.messages ?? 0
        guard model.counters.messages - last >= distance else { return }
        checkpoints.append(copy model)
        let affordable = Self.memoryLimit(messages: model.counters.messages) / model.approximateSize
        if checkpoints.count >= min(Self.countLimit, max(2, affordable)) {
            checkpoints = checkpoints.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            distance *= 2
        }
    }

    /// The latest model of at most so many messages.
    func latest(upTo messages: Int) -> Model? { checkpoints.last { $0.counters.messages <= messages } }
}

extension Model {
    /// Octets that a copy comes to own when the original changes.
    var approximateSize: Int {
        entities.count * MemoryLayout<Entity>.stride + trails.count * MemoryLayout<Trail>.stride
            + states.count * 512 + streams.count * MemoryLayout<Stream>.stride
            + sessions.count * MemoryLayout<Session>.stride + roundTrips.count * 32_768 + unacknowledgedCount * 8 + 64
            << 10
    }
}
