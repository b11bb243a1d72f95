import Capture
import Glibc
import SpatioSession
import SpatioWire

/// Makes of messages others that tell less, and are well-formed again: what `PrivacyOptions` says, of one export.
package struct PrivacyRewriter {
    package let options: PrivacyOptions
    var pseudonyms: Pseudonyms
    let blur: PositionBlur?
    /// Sealed payloads that no key opened: they are zeros now.
    package private(set) var sealed = 0

    /// A message that may be written, and the whole that it completes.
    package struct Rewritten {
        package var message: Message
        /// The payload of the reassembled whole.
        package var content: [UInt8]?
    }

    /// Messages inside of messages (RELAY_REQUEST) that are looked into; deeper ones become zeros.
    private static let depthLimit = 4

    /// - Parameter key: a fresh one, unless a run is to be repeated. It is forgotten with the rewriter.
    package init(_ options: PrivacyOptions, key: PseudonymKey = PseudonymKey()) {
        self.options = options
        pseudonyms = Pseudonyms(key: key)
        blur = options.grid.map { PositionBlur(grid: $0) }
    }

    /// Nil where the octets are no well-formed message: nobody can say then what they tell.
    ///
    /// - Parameters:
    ///   - opened: the payload as a key opened it: the message is written open then.
    ///   - content: the payload of the whole that this message completes.
    ///   - sizeLimit: the session's `max_message_size`.
    ///   - model: knows spaces and schemas.
    package mutating func rewrite(
        _ octets: [UInt8], opened: [UInt8]? = nil, content: [UInt8]? = nil,
        sizeLimit: Int = WireLimits.defaultMessageSize, model: borrowing Model
    ) -> Rewritten? {
        let context = Context(schemas: model.schemas, geodetic: Self.geodeticSpaces(model), sizeLimit: sizeLimit)
        return rewrite(octets, opened: opened, content: content, context, depth: 0)
    }

    /// What is known besides the message itself.
    struct Context {
        var schemas: ExtensionSchemas
        /// Spaces whose positions are degrees.
        var geodetic: Set<UUID>
        var sizeLimit: Int
        /// The positions of the message at hand are degrees.
        var isGeodetic = false
        var depth = 0
    }

    private static func geodeticSpaces(_ model: borrowing Model) -> Set<UUID> {
        var found: Set<UUID> = []
        for space in model.spaces
        where space.coordinates == .geodetic || space.info?.coordinateSystem.kind == .geodetic {
            found.insert(space.id)
        }
        return found
    }

    private mutating func rewrite(
        _ octets: [UInt8], opened: [UInt8]?, content: [UInt8]?, _ outer: Context, depth: Int
    ) -> Rewritten? {
        let decoded = octets.withUnsafeBytes { octets in
            octets.isEmpty ? nil : try? Message.decode(octets)
        }
        guard var message = decoded?.message, decoded?.size == octets.count else { return nil }
        var context = outer
        context.depth = depth
        context.isGeodetic = message.address?.coordinateSystem.kind == .geodetic
        message.address = message.address.map { rewrite($0) }
        message.extensions = message.extensions.map { rewrite($0, context) }
        message.multicast = message.multicast.map { rewrite($0, context) }
        message.signature = message.signature.map { Self.zeros($0) }
        guard let body = rewrite(message, opened: opened, context) else { return nil }
        message.body = body.body
        message.data = body.data
        // What was opened is written open.
        if case .sealed = body.body {} else { message.header.flags.remove(.encrypted) }
        var whole: [UInt8]?
        if let content {
            guard let payload = Self.payload(message.header.type, content) else { return nil }
            whole = rewrite(payload, context).encoded()
        }
        return Rewritten(message: message, content: whole)
    }

    private mutating func rewrite(
        _ message: Message, opened: [UInt8]?, _ context: Context
    ) -> (body: Message.Body, data: DataForm?)? {
        let octets: [UInt8]
        switch message.body {
        case .payload(let payload): return Self.laid(rewrite(payload, context), message.data)
        case .segment(let raw): octets = raw
        case .sealed(let raw):
            guard let opened else {
                sealed += 1
                return (.sealed(Self.zeros(raw)), message.data)
            }
            octets = opened
        }
        guard var data = message.data else {
            return Self.payload(message.header.type, octets).map { (.payload(rewrite($0, context)), nil) }
        }
        // A segment tells nothing by itself; with the others it is written from their whole.
        guard data.isWhole else { return (.segment(Self.zeros(octets)), data) }
        guard let content = try? data.compression.decompress(octets, limit: context.sizeLimit),
            let payload = Self.payload(message.header.type, content)
        else { return nil }
        let rewritten = rewrite(payload, context)
        guard data.compression != .none else { return Self.laid(rewritten, data) }
        let whole = data.compression.compress(rewritten.encoded())
        guard whole.count <= Int(UInt16.max) else { return nil }
        data.totalSize = UInt32(whole.count)
        data.segmentSize = UInt16(whole.count)
        return (.segment(whole), data)
    }

    /// A payload with the sizes that its data form states; nil where it has become too long for them.
    private static func laid(_ payload: Payload, _ data: DataForm?) -> (body: Message.Body, data: DataForm?)? {
        guard var data else { return (.payload(payload), nil) }
        let count = payload.encoded().count
        guard count <= Int(UInt16.max) else { return nil }
        data.totalSize = UInt32(count)
        data.segmentSize = UInt16(count)
        return (.payload(payload), data)
    }

    static func payload(_ type: MessageType, _ octets: [UInt8]) -> Payload? {
        octets.withUnsafeBytes { try? Payload.decode(type, $0, range: 0..<$0.count) }
    }

    /// A message inside of another one.
    mutating func nested(_ octets: [UInt8], _ context: Context) -> [UInt8] {
        guard context.depth < Self.depthLimit,
            let inner = rewrite(octets, opened: nil, content: nil, context, depth: context.depth + 1)
        else { return Self.zeros(octets) }
        return inner.message.encoded()
    }

    // MARK: Pieces

    static func zeros(_ octets: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: octets.count) }

    package mutating func id(_ id: UUID) -> UUID { options.usesPseudonyms ? pseudonyms.id(id) : id }

    package mutating func name(_ text: String) -> String { options.usesPseudonyms ? pseudonyms.name(text) : text }

    package mutating func endpoint(_ endpoint: Endpoint) -> Endpoint {
        options.usesPseudonyms ? pseudonyms.endpoint(endpoint) : endpoint
    }

    mutating func endpoint(_ text: String) -> String { options.usesPseudonyms ? pseudonyms.endpoint(text) : text }

    func position(_ position: Vector3, _ isGeodetic: Bool) -> Vector3 {
        blur?.position(position, isGeodetic: isGeodetic) ?? position
    }

    func length(_ metres: Float) -> Float { blur?.metres(metres) ?? metres }

    func precision(_ metres: Float) -> Float { blur.map { max(metres, Float($0.grid)) } ?? metres }

    func volume(_ volume: BoundingVolume, _ isGeodetic: Bool) -> BoundingVolume {
        guard let blur else { return volume }
        switch volume {
        case .box(let min, let max):
            let box = blur.box(min, max, isGeodetic: isGeodetic)
            return .box(min: box.min, max: box.max)
        case .sphere(let center, let radius):
            return .sphere(center: blur.position(center, isGeodetic: isGeodetic), radius: radius)
        case .frustum(let frustum): return .frustum(self.frustum(frustum, isGeodetic))
        }
    }

    func frustum(_ frustum: Frustum, _ isGeodetic: Bool) -> Frustum {
        var frustum = frustum
        frustum.apex = position(frustum.apex, isGeodetic)
        return frustum
    }
}

extension Double {
    static func cosine(degrees: Double) -> Double { cos(degrees * .pi / 180) }
}
