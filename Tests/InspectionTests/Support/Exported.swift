import Capture
import Foundation
import SpatioSession
import SpatioWire
import Testing

@testable import Inspection

/// A folder with captures that goes with its owner.
final class ExportFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("export-\(Foundation.UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// One of the sample captures.
func sample(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("captures/\(name)").path
}

func sampleKeys(_ name: String) throws -> KeyLog {
    KeyLog(parsing: Array(try Data(contentsOf: URL(fileURLWithPath: sample(name)))))
}

/// Reads a capture as the program does.
func readCapture(_ path: String, keyLog: KeyLog = KeyLog(), ports: Set<UInt16> = [7728]) throws -> Snapshot {
    let source = try CaptureSource(paths: [path], keepsPackets: true)
    var analysis = Analysis(ports: ports, keyLog: keyLog)
    while let packet = source.next() { analysis.take(packet) }
    analysis.finish()
    #expect(source.problems.isEmpty)
    var snapshot = Snapshot(analysis, of: source)
    snapshot.loading = .done
    return snapshot
}

extension Snapshot {
    /// With a filter in force.
    func filtered(_ text: String) throws -> Snapshot {
        let filter = try Filter(parsing: text)
        var found = FilteredMessages(filter: filter)
        var run = FilterRun(filter)
        for number in run.matches(in: index, 0..<index.count, model: whole, fields: { fieldMap(of: $0) }) {
            found.numbers.append(number)
        }
        found.examined = index.count
        var snapshot = self
        snapshot.filter = found
        return snapshot
    }

    func identity(_ message: Int) -> MessageIdentity {
        let record = index[message]
        let stream = whole.stream(of: record)
        let flow = stream.map { whole.flows[$0.flow] }
        let isForward = stream?.isForward ?? true
        return MessageIdentity(
            time: record.time, source: isForward ? flow?.first : flow?.second,
            destination: isForward ? flow?.second : flow?.first, octets: reader.octets(of: record) ?? [])
    }

    var identities: [MessageIdentity] { (0..<index.count).map { identity($0) } }
}

/// What tells one message from every other.
struct MessageIdentity: Hashable {
    var time: Int64
    var source, destination: Endpoint?
    var octets: [UInt8]
}

/// The octets of a file.
func octets(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Sequences of octets that are looked for in others, all at once.
struct OctetSearch {
    private var wanted: [UInt32: [[UInt8]]] = [:]
    private(set) var count = 0

    /// - Parameter octets: at least four.
    mutating func add(_ octets: [UInt8]) {
        let start = octets.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard wanted[start]?.contains(octets) != true else { return }
        wanted[start, default: []].append(octets)
        count += 1
    }

    /// Those that lie somewhere in some octets.
    func found(in octets: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var window: UInt32 = 0
        octets.withUnsafeBufferPointer { octets in
            for place in octets.indices {
                window = window << 8 | UInt32(octets[place])
                guard place >= 3, let candidates = wanted[window] else { continue }
                for candidate in candidates
                where octets[(place - 3)...].prefix(candidate.count).elementsEqual(candidate) {
                    found.append(candidate)
                }
            }
        }
        return found
    }
}
