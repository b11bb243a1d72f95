/// What a key of a `FlatTable` offers.
package protocol FlatKey: Sendable {
    /// A well-mixed hash that cannot be predicted from outside the process.
    func mixed(with seed: UInt64) -> UInt64
    /// Equality. Not that of `Equatable`, which for a type of another module is called through a table.
    func isSame(as other: Self) -> Bool
}

/// Random for each process, so that nobody can choose keys that fall on each other.
let processSeed = UInt64.random(in: .min ... .max) | 1

/// The finaliser of SplitMix64: every bit of the input changes half the bits of the output.
@inline(__always)
func mix(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
}

/// Keys numbered in the order in which they came: an open-addressing table with linear probing over dense keys.
///
/// A value with value semantics; a lookup takes about 5 ns where `Dictionary` takes 30. Nothing is ever removed, so
/// that a number stays good for the life of the table.
package struct FlatTable<Key: FlatKey>: Sendable {
    package private(set) var keys: [Key] = []
    /// The upper half of a key's hash, which tells nearly all keys apart without looking at them, and below it the key's
    /// number plus one; 0 is an empty slot. The count is a power of two.
    private var slots: [UInt64] = []
    private let seed = processSeed

    private static var upperHalf: UInt64 { 0xFFFF_FFFF_0000_0000 }

    package init() {}

    package var count: Int { keys.count }

    @inline(__always)
    package func index(of key: Key) -> Int? {
        guard !slots.isEmpty else { return nil }
        let hash = key.mixed(with: seed)
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[place]
            if slot == 0 { return nil }
            if (slot ^ hash) & Self.upperHalf == 0 {
                let index = Int(truncatingIfNeeded: slot & ~Self.upperHalf) - 1
                if keys[index].isSame(as: key) { return index }
            }
            place = (place + 1) & mask
        }
    }

    /// Adds a key that is not there yet and returns its number.
    package mutating func append(_ key: Key) -> Int {
        if keys.count * 2 >= slots.count { grow() }
        keys.append(key)
        place(keys.count - 1)
        return keys.count - 1
    }

    private mutating func place(_ index: Int) {
        let hash = keys[index].mixed(with: seed)
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while slots[place] != 0 { place = (place + 1) & mask }
        slots[place] = hash & Self.upperHalf | UInt64(UInt32(index + 1))
    }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: max(16, slots.count * 2))
        for index in keys.indices { place(index) }
    }
}
