import SpatioWire

/// Writes of one entity that did not know of each other.
struct Conflict {
    let candidates: [ConflictResolve.Candidate]

    /// Earlier writes that one is compared with; who has missed more of them has been away.
    static let rivalLimit = 8
    /// Versions that are looked through for them.
    static let reach = 32

    /// The fields that count, and whose write they are, or whose was the last of those that were merged.
    ///
    /// The later write wins, and of two at the same time the one whose node has the higher number, so that everybody
    /// who decides decides alike.
    func resolved(by strategy: ConflictStrategy) -> (fields: [StateField], winner: ConflictResolve.Candidate) {
        let ordered = candidates.sorted { ($0.timestamp, $0.nodeID) < ($1.timestamp, $1.nodeID) }
        let winner = ordered[ordered.count - 1]
        guard strategy == .merge else { return ([].merging(winner.fields), winner) }
        return (ordered.reduce([]) { $0.merging($1.fields) }, winner)
    }
}

extension [StateField] {
    /// With some fields put in the place of those with the same keys, and the others behind.
    func merging(_ others: [StateField]) -> [StateField] {
        var merged = self
        merged.reserveCapacity(count + others.count)
        for field in others {
            if let place = merged.firstIndex(where: { $0.key == field.key }) {
                merged[place] = field
            } else {
                merged.append(field)
            }
        }
        return merged
    }
}

extension StateSyncEntry {
    /// What an entry with some fields takes on the wire, at most.
    static func octets(of fields: [StateField]) -> Int {
        // Change, entity, its version and the count; a key's length, a tag and a value's length.
        fields.reduce(29) { $0 + 9 + $1.key.utf8.count + $1.value.octets }
    }
}

extension Value {
    fileprivate var octets: Int {
        switch self {
        case .null: 0
        case .bool: 1
        case .int, .float, .timestamp: 8
        case .string(let text): text.utf8.count
        case .bytes(let octets): octets.count
        case .vector3: 24
        case .quaternion, .uuid: 16
        }
    }
}
