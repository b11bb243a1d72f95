import Capture
import Foundation
import Inspection
import SpatioWire
import Testing

/// A capture of people who meet in a space, made by hand message by message, so that a screen of it never changes by
/// itself.
final class Meeting {
    static let space = UUID(high: 0x70, low: 0x8000_0000_0000_0001)
    private static let server = Endpoint(address: IPAddress(ipv4: 0x0A07_0001), port: 7728)
    private static let start: Int64 = 1_793_000_000_000_000_000

    private struct Packet {
        var time: Int64
        var octets: [UInt8]
    }

    private struct Counter: Hashable {
        var person: Int
        var isFromServer: Bool
        var stream: UInt32
    }

    private var packets: [Packet] = []
    private var sequences: [Counter: UInt32] = [:]
    /// What each person sent last on stream 1.
    private var moves: [Int: Message] = [:]
    /// Nanoseconds since the start.
    private(set) var time: Int64 = 0

    static let names = ["alice", "bob", "chloe", "dmitri", "emeka", "fatima", "goro", "hana"]

    static func entity(_ person: Int) -> SpatioWire.UUID {
        UUID(high: UInt64(person + 1) << 40 | 0x4000, low: 0x8000_0000_0000_0000)
    }

    func wait(milliseconds: Int64) { time += milliseconds * 1_000_000 }

    // MARK: What people do

    func connect(_ person: Int) {
        let config = ConnectionConfig(capabilities: [])
        send(
            person, 0,
            .connect(
                Connect(
                    config: config, clientID: UUID(high: 9, low: UInt64(person)), role: .participant, name: name(person)
                )))
        wait(milliseconds: 3)
        send(
            person, 0,
            .connectAck(
                ConnectAck(
                    code: .success, sessionID: UUID(high: 0x5E55, low: UInt64(person)), serverID: UUID(high: 2, low: 2),
                    config: config, flow: FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: 0.1),
                    spaces: [
                        SpaceInfo(
                            spaceID: Self.space, name: "plaza",
                            bounds: .box(min: Vector3(-20, -10, 0), max: Vector3(20, 10, 5)))
                    ])),
            isFromServer: true)
    }

    /// One SPATIAL_UPDATE with a person in it, or with several.
    func move(_ person: Int, _ x: Double, _ y: Double, with others: [Int] = []) {
        let address = SpatialAddress(
            spaceID: Self.space, precision: 0.05, confidence: 1, timestamp: UInt64((Self.start + time) / 1_000_000))
        let updates = ([person] + others).map { who in
            EntityUpdate(entityID: Self.entity(who), kind: 1, position: Vector3(x + Double(who - person), y, 0))
        }
        send(person, 1, .spatialUpdate(SpatialUpdate(updates: updates)), address: address)
    }

    /// One SPATIAL_UPDATE with a person who looks somewhere.
    func turn(_ person: Int, _ x: Double, _ y: Double, _ orientation: Quaternion) {
        let address = SpatialAddress(
            spaceID: Self.space, precision: 0.05, confidence: 1, timestamp: UInt64((Self.start + time) / 1_000_000))
        let update = EntityUpdate(
            entityID: Self.entity(person), kind: 1, position: Vector3(x, y, 0), orientation: orientation)
        send(person, 1, .spatialUpdate(SpatialUpdate(updates: [update])), address: address)
    }

    func ping(_ person: Int, _ id: UInt32) {
        send(person, 0, .ping(Ping(pingID: id)))
        let sent = UInt64((Self.start + time) / 1000)
        wait(milliseconds: 8)
        let flow = FlowControl(windowSize: 65_536, rateLimit: 0, congestionThreshold: 0.1)
        send(person, 0, .pong(Pong(pingID: id, pingTimestamp: sent, holdTime: 400, flow: flow)), isFromServer: true)
    }

    /// Registers an extension in band.
    func register(_ person: Int, _ manifest: ExtensionManifest) {
        carry(person, ExtensionID.manifest, manifest.encoded())
    }

    /// A message that is nothing but an extension's data.
    func carry(_ person: Int, _ id: UInt16, _ data: [UInt8]) {
        send(person, 3, .extension(ExtensionHeader(extensionID: id, data: data)))
    }

    /// Says its token for everybody to hear.
    func authenticate(_ person: Int, _ token: String) {
        let request = AuthRequest(method: .token, credentials: Array(token.utf8), timestamp: 1)
        send(person, 0, .authRequest(request))
    }

    func leave(_ person: Int) {
        send(person, 0, .disconnect(Disconnect(category: .none, code: .success, reason: "good bye")))
    }

    /// A message of which the network lost everything.
    func lose(_ person: Int, stream: UInt32) {
        sequences[Counter(person: person, isFromServer: false, stream: stream), default: 0] += 1
    }

    /// Octets that are no whole message.
    func rubbish(_ person: Int) { datagram(person, [1, 0x10, 0, 0, 9, 9], isFromServer: false) }

    private func send(
        _ person: Int, _ stream: UInt32, _ payload: Payload, address: SpatialAddress? = nil, isFromServer: Bool = false
    ) {
        let counter = Counter(person: person, isFromServer: isFromServer, stream: stream)
        let sequence = sequences[counter, default: 0]
        sequences[counter] = sequence + 1
        guard let type = payload.type else {
            Issue.record("a payload without a type")
            return
        }
        let header = MessageHeader(
            type: type, streamID: stream, sequence: sequence, timestamp: UInt64((Self.start + time) / 1000))
        let message = Message(header: header, address: address, body: .payload(payload))
        if stream == 1, !isFromServer { moves[person] = message }
        datagram(person, message.encoded(), isFromServer: isFromServer)
    }

    /// What a person sent last, to be mirrored.
    func lastMove(of person: Int) -> Message? { moves[person] }

    /// The server mirrors a message of a person's to an observer.
    func mirror(_ message: Message?, of person: Int) {
        guard var message else { return }
        let origin = Origin(sessionID: UUID(high: 0x5E55, low: UInt64(person)), direction: .toServer, seen: 1)
        message.extensions.append(ExtensionHeader(extensionID: ExtensionID.origin, data: origin.encoded()))
        message.header.flags.insert(.extensions)
        datagram(Self.observer, message.encoded(), isFromServer: true)
    }

    /// An observer asks to join.
    func observe() {
        let connect = Connect(
            config: ConnectionConfig(capabilities: []), clientID: UUID(high: 9, low: UInt64(Self.observer)),
            role: .observer, name: "watcher")
        send(Self.observer, 0, .connect(connect))
    }

    /// Somebody who takes no part.
    private static let observer = 40

    private func name(_ person: Int) -> String {
        person < Self.names.count ? Self.names[person] : "guest \(person)"
    }

    private func datagram(_ person: Int, _ octets: [UInt8], isFromServer: Bool) {
        let client = Endpoint(address: IPAddress(ipv4: 0x0A07_0101 + UInt32(person)), port: 40_001 + UInt16(person))
        let (from, to) = isFromServer ? (Self.server, client) : (client, Self.server)
        var packet: [UInt8] = [0x45, 0]
        packet += big16(28 + octets.count) + [0, 0, 0, 0, 64, 17, 0, 0]
        packet += big32(from.address) + big32(to.address)
        packet += big16(Int(from.port)) + big16(Int(to.port)) + big16(8 + octets.count) + [0, 0]
        packets.append(Packet(time: Self.start + time, octets: packet + octets))
    }

    private func big16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
    private func big32(_ address: IPAddress) -> [UInt8] {
        (0..<4).map { UInt8(address.low >> (24 - 8 * UInt64($0)) & 0xFF) }
    }

    // MARK: The capture of it

    /// Writes the capture and reads it as the program does. The file is gone afterwards, and can still be read.
    ///
    /// - Parameter cutBy: octets that the end of the file lacks.
    func snapshot(cutBy lacking: Int = 0) throws -> Snapshot {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "panes-\(Foundation.UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("meeting.pcapng").path
        var writer = try CaptureWriter(path: path, format: .pcapng, linkType: .raw)
        for packet in packets { try writer.write(time: packet.time, octets: packet.octets) }
        try writer.close()
        if lacking > 0 {
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            try whole.dropLast(lacking).write(to: URL(fileURLWithPath: path))
        }
        let source = try CaptureSource(paths: [path], keepsPackets: true)
        var analysis = Analysis()
        while let packet = source.next() { analysis.take(packet) }
        analysis.finish()
        var snapshot = Snapshot(analysis, of: source)
        snapshot.loading = .done
        // The folder's name is another in each run.
        snapshot.problems = snapshot.problems.map { $0.replacingOccurrences(of: folder.path + "/", with: "") }
        return snapshot
    }
}

