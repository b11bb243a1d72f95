import SpatioWire

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// Random values of the profile's primitive types, the borders among them more often than chance would have it.
struct RandomValues {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func bool() -> Bool { Bool.random(using: &generator) }
    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }
    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
    mutating func any<E: CaseIterable>(_ type: E.Type) -> E { pick(Array(E.allCases)) }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T {
        switch below(8) {
        case 0: T.min
        case 1: T.max
        default: T(truncatingIfNeeded: generator.next() >> UInt64(below(64)))
        }
    }

    mutating func float() -> Float {
        let value = Float(bitPattern: integer(UInt32.self))
        return value.isFinite ? value : pick([0, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
    }

    mutating func double() -> Double {
        let value = Double(bitPattern: integer(UInt64.self))
        return value.isFinite ? value : pick([0, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
    }

    mutating func share() -> Float { pick([0, 1, Float.random(in: 0...1, using: &generator)]) }

    mutating func octets(_ sizes: Range<Int> = 0..<80) -> [UInt8] {
        let count = Int.random(in: sizes, using: &generator)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    mutating func string() -> String {
        pick(["", "a", "plaza", "Zoë 🛰", "\u{0}\u{1b}[2J\"\\\n", String(repeating: "long ", count: 20)])
    }

    mutating func uuid() -> UUID { UUID(high: integer(UInt64.self), low: integer(UInt64.self)) }
    mutating func vector3() -> Vector3 { Vector3(double(), double(), double()) }
    mutating func vector3f() -> Vector3f { Vector3f(float(), float(), float()) }
    mutating func quaternion() -> Quaternion { Quaternion(float(), float(), float(), float()) }
    mutating func version() -> SemanticVersion {
        SemanticVersion(integer(UInt16.self), integer(UInt16.self), integer(UInt16.self))
    }
    mutating func code() -> ErrorCode { ErrorCode(rawValue: integer(UInt8.self)) }

    mutating func list<T>(upTo most: Int = 3, _ element: (inout RandomValues) -> T) -> [T] {
        let count = below(most + 1)
        return (0..<count).map { _ in element(&self) }
    }

    mutating func maybe<T>(_ value: (inout RandomValues) -> T) -> T? { bool() ? value(&self) : nil }
}
