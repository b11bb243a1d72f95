import Crypto
import SpatioWire

/// What comes from addresses that have no session.
extension Server {
    /// Takes a datagram of an address without a session.
    mutating func receive(
        _ octets: UnsafeRawBufferPointer, fromStranger address: PeerAddress, at now: Moment
    ) {
        if let farewell = farewells.answer(to: address, at: now) {
            reply(farewell, to: address)
            return
        }
        do throws(Refusal) {
            guard !address.isStream else { throw Refusal(.connectionFailed, "this connection is over") }
            guard !isClosing else { throw Refusal(.connectionFailed, "this server is closing") }
            if let challenge = try challenge(to: octets, address, at: now) {
                reply(challenge, to: address)
                return
            }
            try admit(at: now)
        } catch {
            drop(error, address)
            return
        }
        if let old = slots[address] {
            tellEnd(old, Closing(Refusal(.timeout, "silent, and its client connects anew"), byPeer: false))
            remove(old, at: now)
        }
        take(octets, begin(address, at: now), at: now)
    }

    /// Whether another handshake may begin.
    mutating func admit(at now: Moment) throws(Refusal) {
        guard !isClosing else { throw Refusal(.connectionFailed, "this server is closing") }
        guard handshakes.take(at: now.monotonic) else { throw Refusal(.rateLimited, "too many handshakes a second") }
        guard halfOpen < configuration.limits.halfOpen else {
            throw Refusal(.rateLimited, "too many handshakes at a time")
        }
    }

    /// What a datagram of an address without a session is answered with: a CHALLENGE, or nil where it has answered one
    /// already and brings CONNECT.
    private func challenge(
        to octets: UnsafeRawBufferPointer, _ address: PeerAddress, at now: Moment
    ) throws(Refusal) -> [UInt8]? {
        let messages: [Message]
        do throws(DecodeError) {
            messages = try Message.decodeDatagram(octets)
        } catch {
            throw Refusal(.invalidMessage, error.description)
        }
        var response: ChallengeResponse?
        var connect: Message?
        for message in messages {
            switch message.body {
            case .payload(.challengeResponse(let payload)): response = payload
            case .payload(.connect): connect = message
            default: continue
            }
        }
        guard let connect else {
            throw Refusal(.protocolError, "\(messages[0].header.type) of an address without a session")
        }
        if let response, cookie.isValid(response, from: address, at: now) { return nil }
        var header = MessageHeader(
            type: .challenge, streamID: 0, sequence: 0, timestamp: now.wall, priority: .critical)
        if configuration.checksums { header.flags.insert(.checksum) }
        // Whoever repeats is answered by a repetition.
        header.flags.formUnion(connect.header.flags.intersection(.retransmit))
        let challenge = Message(header: header, body: .payload(.challenge(cookie.challenge(for: address, at: now))))
        let answer = challenge.encoded()
        guard answer.count <= octets.count else { throw Refusal(.invalidMessage, "too short to be answered") }
        return answer
    }

    /// A session without CONNECT, for an address that is proved.
    mutating func begin(_ address: PeerAddress, at now: Moment) -> Int {
        let slot = freeSlots.popLast() ?? sessions.count
        if slot == sessions.count { sessions.append(nil) }
        let handle = SessionHandle(number: begun << Self.slotBits | UInt64(slot))
        begun += 1
        var options = ChannelOptions(direction: .server, isStream: address.isStream, flow: configuration.flow)
        options.datagramSize = configuration.datagramSize
        options.checksums = configuration.checksums
        var channel = Channel(options, at: now)
        // The CHALLENGE had the first one.
        if !address.isStream { _ = channel.takeSequence(on: 0) }
        channel.reportsTraffic = configuration.reportsTraffic
        var session = ServerSession(
            handle: handle, address: address, sessionID: sessionID(handle), channel: channel, lastHeard: now.monotonic)
        session.patience = now.monotonic + configuration.handshakeTimeout
        sessions[slot] = session
        slots[address] = slot
        hosts[address.host.counted, default: 0] += 1
        halfOpen += 1
        return slot
    }

    /// Version 8 of RFC 9562: nobody guesses it, and the same secret gives the same ones again.
    private func sessionID(_ handle: SessionHandle) -> UUID {
        var writer = WireWriter()
        writer.u64(handle.number)
        let code = HMAC<SHA256>.authenticationCode(for: writer.octets, using: identifierKey)
        let halves = code.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        return UUID(
            high: UInt64(bigEndian: halves.0) & ~0xF000 | 0x8000,
            low: UInt64(bigEndian: halves.1) & ~(0b11 << 62) | 0b10 << 62)
    }

    /// Sessions that there may be no more of, in all and of this host; the one that asks counts already.
    func crowding(_ address: PeerAddress) -> Refusal? {
        if slots.count > configuration.limits.sessions {
            return Refusal(.rateLimited, "this server has its \(configuration.limits.sessions) sessions")
        }
        if hosts[address.host.counted, default: 0] > configuration.limits.sessionsPerHost {
            return Refusal(.rateLimited, "\(configuration.limits.sessionsPerHost) sessions of one host are the most")
        }
        return nil
    }
}
