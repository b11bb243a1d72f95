import Capture
import SpatioSession
import SpatioWire

/// Replaces what identifies somebody, each by the same wherever it comes, under a key that goes with it.
struct Pseudonyms {
    private let key: PseudonymKey
    private var ids: [UUID: UUID] = [:]
    private var names: [String: String] = [:]
    private var addresses: [IPAddress: IPAddress] = [:]
    private var taken: Set<IPAddress> = []

    /// Replacements that are remembered, only to be quick: they can be worked out again.
    private static let memory = 65_536
    /// Addresses that are kept apart from each other. These have few octets, so what was given has to be remembered; a
    /// capture with more hosts has some of them become one.
    private static let addressLimit = 1 << 20
    /// Attempts to find an address that nobody else has got: the ranges are far larger than the limit.
    private static let attempts: UInt8 = 64

    init(key: PseudonymKey) { self.key = key }

    /// Another UUID, as a random one looks (version 4); the one of all zeros is none and stays.
    mutating func id(_ id: UUID) -> UUID {
        guard id != .zero else { return id }
        if let known = ids[id] { return known }
        let digest = key.digest(of: Self.octets(id.high) + Self.octets(id.low), for: .identifier)
        let high = Self.word(digest[0..<8])
        let low = Self.word(digest[8..<16])
        let pseudonym = UUID(
            high: high & ~0xF000 | 0x4000, low: low & ~(3 << 62) | 1 << 63)
        if ids.count >= Self.memory { ids.removeAll(keepingCapacity: true) }
        ids[id] = pseudonym
        return pseudonym
    }

    /// `anon-4f1c9a2b`; nothing stays nothing.
    mutating func name(_ text: String) -> String {
        guard !text.isEmpty else { return text }
        if let known = names[text] { return known }
        let pseudonym = "anon-" + hexadecimalText(key.digest(of: Array(text.utf8), for: .name).prefix(4))
        if names.count >= Self.memory { names.removeAll(keepingCapacity: true) }
        names[text] = pseudonym
        return pseudonym
    }

    /// As many octets as there were; only zeros stay.
    func trace(_ octets: [UInt8]) -> [UInt8] {
        guard octets.contains(where: { $0 != 0 }) else { return octets }
        return Array(key.digest(of: octets, for: .trace).prefix(octets.count))
    }

    /// An address of the ranges that belong to nobody: 10.0.0.0/8 and fd00::/8; for groups 239.0.0.0/8 and ff15::/16.
    mutating func address(_ address: IPAddress) -> IPAddress {
        if let known = addresses[address] { return known }
        var pseudonym = address
        for attempt in 0..<Self.attempts {
            let digest = key.digest(
                of: Self.octets(address.high) + Self.octets(address.low) + [attempt], for: .address)
            pseudonym = Self.address(like: address, Self.word(digest[0..<8]), Self.word(digest[8..<16]))
            if !taken.contains(pseudonym) { break }
        }
        if addresses.count < Self.addressLimit {
            addresses[address] = pseudonym
            taken.insert(pseudonym)
        }
        return pseudonym
    }

    private static func address(like address: IPAddress, _ high: UInt64, _ low: UInt64) -> IPAddress {
        if address.isIPv4 {
            let network: UInt32 = address.isMulticast ? 239 << 24 : 10 << 24
            return IPAddress(ipv4: network | UInt32(truncatingIfNeeded: low) & 0x00FF_FFFF)
        }
        return address.isMulticast
            ? IPAddress(high: 0xFF15 << 48 | high >> 16, low: low) : IPAddress(high: 0xFD << 56 | high >> 8, low: low)
    }

    mutating func endpoint(_ endpoint: Endpoint) -> Endpoint {
        Endpoint(address: address(endpoint.address), port: endpoint.port)
    }

    /// The text of an endpoint or an address as that of its pseudonym; any other as a name.
    mutating func endpoint(_ text: String) -> String {
        if let parsed = Endpoint(parsing: text) { return endpoint(parsed).description }
        if let parsed = IPAddress(parsing: text) { return address(parsed).description }
        return name(text)
    }

    private static func octets(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
    }

    private static func word(_ octets: ArraySlice<UInt8>) -> UInt64 { octets.reduce(0) { $0 << 8 | UInt64($1) } }
}
