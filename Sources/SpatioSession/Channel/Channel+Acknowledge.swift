import SpatioWire

extension Channel {
    private static let nanosecondsPerMicrosecond: Int64 = 1000

    /// Takes what the answer to a PING says: the time there and back, the other end's flow control, what has arrived, and
    /// what has been lost. An answer that cannot be true changes nothing.
    mutating func acknowledge(_ pong: Pong) {
        guard let record = pings.record(pong.pingID) else { return }
        var seen: Set<UInt32> = []
        var rangeCount = 0
        for ack in pong.acks {
            rangeCount += ack.missing.count
            guard seen.insert(ack.streamID).inserted, rangeCount <= MissingSequences.rangeLimit,
                let stream = outgoing[ack.streamID], !stream.position.precedes(ack.cumulative)
            else { return refuse(.invalidMessage, "a PONG acknowledges what was never sent") }
        }
        pings.end(pong.pingID)
        peerFlow = pong.flow
        let elapsed = clock - record.sentAt - Int64(pong.holdTime) * Self.nanosecondsPerMicrosecond
        if elapsed >= 0 {
            roundTrip.add(elapsed)
            events.append(.roundTrip(elapsed))
        }
        var loss: (sent: Int, lost: Int) = (0, 0)
        for ack in pong.acks {
            guard let position = record.positions[ack.streamID] else { continue }
            let missing = MissingSequences(ack)
            windowUsed -= outgoing[ack.streamID]?.unacknowledged.acknowledge(before: position, missing) ?? 0
            // On the control stream, PINGs overtake what waits for the window: what is missing there may not be lost.
            guard ack.streamID != 0, let measured = outgoing[ack.streamID]?.measure(missing, position) else { continue }
            loss.sent += measured.sent
            loss.lost += measured.lost
        }
        observe(loss)
        admitWaiting()
    }

    private mutating func observe(_ messages: (sent: Int, lost: Int)) {
        guard let loss = lossMeter.add(sent: messages.sent, lost: messages.lost, at: clock, roundTrip) else { return }
        let seconds = Double(max(clock - measuredAt, 1)) * 1e-9
        let sent = Double(counters.octetsSent - measuredOctets) / seconds
        measuredAt = clock
        measuredOctets = counters.octetsSent
        limiter.observe(loss: loss, threshold: Double(peerFlow.congestionThreshold), sent: sent, at: clock)
    }
}
