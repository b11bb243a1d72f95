import SpatioSession
import SpatioWire

extension SpaceServer {
    /// What a client is told in CONNECT_ACK beside the session's own matters, or why it may not come in.
    public enum Admission: Hashable, Sendable {
        case accepted(spaces: [SpaceInfo], groups: [MulticastGroup], extensions: [ExtensionOffer])
        case refused(ErrorCode, reason: String)
    }

    /// Whether a client may come in.
    /// - Parameter granted: spaces that its token opens; nil: all
    public func admission(of connect: Connect, granted: [UUID]? = nil) -> Admission {
        if connect.role == .observer {
            guard connect.config.capabilities.contains(.observer) else {
                return .refused(.protocolError, reason: "the role OBSERVER needs the capability OBSERVER")
            }
            guard observerCount < plan.limits.observers else {
                return .refused(.bandwidthExceeded, reason: "the server has as many observers as it can serve")
            }
        }
        let numbers = numbers(for: connect, granted)
        guard !numbers.isEmpty else {
            return .refused(
                .unauthorized, reason: connect.spaces.isEmpty ? "no space is open to you" : "none of the spaces is open"
            )
        }
        return .accepted(
            spaces: numbers.map { spaces[$0].info }, groups: numbers.flatMap { spaces[$0].plan.groups },
            extensions: connect.extensions.compactMap { manifests.offer($0.extensionID) })
    }

    private func numbers(for connect: Connect, _ granted: [UUID]?) -> [Int] {
        let wanted = Set(connect.spaces)
        let open = granted.map(Set.init)
        return spaces.indices.filter { number in
            let id = spaces[number].plan.id
            return (wanted.isEmpty || wanted.contains(id)) && open?.contains(id) ?? true
        }
    }

    /// A client was let in and can be sent to.
    /// - Parameters:
    ///   - sessionID: as CONNECT_ACK says it
    ///   - granted: as for `admission(of:granted:)`
    ///   - hasToken: it proved itself with a token, which opens groups with access by TOKEN
    public mutating func opened(
        _ handle: SessionHandle, sessionID: UUID, connect: Connect, granted: [UUID]? = nil, hasToken: Bool = false,
        at now: Moment
    ) {
        self.now = now
        guard sessions[handle] == nil else { return }
        let session = Session(
            handle, id: sessionID, connect: connect, hasToken: hasToken, spaces: numbers(for: connect, granted),
            plan: plan, at: now.monotonic)
        sessions[handle] = session
        if session.isObserver { observerCount += 1 } else { clients[session.clientID] = handle }
        log(
            .info, "session opened",
            [
                "session": "\(sessionID)", "client": "\(session.clientID)", "name": connect.name,
                "role": connect.role.name,
                "spaces": session.spaces.map { spaces[$0].plan.name }.joined(separator: ","),
            ])
        introduceExtensions(to: session)
        for number in session.spaces {
            if session.isObserver {
                spaces[number].observers.append(handle)
            } else {
                spaces[number].members.append(handle)
            }
            // An observer is told once what there is, so that what it sees later has names; the rest it is shown as others
            // are told of it.
            sendFullState(of: number, to: handle)
            for region in spaces[number].regions {
                send(.boundUpdate(region.update), delivery(of: region.update, in: number), to: handle)
            }
        }
    }

    /// A session is over, whoever ended it. One that is over already changes nothing.
    public mutating func closed(
        _ handle: SessionHandle, _ code: ErrorCode, reason: String = "", at now: Moment
    ) {
        self.now = now
        forget(handle, code, reason)
    }

    /// A message could not be sent: the client has missed something and is told everything anew when it may have caught
    /// up.
    public mutating func lost(_ handle: SessionHandle) {
        guard let index = sessions.index(forKey: handle) else { return }
        sessions.values[index].held.removeAll()
        guard sessions.values[index].resyncs == nil else { return }
        let time = now.monotonic + Self.resyncDelay
        sessions.values[index].resyncs = time
        add(.resync(handle), at: time)
    }

    /// A second: what waits for a client that still listens has gone out by then.
    static let resyncDelay: Int64 = 1_000_000_000

    /// Tells every client that the server closes. Nothing may be asked of it afterwards.
    public mutating func shutDown(at now: Moment) {
        self.now = now
        for handle in sessions.keys.sorted() {
            command(.disconnect(handle, .none, .success, reason: "the server closes"))
        }
        if !sessions.isEmpty { log(.info, "server closes", ["sessions": "\(sessions.count)"]) }
        sessions.removeAll()
        clients.removeAll()
        for number in spaces.indices {
            spaces[number].members.removeAll()
            spaces[number].observers.removeAll()
        }
        due = DueQueue()
    }

    /// Sends a client away.
    mutating func end(_ handle: SessionHandle, _ category: ErrorCategory, _ code: ErrorCode, _ reason: String) {
        command(.disconnect(handle, category, code, reason: reason))
        forget(handle, code, reason)
    }

    private mutating func forget(_ handle: SessionHandle, _ code: ErrorCode, _ reason: String) {
        guard let session = sessions[handle] else { return }
        tellLeave(of: session, code, reason)
        sessions[handle] = nil
        if session.isObserver {
            observerCount -= 1
        } else if clients[session.clientID] == handle {
            clients[session.clientID] = nil
        }
        for number in session.spaces {
            spaces[number].members.removeAll { $0 == handle }
            spaces[number].observers.removeAll { $0 == handle }
            spaces[number].regions.removeAll { $0.owner == handle }
            for group in spaces[number].plan.groups {
                spaces[number].groupMembers[group.groupID]?.removeAll { $0 == handle }
            }
        }
        for (number, slots) in session.places {
            for slot in slots.sorted() {
                guard let place = spaces[number].places[slot], place.owner == handle else { continue }
                if place.isFixture { spaces[number].places.release(slot) } else { spaces[number].places.remove(slot) }
            }
        }
        manifests.forget(handle)
        log(
            .info, "session closed",
            ["session": "\(session.id)", "client": "\(session.clientID)", "code": code.description, "reason": reason])
    }

    // MARK: Who is where

    /// The number of the space that a message of a session is about: that of its address, or the only one there is.
    func space(of message: Message, _ handle: SessionHandle) -> Int? {
        guard let session = sessions[handle] else { return nil }
        guard let address = message.address else { return session.spaces.count == 1 ? session.spaces[0] : nil }
        return space(address.spaceID, of: session)
    }

    /// The number of a space that a session has joined.
    func space(_ id: UUID, of session: Session) -> Int? {
        spaceNumbers[id].flatMap { session.spaces.contains($0) ? $0 : nil }
    }

    /// The other participants in a space, or in any that a session has joined; in the order in which they came.
    func others(than handle: SessionHandle, in number: Int? = nil) -> [SessionHandle] {
        guard let session = sessions[handle] else { return [] }
        let numbers = number.map { [$0] } ?? session.spaces
        guard numbers.count > 1 else {
            return numbers.first.map { spaces[$0].members.filter { $0 != handle } } ?? []
        }
        return Set(numbers.flatMap { spaces[$0].members }).filter { $0 != handle }.sorted()
    }
}
