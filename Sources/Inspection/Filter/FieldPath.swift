import SpatioWire

/// The way to a decoded field: `payload.updates.position.x`. Elements of arrays have no part in it.
package struct FieldPath: Hashable, Sendable {
    private let parts: [String]
    /// `payload` also means the payload of a reassembled whole.
    private let entersReassembled: Bool

    init(_ text: String) {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.first == "address" { parts[0] = "spatial_address" }
        self.parts = parts
        entersReassembled = parts.first == "payload"
    }

    /// Calls `body` with the index and the value of every field that the path leads to, in wire order, until it returns
    /// true; returns whether it did. A component of a vector or a version is no field of its own: then the value is the
    /// component's and the index that of the whole.
    func first(in map: FieldMap, where body: (Int, FieldValue) -> Bool) -> Bool {
        // How many parts of the path the ancestors of the next field have matched, by depth.
        var matched: [Int] = []
        var index = 0
        while index < map.fields.count {
            let field = map.fields[index]
            guard !field.isStructural, field.depth <= matched.count else {
                index = map.endOfSubtree(index)
                continue
            }
            let above = field.depth == 0 ? 0 : matched[field.depth - 1]
            var now = above
            let isTransparent =
                field.name.isEmpty || entersReassembled && field.depth == 0 && field.name == "reassembled"
            if !isTransparent {
                guard above < parts.count, field.name == parts[above] else {
                    index = map.endOfSubtree(index)
                    continue
                }
                now += 1
            }
            if now == parts.count {
                // An element of an array counts as the array, if it is a plain value.
                if !isTransparent || !field.value.isStructure, body(index, field.value) { return true }
            } else if now == parts.count - 1, let value = field.value.component(parts[now]), body(index, value) {
                return true
            }
            if matched.count <= field.depth { matched.append(now) } else { matched[field.depth] = now }
            index += 1
        }
        return false
    }

    /// The first value that the path leads to.
    func firstValue(in map: FieldMap) -> FieldValue? {
        var result: FieldValue?
        _ = first(in: map) { _, value in
            result = value
            return true
        }
        return result
    }
}

extension FieldValue {
    /// Holds other fields and no value of its own.
    var isStructure: Bool {
        switch self {
        case .object, .array: true
        default: false
        }
    }

    /// A component of a vector, a rotation or a version.
    func component(_ name: String) -> FieldValue? {
        switch (self, name) {
        case (.vector3(let value), "x"): .double(value.x)
        case (.vector3(let value), "y"): .double(value.y)
        case (.vector3(let value), "z"): .double(value.z)
        case (.vector3f(let value), "x"): .float(value.x)
        case (.vector3f(let value), "y"): .float(value.y)
        case (.vector3f(let value), "z"): .float(value.z)
        case (.quaternion(let value), "x"): .float(value.x)
        case (.quaternion(let value), "y"): .float(value.y)
        case (.quaternion(let value), "z"): .float(value.z)
        case (.quaternion(let value), "w"): .float(value.w)
        case (.version(let value), "major"): .unsigned(UInt64(value.major))
        case (.version(let value), "minor"): .unsigned(UInt64(value.minor))
        case (.version(let value), "patch"): .unsigned(UInt64(value.patch))
        default: nil
        }
    }
}
