/// A bounds-checked cursor over octets from the wire. Every read says the name of its field, so that one description of
/// a structure serves decoding and the field map.
///
/// Invariant: 0 <= offset <= end <= octets.count. `base` is added to offsets in errors and fields, so that a reader over
/// a part of a message speaks of places in the whole.
public struct WireReader<Recorder: FieldRecorder> {
    @usableFromInline let octets: UnsafeRawBufferPointer
    public private(set) var offset: Int
    public private(set) var end: Int
    public var recorder: Recorder

    public init(_ octets: UnsafeRawBufferPointer, range: Range<Int>, recorder: Recorder) {
        self.octets = octets
        self.recorder = recorder
        offset = max(0, min(range.lowerBound, octets.count))
        end = max(offset, min(range.upperBound, octets.count))
    }

    public var remaining: Int { end - offset }

    // MARK: Fixed width

    @inline(__always)
    mutating func take(_ count: Int) throws(DecodeError) -> Int {
        guard count <= end - offset else { throw tooShort(for: count) }
        let start = offset
        offset += count
        return start
    }

    @inline(__always)
    func load<T: FixedWidthInteger>(_ type: T.Type, at place: Int) -> T {
        T(bigEndian: octets.loadUnaligned(fromByteOffset: place, as: T.self))
    }

    @inline(__always)
    mutating func integer<T: FixedWidthInteger & UnsignedInteger>(_ name: String, _ type: T.Type) throws(DecodeError)
        -> T
    {
        let start = try take(MemoryLayout<T>.size)
        let value = load(T.self, at: start)
        if Recorder.isRecording { leaf(name, .unsigned(UInt64(value)), start) }
        return value
    }

    @inline(__always)
    public mutating func u8(_ name: String) throws(DecodeError) -> UInt8 { try integer(name, UInt8.self) }
    @inline(__always)
    public mutating func u16(_ name: String) throws(DecodeError) -> UInt16 { try integer(name, UInt16.self) }
    @inline(__always)
    public mutating func u32(_ name: String) throws(DecodeError) -> UInt32 { try integer(name, UInt32.self) }
    @inline(__always)
    public mutating func u64(_ name: String) throws(DecodeError) -> UInt64 { try integer(name, UInt64.self) }

    public mutating func i64(_ name: String) throws(DecodeError) -> Int64 {
        let start = try take(8)
        let value = load(Int64.self, at: start)
        if Recorder.isRecording { leaf(name, .signed(value), start) }
        return value
    }

    @inline(__always)
    mutating func finiteFloat() throws(DecodeError) -> Float {
        let start = try take(4)
        let value = Float(bitPattern: load(UInt32.self, at: start))
        guard value.isFinite else { throw notFinite(Double(value), at: start) }
        return value
    }

    @inline(__always)
    mutating func finiteDouble() throws(DecodeError) -> Double {
        let start = try take(8)
        let value = Double(bitPattern: load(UInt64.self, at: start))
        guard value.isFinite else { throw notFinite(Double(value), at: start) }
        return value
    }

    @inline(__always)
    public mutating func f32(_ name: String) throws(DecodeError) -> Float {
        let start = offset
        let value = try finiteFloat()
        if Recorder.isRecording { leaf(name, .float(value), start) }
        return value
    }

    @inline(__always)
    public mutating func f64(_ name: String) throws(DecodeError) -> Double {
        let start = offset
        let value = try finiteDouble()
        if Recorder.isRecording { leaf(name, .double(value), start) }
        return value
    }

    public mutating func bool(_ name: String) throws(DecodeError) -> Bool {
        let value = try rawBool()
        if Recorder.isRecording { leaf(name, .boolean(value), offset - 1) }
        return value
    }

    @inline(__always)
    mutating func rawBool() throws(DecodeError) -> Bool {
        let start = try take(1)
        let value = octets[start]
        guard value <= 1 else { throw notBoolean(value, at: start) }
        return value == 1
    }

    // MARK: Places that were checked before

    @inline(__always)
    func double(at place: Int) -> Double { Double(bitPattern: load(UInt64.self, at: place)) }

    @inline(__always)
    func float(at place: Int) -> Float { Float(bitPattern: load(UInt32.self, at: place)) }

    @inline(__always)
    func uuid(at place: Int) -> UUID {
        UUID(high: load(UInt64.self, at: place), low: load(UInt64.self, at: place + 8))
    }

    @inline(__always)
    func vector3(at place: Int) -> Vector3 {
        Vector3(double(at: place), double(at: place + 8), double(at: place + 16))
    }

