import Capture
import SpatioWire

@testable import Inspection

/// Messages that were captured one by one, and what a screen gets of them with the clock behind any of them.
struct Recording {
    private var messages: [(octets: [UInt8], time: Int64, source: Endpoint, destination: Endpoint)] = []
    private var talk = Talk()
    /// Goes with the recording.
    private let file = TemporaryFile()

    /// Sends a payload; numbers as `Talk` does.
    ///
    /// - Parameter time: milliseconds since the start.
    mutating func send(
        _ payload: Payload, from source: Endpoint = Sample.client, to destination: Endpoint = Sample.server,
        stream: UInt32 = 0, address: SpatialAddress? = nil, extensions: [ExtensionHeader] = [], at time: Double
    ) {
        let message = talk.message(
            payload, from: source, to: destination, stream: stream, address: address, extensions: extensions, at: time)
        messages.append((message.encoded(), Sample.start + Int64(time * 1e6), source, destination))
    }

    /// Connects and is accepted, at the start.
    mutating func open(
        _ session: UUID = Sample.session, from client: Endpoint = Sample.client, number: Int = 1, at time: Double = 0
    ) {
        send(Sample.connect(client: number), from: client, at: time)
        send(Sample.accept(session), from: Sample.server, to: client, at: time)
    }

    /// One entity, as its own client or the server tells of it.
    mutating func move(
        _ entity: Int, to position: Vector3, velocity: Vector3f? = nil, from source: Endpoint = Sample.client,
        to destination: Endpoint = Sample.server, system: CoordinateSystem = .cartesian(nil), at time: Double
    ) {
        var address = Sample.address(stamp: Int(time), system: system)
        address.precision = 0
        let update = EntityUpdate(entityID: Sample.id(entity), kind: 1, position: position, velocity: velocity)
        send(
            .spatialUpdate(SpatialUpdate(updates: [update])), from: source, to: destination, stream: 1,
            address: address, at: time)
    }

    var count: Int { messages.count }

    /// What the screen gets when the clock is behind so many messages; behind all of them where nil.
    func snapshot(until cursor: Int? = nil) throws -> Snapshot {
        var writer = try CaptureWriter(path: file.path, format: .pcapNanoseconds)
        for message in messages {
            let frame = Frame.datagram(message.octets, from: message.source, to: message.destination)
            try frame.withUnsafeBytes { try writer.write(time: message.time, octets: $0) }
        }
        try writer.close()
        let source = try CaptureSource(paths: [file.path], keepsPackets: true)
        var analysis = Analysis()
        while source.read(100, { analysis.take($0) }) {}
        analysis.finish()
        var snapshot = Snapshot(analysis, of: source)
        snapshot.loading = .done
        guard let cursor else { return snapshot }
        var early = Analysis()
        let again = try CaptureSource(paths: [file.path], keepsPackets: true)
        for _ in 0..<cursor { if let packet = again.next() { early.take(packet) } }
        snapshot.moveCursor(to: early.book.model, time: nil)
        return snapshot
    }
}
