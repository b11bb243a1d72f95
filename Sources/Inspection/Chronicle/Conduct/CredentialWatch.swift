import SpatioSession
import SpatioWire

/// Finds credentials that were refused, that everybody could read, and proofs that were used twice (profile section 6).
struct CredentialWatch {
    /// What a client asked for when it connected.
    private struct Offer {
        var level: SecurityLevel
        var hasCredentials: Bool
    }

    /// A message that carried a token: the same token in the same kind of message of a session is told of once, because
    /// a client repeats its CONNECT behind a CHALLENGE.
    private struct Carrier: Hashable {
        var session: Int
        var type: UInt8
    }

    /// By index of the session, which the model bounds.
    private var offers: [Int: Offer] = [:]
    /// Hashes of tokens: nobody needs the tokens themselves.
    private var tokens: [Carrier: Int] = [:]
    private var proofs = ProofTable()

    /// Octets of HMAC-SHA256, which proves a token instead of sending it.
    private static let proofSize = 32
    /// Tokens of different messages that are remembered; beyond it the same one may be told of again.
    private static let tokenLimit = 65_536

    mutating func take(
        _ sender: Sender, _ header: MessageHeader, _ arrival: borrowing MessageArrival,
        _ outcome: inout MessageOutcome, _ model: borrowing Model
    ) {
        switch outcome.payload {
        case .connect(let connect)?:
            let level = connect.config.securityLevel
            let hasCredentials = connect.auth.map { $0.method != .none } ?? false
            offers[sender.session] = Offer(level: level, hasCredentials: hasCredentials)
            if let auth = connect.auth { look(at: auth, level, sender, header, arrival, &outcome, model) }
        case .authRequest(let auth)?:
            let level = level(of: sender.session, model)
            offers[sender.session]?.hasCredentials = auth.method != .none
            look(at: auth, level, sender, header, arrival, &outcome, model)
        case .connectAck(let ack)? where ack.code.isRefusal:
            // To somebody who brought no credentials it only says that some are needed.
            if ack.code == .unauthorized, offers[sender.session]?.hasCredentials == false { return }
            refuse(ack.code, ack.reason, sender, arrival, &outcome, model)
        case .authResponse(let response)? where response.code.isRefusal:
            refuse(response.code, response.reason, sender, arrival, &outcome, model)
        case .authResponse(let response)? where !response.token.isEmpty:
            reveal(response.token, "a token for", sender, header, arrival, &outcome, model)
        default: break
        }
    }

    /// What client and server have agreed on, as far as it is known: the higher of what each asked for.
    private func level(of session: Int, _ model: borrowing Model) -> SecurityLevel? {
        let agreed = model.sessions[session].security
        guard let offer = offers[session] else { return agreed == .none ? nil : agreed }
        return offer.level.rawValue > agreed.rawValue ? offer.level : agreed
    }

    private func refuse(
        _ code: ErrorCode, _ reason: String, _ sender: Sender, _ arrival: borrowing MessageArrival,
        _ outcome: inout MessageOutcome, _ model: borrowing Model
    ) {
        let session = model.sessions[sender.session]
        let name = model.name(of: sender.direction.opposite, of: session)
        outcome.find(.authenticationFailure, arrival) {
            "\(name) was refused with \(code)" + (reason.isEmpty ? "" : ": \"\(SuspicionText.name(reason))\"")
        }
    }

    /// - Parameter level: of the session, as far as it is known.
    private mutating func look(
        at auth: AuthRequest, _ level: SecurityLevel?, _ sender: Sender, _ header: MessageHeader,
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model
    ) {
        guard auth.method == .token, !auth.credentials.isEmpty else { return }
        let isToken = level.map { $0 == .none } ?? (auth.credentials.count != Self.proofSize)
        if isToken {
            reveal(auth.credentials, "the token of", sender, header, arrival, &outcome, model)
        } else if let first = proofs.use(auth, in: sender.session, message: arrival.number) {
            let name = model.name(of: sender.direction, of: model.sessions[sender.session])
            outcome.find(.replay, arrival) {
                "\(name) proves a token with what message \(first) has used in another session"
            }
        }
    }

    private mutating func reveal(
        _ token: [UInt8], _ what: String, _ sender: Sender, _ header: MessageHeader,
        _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome, _ model: borrowing Model
    ) {
        guard !header.flags.contains(.encrypted) else { return }
        let carrier = Carrier(session: sender.session, type: header.type.rawValue)
        guard tokens[carrier] != token.hashValue else { return }
        if tokens.count >= Self.tokenLimit { tokens.removeAll() }
        tokens[carrier] = token.hashValue
        let name = model.name(of: .client, of: model.sessions[sender.session])
        outcome.find(.clearTextCredentials, arrival) {
            "\(what) \(name) stands in \(header.type) for everybody to read (\(token.count) octets)"
        }
    }
}

/// Proofs of tokens that were used: HMAC-SHA256(token, client_id | timestamp) is taken once only.
private struct ProofTable {
    /// A server takes a proof within 30 s of its own clock, so older ones need not be remembered for long.
    private static let limit = 4096
    /// A proof has 32 octets; what is far longer is none.
    private static let largest = 256

    private var uses: [[UInt8]: (session: Int, message: Int)] = [:]
    private var order: [[UInt8]] = []
    private var oldest = 0

    /// The message that used a proof first, where that was another session. A client may repeat its CONNECT within one.
    mutating func use(_ auth: AuthRequest, in session: Int, message: Int) -> Int? {
        let proof = auth.credentials
        guard proof.count <= Self.largest else { return nil }
        if let first = uses[proof] { return first.session == session ? nil : first.message }
        uses[proof] = (session, message)
        if order.count < Self.limit {
            order.append(proof)
        } else {
            uses[order[oldest]] = nil
            order[oldest] = proof
            oldest = (oldest + 1) % Self.limit
        }
        return nil
    }
}

extension ErrorCode {
    /// A refusal for want of the right credentials or rights: AUTH_FAILED, UNAUTHORIZED, INVALID_SIGNATURE and
    /// TOKEN_EXPIRED.
    fileprivate var isRefusal: Bool { [0x40, 0x41, 0x43, 0x44].contains(rawValue) }
}
