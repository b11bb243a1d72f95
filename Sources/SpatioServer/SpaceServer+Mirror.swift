import SpatioSession
import SpatioWire

extension SpaceServer {
    /// A message went between the server and one of its clients: the observers of its space get it, with its `origin`.
    ///
    /// Called for each message that came and each that was sent, once, opened, with the header that it had: its stream,
    /// its sequence and its time stay. Repeats and what the session drops are not mirrored.
    public mutating func passed(
        _ message: Message, _ direction: OriginDirection, of handle: SessionHandle, at now: Moment
    ) {
        self.now = now
        guard observerCount > 0, let index = sessions.index(forKey: handle), !sessions.values[index].isObserver
        else { return }
        let watchers = watchers(of: message, sessions.values[index])
        guard !watchers.isEmpty else { return }
        var mirrored = message
        mirrored.extensions.removeAll { $0.extensionID == ExtensionID.origin }
        mirrored.extensions.append(
            ExtensionHeader(
                extensionID: ExtensionID.origin,
                data: Origin(sessionID: sessions.values[index].id, direction: direction, seen: now.wall).encoded()))
        mirrored.header.flags.insert(.extensions)
        mirrored.header.flags.remove(.retransmit)
        mirrored.body = mirrored.body.withoutSecrets
        for watcher in watchers { command(.forward(mirrored, to: watcher)) }
    }

    /// Observers of the space that a message is about; of one about none, those of any space of its session.
    private func watchers(of message: Message, _ session: Session) -> [SessionHandle] {
        if let id = message.address?.spaceID ?? message.body.spaceID, let number = spaceNumbers[id] {
            // Somebody who names a space that he is not in is seen by those who watch him.
            if session.spaces.contains(number) { return spaces[number].observers }
        }
        if session.spaces.count == 1 { return spaces[session.spaces[0]].observers }
        return Set(session.spaces.flatMap { spaces[$0].observers }).sorted()
    }
}

extension Message.Body {
    /// What proves somebody is nobody else's business.
    fileprivate var withoutSecrets: Message.Body {
        guard case .payload(let payload) = self else { return self }
        switch payload {
        case .connect(var connect):
            connect.auth = nil
            return .payload(.connect(connect))
        case .authRequest(var request):
            request.credentials = []
            request.signature = nil
            return .payload(.authRequest(request))
        case .authResponse(var response):
            response.token = []
            return .payload(.authResponse(response))
        case .challengeResponse(var response):
            response.proof = []
            return .payload(.challengeResponse(response))
        default: return self
        }
    }

    /// The space that a payload names.
    fileprivate var spaceID: UUID? {
        guard case .payload(let payload) = self else { return nil }
        return switch payload {
        case .stateSync(let sync): sync.spaceID
        case .stateRequest(let request): request.spaceID
        case .stateResponse(let response): response.sync?.spaceID
        case .deltaUpdate(let update): update.sync.spaceID
        case .conflictResolve(let resolution): resolution.spaceID
        default: nil
        }
    }
}
