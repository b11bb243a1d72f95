/// Numbers as octets, written out by hand so that the tests share nothing with the code they test.
typealias Octets = [UInt8]

func big16(_ value: Int) -> Octets { [UInt8(value >> 8 & 0xff), UInt8(value & 0xff)] }

func big32(_ value: Int) -> Octets { big16(value >> 16) + big16(value) }

func big64(_ value: Int) -> Octets { big32(value >> 32) + big32(value) }

/// The byte order of a capture file.
enum FileOrder: CaseIterable {
    case little
    case big

    func u16(_ value: Int) -> Octets { self == .big ? big16(value) : big16(value).reversed() }

    func u32(_ value: Int) -> Octets { self == .big ? big32(value) : big32(value).reversed() }

    func u64(_ value: Int) -> Octets { self == .big ? big64(value) : big64(value).reversed() }
}

/// Octets that differ from place to place, so that a shift shows.
func pattern(_ count: Int, from start: Int = 0) -> Octets {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 + start) * 7 + ($0 + start) / 256) }
}
