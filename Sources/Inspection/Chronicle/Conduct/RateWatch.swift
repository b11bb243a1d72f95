import SpatioSession
import SpatioWire

/// Finds who sends more octets a second than the other end allows (FlowControl.rate_limit), and peers that say so.
///
/// Octets of messages are counted in whole seconds of the capture's clock, over all streams that a sender has on one
/// flow. Once is a burst that a queue may have made; twice in a row is a sender that does not keep to it.
struct RateWatch {
    /// How much more is not worth a word: what was meant to be sent a moment before the second began.
    static let tolerance = 1.1
    /// Seconds in a row.
    static let seconds = 2
    /// Streams that are added up for one sender; one with more is an attack on whoever adds.
    private static let streamLimit = 256
    /// Nanoseconds between findings of what a peer says: every answer of a server may say it.
    private static let pause: Int64 = 1_000_000_000

    private struct Record {
        /// The second that goes on, since the Unix epoch.
        var second: Int64
        /// Seconds before it that were over the limit without a break.
        var run = 0
    }

    /// By end of a session, which the model bounds.
    private var records: [Int: Record] = [:]
    private var told: [Int: Int64] = [:]

    mutating func take(
        _ sender: Sender, _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome,
        _ model: borrowing Model
    ) {
        if let code = outcome.payload?.code, code.isAboutRates {
            tell(code, sender, arrival, &outcome, model)
        }
        let limit = model.sessions[sender.session].rateLimit(of: sender.direction)
        guard limit > 0 else { return }
        let second = arrival.time / 1_000_000_000
        guard var record = records[sender.end] else {
            records[sender.end] = Record(second: second)
            return
        }
        guard second > record.second else { return }
        let octets = Self.octets(inSecond: record.second, sender, model)
        record.run = Double(octets) > Double(limit) * Self.tolerance ? record.run + 1 : 0
        let isFound = record.run == Self.seconds
        // A second without a message is one within the limit.
        if second > record.second + 1 { record.run = 0 }
        record.second = second
        records[sender.end] = record
        guard isFound else { return }
        let name = model.name(of: sender.direction, of: model.sessions[sender.session])
        outcome.find(.rateLimit, arrival) {
            "\(name) sent \(octets) octets in a second, and too many in the one before; it may send \(limit)"
        }
    }

    private static func octets(inSecond second: Int64, _ sender: Sender, _ model: borrowing Model) -> Int {
        let streams = model.sessions[sender.session].streams
        guard streams.count <= streamLimit else { return 0 }
        let flow = model.streams[sender.stream].flow
        return streams.reduce(0) { sum, index in
            guard model.streams[index].direction == sender.direction, model.streams[index].flow == flow else {
                return sum
            }
            return sum + model.streams[index].rate.octets(inSecond: second)
        }
    }

    private mutating func tell(
        _ code: ErrorCode, _ sender: Sender, _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome,
        _ model: borrowing Model
    ) {
        let time = arrival.time
        guard told[sender.end].map({ time - $0 > Self.pause }) ?? true else { return }
        told[sender.end] = time
        let session = model.sessions[sender.session]
        let teller = model.name(of: sender.direction, of: session)
        let other = model.name(of: sender.direction.opposite, of: session)
        outcome.find(.rateLimit, arrival) { "\(teller) says \(code) to \(other)" }
    }
}

extension ErrorCode {
    private static let bandwidthExceeded = ErrorCode(rawValue: 0x32)

    fileprivate var isAboutRates: Bool { self == .rateLimited || self == Self.bandwidthExceeded }
}

extension Payload {
    /// The code with which a message answers or ends something.
    fileprivate var code: ErrorCode? {
        switch self {
        case .disconnect(let disconnect): disconnect.code
        case .connectAck(let ack): ack.code
        case .spatialResponse(let response): response.code
        case .stateResponse(let response): response.code
        case .relayResponse(let response): response.code
        case .authResponse(let response): response.code
        case .peerLeave(let leave): leave.code
        default: nil
        }
    }
}
