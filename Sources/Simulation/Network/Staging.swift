import Capture
import SpatioWire

/// What only the capture sees: it passes the capture point and arrives nowhere.
extension Network {
    /// - Parameter share: of the whole time.
    func plan(atShare share: Double, _ action: @escaping () -> Void) {
        plan(at: start + Int64(share * Double(end - start)), action)
    }

    func show(
        _ octets: [UInt8], _ messages: [Outgoing], from source: Endpoint, to destination: Endpoint,
        after milliseconds: Int = 0
    ) {
        recorder.record(
            Frames.udp(from: source, to: destination, octets), at: now + Int64(milliseconds) * 1_000_000,
            from: source, to: destination, messages)
    }
}

extension End {
    /// A message of its own that only the capture sees.
    ///
    /// - Parameter clockError: microseconds that its clock is ahead.
    @discardableResult
    func show(
        _ payload: Payload, _ form: Form = Form(), after milliseconds: Int = 0, clockError: UInt64 = 0
    ) -> Outgoing {
        let message = Message(
            header: MessageHeader(
                type: payload.type ?? .custom, flags: form.flags, streamID: form.stream,
                sequence: takeSequence(form.stream),
                timestamp: network.microseconds + UInt64(milliseconds) * 1000 + clockError), address: form.address,
            body: .payload(payload))
        let outgoing = Outgoing(plain: message, octets: message.encoded())
        network.show(outgoing.octets, [outgoing], from: local, to: remote, after: milliseconds)
        return outgoing
    }
}
