import SpatioWire

/// Finds protected messages that somebody sent again.
///
/// A network repeats a datagram within moments, and its sender repeats it with RETRANSMIT. A copy without that bit which
/// comes much later was recorded and sent again, to no effect on a receiver that drops what it knows. When it should
/// have come is told by its own time stamp and by how long the stream's messages take: the first arrivals need not be
/// remembered.
struct ReplayWatch {
    /// Nanoseconds: duplicates of networks come within milliseconds; a second is beyond any queue of one path that is
    /// overtaken by another.
    private static let bound: Int64 = 1_000_000_000
    /// Nanoseconds: a recording that is played again is one finding a second, not one a message.
    private static let pause: Int64 = 1_000_000_000

    private struct Stream {
        /// Nanoseconds from the stamp to the capture, of the newest message.
        var delay: Int64
        var found: Int64?
    }

    /// By index of the stream, which the model bounds; protected ones only.
    private var streams: [Int: Stream] = [:]

    mutating func take(
        _ sender: Sender, _ header: MessageHeader, _ arrival: borrowing MessageArrival, _ outcome: inout MessageOutcome
    ) {
        guard !header.flags.isDisjoint(with: [.signed, .encrypted]), !outcome.marks.contains(.badSignature) else {
            return
        }
        let delay = SenderClock.delay(captured: arrival.time, sent: header.timestamp)
        guard outcome.marks.contains(.duplicate) else {
            if outcome.marks.isDisjoint(with: [.reordered, .retransmit]) {
                streams[sender.stream, default: Stream(delay: delay)].delay = delay
            }
            return
        }
        guard let stream = streams[sender.stream] else { return }
        let late = delay - stream.delay
        let time = arrival.time
        guard late > Self.bound, stream.found.map({ time - $0 > Self.pause }) ?? true else { return }
        streams[sender.stream]?.found = time
        outcome.find(.replay, arrival) {
            "sequence \(header.sequence) of stream \(header.streamID) came again \(SuspicionText.seconds(late)) after it "
                + "was due, without RETRANSMIT"
        }
    }
}
