import Capture
import Foundation
import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// What is hidden in what is written.
@Suite struct PrivacyTests {
    private static let key = PseudonymKey(octets: [UInt8](repeating: 7, count: 32))
    private static let options = PrivacyOptions(grid: 10, usesPseudonyms: true)

    private func write(
        _ snapshot: Snapshot, to path: String, _ options: PrivacyOptions = options
    ) throws -> ExportReport {
        var order = ExportOrder(.all, path: path, format: try #require(ExportFormat(path: path)))
        order.privacy = options
        return try MessageExport.run(order, snapshot, key: Self.key)
    }

    // MARK: Nothing is left

    /// What must not come out: identifiers, texts, secrets and exact places of every message, in octets and in text.
    private struct Originals {
        var octets = OctetSearch()
        var texts = OctetSearch()
        var addresses: Set<String> = []

        init(_ snapshot: Snapshot) {
            for message in 0..<snapshot.index.count {
                guard let map = snapshot.fieldMap(of: message) else { continue }
                for field in map.fields { add(field, map) }
            }
            for flow in snapshot.whole.flows {
                for end in [flow.first, flow.second] {
                    addresses.insert("\(end.address)")
                    texts.add(Array("\(end.address)".utf8))
                }
            }
        }

        private mutating func add(_ field: Field, _ map: FieldMap) {
            switch (field.name, field.value) {
            case (_, .uuid(let id)) where id != .zero:
                texts.add(Array(id.description.utf8))
                var writer = WireWriter()
                writer.uuid(id)
                octets.add(writer.octets)
            case (_, .vector3(let place)):
                // Short numbers may lie on the grid, or be what an application counts.
                let exact = [place.x, place.y].filter { abs($0) > 1 && $0 * 1024 != ($0 * 1024).rounded() }
                for value in exact {
                    var writer = WireWriter()
                    writer.f64(value)
                    octets.add(writer.octets)
                }
                if !exact.isEmpty { texts.add(Array("[\(place.x),\(place.y),".utf8)) }
            case ("key", _), ("tag", _), ("datum", _): break
            case ("name", .string), ("value", .string), ("reason", .string):
                // Names of extensions and of the fields of their schemas are software's.
                guard case .string(let text) = field.value, text.utf8.count > 3 else { return }
                octets.add(Array(text.utf8))
                // Short names may be the beginning of longer words: they are looked for as JSON has them.
                texts.add(Array((text.utf8.count < 12 ? "\"\(text)\"" : text).utf8))
            case ("credentials", .octets), ("token", .octets), ("public_key", .octets), ("nonce", .octets),
                ("proof", .octets), ("signature", .octets), ("sealed", .octets):
                let secret = Array(map.octets(of: field))
                guard secret.count >= 8 else { return }
                octets.add(secret)
                texts.add(Array(hexadecimalText(secret).utf8))
            default: break
            }
        }
    }

    private static let samples =
        [
            ("lossy.pcapng", nil), ("drones.pcapng", nil), ("peers.pcapng", nil), ("segments.pcapng", nil),
            ("tcp.pcapng", nil), ("sealed.pcapng", "sealed.keylog"), ("sealed.pcapng", nil), ("broken.pcapng", nil),
        ] as [(String, String?)]

    @Test("Nothing of the originals is left in a capture", arguments: samples)
    func captures(name: String, keys: String?) throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample(name), keyLog: try keys.map(sampleKeys) ?? KeyLog())
        let originals = Originals(original)
        #expect(originals.octets.count > 10)
        _ = try write(original, to: folder.file("private.pcapng"))
        let found = originals.octets.found(in: try octets(of: folder.file("private.pcapng")))
        #expect(found.isEmpty, "\(found.map { hexadecimalText($0) })")
        let again = try readCapture(folder.file("private.pcapng"))
        let addresses = Set(again.whole.flows.flatMap { ["\($0.first.address)", "\($0.second.address)"] })
        #expect(addresses.isDisjoint(with: originals.addresses))
    }

    @Test("Nothing of the originals is left in text", arguments: samples, ["x.json", "x.csv"])
    func texts(sample pair: (String, String?), file: String) throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample(pair.0), keyLog: try pair.1.map(sampleKeys) ?? KeyLog())
        let originals = Originals(original)
        _ = try write(original, to: folder.file(file))
        let written = try octets(of: folder.file(file))
        let found = originals.texts.found(in: written)
        #expect(found.isEmpty, "\(found.map { String(decoding: $0, as: UTF8.self) })")
        let lines = written.count { $0 == UInt8(ascii: "\n") }
        #expect(lines == original.index.count + (file == "x.csv" ? 1 : 0))
    }

    // MARK: What stays

    @Test(
        "The same traffic is left: sessions, streams, losses, wholes of segments, entities",
        arguments: [
            "lossy.pcapng", "segments.pcapng", "drones.pcapng", "extension.pcapng",
        ])
    func traffic(name: String) throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample(name))
        let report = try write(original, to: folder.file("private.pcapng"))
        let again = try readCapture(folder.file("private.pcapng"))
        #expect(report.withheld == 0)
        #expect(again.index.count == original.index.count)
        #expect(again.whole.sessions.count == original.whole.sessions.count)
        #expect(again.whole.streams.map(\.messages) == original.whole.streams.map(\.messages))
        #expect(again.whole.streams.map(\.lost) == original.whole.streams.map(\.lost))
        #expect(again.whole.counters.reassembled == original.whole.counters.reassembled)
        #expect(again.whole.counters.malformed == 0)
        #expect(again.whole.entities.count == original.whole.entities.count)
        #expect(again.index.times == original.index.times)
    }

    @Test("What is sealed and cannot be opened is zeros of the same length, and counted")
    func sealed() throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample("sealed.pcapng"))
        let report = try write(original, to: folder.file("private.pcapng"))
        let again = try readCapture(folder.file("private.pcapng"))
        #expect(report.sealed > 100 && report.withheld == 0)
        #expect(again.whole.counters.undecrypted == original.whole.counters.undecrypted)
        let sealed = try #require((0..<again.index.count).first { again.index[$0].flags.contains(.encrypted) })
        let map = try #require(again.fieldMap(of: sealed))
        let field = try #require(map.fields.first { $0.name == "sealed" })
        #expect(field.octets.count > 16 && map.octets(of: field).allSatisfy { $0 == 0 })
    }

    @Test("What a key opens is written open")
    func opened() throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample("sealed.pcapng"), keyLog: try sampleKeys("sealed.keylog"))
        let report = try write(original, to: folder.file("private.pcapng"))
        let again = try readCapture(folder.file("private.pcapng"))
        #expect(report.sealed == 0)
        #expect(again.whole.counters.undecrypted == 0)
        #expect(again.whole.entities.count == original.whole.entities.count)
    }

    @Test("Malformed messages are left out of a capture, and told without their octets in text")
    func malformed() throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample("broken.pcapng"))
        let report = try write(original, to: folder.file("private.pcapng"))
        #expect(report.withheld > 10)
        #expect(report.messages + report.withheld == original.index.count)
        #expect(report.text.contains("left out: nobody can say what they tell"))
        _ = try write(original, to: folder.file("private.json"))
        let text = try String(contentsOfFile: folder.file("private.json"), encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.contains("\"malformed\":{") }
        #expect(lines.count > 10)
        #expect(lines.allSatisfy { !$0.contains("\"octets\":") && $0.contains("\"message\":null") })
    }

    @Test("Only one of the two hides only what it is for")
    func halves() throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample("lossy.pcapng"))
        _ = try write(original, to: folder.file("blur.pcapng"), PrivacyOptions(grid: 10))
        let blurred = try readCapture(folder.file("blur.pcapng"))
        #expect(blurred.whole.entities.map(\.id) == original.whole.entities.map(\.id))
        #expect(blurred.whole.sessions.map(\.name) == original.whole.sessions.map(\.name))
        for entity in blurred.whole.entities {
            guard let place = entity.position else { continue }
            #expect(place.x.remainder(dividingBy: 10) == 0 && place.y.remainder(dividingBy: 10) == 0)
            #expect((entity.precision ?? 0) >= 10)
        }
        _ = try write(original, to: folder.file("names.pcapng"), PrivacyOptions(usesPseudonyms: true))
        let named = try readCapture(folder.file("names.pcapng"))
        #expect(named.whole.entities.map(\.position) == original.whole.entities.map(\.position))
        #expect(Set(named.whole.entities.map(\.id)).isDisjoint(with: original.whole.entities.map(\.id)))
    }

    // MARK: The grid

    @Test("A position goes to the nearest point of the grid")
    func grid() {
        let blur = PositionBlur(grid: 10)
        #expect(blur.position(Vector3(14.9, -15.1, 4), isGeodetic: false) == Vector3(10, -20, 0))
        let box = blur.box(Vector3(1, -1, 0), Vector3(9, 11, 0), isGeodetic: false)
        #expect(box.min == Vector3(0, -10, 0) && box.max == Vector3(10, 20, 0))
        #expect(blur.position(Vector3(1e300, 0, 0), isGeodetic: false).x == 1e300)
    }

    @Test(
        "Degrees are moved by about as many metres, and all of a cell to one point", arguments: [0.0, 47.37, -60, 89.9])
    func geodetic(latitude: Double) {
        let blur = PositionBlur(grid: 100)
        let metre = 360 / (2 * .pi * 6_378_137.0)
        var places: Set<Vector3> = []
        for step in 0..<50 {
            let place = Vector3(8.54 + Double(step) * metre, latitude, 431)
            let moved = blur.position(place, isGeodetic: true)
            places.insert(moved)
            #expect(abs(moved.y - place.y) <= 50.001 * metre)
            #expect(abs(moved.x - place.x) * max(0.01, Double.cosine(degrees: latitude)) <= 51 * metre)
            #expect(moved.z == 400)
        }
        #expect(places.count <= 2)
    }

    @Test("Velocities and distances go to the grid too, precision is no finer than it")
    func others() throws {
        var rewriter = PrivacyRewriter(PrivacyOptions(grid: 2))
        let update = EntityUpdate(
            entityID: Sample.id(1), kind: 1, position: Vector3(1.2, 3.4, 5.6), velocity: Vector3f(0.9, -1.1, 7))
        var header = MessageHeader(type: .spatialUpdate, streamID: 1, sequence: 0, timestamp: 0)
        header.flags.insert(.checksum)
        let message = Message(
            header: header, address: Sample.address(), body: .payload(.spatialUpdate(SpatialUpdate(updates: [update]))))
        let result = rewriter.rewrite(message.encoded(), model: Model())
        let rewritten = try #require(result)
        guard case .payload(.spatialUpdate(let moved)) = rewritten.message.body else {
            Issue.record("no update")
            return
        }
        #expect(moved.updates[0].position == Vector3(2, 4, 6))
        #expect(moved.updates[0].velocity == Vector3f(0, -2, 8))
        #expect(rewritten.message.address?.precision == 2)
        let octets = rewritten.message.encoded()
        #expect(octets.withUnsafeBytes { try? Message.decode($0) } != nil)
    }

    // MARK: Pseudonyms

    @Test("The same identifier gives the same pseudonym, another key another one, and none stays itself")
    func pseudonyms() {
        var first = Pseudonyms(key: Self.key)
        var second = Pseudonyms(key: PseudonymKey())
        let ids = (0..<1000).map { Sample.id($0) }
        let replaced = ids.map { first.id($0) }
        #expect(replaced == ids.map { first.id($0) })
        #expect(Set(replaced).count == 1000 && Set(replaced).isDisjoint(with: ids))
        #expect(replaced != ids.map { second.id($0) })
        #expect(first.id(.zero) == .zero)
        #expect(first.name("") == "")
        #expect(first.name("alice").hasPrefix("anon-") && first.name("alice") != first.name("bob"))
    }

    @Test("Hosts stay apart, groups stay groups, and what is written about an address is written about its pseudonym")
    func addresses() throws {
        var pseudonyms = Pseudonyms(key: Self.key)
        let hosts = (0..<5000).map { IPAddress(ipv4: 0xC0A8_0000 + $0) }
        #expect(Set(hosts.map { pseudonyms.address($0) }).count == 5000)
        let group = try #require(IPAddress(parsing: "224.0.0.251"))
        #expect(pseudonyms.address(group).isMulticast && pseudonyms.address(group).isIPv4)
        let sixth = try #require(IPAddress(parsing: "2001:db8::1"))
        #expect("\(pseudonyms.address(sixth))".hasPrefix("fd"))
        let end = try #require(Endpoint(parsing: "192.168.0.7:7728"))
        #expect(pseudonyms.endpoint("192.168.0.7:7728") == "\(pseudonyms.endpoint(end))")
        #expect(pseudonyms.endpoint("server.example:7728").hasPrefix("anon-"))
    }

    @Test("A message inside of a message is rewritten, and what is none becomes zeros")
    func nested() throws {
        var rewriter = PrivacyRewriter(Self.options, key: Self.key)
        let inner = Message(
            header: MessageHeader(type: .peerLeave, streamID: 0, sequence: 0, timestamp: 0),
            body: .payload(.peerLeave(PeerLeave(peerID: Sample.id(3), code: .success, reason: "tired"))))
        func relayed(_ payload: [UInt8]) throws -> [UInt8] {
            let request = RelayRequest(
                requestID: 1, source: Sample.id(1), target: Sample.id(2), ttl: 3, payload: payload)
            let message = Message(
                header: MessageHeader(type: .relayRequest, streamID: 0, sequence: 0, timestamp: 0),
                body: .payload(.relayRequest(request)))
            let result = rewriter.rewrite(message.encoded(), model: Model())
            let rewritten = try #require(result)
            guard case .payload(.relayRequest(let request)) = rewritten.message.body else { return [] }
            return request.payload
        }
        let leave = try relayed(inner.encoded()).withUnsafeBytes { try Message.decode($0).message }
        let hidden = PeerLeave(peerID: rewriter.id(Sample.id(3)), code: .success, reason: "")
        #expect(leave.body == .payload(.peerLeave(hidden)))
        #expect(try relayed([1, 2, 3]) == [0, 0, 0])
    }

    @Test("Random traffic comes out well-formed, and without its ids", arguments: UInt64(1)...4)
    func random(seed: UInt64) throws {
        let folder = try ExportFolder()
        var traffic = RandomTraffic(seed: seed)
        try traffic.write(400, to: folder.file("in.pcap"))
        let original = try readCapture(folder.file("in.pcap"), keyLog: RandomTraffic.keyLog)
        _ = try write(original, to: folder.file("private.pcapng"))
        let again = try readCapture(folder.file("private.pcapng"))
        #expect(again.whole.counters.malformed == 0)
        var ids = OctetSearch()
        for number in 1..<10 {
            var writer = WireWriter()
            writer.uuid(Sample.id(number))
            ids.add(writer.octets)
        }
        #expect(ids.found(in: try octets(of: folder.file("private.pcapng"))).isEmpty)
    }
}

extension MessageIndex {
    fileprivate var times: [Int64] { (0..<count).map { self[$0].time } }
}
