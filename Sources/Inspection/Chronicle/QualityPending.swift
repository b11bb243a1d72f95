import SpatioSession
import SpatioWire

/// Requests that wait for their response.
///
/// Like a PING, one whose number comes again, or which itself was sent again, gives no sample: nobody can say which of
/// them was answered (Karn).
struct PendingResponses {
    private struct Key: Hashable {
        /// Mirrored copies go with those of their own observer.
        var flow: Int
        var session: Int
        var kind: DelaySample.Kind
        var asker: Direction
        var id: UInt32
    }

    private struct Request {
        var time: Int64
        var stream: Int
        var isUsable: Bool
    }

    private struct Place: Hashable {
        var stream: Int
        var sequence: UInt32
    }

    private var requests: [Key: Request] = [:]
    /// Which request a sequence was, so that its repetition is known for one.
    private var places: [Place: Key] = [:]
    /// In the order in which they came; the first of them are forgotten when there are too many.
    private var order: [(key: Key, place: Place)] = []
    private var oldest = 0

    /// Takes a message in; the sample where it answers a request.
    mutating func take(
        _ arrival: borrowing MessageArrival, _ outcome: borrowing MessageOutcome, flow: Int
    ) -> DelaySample? {
        guard let stream = outcome.stream, let session = outcome.session, let sender = outcome.direction,
            let header = outcome.header
        else { return nil }
        guard let payload = outcome.payload else {
            // Nothing new in it: a copy of something that came before.
            if let key = places[Place(stream: stream, sequence: header.sequence)] { requests[key]?.isUsable = false }
            return nil
        }
        func key(_ kind: DelaySample.Kind, _ id: UInt32, asker: Direction) -> Key {
            Key(flow: flow, session: session, kind: kind, asker: asker, id: id)
        }
        func ask(_ kind: DelaySample.Kind, _ id: UInt32) {
            add(
                key(kind, id, asker: sender),
                Request(
                    time: arrival.time, stream: stream, isUsable: !header.flags.contains(.retransmit)),
                Place(stream: stream, sequence: header.sequence))
        }
        func answer(_ kind: DelaySample.Kind, _ id: UInt32) -> DelaySample? {
            guard let request = requests[key(kind, id, asker: sender.opposite)], request.isUsable else { return nil }
            requests[key(kind, id, asker: sender.opposite)]?.isUsable = false
            let elapsed = Double(arrival.time &- request.time) / 1e6
            guard elapsed >= 0 else { return nil }
            return DelaySample(
                time: arrival.time, message: arrival.number, stream: UInt32(request.stream),
                milliseconds: Float(elapsed), kind: kind)
        }
        switch payload {
        case .spatialQuery(let query): ask(.query, query.queryID)
        case .spatialResponse(let response): return answer(.query, response.queryID)
        case .stateRequest(let request): ask(.state, request.requestID)
        case .stateResponse(let response): return answer(.state, response.requestID)
        case .relayRequest(let request): ask(.relay, request.requestID)
        case .relayResponse(let response): return answer(.relay, response.requestID)
        case .connect: ask(.connect, 0)
        // It answers a CONNECT, after which another one asks anew.
        case .challenge: requests[key(.connect, 0, asker: sender.opposite)] = nil
        case .connectAck: return end(answer(.connect, 0), key(.connect, 0, asker: sender.opposite))
        case .authRequest: ask(.authentication, 0)
        case .authResponse: return end(answer(.authentication, 0), key(.authentication, 0, asker: sender.opposite))
        case .keyExchange(let exchange):
            // Either side offers; the other one's of the same epoch is the answer.
            if requests[key(.keys, UInt32(exchange.epoch), asker: sender.opposite)] != nil {
                return answer(.keys, UInt32(exchange.epoch))
            }
            ask(.keys, UInt32(exchange.epoch))
        default: break
        }
        return nil
    }

    /// What has no number of its own may be asked again after its answer.
    private mutating func end(_ sample: DelaySample?, _ key: Key) -> DelaySample? {
        requests[key] = nil
        return sample
    }

    private mutating func add(_ key: Key, _ request: Request, _ place: Place) {
        guard requests[key] == nil else {
            requests[key]?.isUsable = false
            return
        }
        requests[key] = request
        places[place] = key
        order.append((key, place))
        guard order.count - oldest > QualityChronicle.Limits.pending else { return }
        requests[order[oldest].key] = nil
        places[order[oldest].place] = nil
        oldest += 1
        if oldest > QualityChronicle.Limits.pending {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
