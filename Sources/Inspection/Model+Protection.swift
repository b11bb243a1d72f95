import SpatioSession
import SpatioWire

/// What is signed, sealed or in segments: a message's meaning that has to be opened first.
extension Model {
    /// The session whose keys protect a message, and who sent it there: that of the connection on which it came. What is
    /// mirrored is sealed anew for each observer.
    private mutating func protection(_ context: Meaning) -> (session: Int, direction: Direction) {
        // The stream's way, not the message's: in a replay the one is known by the other.
        let (flow, isForward) = (context.arrival.flow, streams[context.stream].isForward)
        let source = isForward ? flows[flow].first : flows[flow].second
        guard streams[context.stream].isMirrored,
            let session = session(of: flow, from: source, time: context.arrival.time)
        else { return (context.session, context.direction) }
        return (session, sessions[session].direction(from: source))
    }

    /// False when a signature is there and a key says that it is wrong.
    mutating func isAuthentic(
        _ arrival: MessageArrival, _ envelope: Envelope, _ context: Meaning, _ outcome: inout MessageOutcome
    ) -> Bool {
        guard envelope.header.flags.contains(.signed) else { return true }
        let (session, direction) = protection(context)
        noteSecurity(.sign, session)
        let verification = security.verify(
            arrival.octets, envelope, session: session, id: sessions[session].id, from: direction)
        guard verification == .wrong else { return true }
        outcome.marks.insert(.badSignature)
        outcome.find(.signature, arrival) { "the signature does not fit the message" }
        return false
    }

    mutating func openSealed(
        _ envelope: Envelope, _ context: inout Meaning, isNew: Bool, _ outcome: inout MessageOutcome
    ) {
        let (session, direction) = protection(context)
        noteSecurity(.encrypt, session)
        let opening = security.open(
            context.arrival.octets, envelope, session: session, id: sessions[session].id, from: direction)
        switch opening {
        case .noKey:
            counters.undecrypted += 1
            outcome.marks.insert(.undecrypted)
        case .wrong:
            counters.undecrypted += 1
            outcome.marks.formUnion([.undecrypted, .badSignature])
            outcome.find(.signature, context.arrival) { "the tag does not fit the sealed payload" }
        case .opened(let payload, let id, let isSwapped):
            if sessions[session].id == nil { identify(session, id, isSwapped: isSwapped) }
            outcome.marks.insert(.decrypted)
            outcome.opened = payload
            if isNew { applyOpened(payload, envelope, &context, &outcome) }
        }
    }

    private mutating func applyOpened(
        _ octets: [UInt8], _ envelope: Envelope, _ context: inout Meaning, _ outcome: inout MessageOutcome
    ) {
        let offset = envelope.payload.lowerBound
        do throws(DecodeError) {
            if let data = envelope.data, !data.isWhole || data.compression != .none {
                guard data.isWhole else {
                    assemble(octets, envelope, &context, &outcome)
                    return
                }
                let limit = sessions[context.session].sizeLimit
                if case .payload(let payload) = try wholeContent(octets, envelope, at: offset, limit: limit) {
                    apply(payload, &context, &outcome)
                }
                return
            }
            guard envelope.header.type.isKnown else { return }
            let payload = try octets.withOctets { (octets) throws(DecodeError) in
                try Payload.decode(envelope.header.type, octets, range: 0..<octets.count)
            }
            apply(payload, &context, &outcome)
        } catch {
            // It was authentic, so it counts in its stream; its meaning is lost.
            counters.malformed += 1
            outcome.marks.insert(.malformed)
            outcome.error = DecodeError(error.reason, at: offset + error.offset, error.detail)
            outcome.find(.malformed, context.arrival) { error.description }
        }
    }

    private mutating func noteSecurity(_ level: SecurityLevel, _ session: Int) {
        if sessions[session].state == .joined, sessions[session].security.rawValue < level.rawValue {
            sessions[session].security = level
        }
    }

    private mutating func identify(_ session: Int, _ id: UUID, isSwapped: Bool) {
        identities += 1
        sessions[session].id = id
        sessionsByID[id] = session
        guard isSwapped else { return }
        let client = sessions[session].client
        sessions[session].client = sessions[session].server
        sessions[session].server = client
        sessions[session].allowances.swap()
        sessions[session].outstanding.swap()
        sessions[session].isAcknowledged.swap()
        turnStreams(of: session)
    }

    /// A session turned round: its streams are found under their new direction.
    private mutating func turnStreams(of session: Int) {
        let own = sessions[session].streams
        for stream in own { streamTable.remove(stream) }
        for stream in own {
            streams[stream].direction = streams[stream].direction.opposite
            var key = streamTable.keys[stream]
            key.direction = streams[stream].direction
            streamTable.put(key, at: stream)
        }
        lastStream = nil
    }

    // MARK: Segments

    mutating func assemble(
        _ octets: [UInt8], _ envelope: Envelope, _ context: inout Meaning, _ outcome: inout MessageOutcome
    ) {
        guard let data = envelope.data,
            let whole = assembler.add(
                stream: UInt64(streams[context.stream].since), sequence: envelope.header.sequence, form: data,
                type: envelope.header.type, octets: octets)
        else { return }
        do throws(DecodeError) {
            let content = try whole.compression.decompress(
                whole.octets, limit: sessions[context.session].sizeLimit)
            counters.reassembled += 1
            outcome.marks.insert(.reassembled)
            outcome.reassembled = (whole.segments, .success(content))
            guard envelope.header.type.isKnown else { return }
            let payload = try content.withOctets { (content) throws(DecodeError) in
                try Payload.decode(envelope.header.type, content, range: 0..<content.count)
            }
            apply(payload, &context, &outcome)
        } catch {
            if outcome.reassembled == nil { outcome.reassembled = (whole.segments, .failure(error)) }
            counters.malformed += 1
            outcome.marks.insert(.malformed)
            outcome.error = DecodeError(
                error.reason, at: envelope.payload.lowerBound, "in the reassembled content: \(error.description)")
            outcome.find(.malformed, context.arrival) { "reassembled content: \(error.description)" }
        }
    }
}
