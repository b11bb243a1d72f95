import SpatioWire

extension FieldMap {
    /// What contradicts the shape of a field map; nil where nothing does. Ranges lie inside their buffer, a child
    /// inside its parent, and a field is at most one level deeper than the one before it.
    var contradiction: String? {
        var parents: [Field] = []
        for field in fields {
            guard field.depth <= parents.count else { return "\(field.name) at depth \(field.depth) has no parent" }
            parents.removeLast(parents.count - field.depth)
            guard 0 <= field.start, field.start <= field.end, field.end <= octets(of: field.buffer).count else {
                return "\(field.name) \(field.octets) leaves its buffer of \(octets(of: field.buffer).count) octets"
            }
            if let parent = parents.last, parent.buffer == field.buffer {
                guard parent.start <= field.start, field.end <= parent.end else {
                    return "\(field.name) \(field.octets) leaves \(parent.name) \(parent.octets)"
                }
            }
            parents.append(field)
        }
        return nil
    }

    /// Octets of the message that no leaf stands for.
    var uncoveredOctets: [Int] {
        var isCovered = Array(repeating: false, count: message.count)
        for (index, field) in fields.enumerated() where field.buffer == .message {
            guard endOfSubtree(index) == index + 1 else { continue }
            for octet in field.octets { isCovered[octet] = true }
        }
        return isCovered.indices.filter { !isCovered[$0] }
    }

    /// The value of the field at this path of names; elements of arrays by their number.
    func value(_ path: String...) -> FieldValue? {
        var index = -1
        for name in path {
            let level = index < 0 ? fields.indices.filter { fields[$0].depth == 0 } : children(of: index)
            if let number = Int(name) {
                guard level.indices.contains(number) else { return nil }
                index = level[number]
            } else {
                guard let next = level.first(where: { fields[$0].name == name }) else { return nil }
                index = next
            }
        }
        return fields[index].value
    }
}
