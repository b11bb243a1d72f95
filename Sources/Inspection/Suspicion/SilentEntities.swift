/// Entities of which nothing is heard at some time, though they are usually heard of.
package struct SilentEntities: Sendable {
    package struct Entry: Sendable {
        /// Index in the model.
        package var entity: Int
        /// Nanoseconds.
        package var silence: Int64
    }

    /// Those that are listed: whoever is interested in more has lost sight of them all.
    package static let limit = 200

    package private(set) var count = 0
    /// The longest silent first, at most `limit`.
    package private(set) var longest: [Entry] = []

    /// - Parameter time: nanoseconds since the Unix epoch. Who said good bye is not silent but gone.
    package init(in model: Model, at time: Int64) {
        for (index, entity) in model.entities.enumerated() {
            guard let silence = entity.unusualSilence(at: time),
                model.streams[entity.stream].since <= entity.lastMessage,
                model.sessions[model.streams[entity.stream].session].state != .closed
            else { continue }
            count += 1
            add(Entry(entity: index, silence: silence))
        }
    }

    private mutating func add(_ entry: Entry) {
        if longest.count == Self.limit {
            guard let last = longest.last, last.silence < entry.silence else { return }
            longest.removeLast()
        }
        let place = longest.firstIndex { $0.silence < entry.silence } ?? longest.count
        longest.insert(entry, at: place)
    }
}
