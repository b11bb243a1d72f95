import Screen
import SpatioWire

/// The families of message types that share a colour.
package enum MessageFamily: Sendable {
    case connection, spatial, state, peer, security, `extension`, unknown

    package init(_ type: MessageType) {
        guard type.isKnown else {
            self = .unknown
            return
        }
        switch type.rawValue {
        case 0x00...0x0F: self = .connection
        case 0x10...0x1F: self = .spatial
        case 0x20...0x2F: self = .state
        case 0x30...0x3F: self = .peer
        case 0x40...0x4F: self = .security
        default: self = .extension
        }
    }

    package var name: String {
        switch self {
        case .connection: "control"
        case .spatial: "spatial"
        case .state: "state"
        case .peer: "peers"
        case .security: "security"
        case .extension: "extension"
        case .unknown: "unknown"
        }
    }

    package var role: Role {
        switch self {
        case .connection: .typeConnection
        case .spatial: .typeSpatial
        case .state: .typeState
        case .peer: .typePeer
        case .security: .typeSecurity
        case .extension: .typeExtension
        case .unknown: .typeUnknown
        }
    }
}
