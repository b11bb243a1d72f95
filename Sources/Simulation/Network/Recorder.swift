import Capture
import SpatioWire

/// A message as its sender meant it, with what it became on the wire.
struct Outgoing {
    /// Before it was sealed.
    var plain: Message
    var octets: [UInt8]
    var isRetransmission = false
}

/// What stands at the capture point: it keeps every frame that passes, and what was in it.
struct Recorder {
    private struct Passage {
        var time: Int64
        /// Nil where messages become complete without a frame of their own.
        var octets: [UInt8]?
        var source, destination: Endpoint
        var messages: [Outgoing]
        var transport: Transport
        var malformed: Int
    }

    private var passages: [Passage] = []

    /// A frame that passes at a time; messages are those that it completes.
    mutating func record(
        _ frame: [UInt8], at time: Int64, from source: Endpoint, to destination: Endpoint, _ messages: [Outgoing],
        transport: Transport = .udp, malformed: Int = 0
    ) {
        passages.append(
            Passage(
                time: time, octets: frame, source: source, destination: destination, messages: messages,
                transport: transport, malformed: malformed))
    }

    /// Messages of a TCP connection that are complete, in their order, when everything until then has passed.
    mutating func complete(_ messages: [Outgoing], at time: Int64, from source: Endpoint, to destination: Endpoint) {
        passages.append(
            Passage(
                time: time, octets: nil, source: source, destination: destination, messages: messages, transport: .tcp,
                malformed: 0))
    }

    /// Writes what passed, in the order of time, and adds it up.
    mutating func write(
        to path: String, comment: String, into report: inout SimulationReport
    ) throws(CaptureError) {
        // Equal times stay in the order in which they were recorded.
        let order = passages.indices.sorted { (passages[$0].time, $0) < (passages[$1].time, $1) }
        let isClassic = path.hasSuffix(".pcap")
        var writer = try CaptureWriter(
            path: path, format: isClassic ? .pcap : .pcapng, interface: isClassic ? nil : "simulated",
            comment: isClassic ? nil : comment)
        var tally = Tally()
        for index in order {
            let passage = passages[index]
            if let frame = passage.octets {
                try frame.withOctets { (octets) throws(CaptureError) in
                    try writer.write(time: passage.time, octets: octets)
                }
                report.packets += 1
            }
            report.malformed += passage.malformed
            for message in passage.messages {
                tally.count(message, from: passage.source, to: passage.destination, passage.transport)
            }
        }
        try writer.close()
        tally.write(into: &report)
    }
}

/// Adds up captured messages in the order of capture, by the definitions that an inspector has to follow.
private struct Tally {
    private struct StreamKey: Hashable {
        var source, destination: Endpoint
        var transport: Transport
        var streamID: UInt32
        var origin: Origin?

        struct Origin: Hashable {
            var sessionID: UUID
            var direction: OriginDirection
        }

        /// By text: streams are listed in an order that people can follow.
        var place: String {
            let direction = origin.map { "\($0.sessionID) \($0.direction.rawValue)" } ?? ""
            return "\(source) \(destination) \(streamID + 1_000_000_000) \(direction)"
        }
    }

    private struct Stream {
        var truth: StreamTruth
        var sequences: Set<UInt32> = []
        /// The first sequence captured; others count from it, so that a wrap does no harm.
        var base: UInt32
        var lowest: Int32 = 0
        var highest: Int32 = 0
    }

    private struct EntityKey: Hashable {
        var spaceID, entityID: UUID
    }

    private var messages = 0
    private var streams: [StreamKey: Stream] = [:]
    private var entities: [EntityKey: EntityTruth] = [:]

    mutating func count(
        _ outgoing: Outgoing, from source: Endpoint, to destination: Endpoint, _ transport: Transport
    ) {
        let message = outgoing.plain
        messages += 1
        let origin = message.extensions.first { $0.extensionID == ExtensionID.origin }
            .flatMap { try? Origin.decode($0.data) }
        let key = StreamKey(
            source: source, destination: destination, transport: transport, streamID: message.header.streamID,
            origin: origin.map { StreamKey.Origin(sessionID: $0.sessionID, direction: $0.direction) })
        var stream =
            streams[key]
            ?? Stream(
                truth: StreamTruth(
                    source: source, destination: destination, transport: transport, streamID: key.streamID,
                    origin: origin?.sessionID, originDirection: origin?.direction), base: message.header.sequence)
        stream.truth.messages += 1
        stream.truth.octets += outgoing.octets.count
        if outgoing.isRetransmission { stream.truth.retransmits += 1 }
        let isFirst = stream.sequences.insert(message.header.sequence).inserted
        if isFirst {
            let place = message.header.sequence.serialDistance(from: stream.base)
            if place < stream.highest { stream.truth.reordered += 1 }
            if outgoing.isRetransmission { stream.truth.recovered += 1 }
            stream.lowest = min(stream.lowest, place)
            stream.highest = max(stream.highest, place)
        } else if !outgoing.isRetransmission {
            stream.truth.duplicates += 1
        }
        streams[key] = stream
        if isFirst { place(message) }
    }

    private mutating func place(_ message: Message) {
        guard case .payload(.spatialUpdate(let update)) = message.body, let address = message.address else { return }
        for entity in update.updates {
            let key = EntityKey(spaceID: address.spaceID, entityID: entity.entityID)
            var truth =
                entities[key] ?? EntityTruth(spaceID: address.spaceID, entityID: entity.entityID)
            truth.updates += 1
            truth.position = entity.position
            truth.coordinateSystem = address.coordinateSystem
            entities[key] = truth
        }
    }

    func write(into report: inout SimulationReport) {
        report.messages += messages
        report.streams += streams.sorted { $0.key.place < $1.key.place }.map { _, stream in
            var truth = stream.truth
            truth.lost = Int(stream.highest) - Int(stream.lowest) + 1 - stream.sequences.count
            return truth
        }
        // What is known of the state is there already.
        for index in report.entities.indices {
            let key = EntityKey(
                spaceID: report.entities[index].spaceID, entityID: report.entities[index].entityID)
            guard let seen = entities[key] else { continue }
            report.entities[index].updates = seen.updates
            report.entities[index].position = seen.position
            report.entities[index].coordinateSystem = seen.coordinateSystem
        }
        let known = Set(report.entities.map { EntityKey(spaceID: $0.spaceID, entityID: $0.entityID) })
        report.entities += entities.filter { !known.contains($0.key) }.map(\.value)
        report.entities.sort { ($0.spaceID, $0.entityID) < ($1.spaceID, $1.entityID) }
    }
}
