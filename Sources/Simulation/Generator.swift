import SpatioWire

/// Random numbers from a seed: SplitMix64 (Steele, Lea, Flood 2014). The same seed gives the same numbers on every
/// machine, which is why nothing here uses functions whose last bit differs between C libraries (sin, exp, log).
struct Generator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Another sequence for each scenario, so that no two captures of one seed share ids: FNV-1a over the name.
    init(seed: UInt64, of scenario: Scenario) {
        state = scenario.rawValue.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } ^ seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 ..< 1 in steps of 2^-53.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func number(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + unit() * (range.upperBound - range.lowerBound)
    }

    mutating func integer(_ range: Range<Int>) -> Int { range.lowerBound + Int(unit() * Double(range.count)) }

    mutating func chance(_ probability: Double) -> Bool { unit() < probability }

    /// About normal, with mean 0 and deviation 1, never over 3: three uniform numbers added up.
    mutating func bell() -> Double { 2 * (unit() + unit() + unit()) - 3 }

    /// A version 4 UUID.
    mutating func uuid() -> UUID {
        UUID(
            high: next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000,
            low: next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }

    mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// Another one, whose numbers do not depend on how many this one gives later.
    mutating func fork() -> Generator { Generator(seed: next()) }
}
