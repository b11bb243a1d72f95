/// What an address is for.
extension PeerAddress.Host {
    package var isIPv6: Bool { if case .v6 = self { true } else { false } }

    /// Every address of a machine, as sockets are told it: 0.0.0.0 and ::.
    package var isUnspecified: Bool { self == .v4(0) || self == .v6(high: 0, low: 0) }

    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// An address by which nobody is reached without naming the interface, too: fe80::/10.
    package var isLinkLocal: Bool { if case .v6(let high, _) = self { high >> 54 == 0x3FA } else { false } }

    /// One host's address that says all that is needed to reach it: no group, and nothing that means something on one
    /// interface alone.
    var canBeReached: Bool {
        switch self {
        case .v4(let address): address >> 28 < 14 && !isUnspecified
        case .v6(let high, _): high >> 56 != 0xFF && !isLinkLocal && !isUnspecified
        }
    }
}
