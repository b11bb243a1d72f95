import SpatioWire

extension Model {
    /// Counts a message that the snap length has cut, which is no fault of whoever sent it: it has come, and what it says
    /// is not known. Messages that were behind it in its packet are not known either: what is missing next in any stream of its
    /// way may be those, and is no loss.
    mutating func takeCut(_ arrival: MessageArrival, header: MessageHeader?, _ outcome: inout MessageOutcome) {
        counters.cut += 1
        defer { flows[arrival.flow].setLastCut(arrival.isForward, counters.messages) }
        outcome.header = header
        outcome.marks.insert(.partial)
        if header != nil { outcome.marks.insert(.hasHeader) }
        let source = arrival.isForward ? flows[arrival.flow].first : flows[arrival.flow].second
        guard let session = session(of: arrival.flow, from: source, time: arrival.time) else { return }
        let direction = sessions[session].direction(from: source)
        // What has extensions may belong to another session, whose sequences these are then.
        let known = header.flatMap { $0.flags.contains(.extensions) ? nil : $0 }
        let key = StreamKey(session: UInt32(session), streamID: known?.streamID, direction: direction)
        guard let stream = stream(key, arrival) else { return }
        outcome.stream = stream
        if let known {
            outcome.session = session
            outcome.direction = direction
            _ = count(arrival, known, size: outcome.size, session, stream, &outcome)
        } else {
            streams[stream].lastMessage = counters.messages
            streams[stream].lastTime = arrival.time
        }
    }
}

extension DecodeError {
    /// More octets might have helped.
    var isShortage: Bool {
        switch reason {
        case .truncated, .countPastEnd, .octetsAfterLastMessage: true
        default: false
        }
    }
}