    @inline(__always)
    func vector3f(at place: Int) -> Vector3f {
        Vector3f(float(at: place), float(at: place + 4), float(at: place + 8))
    }

    @inline(__always)
    func quaternion(at place: Int) -> Quaternion {
        Quaternion(float(at: place), float(at: place + 4), float(at: place + 8), float(at: place + 12))
    }

    @inline(__always)
    func isFinite(doubles count: Int, at place: Int) -> Bool {
        for index in 0..<count where !double(at: place + 8 * index).isFinite { return false }
        return true
    }

    @inline(__always)
    func isFinite(floats count: Int, at place: Int) -> Bool {
        for index in 0..<count where !float(at: place + 4 * index).isFinite { return false }
        return true
    }

    /// The place behind an optional value of some floats, whose tag stands at a place that was checked; nil where it
    /// is not well-formed.
    @inline(__always)
    func behindFloats(_ count: Int, tag place: Int) -> Int? {
        switch load(UInt8.self, at: place) {
        case 0: return place + 1
        case 1:
            let behind = place + 1 + 4 * count
            return behind <= end && isFinite(floats: count, at: place + 1) ? behind : nil
        default: return nil
        }
    }

    // MARK: Variable width

    /// RFC 9000 section 16: the two top bits say 1, 2, 4 or 8 octets.
    @inline(__always)
    mutating func rawVarint() throws(DecodeError) -> UInt64 {
        let start = try take(1)
        let first = octets[start]
        if first < 0x40 { return UInt64(first) }
        let more = (1 << Int(first >> 6)) - 1
        _ = try take(more)
        var value = UInt64(first & 0x3f)
        for index in 1...more { value = value << 8 | UInt64(octets[start + index]) }
        return value
    }

    public mutating func varint(_ name: String, structural: Bool = false) throws(DecodeError) -> UInt64 {
        let start = offset
        let value = try rawVarint()
        if Recorder.isRecording { leaf(name, .unsigned(value), start, structural: structural) }
        return value
    }

    /// The length before `bytes`, checked against what is left before anything is allocated for it.
    @inline(__always)
    public mutating func length() throws(DecodeError) -> Int {
        let start = offset
        let value = try rawVarint()
        guard value <= UInt64(end - offset) else { throw lengthPastEnd(value, at: start) }
        return Int(value)
    }

    /// The length of a payload; one that no session can negotiate is wrong even where so many octets are there.
    @inline(__always)
    mutating func payloadLength() throws(DecodeError) -> Int {
        let start = offset
        let value = try rawVarint()
        guard value <= UInt64(end - offset) else { throw lengthPastEnd(value, at: start) }
        guard value <= UInt64(WireLimits.largestMessage) else { throw tooLarge(value, at: start) }
        return Int(value)
    }

    /// The count before a list, checked against the least that so many elements take.
    @inline(__always)
    public mutating func count(elementSize: Int) throws(DecodeError) -> Int {
        let start = offset
        let value = try rawVarint()
        guard value <= UInt64((end - offset) / elementSize) else {
            throw countPastEnd(value, of: elementSize, at: start)
        }
        return Int(value)
    }

    public mutating func bytes(_ name: String) throws(DecodeError) -> [UInt8] {
        let start = offset
        let count = try length()
        return fixedBytes(name, count, fieldStart: start)
    }

    /// Octets whose number is known to be there.
    mutating func fixedBytes(_ name: String, _ count: Int, fieldStart: Int? = nil) -> [UInt8] {
        let first = offset
        offset += count
        if Recorder.isRecording {
            if let fieldStart, fieldStart < first {
                let token = recorder.begin(
                    "\(name)_length", .unsigned(UInt64(count)), at: fieldStart, structural: true)
                recorder.end(token, at: first)
            }
            leaf(name, .octets, first)
        }
        return Array(UnsafeRawBufferPointer(rebasing: octets[first..<offset]))
    }

    /// Octets of a known number.
    public mutating func fixed(_ name: String, _ count: Int) throws(DecodeError) -> [UInt8] {
        let start = try take(count)
        offset = start
        return fixedBytes(name, count)
    }

    public mutating func string(_ name: String) throws(DecodeError) -> String {
        let start = offset
        let count = try length()
        let first = offset
        offset += count
        let part = UnsafeRawBufferPointer(rebasing: octets[first..<offset])
        guard let value = String(validating: part, as: UTF8.self) else {
            throw DecodeError(.notUTF8, at: first + firstInvalidUTF8(part))
        }
        if Recorder.isRecording { leaf(name, .string(value), start) }
        return value
    }

