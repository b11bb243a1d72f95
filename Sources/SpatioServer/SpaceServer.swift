import SpatioSession
import SpatioWire

/// The reference server of spaces: sessions and their messages go in, commands come out. It does no I/O, knows no clock
/// and draws no random number: the same input gives the same commands.
///
/// It knows nothing of datagrams, keys and acknowledgements either. Who uses it tells it of every session that was let
/// in (`opened`), of what comes from it (`received`), and of its end (`closed`); calls `advance(to:)` when `deadline` has
/// come; and after each of these carries out what `nextCommand()` gives until that is nil.
///
/// Everything that clients can make it keep has a bound in `ServerLimits`. What they do wrong is logged, answered with
/// its code where the message has an answer, and changes nothing; who does it too often is disconnected.
public struct SpaceServer: Sendable {
    public let plan: ServerPlan
    /// The server's own number, among the peers too.
    public let serverID: UUID

    var spaces: [Space] = []
    var spaceNumbers: [UUID: Int] = [:]
    var sessions: [SessionHandle: Session] = [:]
    /// Of sessions with the same client the last one: who comes back finds himself.
    var clients: [UUID: SessionHandle] = [:]
    var observerCount = 0
    var due = DueQueue<Due>()
    var manifests = ManifestTable()
    var relays = RelayTable()
    /// Numbers what is made anew.
    var generation: UInt64 = 0
    var now: Moment
    private var commands = Fifo<ServerCommand>()

    /// What is to be done at some time.
    enum Due: Sendable {
        case subscription(SessionHandle, id: UInt32, generation: UInt64)
        case resync(SessionHandle)
        case relay(UInt32)
    }

    public init(_ plan: ServerPlan, serverID: UUID, at now: Moment) {
        self.plan = plan
        self.serverID = serverID
        self.now = now
        for space in plan.spaces where spaceNumbers[space.id] == nil {
            spaceNumbers[space.id] = spaces.count
            spaces.append(Space(space, plan.limits, writer: serverID))
        }
        for manifest in plan.extensions { manifests.register(manifest, by: nil) }
    }

    // MARK: Commands

    /// What is to be done next; nil: nothing before the next input.
    public mutating func nextCommand() -> ServerCommand? { commands.popFirst() }

    mutating func send(_ payload: Payload, _ delivery: Delivery, to handle: SessionHandle) {
        commands.append(.send(payload, delivery, to: handle))
    }

    mutating func command(_ command: ServerCommand) { commands.append(command) }

    mutating func log(_ level: ServerEntry.Level, _ text: String, _ metadata: KeyValuePairs<String, String>) {
        commands.append(.log(ServerEntry(level, text, metadata)))
    }

    // MARK: Time

    /// Monotonic nanoseconds at which `advance(to:)` wants to be called; nil: never.
    public var deadline: Int64? { due.first }

    public mutating func advance(to now: Moment) {
        self.now = now
        while let (_, task) = due.next(at: now.monotonic) {
            switch task {
            case .subscription(let handle, let id, let generation): tell(handle, id, generation)
            case .resync(let handle): resync(handle)
            case .relay(let number): giveUp(relay: number)
            }
        }
    }

    /// Adds something to be done, and drops what need not be done any more when that is most of what waits.
    mutating func add(_ task: Due, at time: Int64) {
        due.add(task, at: time)
        let live = sessions.count * (1 + plan.limits.subscriptionsPerSession) + plan.limits.pendingRelays
        guard due.count > 2 * live else { return }
        due.removeAll { task in
            switch task {
            case .subscription(let handle, let id, let generation):
                sessions[handle]?.subscriptions[id]?.generation != generation
            case .resync(let handle): sessions[handle] == nil
            case .relay(let number): !relays.isPending(number)
            }
        }
    }

    // MARK: Messages

