import Capture
import Foundation
import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// Messages written to files.
@Suite struct ExportTests {
    static let samples = [
        "broken.pcapng", "drones.pcapng", "extension.pcapng", "lossy.pcapng", "peers.pcapng", "sealed.pcapng",
        "segments.pcapng", "plaza.pcapng.zst",
    ]

    private func write(
        _ choice: ExportOrder.Choice, _ snapshot: Snapshot, to path: String, replaces: Bool = false
    ) throws -> ExportReport {
        let format = try #require(ExportFormat(path: path))
        var order = ExportOrder(choice, path: path, format: format)
        order.replaces = replaces
        return try MessageExport.run(order, snapshot)
    }

    // MARK: Captures

    @Test(
        "A written capture opens again with the same messages, and has the packets that held them", arguments: samples)
    func roundTrip(sample name: String) throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample(name), ports: [7728, 5555])
        let report = try write(.all, original, to: folder.file("all.pcapng"))
        let again = try readCapture(folder.file("all.pcapng"), ports: [7728, 5555])
        #expect(again.identities == original.identities)
        #expect(report.messages == original.index.count)
        #expect(report.alongside == 0 && report.unreadable == 0 && report.withheld == 0)
        #expect(UInt64(report.packets) == again.packets)
        #expect(folder.names == ["all.pcapng"])
    }

    @Test("Of TCP the messages are laid into connections without holes")
    func overTCP() throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample("tcp.pcapng"))
        let whole = original.identities.enumerated().filter {
            !original.index[$0.offset].marks.contains(.malformed)
        }.map(\.element)
        _ = try write(.all, original, to: folder.file("all.pcapng"))
        let again = try readCapture(folder.file("all.pcapng"))
        #expect(again.identities.filter { whole.contains($0) } == whole)
        let updates = try original.filtered("type == spatial_update")
        let report = try write(.filtered, updates, to: folder.file("updates.pcapng"))
        let some = try readCapture(folder.file("updates.pcapng"))
        #expect(some.index.count == updates.listCount && report.messages == updates.listCount)
        #expect(some.identities == (0..<updates.listCount).map { original.identity(updates.listed($0)) })
    }

    @Test("A message that came in IP fragments is written in one packet")
    func fragments() throws {
        let folder = try ExportFolder()
        let message = Message(
            header: MessageHeader(type: .ping, streamID: 0, sequence: 7, timestamp: 1),
            body: .payload(.ping(Ping(pingID: 9, streams: [.init(streamID: 1, nextSequence: 2)])))
        ).encoded()
        let packet = PacketBuilder.udp(from: Sample.client, to: Sample.server, message)
        var writer = try CaptureWriter(path: folder.file("in.pcapng"), format: .pcapng, linkType: .raw)
        for (offset, end) in [(0, 24), (24, packet.count - 20)] {
            var fragment = Array(packet[..<20]) + packet[20 + offset..<20 + end]
            let length = UInt16(fragment.count)
            fragment.replaceSubrange(2..<4, with: [UInt8(length >> 8), UInt8(length & 0xFF)])
            let field = UInt16(offset / 8) | (end == packet.count - 20 ? 0 : 0x2000)
            fragment.replaceSubrange(6..<8, with: [UInt8(field >> 8), UInt8(field & 0xFF)])
            try writer.write(time: Sample.start + Int64(offset), octets: fragment)
        }
        try writer.close()
        let original = try readCapture(folder.file("in.pcapng"))
        #expect(original.index.count == 1 && original.packets == 2)
        _ = try write(.all, original, to: folder.file("out.pcapng"))
        let again = try readCapture(folder.file("out.pcapng"))
        #expect(again.packets == 1)
        #expect(again.identities == original.identities)
    }

    @Test("What a filter lets through is written with the datagrams it came in, and what came along is counted")
    func filtered() throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample("plaza.pcapng.zst")).filtered("type == connect_ack")
        let report = try write(.filtered, original, to: folder.file("acks.pcapng"))
        let again = try readCapture(folder.file("acks.pcapng"))
        #expect(report.messages == original.listCount)
        #expect(again.index.count == report.messages + report.alongside)
        #expect(report.text.hasPrefix("8 messages written to "))
        let wanted = Set((0..<original.listCount).map { original.identity(original.listed($0)) })
        #expect(wanted.isSubset(of: again.identities))
    }

    @Test("Marked messages are written whatever the filter")
    func marked() throws {
        let folder = try ExportFolder()
        let original = try readCapture(sample("lossy.pcapng")).filtered("type == ping")
        let report = try write(.marked([3, 40, 41, 500]), original, to: folder.file("marked.json"))
        let lines = try String(contentsOfFile: folder.file("marked.json"), encoding: .utf8).split(separator: "\n")
        #expect(report.messages == 4)
        #expect(lines.map { $0.prefix(14) } == [4, 41, 42, 501].map { "{\"number\":\($0),\"time\"".prefix(14) })
    }

    @Test("tshark finds right lengths and checksums in what was made", arguments: ["tcp.pcapng", "segments.pcapng"])
    func secondOpinion(name: String) throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark") else { return }
        let folder = try ExportFolder()
        let original = try readCapture(sample(name))
        var order = ExportOrder(.all, path: folder.file("private.pcapng"), format: .pcapng)
        order.privacy.usesPseudonyms = true
        let report = try MessageExport.run(order, original)
        let checks = ["ip", "udp", "tcp"].flatMap { ["-o", "\($0).check_checksum:TRUE"] }
        let wrong = "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0"
        let all = try output(of: "/usr/bin/tshark", ["-r", order.path, "-T", "fields", "-e", "frame.number"])
        let bad = try output(of: "/usr/bin/tshark", ["-r", order.path] + checks + ["-Y", wrong])
        #expect(all.split(separator: "\n").count == report.packets)
        #expect(bad.isEmpty, "\(bad)")
    }

    private func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    // MARK: Text

    @Test("JSON has the lines that dump prints", arguments: ["lossy.pcapng", "peers.pcapng", "segments.pcapng"])
    func json(name: String) throws {
        let folder = try ExportFolder()
        let snapshot = try readCapture(sample(name))
        _ = try write(.all, snapshot, to: folder.file("all.json"))
        let written = try String(contentsOfFile: folder.file("all.json"), encoding: .utf8).split(separator: "\n")
        var expected: [String] = []
        let source = try CaptureSource(paths: [sample(name)], keepsPackets: false)
        var analysis = Analysis()
        let observe = { (event: borrowing MessageEvent, model: borrowing Model) in
            var json = JSONText()
            let limit = event.outcome.stream.map { model.sessions[model.streams[$0].session].sizeLimit }
            MessageText(event, schemas: model.schemas, sizeLimit: limit ?? WireLimits.defaultMessageSize)
                .writeJSON(to: &json)
            expected.append(json.text)
        }
        while let packet = source.next() { analysis.take(packet, observe: observe) }
        analysis.finish(observe: observe)
        #expect(written.count == expected.count)
        for (line, wanted) in zip(written, expected) { #expect(line == wanted) }
    }

    @Test("CSV has the columns of dump, ends lines as RFC 4180 has them, and quotes what holds quotes")
    func csv() throws {
        let folder = try ExportFolder()
        let snapshot = try readCapture(sample("lossy.pcapng")).filtered("type == connect")
        _ = try write(.filtered, snapshot, to: folder.file("connects.csv"))
        let lines = try String(contentsOfFile: folder.file("connects.csv"), encoding: .utf8).components(
            separatedBy: "\r\n")
        #expect(lines.first == FieldSelection.usual.header)
        #expect(lines.last == "" && lines.count == snapshot.listCount + 2)
        #expect(lines[1].contains("CONNECT,"))
        #expect(lines[1].hasSuffix("\"\"\"alice\"\" PARTICIPANT 1 space\""))
    }

    @Test(
        "The end of a name says how to write",
        arguments: [
            ("a.pcapng", ExportFormat.pcapng), ("b.json", .json), ("c.jsonl", .json), ("d.csv", .csv), ("e.txt", nil),
            ("f", nil), ("x.csv/g", nil),
        ] as [(String, ExportFormat?)])
    func formats(name: String, format: ExportFormat?) { #expect(ExportFormat(path: name) == format) }

    // MARK: Files

    @Test("A file that is there goes only when somebody says so, and keeps its content until the new one is whole")
    func replacing() throws {
        let folder = try ExportFolder()
        let snapshot = try readCapture(sample("lossy.pcapng"))
        let path = folder.file("there.json")
        try "precious".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: ExportError.exists) { try write(.all, snapshot, to: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        _ = try write(.marked([0]), snapshot, to: path, replaces: true)
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("{\"number\":1,"))
        #expect(folder.names == ["there.json"])
    }

    @Test("The capture that is open is never overwritten, under whatever name")
    func source() throws {
        let folder = try ExportFolder()
        try FileManager.default.copyItem(atPath: sample("lossy.pcapng"), toPath: folder.file("in.pcapng"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("other.pcapng"), withDestinationPath: folder.file("in.pcapng"))
        let snapshot = try readCapture(folder.file("in.pcapng"))
        for name in ["in.pcapng", "other.pcapng"] {
            let path = folder.file(name)
            #expect(throws: ExportError.failed("\(path): is the capture that is open here")) {
                try write(.all, snapshot, to: path, replaces: true)
            }
        }
        #expect(try octets(of: folder.file("in.pcapng")) == octets(of: sample("lossy.pcapng")))
    }

    @Test("What cannot be written is named, and leaves nothing behind")
    func errors() throws {
        let folder = try ExportFolder()
        let snapshot = try readCapture(sample("lossy.pcapng"))
        let nowhere = folder.file("nowhere/x.json")
        #expect(throws: ExportError.failed("\(nowhere): there is no such folder")) {
            try write(.all, snapshot, to: nowhere)
        }
        try FileManager.default.createDirectory(atPath: folder.file("x.csv"), withIntermediateDirectories: false)
        #expect(throws: ExportError.failed("\(folder.file("x.csv")): is no file that could be replaced")) {
            try write(.all, snapshot, to: folder.file("x.csv"), replaces: true)
        }
        #expect(folder.names == ["x.csv"])
    }

    @Test("An export that is cancelled leaves nothing behind", arguments: ["x.pcapng", "x.json"])
    func cancelled(name: String) throws {
        let folder = try ExportFolder()
        let snapshot = try readCapture(sample("tcp.pcapng"))
        var order = ExportOrder(.all, path: folder.file(name), format: try #require(ExportFormat(path: name)))
        order.privacy.grid = 1
        #expect(throws: ExportError.cancelled) { try MessageExport.run(order, snapshot) { _ in false } }
        #expect(folder.names.isEmpty)
    }

    @Test("A filter that has not looked at every message is waited for")
    func unfinishedFilter() throws {
        let folder = try ExportFolder()
        var snapshot = try readCapture(sample("lossy.pcapng")).filtered("type == ping")
        snapshot.filter?.examined -= 1
        #expect(throws: ExportError.failed("the filter has not looked at every message yet")) {
            try write(.filtered, snapshot, to: folder.file("x.json"))
        }
    }

    @Test("A capture without messages gives an empty one that can be opened")
    func empty() throws {
        let folder = try ExportFolder()
        let snapshot = try readCapture(sample("lossy.pcapng"))
        let report = try write(.marked([]), snapshot, to: folder.file("none.pcapng"))
        #expect(report.messages == 0 && report.packets == 0)
        #expect(try readCapture(folder.file("none.pcapng")).index.isEmpty)
    }

    @Test("An exporter writes on its own thread and says how far it is")
    func exporter() async throws {
        let folder = try ExportFolder()
        let snapshot = try readCapture(sample("lossy.pcapng"))
        let exporter = Exporter()
        let order = ExportOrder(.all, path: folder.file("all.csv"), format: .csv)
        await withCheckedContinuation { continuation in
            let once = Once { continuation.resume() }
            exporter.start(order, snapshot) {
                if case .writing = exporter.state { return }
                once.run()
            }
        }
        guard case .done(let report) = exporter.state else {
            Issue.record("\(String(describing: exporter.state))")
            return
        }
        #expect(report.messages == snapshot.index.count)
        exporter.start(order, snapshot) {}
        exporter.close()
        #expect(exporter.state == .exists(order) || exporter.state == .cancelled)
    }
}

/// Something that is done once, whoever asks for it.
private final class Once: @unchecked Sendable {
    private let lock = NSLock()
    private var body: (() -> Void)?

    init(_ body: @escaping () -> Void) { self.body = body }

    func run() {
        lock.lock()
        let body = self.body
        self.body = nil
        lock.unlock()
        body?()
    }
}
