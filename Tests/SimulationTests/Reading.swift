import Capture
import Foundation
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// A message as it stands in a simulated capture.
struct CapturedMessage {
    var time: Int64
    var source, destination: Endpoint
    var transport: Transport
    var message: SpatioWire.Message
    var octets: [UInt8]

    var header: MessageHeader { message.header }
}

/// What was read from a capture file, by the octets alone.
struct Reading {
    var packets = 0
    var messages: [CapturedMessage] = []
    /// One for each datagram that does not decode to its end.
    var errors: [DecodeError] = []
    /// What came of TCP connections, without what the capture lacks.
    var streams: [StreamID: [UInt8]] = [:]
    var tcpGaps: UInt64 = 0

    struct StreamID: Hashable {
        var source, destination: Endpoint
    }

    static let port: UInt16 = 7728

    /// - Parameter onlySpatio: datagrams to and from other ports are not looked at.
    init(_ path: String, onlySpatio: Bool = true) throws {
        let file = try CaptureFile(path: path)
        var dissector = Dissector()
        while let packet = try file.next() {
            packets += 1
            dissector.dissect(packet) { take($0, onlySpatio) }
        }
        dissector.finish { take($0, onlySpatio) }
        #expect(dissector.counters.malformed == 0)
        tcpGaps = dissector.counters.tcpGaps
    }

    private mutating func take(_ unit: TransportUnit, _ onlySpatio: Bool) {
        if unit.transport == .tcp {
            streams[StreamID(source: unit.source, destination: unit.destination), default: []] += unit.octets
            return
        }
        guard !onlySpatio || unit.source.port == Self.port || unit.destination.port == Self.port else { return }
        var offset = 0
        do throws(DecodeError) {
            while offset < unit.octets.count {
                let rest = UnsafeRawBufferPointer(rebasing: unit.octets[offset...])
                if let error = SpatioWire.Message.leftOver(rest.count, messageCount: offset == 0 ? 0 : 1) {
                    throw error
                }
                let (message, size) = try SpatioWire.Message.decode(rest)
                messages.append(
                    CapturedMessage(
                        time: unit.time, source: unit.source, destination: unit.destination, transport: unit.transport,
                        message: message, octets: Array(rest[..<size])))
                offset += size
            }
        } catch {
            errors.append(error)
        }
    }
}

/// A file that is gone when the test is over.
func withTemporaryFile<R>(_ suffix: String = "pcapng", _ body: (String) throws -> R) throws -> R {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
        "\(Foundation.UUID().uuidString).\(suffix)")
    defer { try? FileManager.default.removeItem(at: path) }
    return try body(path.path)
}

func octets(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Plays a scenario and reads what it wrote.
func play(
    _ scenario: Scenario, _ options: SimulationOptions = SimulationOptions(), as suffix: String = "pcapng"
) throws -> (report: SimulationReport, reading: Reading) {
    try withTemporaryFile(suffix) { path in
        let report = try simulate(scenario, options: options, to: path)
        return (report, try Reading(path))
    }
}

/// What a program prints; nil where it is not installed.
func output(of program: String, _ arguments: [String]) throws -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    guard
        let path = folders.map({ "\($0)/\(program)" }).first(where: { FileManager.default.isExecutableFile(atPath: $0) }
        )
    else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
}

extension Scenario {
    /// Those that hold nothing but well-formed messages over UDP.
    static let wellFormed: [Scenario] = [
        .plaza, .lossy, .drones, .regions, .sealed, .segments, .peers, .strangers, .extension, .versions, .congested,
    ]

    /// As short as all of it still happens; the flood by its number of messages.
    var short: SimulationOptions { SimulationOptions(duration: self == .flood ? nil : 8, messages: 5000) }
}
