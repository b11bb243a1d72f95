/// 128 bits in RFC 9562 order.
public struct UUID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var high: UInt64
    public var low: UInt64

    public static let zero = UUID(high: 0, low: 0)

    @inlinable @inline(__always)
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Parses the hyphenated form or 32 hexadecimal digits; nil for anything else.
    public init?(parsing text: some StringProtocol) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var digits = 0
        for (index, character) in text.utf8.enumerated() {
            if character == UInt8(ascii: "-") {
                guard [8, 13, 18, 23].contains(index) else { return nil }
                continue
            }
            guard let value = hexadecimalValue(character), digits < 32 else { return nil }
            if digits < 16 { high = high << 4 | UInt64(value) } else { low = low << 4 | UInt64(value) }
            digits += 1
        }
        guard digits == 32, text.utf8.count == 32 || text.utf8.count == 36 else { return nil }
        self.init(high: high, low: low)
    }

    // Written out, because the one that the compiler writes is not inlined into other modules.
    @inlinable @inline(__always)
    public static func == (left: UUID, right: UUID) -> Bool {
        left.high == right.high && left.low == right.low
    }

    public static func < (left: UUID, right: UUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// 32 lower-case hexadecimal digits without hyphens, as the key log writes it.
    public var hexadecimal: String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            for index in 0..<32 { buffer[index] = digit(index) }
            return 32
        }
    }

    /// The hyphenated form in lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var out = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[out] = UInt8(ascii: "-")
                    out += 1
                }
                buffer[out] = digit(index)
                out += 1
            }
            return 36
        }
    }

    /// The first eight digits, which is enough to tell a few apart.
    public var shortDescription: String {
        String(unsafeUninitializedCapacity: 8) { buffer in
            for index in 0..<8 { buffer[index] = digit(index) }
            return 8
        }
    }

    private func digit(_ index: Int) -> UInt8 {
        let half = index < 16 ? high : low
        let value = UInt8(truncatingIfNeeded: half >> UInt64(60 - (index & 15) * 4)) & 15
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

public let hexadecimalDigits: [UInt8] = Array("0123456789abcdef".utf8)

/// The value of one ASCII hexadecimal digit.
public func hexadecimalValue(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// Lower-case hexadecimal digits of some octets.
public func hexadecimalText(_ octets: some Sequence<UInt8>) -> String {
    var digits: [UInt8] = []
    digits.reserveCapacity(octets.underestimatedCount * 2)
    for octet in octets {
        digits.append(hexadecimalDigits[Int(octet >> 4)])
        digits.append(hexadecimalDigits[Int(octet & 15)])
    }
    return String(decoding: digits, as: UTF8.self)
}

/// The octets that hexadecimal digits stand for; nil when there is another character or an odd digit.
public func octets(hexadecimal text: some StringProtocol) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count / 2)
    var pending: UInt8?
    for character in text.utf8 {
        guard let value = hexadecimalValue(character) else { return nil }
        if let first = pending {
            result.append(first << 4 | value)
            pending = nil
        } else {
            pending = value
        }
    }
    return pending == nil ? result : nil
}

/// Metres in every coordinate system but GEODETIC, which has degrees, degrees and metres.
public struct Vector3: Hashable, Sendable {
    public var x, y, z: Double

    public static let zero = Vector3(0, 0, 0)

    @inlinable @inline(__always)
    public init(_ x: Double, _ y: Double, _ z: Double) {
        self.x = x
        self.y = y
        self.z = z
    }
}

/// Metres per second.
public struct Vector3f: Hashable, Sendable {
    public var x, y, z: Float

    @inlinable @inline(__always)
    public init(_ x: Float, _ y: Float, _ z: Float) {
        self.x = x
        self.y = y
        self.z = z
    }
}

/// A rotation; of unit length when the sender is right, which is not enforced when decoding.
public struct Quaternion: Hashable, Sendable {
    public var x, y, z, w: Float

    public static let identity = Quaternion(0, 0, 0, 1)

    @inlinable @inline(__always)
    public init(_ x: Float, _ y: Float, _ z: Float, _ w: Float) {
        self.x = x
        self.y = y
        self.z = z
        self.w = w
    }

    public var length: Double {
        (Double(x) * Double(x) + Double(y) * Double(y) + Double(z) * Double(z) + Double(w) * Double(w)).squareRoot()
    }
}

public struct SemanticVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var major, minor, patch: UInt16

    public init(_ major: UInt16, _ minor: UInt16, _ patch: UInt16) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    public var description: String { "\(major).\(minor).\(patch)" }
}

extension UInt32 {
    /// RFC 1982 serial arithmetic: the signed distance from `other` to this, in -2^31 ..< 2^31.
    public func serialDistance(from other: UInt32) -> Int32 { Int32(bitPattern: self &- other) }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the type of the error.
    public func withOctets<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withUnsafeBufferPointer { (buffer) throws(E) in try body(UnsafeRawBufferPointer(buffer)) }
    }
}