    @inline(__always)
    mutating func rawUUID() throws(DecodeError) -> UUID {
        uuid(at: try take(16))
    }

    @inline(__always)
    public mutating func uuid(_ name: String) throws(DecodeError) -> UUID {
        let value = try rawUUID()
        if Recorder.isRecording { leaf(name, .uuid(value), offset - 16) }
        return value
    }

    @inline(__always)
    public mutating func vector3(_ name: String) throws(DecodeError) -> Vector3 {
        let start = offset
        let value = Vector3(try finiteDouble(), try finiteDouble(), try finiteDouble())
        if Recorder.isRecording { leaf(name, .vector3(value), start) }
        return value
    }

    @inline(__always)
    public mutating func vector3f(_ name: String) throws(DecodeError) -> Vector3f {
        let start = offset
        let value = Vector3f(try finiteFloat(), try finiteFloat(), try finiteFloat())
        if Recorder.isRecording { leaf(name, .vector3f(value), start) }
        return value
    }

    @inline(__always)
    public mutating func quaternion(_ name: String) throws(DecodeError) -> Quaternion {
        let start = offset
        let value = Quaternion(try finiteFloat(), try finiteFloat(), try finiteFloat(), try finiteFloat())
        if Recorder.isRecording { leaf(name, .quaternion(value), start) }
        return value
    }

    public mutating func semanticVersion(_ name: String) throws(DecodeError) -> SemanticVersion {
        let start = try take(6)
        let value = SemanticVersion(
            load(UInt16.self, at: start), load(UInt16.self, at: start + 2), load(UInt16.self, at: start + 4))
        if Recorder.isRecording { leaf(name, .version(value), start) }
        return value
    }

    /// One octet that is a position in its declaration.
    public mutating func enumeration<E: WireEnumeration>(_ name: String, _ type: E.Type) throws(DecodeError) -> E {
        let value = try rawEnumeration(name, type)
        if Recorder.isRecording { leaf(name, .named(value.name, raw: UInt64(value.rawValue)), offset - 1) }
        return value
    }

    /// The same without recording it; the name is for the error.
    mutating func rawEnumeration<E: WireEnumeration>(_ name: String, _ type: E.Type) throws(DecodeError) -> E {
        let start = try take(1)
        guard let value = E(rawValue: octets[start]) else {
            throw DecodeError(.enumValue, at: start, "\(name) \(octets[start]) is not one of \(E.listing)")
        }
        return value
    }

    /// One octet from a table that may grow: an unlisted value is kept and shown by its number.
    public mutating func code<C: WireCode>(_ name: String, _ type: C.Type) throws(DecodeError) -> C {
        let start = try take(1)
        let value = C(rawValue: octets[start])
        if Recorder.isRecording {
            leaf(
                name, value.name.map { .named($0, raw: UInt64(value.rawValue)) } ?? .unsigned(UInt64(value.rawValue)),
                start)
        }
        return value
    }

    // MARK: Errors

    // Apart from the reads, so that these stay small enough to be inlined.

    @inline(never)
    private func tooShort(for count: Int) -> DecodeError {
        DecodeError(.truncated, at: end, "\(count) octets needed at octet \(offset), \(end - offset) left")
    }

    @inline(never)
    private func notFinite(_ value: Double, at place: Int) -> DecodeError {
        DecodeError(.notFinite, at: place, "\(value)")
    }

    @inline(never)
    private func notBoolean(_ value: UInt8, at place: Int) -> DecodeError {
        DecodeError(.boolean, at: place, "\(value) is neither 0 nor 1")
    }

    @inline(never)
    private func lengthPastEnd(_ length: UInt64, at place: Int) -> DecodeError {
        var error = DecodeError(.truncated, at: place, "a length of \(length), \(end - offset) octets left")
        error.stated = length
        return error
    }

    @inline(never)
    private func tooLarge(_ length: UInt64, at place: Int) -> DecodeError {
        DecodeError(.tooLarge, at: place, "a payload of \(length) octets")
    }

    @inline(never)
    private func countPastEnd(_ count: UInt64, of elementSize: Int, at place: Int) -> DecodeError {
        var error = DecodeError(
            .countPastEnd, at: place, "\(count) elements of at least \(elementSize) octets, \(end - offset) left")
        error.stated = count
        return error
    }

    // MARK: Structure

