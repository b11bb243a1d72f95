import SpatioWire

/// Decodes a whole datagram.
func decodeDatagram(_ octets: [UInt8]) throws(DecodeError) -> [Message] {
    try octets.withOctets { (octets) throws(DecodeError) in try Message.decodeDatagram(octets) }
}

/// Decodes the message that the octets begin with.
func decodeMessage(_ octets: [UInt8]) throws(DecodeError) -> Message {
    try octets.withOctets { (octets) throws(DecodeError) in try Message.decode(octets).message }
}

func decodeEnvelope(_ octets: [UInt8]) throws(DecodeError) -> Envelope {
    try octets.withOctets { (octets) throws(DecodeError) in try Envelope.decode(octets) }
}

/// The error of reading these octets as one message; nil where there is none.
func decodeError(_ octets: [UInt8]) -> DecodeError? {
    do throws(DecodeError) {
        _ = try decodeMessage(octets)
        return nil
    } catch {
        return error
    }
}

/// Dissects the messages of a datagram one after the other, as far as their envelopes can be read. The error is that
/// of the octets which are no message at all.
func dissectDatagram(_ octets: [UInt8]) -> (maps: [FieldMap], error: DecodeError?) {
    var maps: [FieldMap] = []
    var rest = octets
    repeat {
        if let error = Message.leftOver(rest.count, messageCount: maps.count) { return (maps, error) }
        let map = MessageDissector.dissect(rest)
        maps.append(map)
        guard let envelope = try? decodeEnvelope(rest) else { break }
        rest.removeFirst(envelope.size)
    } while !rest.isEmpty
    return (maps, maps.last?.error)
}
