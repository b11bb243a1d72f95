import SpatioWire

/// What a server says of itself to the groups of discovery (profile section 2): PEER_ANNOUNCE, behind which stands what
/// that has no field for, as an extension whose manifest goes before it in the same datagram. Whoever knows no more than
/// the profile can so read all of it.
public struct ServerAnnouncement: Hashable, Sendable {
    public var serverID: UUID
    /// Where to reach it: "10.7.1.1:7728".
    public var endpoints: [String]
    public var groups: [MulticastGroup] = []
    /// Sessions at a time.
    public var maxConnections: UInt16 = .max
    /// Octets a second.
    public var bandwidth: UInt32 = 0
    /// Nil here and below: it does not say.
    public var name: String?
    /// The least protection of a session.
    public var security: SecurityLevel?
    /// Nobody comes in without a token.
    public var demandsToken: Bool?
    /// Names of its spaces, for people: "plaza, park".
    public var spaces: String?

    /// Nanoseconds between two announcements of a server to which nobody has spoken.
    public static let interval: Int64 = 5_000_000_000
    /// Octets of a datagram that passes every network in one piece.
    public static let sizeLimit = 1200
    /// Characters of a text; names are for lists.
    public static let textLimit = 128

    public init(serverID: UUID, endpoints: [String]) {
        self.serverID = serverID
        self.endpoints = endpoints
    }

    // MARK: On the wire

    private static let manifest = ExtensionManifest(
        id: 0x9728, name: "server", type: .application, version: SemanticVersion(1, 0, 0), status: .stable,
        schema: Field.allCases.map { SchemaField($0.rawValue, $0.type) })

    private enum Field: String, CaseIterable {
        case name, security, token, spaces

        var type: Value.Tag { self == .token ? .bool : .string }
    }

    /// Messages that a datagram of it takes.
    static let messageCount: UInt32 = 2

    /// One datagram of at most `sizeLimit` octets; groups that do not fit are left out.
    ///
    /// - Parameters:
    ///   - sequence: of its first message on stream 0.
    ///   - wall: the time, in microseconds since the Unix epoch.
    public func datagram(sequence: UInt32, wall: UInt64) -> [UInt8] {
        let manifest = ExtensionHeader(extensionID: ExtensionID.manifest, data: Self.manifest.encoded())
        let first = Message(
            header: MessageHeader(
                type: .extension, flags: .checksum, streamID: 0, sequence: sequence, timestamp: wall),
            body: .payload(.extension(manifest))
        ).encoded()
        var announce = PeerAnnounce(
            peer: PeerConfig(
                peerID: serverID,
                capabilities: PeerCapabilities(
                    spatialRange: 0, maxConnections: maxConnections, bandwidth: bandwidth, roles: [.server]),
                discoveryMode: .broadcast), endpoints: endpoints, groups: groups)
        while true {
            let second = Message(
                header: MessageHeader(
                    type: .peerAnnounce, flags: .checksum, streamID: 0, sequence: sequence &+ 1, timestamp: wall),
                extensions: [ExtensionHeader(extensionID: Self.manifest.id, data: details)],
                body: .payload(.peerAnnounce(announce))
            ).encoded()
            if first.count + second.count <= Self.sizeLimit { return first + second }
            if !announce.groups.isEmpty {
                announce.groups.removeLast()
            } else if announce.endpoints.count > 1 {
                announce.endpoints.removeLast()
            } else {
                return first + second
            }
        }
    }

    private var details: [UInt8] {
        let values = Field.allCases.map { field -> Value in
            switch field {
            case .name: .string(String((name ?? "").prefix(Self.textLimit)))
            case .security: .string(security?.name ?? "")
            case .token: .bool(demandsToken ?? false)
            case .spaces: .string(String((spaces ?? "").prefix(Self.textLimit)))
            }
        }
        return ExtensionContent.values(values).encoded()
    }

    /// What the messages of one datagram announce; nil where that is no server.
    public init?(_ messages: [Message]) {
        var schemas = ExtensionSchemas()
        var announcement: (PeerAnnounce, [ExtensionHeader])?
        for message in messages {
            switch message.body {
            case .payload(.extension(let header)) where header.extensionID == ExtensionID.manifest:
                if let manifest = try? ExtensionManifest.decode(header.data) { schemas.register(manifest) }
            case .payload(.peerAnnounce(let announce)): announcement = (announce, message.extensions)
            default: continue
            }
        }
        guard let (announce, extensions) = announcement, announce.peer.capabilities.roles.contains(.server) else {
            return nil
        }
        self.init(serverID: announce.peer.peerID, endpoints: announce.endpoints)
        groups = announce.groups
        maxConnections = announce.peer.capabilities.maxConnections
        bandwidth = announce.peer.capabilities.bandwidth
        for header in extensions {
            guard let manifest = schemas.manifests[header.extensionID], manifest.name == Self.manifest.name,
                let schema = manifest.schema,
                case .values(let values)? = ExtensionContent.decode(header, schemas: schemas)
            else { continue }
            for (field, value) in zip(schema, values) { take(field.name, value) }
        }
    }

    private mutating func take(_ name: String, _ value: Value) {
        switch (Field(rawValue: name), value) {
        case (.name, .string(let text)): self.name = Self.text(text)
        case (.security, .string(let text)): security = SecurityLevel.allCases.first { $0.name == text }
        case (.token, .bool(let flag)): demandsToken = flag
        case (.spaces, .string(let text)): spaces = Self.text(text)
        default: break
        }
    }

    private static func text(_ text: String) -> String? { text.isEmpty ? nil : String(text.prefix(textLimit)) }
}
