import SpatioSession
import SpatioWire

/// Relayed messages whose answer is awaited.
struct RelayTable: Sendable {
    struct Pending: Sendable {
        /// Who is waiting, and the number that he gave.
        var asker: SessionHandle
        var requestID: UInt32
        /// Who has to answer.
        var relay: SessionHandle
    }

    private var pending: [UInt32: Pending] = [:]
    private var number: UInt32 = 0

    var count: Int { pending.count }

    func isPending(_ number: UInt32) -> Bool { pending[number] != nil }

    /// The number under which it is passed on.
    mutating func add(_ entry: Pending) -> UInt32 {
        repeat { number &+= 1 } while pending[number] != nil
        pending[number] = entry
        return number
    }

    mutating func take(_ number: UInt32, from relay: SessionHandle? = nil) -> Pending? {
        guard let entry = pending[number], relay == nil || entry.relay == relay else { return nil }
        pending[number] = nil
        return entry
    }
}

extension SpaceServer {
    /// Nanoseconds that a relay has for its answer.
    private static let relayPatience: Int64 = 5_000_000_000

    /// Passes a message on to a client that is here, or to a relay that may know where it is.
    mutating func relay(_ request: RelayRequest, from handle: SessionHandle) {
        guard let session = sessions[handle] else { return }
        let asked = Payload.relayRequest(request)
        guard request.source == session.clientID || session.connect.role == .relay else {
            return fault(handle, .unauthorized, "a client relays for itself only", answerTo: asked)
        }
        guard !session.isObserver else {
            return fault(handle, .unauthorized, "an observer sends nothing to others", answerTo: asked)
        }
        guard sessions[handle]?.broadcasts.take(at: now.monotonic) ?? false else {
            return fault(handle, .rateLimited, "too many messages for others", answerTo: asked)
        }
        guard Self.isOneMessage(request.payload) else {
            return fault(handle, .invalidMessage, "what is relayed is one whole message", answerTo: asked)
        }
        guard request.ttl > 0 else { return refuse(request, .relayFailed, to: handle) }
        var lowered = request
        lowered.ttl -= 1
        if let target = clients[request.target], sharesSpace(handle, target) {
            send(.relayRequest(lowered), .control, to: target)
            respond(request, .success, hops: 1, to: handle)
        } else if lowered.ttl > 0, relays.count < plan.limits.pendingRelays,
            let relay = others(than: handle).first(where: { sessions[$0]?.connect.role == .relay })
        {
            lowered.requestID = relays.add(
                RelayTable.Pending(asker: handle, requestID: request.requestID, relay: relay))
            add(.relay(lowered.requestID), at: now.monotonic + Self.relayPatience)
            send(.relayRequest(lowered), .control, to: relay)
        } else {
            refuse(request, .peerUnreachable, to: handle)
        }
    }

    private static func isOneMessage(_ octets: [UInt8]) -> Bool {
        octets.withUnsafeBytes { (try? Envelope.decode($0))?.size == $0.count }
    }

    private func sharesSpace(_ first: SessionHandle, _ second: SessionHandle) -> Bool {
        guard let one = sessions[first], let other = sessions[second] else { return false }
        return one.spaces.contains { other.spaces.contains($0) }
    }

    /// A relay's answer goes to whom it concerns, one hop longer. What nobody waits for is dropped: a target may answer
    /// what the server has answered for it.
    mutating func take(_ response: RelayResponse, from handle: SessionHandle) {
        guard let pending = relays.take(response.requestID, from: handle) else { return }
        var passed = response
        passed.requestID = pending.requestID
        passed.hops = response.hops == .max ? .max : response.hops + 1
        if sessions[pending.asker] != nil { send(.relayResponse(passed), .control, to: pending.asker) }
    }

    /// A relay has not answered.
    mutating func giveUp(relay number: UInt32) {
        guard let pending = relays.take(number), sessions[pending.asker] != nil else { return }
        let response = RelayResponse(requestID: pending.requestID, code: .timeout, relayID: serverID, hops: 1)
        send(.relayResponse(response), .control, to: pending.asker)
    }

    /// Says that a request got no further than here.
    mutating func refuse(_ request: RelayRequest, _ code: ErrorCode, to handle: SessionHandle) {
        respond(request, code, hops: 0, to: handle)
    }

    private mutating func respond(_ request: RelayRequest, _ code: ErrorCode, hops: UInt8, to handle: SessionHandle) {
        send(
            .relayResponse(RelayResponse(requestID: request.requestID, code: code, relayID: serverID, hops: hops)),
            .control, to: handle)
    }
}
