import SpatioWire

/// Cuts the octets of a byte stream into messages, which may arrive in any pieces. It keeps no more than one message
/// that is not whole yet.
struct StreamFramer: Sendable {
    private var pending: [UInt8] = []
    /// Below so many octets another look at what is pending finds nothing new.
    private var wanted = 0
    /// Everything before the payload of the pending message is here.
    private var isInPayload = false
    private var limit: Int

    /// Room for what a message has beside its payload: two extensions of the largest size.
    private static let roomForParts = 2 * 65_536

    /// - Parameter messageSize: octets of the largest payload.
    init(messageSize: Int) { limit = messageSize + Self.roomForParts }

    var pendingOctets: Int { pending.count }

    mutating func set(messageSize: Int) { limit = messageSize + Self.roomForParts }

    /// Hands over every whole message; false from `body` stops it.
    ///
    /// - Throws: why no message can begin where one has to: nothing behind it can be told apart any more.
    mutating func add(
        _ octets: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Envelope) -> Bool
    ) throws(DecodeError) {
        guard !pending.isEmpty else {
            let taken = try take(from: octets, body)
            pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: octets[taken...]))
            return
        }
        pending.append(contentsOf: octets)
        guard pending.count >= wanted else { return }
        var whole: [UInt8] = []
        swap(&whole, &pending)
        let taken = try whole.withOctets { (whole) throws(DecodeError) in try take(from: whole, body) }
        if taken < whole.count {
            whole.removeFirst(taken)
            swap(&whole, &pending)
        }
    }

    /// Octets of the whole messages at the beginning.
    private mutating func take(
        from octets: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Envelope) -> Bool
    ) throws(DecodeError) -> Int {
        var offset = 0
        wanted = 0
        while offset < octets.count {
            let rest = UnsafeRawBufferPointer(rebasing: octets[offset...])
            let envelope: Envelope
            do throws(DecodeError) {
                envelope = try Envelope.decode(rest)
            } catch {
                try expectRest(of: rest, error)
                return offset
            }
            guard envelope.size <= limit else { throw DecodeError(.tooLarge, at: 0, "\(envelope.size) octets") }
            offset += envelope.size
            isInPayload = false
            guard body(rest, envelope) else { return offset }
        }
        return offset
    }

    /// More octets can only help where they ran out.
    private mutating func expectRest(of octets: UnsafeRawBufferPointer, _ error: DecodeError) throws(DecodeError) {
        guard error.reason == .truncated || error.reason == .countPastEnd else { throw error }
        let isPayloadCut = error.reason == .truncated && error.stated != nil
        if isPayloadCut { isInPayload = true }
        let stated = error.stated ?? 0
        // What precedes a payload is looked at again with each piece: there must not be much of it.
        let most = isInPayload ? limit : Self.roomForParts
        guard octets.count < most, stated <= UInt64(limit) else {
            throw DecodeError(.tooLarge, at: error.offset, "\(max(stated, UInt64(octets.count))) octets")
        }
        wanted = isPayloadCut ? error.offset + 1 + Int(stated) : octets.count + 1
    }
}