    @inline(__always)
    mutating func leaf(_ name: String, _ value: FieldValue, _ start: Int, structural: Bool = false) {
        let token = recorder.begin(name, value, at: start, structural: structural)
        recorder.end(token, at: offset)
    }

    /// A structure with named fields.
    @inline(__always)
    public mutating func object<T>(
        _ name: String, _ body: (inout WireReader) throws(DecodeError) -> T
    ) throws(DecodeError) -> T {
        guard Recorder.isRecording else { return try body(&self) }
        let token = recorder.begin(name, .object, at: offset, structural: false)
        let value = try body(&self)
        recorder.end(token, at: offset)
        return value
    }

    /// `Option<T>`: a bool, then the value where it is 1.
    @inline(__always)
    public mutating func optional<T>(
        _ name: String, _ body: (inout WireReader) throws(DecodeError) -> T
    ) throws(DecodeError) -> T? {
        let isPresent = try rawBool()
        guard isPresent else {
            if Recorder.isRecording { leaf(name, .null, offset - 1) }
            return nil
        }
        if Recorder.isRecording { leaf("\(name)_present", .boolean(true), offset - 1, structural: true) }
        return try body(&self)
    }

    /// A count, then so many elements of at least `elementSize` octets each.
    public mutating func list<T>(
        _ name: String, elementSize: Int, _ body: (inout WireReader) throws(DecodeError) -> T
    ) throws(DecodeError) -> [T] {
        let start = offset
        let count = try count(elementSize: elementSize)
        var token = 0
        if Recorder.isRecording {
            leaf("\(name)_count", .unsigned(UInt64(count)), start, structural: true)
            token = recorder.begin(name, .array(count: count), at: offset, structural: false)
        }
        var result: [T] = []
        result.reserveCapacity(min(count, 1024))
        for _ in 0..<count { result.append(try body(&self)) }
        if Recorder.isRecording { recorder.end(token, at: offset) }
        return result
    }

    /// The `parameters` behind their length, which `body` has to use up to the last octet.
    public mutating func parameters<T>(
        excess reason: DecodeError.Reason, _ body: (inout WireReader) throws(DecodeError) -> T
    ) throws(DecodeError) -> T {
        let start = offset
        let count = try length()
        if Recorder.isRecording { leaf("parameters_length", .unsigned(UInt64(count)), start, structural: true) }
        let outer = end
        end = offset + count
        let value = try body(&self)
        guard offset == end else {
            throw DecodeError(reason, at: offset, "\(end - offset) octets are left over")
        }
        end = outer
        return value
    }

    /// Everything up to the end.
    public mutating func rest(_ name: String) -> [UInt8] { fixedBytes(name, remaining) }

    /// Moves to a place that was checked to lie before the end.
    mutating func set(offset place: Int) { offset = max(0, min(place, end)) }

    /// Reads only what lies in `range`, which `body` need not use up, and stands behind it afterwards.
    mutating func within(_ range: Range<Int>, _ body: (inout WireReader) -> Void) {
        let outer = end
        set(offset: range.lowerBound)
        end = max(offset, min(range.upperBound, outer))
        body(&self)
        end = outer
        set(offset: range.upperBound)
    }
}

/// How many octets of this are well-formed UTF-8.
func firstInvalidUTF8(_ octets: UnsafeRawBufferPointer) -> Int {
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = octets.makeIterator()
    var valid = 0
    while case .valid(let scalar) = decoder.parseScalar(from: &iterator) { valid += scalar.count }
    return valid
}

/// A closed set of values of one octet (profile section 1, `enum`).
public protocol WireEnumeration: RawRepresentable, CaseIterable, Hashable, Sendable where RawValue == UInt8 {
    /// As the specification spells it.
    var name: String { get }
}

extension WireEnumeration {
    public static var listing: String { allCases.map { "\($0.rawValue) \($0.name)" }.joined(separator: ", ") }
    public init?(named name: String) {
        guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = value
    }
}

/// A table of values of one octet where an unlisted value is kept (profile section 5, error codes).
public protocol WireCode: RawRepresentable, Hashable, Sendable where RawValue == UInt8 {
    init(rawValue: UInt8)
    static var names: [(code: UInt8, name: String)] { get }
}

extension WireCode {
    /// As the specification spells it; nil for an unlisted value.
    public var name: String? { Self.names.first { $0.code == rawValue }?.name }
    public init?(named name: String) {
        guard let entry = Self.names.first(where: { $0.name == name }) else { return nil }
        self.init(rawValue: entry.code)
    }
    public var description: String { name ?? String(rawValue) }
}
