/// What one field of a message holds, as the tree, the hex view, JSON and the filter see it.
public enum FieldValue: Hashable, Sendable {
    /// Fields with names, in wire order.
    case object
    /// Elements without names.
    case array(count: Int)
    case unsigned(UInt64)
    case signed(Int64)
    case float(Float)
    case double(Double)
    case boolean(Bool)
    case string(String)
    /// Octets that have no further structure; they are the field's own octets in the buffer.
    case octets
    case uuid(UUID)
    case vector3(Vector3)
    case vector3f(Vector3f)
    case quaternion(Quaternion)
    case version(SemanticVersion)
    /// A listed value by its name; `raw` is what stood on the wire.
    case named(String, raw: UInt64)
    /// Names of the bits set.
    case flags([String], raw: UInt64)
    /// An absent optional field.
    case null
}

/// One field: a name, the octets it came from and its value. Fields are stored in pre-order; `depth` makes the tree.
public struct Field: Hashable, Sendable {
    public var name: String
    public var value: FieldValue
    public var start: Int
    public var end: Int
    public var depth: Int
    /// Which octets `start` and `end` count in.
    public var buffer: FieldMap.Source
    /// A field that helps a reader and has no key in JSON: lengths, the tag before an optional field.
    public var isStructural: Bool

    public var octets: Range<Int> { start..<end }

    /// Whoever reads it could pass for somebody else: the credentials of AuthRequest and the token of AUTH_RESPONSE.
    public var isSecret: Bool {
        guard case .octets = value else { return false }
        return name == "credentials" || name == "token"
    }
}

/// Every field of one message with the octets it came from: one map that serves the tree, the octets, JSON and filters.
public struct FieldMap: Sendable {
    /// The octets that a field's range counts in.
    public enum Source: UInt8, Sendable, CaseIterable {
        /// The message as captured.
        case message
        /// The payload after it was opened with a key.
        case opened
        /// The payload after reassembly and decompression.
        case content
    }

    public var fields: [Field] = []
    public var message: [UInt8]
    public var opened: [UInt8] = []
    public var content: [UInt8] = []
    /// What is wrong with the message; the fields before it are still there.
    public var error: DecodeError?
    /// Fields that were not recorded because the message has more than `WireLimits.recordedFields`.
    public var unrecordedFields = 0

    public init(message: [UInt8]) { self.message = message }

    public func octets(of source: Source) -> [UInt8] {
        switch source {
        case .message: message
        case .opened: opened
        case .content: content
        }
    }

    public func octets(of field: Field) -> ArraySlice<UInt8> {
        let all = octets(of: field.buffer)
        return all[min(field.start, all.count)..<min(field.end, all.count)]
    }

    /// The same with zeros for every octet of a secret.
    public var withoutSecrets: FieldMap {
        var copy = self
        for field in fields where field.isSecret {
            switch field.buffer {
            case .message: Self.blank(field.octets, of: &copy.message)
            case .opened: Self.blank(field.octets, of: &copy.opened)
            case .content: Self.blank(field.octets, of: &copy.content)
            }
        }
        return copy
    }

    private static func blank(_ range: Range<Int>, of octets: inout [UInt8]) {
        for place in range.clamped(to: octets.indices) { octets[place] = 0 }
    }

    /// The indices of the direct children of a field.
    public func children(of index: Int) -> [Int] {
        var result: [Int] = []
        var next = index + 1
        let depth = fields[index].depth
        while next < fields.count, fields[next].depth > depth {
            if fields[next].depth == depth + 1 { result.append(next) }
            next += 1
        }
        return result
    }

    /// The index behind the last descendant of a field.
    public func endOfSubtree(_ index: Int) -> Int {
        var next = index + 1
        while next < fields.count, fields[next].depth > fields[index].depth { next += 1 }
        return next
    }

    /// The innermost field that holds this octet.
    public func innermostField(at offset: Int, in source: Source) -> Int? {
        var best: Int?
        for (index, field) in fields.enumerated()
        where field.buffer == source && field.start <= offset && offset < field.end {
            if let current = best, fields[current].depth > field.depth { continue }
            best = index
        }
        return best
    }
}

/// Receives the fields while a message is decoded; the decoder is compiled once for each recorder, so that decoding
/// without one costs nothing.
public protocol FieldRecorder {
    static var isRecording: Bool { get }
    /// Fields that are open: begun and not ended.
    var depth: Int { get }
    /// Opens a field below the one opened last; the token closes it.
    mutating func begin(_ name: String, _ value: FieldValue, at start: Int, structural: Bool) -> Int
    mutating func end(_ token: Int, at end: Int)
    /// After an error: closes the fields opened at this depth and deeper, at the place where decoding stopped.
    mutating func close(downTo depth: Int, at end: Int)
}

/// Records nothing.
public struct NoRecorder: FieldRecorder {
    public static var isRecording: Bool { false }
    public var depth: Int { 0 }
    public init() {}
    public mutating func begin(_ name: String, _ value: FieldValue, at start: Int, structural: Bool) -> Int { 0 }
    public mutating func end(_ token: Int, at end: Int) {}
    public mutating func close(downTo depth: Int, at end: Int) {}
}

/// Records into a field map.
public struct FieldMapRecorder: FieldRecorder {
    public static var isRecording: Bool { true }
    public private(set) var fields: [Field] = []
    public private(set) var unrecorded = 0
    private let buffer: FieldMap.Source
    /// The open fields, outermost first.
    private var open: [Int] = []
    /// What `begin` returns for a field beyond the limit.
    private static let notRecorded = -1

    public init(buffer: FieldMap.Source = .message) { self.buffer = buffer }

    public var depth: Int { open.count }

    public mutating func begin(_ name: String, _ value: FieldValue, at start: Int, structural: Bool) -> Int {
        var token = Self.notRecorded
        if fields.count < WireLimits.recordedFields {
            token = fields.count
            fields.append(
                Field(
                    name: name, value: value, start: start, end: start, depth: open.count, buffer: buffer,
                    isStructural: structural))
        } else {
            unrecorded += 1
        }
        open.append(token)
        return token
    }

    public mutating func end(_ token: Int, at end: Int) {
        open.removeLast()
        if token != Self.notRecorded { fields[token].end = end }
    }

    public mutating func close(downTo depth: Int, at end: Int) {
        while open.count > depth, let token = open.last { self.end(token, at: max(end, start(of: token))) }
    }

    private func start(of token: Int) -> Int { token == Self.notRecorded ? 0 : fields[token].start }
}