    /// - Parameter octets: what the whole message took on the wire
    public mutating func received(_ message: Message, octets: Int, from handle: SessionHandle, at now: Moment) {
        self.now = now
        guard let index = sessions.index(forKey: handle), case .payload(let payload) = message.body else { return }
        let time = now.monotonic
        guard sessions.values[index].messages.take(at: time), sessions.values[index].octets.take(octets, at: time)
        else {
            return fault(handle, .rateLimited, "more than the server lets a client send", answerTo: payload)
        }
        if sessions.values[index].isObserver, payload.isOfSpaces {
            return fault(handle, .unauthorized, "an observer sends no spatial or state message", answerTo: payload)
        }
        if let form = message.multicast, !isMember(handle, of: form.groupID) {
            return fault(handle, .unauthorized, "not a member of the multicast group", answerTo: payload)
        }
        take(payload, message, from: handle)
    }

    private mutating func take(_ payload: Payload, _ message: Message, from handle: SessionHandle) {
        switch payload {
        case .spatialUpdate(let update): take(update, message, from: handle)
        case .spatialQuery(let query): answer(query, message, to: handle)
        case .boundUpdate(let update): take(update, message, from: handle)
        case .regionSubscribe(let subscription): subscribe(subscription, message, handle)
        case .deltaUpdate(let update): write(update.sync, base: update.baseVersion, payload, from: handle)
        case .stateSync(let sync) where sync.delta && sync.version > 0:
            write(sync, base: sync.version - 1, payload, from: handle)
        case .stateSync: fault(handle, .invalidState, "only the server says what the whole state is")
        case .stateRequest(let request): answer(request, to: handle)
        case .peerDiscover(let config): discover(config, from: handle)
        case .peerAnnounce(let announce): take(announce, from: handle)
        case .peerLeave(let leave): take(leave, from: handle)
        case .relayRequest(let request): relay(request, from: handle)
        case .relayResponse(let response): take(response, from: handle)
        case .extension(let header): take(header, message, from: handle)
        case .custom: passOn(payload, message, from: handle)
        case .spatialResponse, .stateResponse, .conflictResolve:
            fault(handle, .protocolError, "only a server sends this")
        // The session's own business, and what nobody can know how to handle.
        case .connect, .connectAck, .disconnect, .ping, .pong, .authRequest, .authResponse, .keyExchange, .challenge,
            .challengeResponse, .unknown:
            break
        }
    }

    // MARK: Faults

    /// Something that a client did wrong: it is logged, answered where it has an answer, and counted.
    mutating func fault(_ handle: SessionHandle, _ code: ErrorCode, _ reason: String, answerTo payload: Payload? = nil)
    {
        guard let index = sessions.index(forKey: handle) else { return }
        guard sessions.values[index].faults.take(at: now.monotonic) else {
            return end(handle, ErrorCategory(of: code), code, "too many wrong messages, at last: \(reason)")
        }
        log(
            .warning, "message refused",
            ["session": "\(sessions.values[index].id)", "code": code.description, "reason": reason])
        switch payload {
        case .spatialQuery(let query):
            send(
                .spatialResponse(SpatialResponse(queryID: query.queryID, code: code, results: [])), .answer, to: handle)
        case .stateRequest(let request):
            send(.stateResponse(StateResponse(requestID: request.requestID, code: code, sync: nil)), .state, to: handle)
        case .relayRequest(let request): refuse(request, code, to: handle)
        default: break
        }
    }
}

extension Payload {
    /// It is one of the spatial or state messages.
    fileprivate var isOfSpaces: Bool { type.map { (0x10...0x2F).contains($0.rawValue) } ?? false }
}

extension Delivery {
    /// Answers to queries: they are small and must arrive, in any order.
    static let answer = Delivery(stream: 1, reliable: true)
    /// Versions must come one behind the other.
    static let state = Delivery(stream: 2, reliable: true, ordered: true, priority: .high, compresses: true)
    /// What peers say of each other.
    static let control = Delivery(stream: 0, reliable: true)
}
