/// A copy of the model after some message, and how far the side store was written then.
struct Checkpoint {
    var model: Model
    var sidePosition: UInt64 = 0

    var messages: Int { model.counters.messages }
}

/// Copies of the model along the capture, so that a seek has little to replay.
///
/// Their number is bounded by the memory they take: when there are too many, every second goes and the distance
/// doubles. Where the index has lost its beginning, the first of them is where it begins: no replay can begin before it.
struct CheckpointStore {
    /// Octets that all checkpoints together may take: what a small capture needs for a few of them, and for a large one
    /// a small part of its index.
    ///
    /// - Parameter messages: in the index.
    static func memoryLimit(messages: Int) -> Int { 24 << 20 + messages * 8 }
    static let countLimit = 64
    private static let firstDistance = 8_192
    /// An index that has to lose its beginning loses half of it at most.
    private static let leastNumber = 2

    /// Where the index begins, when that is not before the first message.
    private(set) var base: Checkpoint?
    private var checkpoints: [Checkpoint] = []
    private var distance = Self.firstDistance
    /// Messages that the index may have; nil: as many as there are.
    private let indexLimit: Int?

    init(indexLimit: Int? = nil) { self.indexLimit = indexLimit }

    private var largestDistance: Int { indexLimit.map { max(1, $0 / Self.leastNumber) } ?? .max }

    /// Keeps a copy of the model when it is far enough from the last one.
    ///
    /// - Parameters:
    ///   - sidePosition: how far the side store is written.
    ///   - nearest: so far is far enough in any case.
    mutating func offer(_ model: borrowing Model, sidePosition: UInt64 = 0, nearest: Int? = nil) {
        let messages = model.counters.messages
        let distance = min(self.distance, nearest ?? .max, largestDistance)
        guard messages - (checkpoints.last ?? base).messagesOrNone >= distance else { return }
        checkpoints.append(Checkpoint(model: copy model, sidePosition: sidePosition))
        let limit = Self.memoryLimit(messages: messages - base.messagesOrNone)
        let affordable = limit / model.approximateSize
        guard checkpoints.count >= min(Self.countLimit, max(Self.leastNumber, affordable)), nearest == nil,
            self.distance < largestDistance
        else { return }
        checkpoints = checkpoints.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        self.distance *= 2
    }

    /// The latest model of at most so many messages; none where it would be the empty one.
    func latest(upTo messages: Int) -> Model? { (checkpoints.last { $0.messages <= messages } ?? base)?.model }

    /// Makes the first checkpoint among so many messages the base, and forgets those before it; nil where there is none.
    mutating func advance(to messages: PartialRangeFrom<Int>, keeping last: Int) -> Checkpoint? {
        guard let place = checkpoints.firstIndex(where: { messages.contains($0.messages) && $0.messages <= last })
        else { return nil }
        base = checkpoints[place]
        checkpoints.removeFirst(place + 1)
        // There may be room for more of them again.
        distance = max(Self.firstDistance, distance / 2)
        return base
    }
}

extension Checkpoint? {
    /// 0: before the first message.
    fileprivate var messagesOrNone: Int { self?.messages ?? 0 }
}

extension Model {
    /// Octets that a copy comes to own when the original changes.
    var approximateSize: Int {
        entities.count * (MemoryLayout<Entity>.stride + Self.keySize) + trails.count * MemoryLayout<Trail>.stride
            + states.count * 512 + streams.count * (MemoryLayout<Stream>.stride + Self.keySize)
            + sessions.count * (MemoryLayout<Session>.stride + Self.keySize)
            + flows.count * (MemoryLayout<Flow>.stride + 2 * Self.keySize) + roundTrips.count * 94_208
            + unacknowledgedCount * 8 + 64 << 10
    }

    /// What a table takes for an entry: a key and its slots.
    private static let keySize = 40
}