// MARK: Meetings

extension Meeting {
    /// Two people, some seconds, one loss, one piece of rubbish, and a good bye.
    static func small() -> Meeting {
        let meeting = Meeting()
        meeting.connect(0)
        meeting.wait(milliseconds: 20)
        meeting.connect(1)
        for step in 0..<20 {
            meeting.wait(milliseconds: 100)
            meeting.move(0, Double(step) * 0.5 - 5, 2)
            meeting.wait(milliseconds: 40)
            if step == 7 { meeting.lose(1, stream: 1) } else { meeting.move(1, 6, 3 - Double(step) * 0.3) }
            if step % 8 == 3 { meeting.ping(0, UInt32(step)) }
            if step == 12 { meeting.rubbish(1) }
            if step == 15 { meeting.move(0, 3, 2, with: [1]) }
        }
        meeting.wait(milliseconds: 200)
        meeting.leave(1)
        return meeting
    }

    /// Sixty people who all move.
    static func crowded() -> Meeting {
        let meeting = Meeting()
        for person in 0..<60 {
            meeting.connect(person)
            meeting.wait(milliseconds: 5)
        }
        for step in 0..<10 {
            for person in 0..<60 {
                meeting.wait(milliseconds: 5)
                meeting.move(person, Double(person % 10) * 3 - 15, Double(person / 10) * 2 - 6 + Double(step) * 0.1)
            }
            meeting.ping(step, UInt32(step))
        }
        return meeting
    }

    /// Two people and two hundred extensions, each of which needs the next.
    static func extended() -> Meeting {
        let meeting = Meeting()
        meeting.connect(0)
        for number in UInt16(0)..<200 {
            meeting.wait(milliseconds: 10)
            meeting.register(
                0,
                ExtensionManifest(
                    id: 0x9000 + number, name: "extension number \(number) of far too many", type: .application,
                    version: SemanticVersion(1, number, 0), status: .experimental,
                    dependencies: [
                        ExtensionOffer(extensionID: 0x9001 + number, version: SemanticVersion(1, 0, 0))
                    ], schema: (0..<20).map { SchemaField("field \($0)", .bool) }))
            meeting.carry(0, 0x9000 + number, [UInt8](repeating: 1, count: 20))
        }
        return meeting
    }
}
