import Capture
import SpatioWire

/// What is to be joined, with everything looked up and read that the options name.
struct AttachRequest: Equatable, Sendable {
    /// Nil: only groups are listened to.
    var server: ServerAddress?
    var isStream = false
    /// Names or ids; empty: all that the server shows.
    var spaces: [String] = []
    var token: [UInt8]?
    /// The 32 octets of the one Ed25519 key that is believed.
    var serverKey: [UInt8]?
    /// The least that is acceptable.
    var security = SecurityLevel.none
    var groups: [Endpoint] = []
    var name = ObserverOptions.usualName

    /// What it is called on the screen.
    var title: String { server?.description ?? groups.first?.description ?? name }
    /// Ports that carry Spatio beyond doubt.
    var ports: Set<UInt16> { Set((server.map { [$0.port] } ?? []) + groups.map(\.port)) }
}
