import CPcap

/// Why an interface could not be opened, or brings nothing any more.
package enum InterfaceError: Error, Equatable, CustomStringConvertible, Sendable {
    /// This user may not capture.
    case notPermitted(interface: String)
    /// No interface has that name.
    case unknown(interface: String)
    /// It is there and switched off.
    case down(interface: String)
    /// The filter's expression is wrong, or makes no sense on this interface.
    case filter(interface: String, reason: String)
    /// What libpcap says.
    case other(interface: String, reason: String)

    package var interface: String {
        switch self {
        case .notPermitted(let name), .unknown(let name), .down(let name), .filter(let name, _), .other(let name, _):
            name
        }
    }

    /// What is wrong, in a few words, without a full stop.
    package var reason: String {
        switch self {
        case .notPermitted: "no permission to capture"
        case .unknown: "no such interface"
        case .down(let name): "the interface is switched off (ip link set \(name) up)"
        case .filter(_, let reason): "the filter is wrong: \(reason)"
        case .other(_, let reason): reason
        }
    }

    package var description: String { "\(interface): \(reason)" }

    /// - Parameters:
    ///   - status: what an open handle's function returned.
    ///   - reason: the text of that handle's last error.
    init(_ interface: String, status: Int32, reason: String) {
        switch status {
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: self = .notPermitted(interface: interface)
        case PCAP_ERROR_NO_SUCH_DEVICE: self = .unknown(interface: interface)
        case PCAP_ERROR_IFACE_NOT_UP: self = .down(interface: interface)
        default:
            let words = reason.isEmpty ? String(cString: pcap_statustostr(status)) : reason
            self = .other(interface: interface, reason: words)
        }
    }
}
