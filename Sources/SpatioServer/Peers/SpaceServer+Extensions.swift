import SpatioSession
import SpatioWire

extension SpaceServer {
    /// Tells a new client of the extensions that it has offered, and an observer of all, so that it can read what others
    /// say in them.
    mutating func introduceExtensions(to session: Session) {
        for manifest in manifests.all where session.isObserver || session.offers(manifest.id) {
            send(.extension(Self.header(of: manifest)), .control, to: session.handle)
        }
        guard session.offers(ExtensionID.stateSync), let first = session.spaces.first else { return }
        let capabilities = StateSyncCapabilities(
            syncModes: [.full, .delta, .incremental], deltaCompression: true,
            conflictResolution: spaces[first].plan.conflictStrategy)
        send(
            .extension(ExtensionHeader(extensionID: ExtensionID.stateSync, data: capabilities.encoded())), .control,
            to: session.handle)
    }

    private static func header(of manifest: ExtensionManifest) -> ExtensionHeader {
        ExtensionHeader(extensionID: ExtensionID.manifest, data: manifest.encoded())
    }

    mutating func take(_ header: ExtensionHeader, _ message: Message, from handle: SessionHandle) {
        switch header.extensionID {
        case ExtensionID.spatialQuery:
            guard case .query(let request)? = try? SpatialQueryMessage.decode(header.data) else {
                return fault(handle, .extensionError, "no query of the extension spatial-query")
            }
            if sessions[handle]?.isObserver ?? true {
                return fault(handle, .unauthorized, "an observer sends no spatial message")
            }
            answer(request, message, to: handle)
        case ExtensionID.manifest: register(header, message, from: handle)
        // What a client can do is its own matter, and the other two belong on other messages.
        case ExtensionID.stateSync, ExtensionID.origin, ExtensionID.traceContext: break
        default: passOn(.extension(header), message, from: handle)
        }
    }

    private mutating func register(_ header: ExtensionHeader, _ message: Message, from handle: SessionHandle) {
        guard let manifest = try? ExtensionManifest.decode(header.data) else {
            return fault(handle, .extensionError, "no manifest")
        }
        guard takeBroadcast(handle) else { return }
        guard manifests.register(manifest, by: handle) else {
            return fault(handle, .extensionError, "a manifest that cannot be registered")
        }
        log(
            .info, "extension registered",
            ["id": "\(manifest.id)", "name": manifest.name, "version": "\(manifest.version)"])
        for other in others(than: handle, in: message.address.flatMap { spaceNumbers[$0.spaceID] })
        where sessions[other]?.offers(manifest.id) ?? false {
            send(.extension(header), .control, to: other)
        }
    }

    /// Passes on what only applications understand: to the group that it is for, or within the space. An extension whose
    /// manifest is known goes to those who offered it.
    mutating func passOn(_ payload: Payload, _ message: Message, from handle: SessionHandle) {
        if let form = message.multicast { return passOn(payload, message, form, from: handle) }
        var space: Int?
        if message.address != nil {
            guard let number = self.space(of: message, handle) else {
                return fault(handle, .unauthorized, "a space that was not joined")
            }
            space = number
        }
        guard takeBroadcast(handle) else { return }
        let delivery = passedOn(message)
        var wanted: UInt16?
        if case .extension(let header) = payload, manifests.manifest(header.extensionID) != nil {
            wanted = header.extensionID
        }
        for other in others(than: handle, in: space) where wanted.map({ sessions[other]?.offers($0) ?? false }) ?? true
        {
            send(payload, delivery, to: other)
        }
    }

    /// The same way on as a message came.
    func passedOn(_ message: Message) -> Delivery {
        let flags = message.header.flags
        return Delivery(
            stream: message.header.streamID, reliable: flags.contains(.reliable), ordered: flags.contains(.ordered),
            priority: flags.priority, address: message.address,
            extensions: message.extensions.filter { $0.extensionID != ExtensionID.origin },
            multicast: message.multicast)
    }

    /// Whether a client may send something to many others now; if not, that is a fault.
    mutating func takeBroadcast(_ handle: SessionHandle) -> Bool {
        guard let index = sessions.index(forKey: handle) else { return false }
        if sessions.values[index].isObserver {
            fault(handle, .unauthorized, "an observer sends nothing to others")
            return false
        }
        guard sessions.values[index].broadcasts.take(at: now.monotonic) else {
            fault(handle, .rateLimited, "too many messages for others")
            return false
        }
        return true
    }
}
