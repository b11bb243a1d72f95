import Capture
import Glibc
import Inspection
import SpatioWire

/// Decoding a message, against copying it.
enum Wire {
    private static let rounds = 20_000_000

    static func measure() throws(BenchError) {
        let octets = Message(
            header: MessageHeader(type: .spatialUpdate, streamID: 1, sequence: 1, timestamp: 1),
            address: SpatialAddress(spaceID: .zero, precision: 0.05, confidence: 0.95, timestamp: 1),
            body: .payload(
                .spatialUpdate(
                    SpatialUpdate(updates: [EntityUpdate(entityID: .zero, kind: 1, position: Vector3(1, 2, 3))])))
        ).encoded()
        var copy = [UInt8](repeating: 0, count: octets.count)
        var sum: UInt64 = 0
        var wrong = 0
        let copying = seconds {
            for _ in 0..<rounds {
                copy.withUnsafeMutableBytes { $0.copyMemory(from: octets.withUnsafeBytes { $0 }) }
                sum &+= UInt64(copy[11])
            }
        }
        let short = seconds {
            octets.withUnsafeBytes { octets in
                for _ in 0..<rounds {
                    if let message = PlainUpdate(octets) { sum &+= message.timestamp } else { wrong += 1 }
                }
            }
        }
        var updates: [EntityUpdate] = []
        let general = seconds {
            octets.withUnsafeBytes { octets in
                for _ in 0..<rounds / 10 {
                    do throws(DecodeError) {
                        let envelope = try Envelope.decode(octets)
                        updates.removeAll(keepingCapacity: true)
                        try SpatialUpdate.decode(payload: envelope.payload, of: octets, into: &updates)
                        sum &+= envelope.header.timestamp
                    } catch {
                        wrong += 1
                    }
                }
            }
        }
        guard wrong == 0, sum > 0 else { throw BenchError("a message does not decode") }
        let reference = copying / Double(rounds) * 1e9
        for (name, time) in [("short way", short / Double(rounds)), ("general way", general * 10 / Double(rounds))] {
            Table.row(
                "wire decoding, \(name)", "\(Table.text(time * 1e9)) ns a message",
                reference: "a copy of it: \(Table.text(reference)) ns", value: time * 1e9 / reference, unit: "x",
                bar: nil, goal: nil)
        }
    }
}

/// What an analysis with its index takes.
enum Memory {
    /// The analysis, for what is measured next.
    static func measure(_ capture: String) throws(BenchError) -> Analysis {
        let before = try resident()
        let source = try open(capture)
        var analysis = Analysis()
        while source.read(8192, { analysis.take($0) }) {}
        analysis.finish()
        let octets = try resident() - before
        Table.row(
            "memory of the analysis, with index", "\(Table.text(octets / 1e6)) MB",
            value: octets / Double(analysis.book.model.counters.messages), unit: " B", bar: 64, goal: 40)
        return analysis
    }

    static func open(_ capture: String) throws(BenchError) -> CaptureSource {
        do throws(CaptureError) {
            return try CaptureSource(paths: [capture], keepsPackets: true)
        } catch {
            throw BenchError("\(error)")
        }
    }

    /// Octets that the process has in memory.
    private static func resident() throws(BenchError) -> Double {
        guard let file = fopen("/proc/self/statm", "r") else { throw BenchError("/proc is not there") }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { throw BenchError("/proc is empty") }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let pages = text.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else {
            throw BenchError("/proc/self/statm is not understood")
        }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// A filter on fields of the header over the whole index.
enum Searching {
    static func measure(_ analysis: Analysis) throws(BenchError) {
        let text = "type == spatial_update && seq > 100 && stream == 1"
        guard let index = analysis.book.index, let filter = try? Filter(parsing: text) else {
            throw BenchError("the filter is not understood")
        }
        var found = 0
        let times = (0..<Bench.runs).map { _ in
            seconds {
                var run = FilterRun(filter)
                found = run.matches(in: index, 0..<index.count, model: analysis.book.model) { _ in nil }.count
            }
        }
        guard found > 0 else { throw BenchError("the filter finds nothing") }
        Table.row(
            "filter on header fields over 2,000,000", "\(found) found", value: median(times) * 1000, unit: " ms",
            bar: 100, goal: 30)
    }
}
