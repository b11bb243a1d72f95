import SpatioWire

extension Snapshot {
    /// What a message says, read and decoded again, opened and put together; nil when its octets are gone, it is
    /// malformed or sealed, or it is one segment of several.
    package func payload(of message: Int) -> (envelope: Envelope, payload: Payload)? {
        guard let record = index.at(message), let octets = reader.octets(of: record) else { return nil }
        return octets.withUnsafeBytes { octets in
            guard let envelope = try? Envelope.decode(octets), envelope.header.type.isKnown,
                let payload = payload(octets, envelope, number: message + 1)
            else { return nil }
            return (envelope, payload)
        }
    }

    private func payload(_ octets: UnsafeRawBufferPointer, _ envelope: Envelope, number: Int) -> Payload? {
        let type = envelope.header.type
        if let reassembly = reassemblies[number] {
            let content = reader.sideStore?.read(at: reassembly.position, count: reassembly.size)
            return content.flatMap { Self.payload(type, $0) }
        }
        let record = index[number - 1]
        var content: [UInt8]?
        if envelope.header.flags.contains(.encrypted) {
            content = record.marks.contains(.decrypted) ? whole.opened(Array(octets), record) : nil
            guard content != nil else { return nil }
        }
        if let data = envelope.data {
            guard data.isWhole else { return nil }
            if data.compression != .none {
                let limit = whole.stream(of: record).map { whole.sessions[$0.session].sizeLimit }
                content = try? data.compression.decompress(
                    content ?? Array(octets[envelope.payload]), limit: limit ?? WireLimits.defaultMessageSize)
                guard content != nil else { return nil }
            }
        }
        if let content { return Self.payload(type, content) }
        return try? Payload.decode(type, octets, range: envelope.payload)
    }

    private static func payload(_ type: MessageType, _ content: [UInt8]) -> Payload? {
        content.withUnsafeBytes { try? Payload.decode(type, $0, range: 0..<$0.count) }
    }
}
