import SpatioWire

/// How the fields of one message lie under each other: worked out once, so that a frame need not walk all of them.
struct FieldOutline {
    /// The index of the field that each lies in; -1 at the root.
    private var parents: [Int32] = []
    /// The place of each among its siblings.
    private var positions: [Int32] = []
    private var names: [String] = []

    init() {}

    init(_ fields: [Field]) {
        parents.reserveCapacity(fields.count)
        positions.reserveCapacity(fields.count)
        names = fields.map(\.name)
        // For each depth the field that is open there, and how many it has got so far.
        var open: [Int32] = []
        var counts: [Int32] = [0]
        for (index, field) in fields.enumerated() {
            let depth = min(field.depth, open.count)
            open.removeSubrange(depth...)
            counts.removeSubrange((depth + 1)...)
            parents.append(open.last ?? -1)
            positions.append(counts[depth])
            counts[depth] += 1
            open.append(Int32(index))
            counts.append(0)
        }
    }

    /// What a field lies in, the innermost first.
    func ancestors(of field: Int) -> [Int] {
        var result: [Int] = []
        var index = parent(of: field)
        while index >= 0 {
            result.append(index)
            index = parent(of: index)
        }
        return result
    }

    private func parent(of field: Int) -> Int { parents.indices.contains(field) ? Int(parents[field]) : -1 }

    /// The place of an element in its list, from 0.
    func position(_ field: Int) -> Int { Int(positions[field]) }

    /// Names from the root; elements of lists by their number: `payload.updates.[2].position`.
    func path(_ field: Int) -> String {
        guard names.indices.contains(field) else { return "" }
        return ([field] + ancestors(of: field)).reversed().map { step($0) }.joined(separator: ".")
    }

    private func step(_ field: Int) -> String { names[field].isEmpty ? "[\(positions[field])]" : names[field] }

    /// The field that a path leads to; nil when this message has none.
    func field(at path: String) -> Int? {
        let last = path.split(separator: ".").last.map(String.init) ?? path
        return names.indices.first { step($0) == last && self.path($0) == path }
    }
}
