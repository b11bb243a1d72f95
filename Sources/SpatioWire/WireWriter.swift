/// Appends structures in the profile's primitive encodings (profile section 1).
public struct WireWriter {
    public var octets: [UInt8] = []

    public init() {}

    public mutating func u8(_ value: UInt8) { octets.append(value) }
    public mutating func u16(_ value: UInt16) { integer(value) }
    public mutating func u32(_ value: UInt32) { integer(value) }
    public mutating func u64(_ value: UInt64) { integer(value) }
    public mutating func i64(_ value: Int64) { integer(UInt64(bitPattern: value)) }
    public mutating func f32(_ value: Float) { integer(value.bitPattern) }
    public mutating func f64(_ value: Double) { integer(value.bitPattern) }
    public mutating func bool(_ value: Bool) { octets.append(value ? 1 : 0) }

    private mutating func integer<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { octets.append(contentsOf: $0) }
    }

    /// Octets that the shortest form takes.
    static func varintSize(_ value: UInt64) -> Int {
        switch value {
        case ..<(1 << 6): 1
        case ..<(1 << 14): 2
        case ..<(1 << 30): 4
        default: 8
        }
    }

    /// The shortest form of RFC 9000 section 16, or one of at least `width` octets (1, 2, 4 or 8).
    public mutating func varint(_ value: UInt64, width: Int = 1) {
        switch max(width, Self.varintSize(value)) {
        case 1: u8(UInt8(truncatingIfNeeded: value))
        case 2: u16(UInt16(truncatingIfNeeded: value) | 0x4000)
        case 3...4: u32(UInt32(truncatingIfNeeded: value) | 0x8000_0000)
        default:
            precondition(value < 1 << 62, "a varint holds at most 2^62-1")
            u64(value | 0xC000_0000_0000_0000)
        }
    }

    public mutating func bytes(_ value: some Collection<UInt8>) {
        varint(UInt64(value.count))
        octets.append(contentsOf: value)
    }

    public mutating func string(_ value: String) { bytes(value.utf8) }

    public mutating func uuid(_ value: UUID) {
        u64(value.high)
        u64(value.low)
    }

    public mutating func vector3(_ value: Vector3) {
        f64(value.x)
        f64(value.y)
        f64(value.z)
    }

    public mutating func vector3f(_ value: Vector3f) {
        f32(value.x)
        f32(value.y)
        f32(value.z)
    }

    public mutating func quaternion(_ value: Quaternion) {
        f32(value.x)
        f32(value.y)
        f32(value.z)
        f32(value.w)
    }

    public mutating func semanticVersion(_ value: SemanticVersion) {
        u16(value.major)
        u16(value.minor)
        u16(value.patch)
    }

    public mutating func enumeration(_ value: some WireEnumeration) { u8(value.rawValue) }
    public mutating func code(_ value: some WireCode) { u8(value.rawValue) }

    public mutating func list<T>(_ values: [T], _ body: (inout WireWriter, T) -> Void) {
        varint(UInt64(values.count))
        for value in values { body(&self, value) }
    }

    public mutating func optional<T>(_ value: T?, _ body: (inout WireWriter, T) -> Void) {
        bool(value != nil)
        if let value { body(&self, value) }
    }

    /// A length, then what `body` wrote.
    public mutating func delimited(_ body: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        body(&inner)
        bytes(inner.octets)
    }
}
