import SpatioWire

/// The contents that replicas have, each kept once however many replicas have it.
///
/// Only hashes are kept: of each entity the hash of each of its fields, and of all of it a sum, so that a delta costs what
/// it changes. The newest content of a line has its hashes at hand; an older one knows what to put back into the next
/// one (Baker, "Shallow binding makes functional arrays fast", 1991). Replicas that go the same way take the same steps,
/// which are then looked up and not taken again.
struct StateContents {
    /// Which content, as long as it is kept.
    struct ID: Hashable {
        fileprivate var number: Int
    }

    /// Value hashes by key hashes of one entity.
    private typealias Fields = [UInt64: UInt64]

    private enum Storage {
        case here([UUID: Fields])
        /// What differs from a later content; nil for an entity that is not there.
        case before(Int, [(entity: UUID, fields: Fields?)])
    }

    private struct Node {
        var key: Key
        var storage: Storage
        /// Hashes that it keeps.
        var cost: Int
        var next: [(body: UInt64, node: Int)] = []
    }

    private struct Key: Hashable {
        var space: Int
        var chain: Int
        var version: UInt64
        var hash: UInt64
    }

    private var nodes: [Int: Node] = [:]
    private var numbers: [Key: Int] = [:]
    private var oldest = 0
    private var newest = 0
    private var cost = 0
    private var copied = 0

    init() {}

    /// The hash over a content; nil when it is not kept any more.
    func hash(of id: ID) -> UInt64? { nodes[id.number]?.key.hash }

    /// The content that a full state tells; nil where it is more than is followed.
    mutating func whole(_ step: StateStep, space: Int, chain: Int) -> ID? {
        var content: [UUID: Fields] = [:]
        for entry in step.entries where entry.change != .removed {
            guard entry.fields.count <= StateLimits.fields else { return nil }
            content[entry.entityID] = Self.fields(entry.fields)
        }
        let hash = content.reduce(UInt64(0)) { $0 &+ Self.hash($1.key, $1.value) }
        let key = Key(space: space, chain: chain, version: step.version, hash: hash)
        if let known = numbers[key] { return ID(number: known) }
        return ID(number: add(key, content, cost: Self.cost(content)))
    }

    /// The content that a delta makes of another; nil when that cannot be said.
    mutating func applying(_ step: StateStep, body: UInt64, to id: ID) -> ID? {
        guard let node = nodes[id.number] else { return nil }
        if let next = node.next.first(where: { $0.body == body })?.node, nodes[next]?.key.version == step.version {
            return ID(number: next)
        }
        guard let made = make(step, of: id.number, node.key) else { return nil }
        if nodes[id.number]?.next.count ?? .max < StateLimits.forks {
            nodes[id.number]?.next.append((body, made))
        }
        evict()
        return nodes[made] == nil ? nil : ID(number: made)
    }

    private mutating func make(_ step: StateStep, of number: Int, _ key: Key) -> Int? {
        guard var content = takeContent(of: number), var cost = nodes[number]?.cost else { return nil }
        var hash = key.hash
        var undo: [(entity: UUID, fields: Fields?)] = []
        for entry in step.entries {
            let old = content[entry.entityID]
            let new = Self.changed(old, by: entry)
            guard new?.count ?? 0 <= StateLimits.fields else {
                // More fields than are followed: back to what it was.
                for change in undo.reversed() { content[change.entity] = change.fields }
                nodes[number]?.storage = .here(content)
                return nil
            }
            undo.append((entry.entityID, old))
            content[entry.entityID] = new
            cost += (new.map { 1 + $0.count } ?? 0) - (old.map { 1 + $0.count } ?? 0)
            hash &-= old.map { Self.hash(entry.entityID, $0) } ?? 0
            hash &+= new.map { Self.hash(entry.entityID, $0) } ?? 0
        }
        undo.reverse()
        let nextKey = Key(space: key.space, chain: key.chain, version: step.version, hash: hash)
        if let known = numbers[nextKey] {
            // Others came there another way.
            for change in undo { content[change.entity] = change.fields }
            nodes[number]?.storage = .here(content)
            return known
        }
        let made = add(nextKey, content, cost: cost)
        set(.before(made, undo), of: number, cost: undo.reduce(1) { $0 + 1 + ($1.fields?.count ?? 0) })
        return made
    }

    /// Takes the hashes out of a content that has them at hand; else works them out from later ones.
    private mutating func takeContent(of number: Int) -> [UUID: Fields]? {
        if case .here(let content)? = nodes[number]?.storage {
            // Whoever changes it shall be its only owner.
            nodes[number]?.storage = .here([:])
            return content
        }
        var changes: [[(entity: UUID, fields: Fields?)]] = []
        var place = number
        while case .before(let next, let change)? = nodes[place]?.storage {
            changes.append(change)
            place = next
        }
        guard case .here(var content)? = nodes[place]?.storage, let cost = nodes[place]?.cost else { return nil }
        copied += cost
        guard copied <= StateLimits.copiedHashes else { return nil }
        for change in changes.reversed().joined() { content[change.entity] = change.fields }
        set(.here(content), of: number, cost: Self.cost(content))
        nodes[number]?.storage = .here([:])
        return content
    }

    private mutating func add(_ key: Key, _ content: [UUID: Fields], cost: Int) -> Int {
        let number = newest
        newest += 1
        nodes[number] = Node(key: key, storage: .here(content), cost: cost)
        numbers[key] = number
        self.cost += cost
        evict(sparing: number)
        return number
    }

    private mutating func set(_ storage: Storage, of number: Int, cost new: Int) {
        guard let old = nodes[number]?.cost else { return }
        cost += new - old
        nodes[number]?.cost = new
        nodes[number]?.storage = storage
    }

    /// Forgets the oldest contents. Storage refers to later ones only, so nothing is left without what it needs.
    private mutating func evict(sparing spared: Int = .max) {
        while oldest < min(newest, spared), nodes.count > StateLimits.contents || cost > StateLimits.hashes {
            if let node = nodes.removeValue(forKey: oldest) {
                numbers[node.key] = nil
                cost -= node.cost
            }
            oldest += 1
        }
    }

    // MARK: Hashes

    private static func fields(_ fields: [StateField]) -> Fields {
        var result: Fields = [:]
        for field in fields { result[StateHash.key(field.key)] = StateHash.value(field.value) }
        return result
    }

    /// What an entry makes of an entity; nil where it is not there then.
    private static func changed(_ old: Fields?, by entry: StateSyncEntry) -> Fields? {
        guard entry.change != .removed else { return nil }
        var new = entry.change == .added ? [:] : old ?? [:]
        for field in entry.fields { new[StateHash.key(field.key)] = StateHash.value(field.value) }
        return new
    }

    private static func hash(_ entity: UUID, _ fields: Fields) -> UInt64 {
        StateHash.entity(entity, fields.reduce(0) { $0 &+ StateHash.field($1.key, $1.value) })
    }

    private static func cost(_ content: [UUID: Fields]) -> Int { content.values.reduce(1) { $0 + 1 + $1.count } }
}
