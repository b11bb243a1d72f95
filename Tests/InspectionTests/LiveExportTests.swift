import Capture
import Foundation
import SpatioWire
import Testing

@testable import Inspection

/// Messages written to files while more come.
@Suite struct LiveExportTests {
    /// What live sources have brought up to now, as the engine reads it.
    private final class Live {
        let feeds: [LiveFeed]
        private let source: CaptureSource
        private var analysis = Analysis()

        init(_ names: [String], limit: UInt64 = Spool.usualLimit) throws {
            feeds = names.map { LiveFeed(name: $0) }
            source = try CaptureSource(paths: [], feeds: feeds, keepsPackets: true, spool: Spool(limit: limit))
        }

        /// Updates come a millisecond apart, from a client for each source.
        func bring(_ numbers: Range<Int>, to feed: Int = 0) {
            let client = Sample.endpoint("10.7.1.\(feed + 1):4000\(feed)")
            for number in numbers {
                let octets = Message(
                    header: MessageHeader(
                        type: .spatialUpdate, streamID: 1, sequence: UInt32(number), timestamp: UInt64(number)),
                    address: Sample.address(), body: .payload(Sample.update(number % 7))
                ).encoded()
                feeds[feed].datagram(
                    octets, from: client, to: Sample.server, at: Sample.start + Int64(number) * 1_000_000)
            }
            while source.readWhatIsThere(512, { analysis.take($0) }) == .read {}
        }

        var snapshot: Snapshot {
            var snapshot = Snapshot(analysis, of: source)
            snapshot.loading = .live
            return snapshot
        }
    }

    private func write(
        _ choice: ExportOrder.Choice, _ snapshot: Snapshot, to path: String,
        progress: (Int) -> Bool = { _ in true }
    ) throws -> ExportReport {
        try MessageExport.run(
            ExportOrder(choice, path: path, format: try #require(ExportFormat(path: path))), snapshot,
            progress: progress)
    }

    private func sequences(_ snapshot: Snapshot) -> [UInt32] {
        (0..<snapshot.index.count).map { snapshot.index[$0].sequence }
    }

    @Test(
        "What has made room is counted, and all the rest is written", arguments: ["all.pcapng", "all.json", "all.csv"])
    func removed(name: String) throws {
        let folder = try ExportFolder()
        let live = try Live(["here"], limit: 96 << 10)
        live.bring(0..<3_000)
        let snapshot = live.snapshot
        #expect(snapshot.index.count == 3_000)
        let kept = (0..<3_000).filter { !snapshot.reader.hasRemoved(snapshot.index[$0]) }
        #expect(kept.count > 200 && kept.count < 1_000)
        #expect(kept.allSatisfy { snapshot.fieldMap(of: $0) != nil } && snapshot.fieldMap(of: 0) == nil)
        let report = try write(.all, snapshot, to: folder.file(name))
        #expect(report.messages == kept.count)
        #expect(report.removed == 3_000 - kept.count)
        #expect(report.unreadable == 0 && report.withheld == 0)
        #expect(report.text.contains("; \(SummaryFields.grouped(3_000 - kept.count)) older ones were not kept"))
        if name.hasSuffix("pcapng") {
            #expect(sequences(try readCapture(folder.file(name))) == kept.map { UInt32($0) })
        } else {
            let lines = try String(contentsOfFile: folder.file(name), encoding: .utf8).split(
                whereSeparator: \.isNewline)
            #expect(lines.count == kept.count + (name.hasSuffix("csv") ? 1 : 0))
        }
    }

    @Test("What comes while it is written takes nothing away from it", arguments: ["all.pcapng", "all.json"])
    func meanwhile(name: String) throws {
        let folder = try ExportFolder()
        let live = try Live(["here"], limit: 96 << 10)
        live.bring(0..<1_000)
        let snapshot = live.snapshot
        let kept = (0..<1_000).filter { !snapshot.reader.hasRemoved(snapshot.index[$0]) }
        var came = 1_000
        let report = try write(.all, snapshot, to: folder.file(name)) { _ in
            live.bring(came..<came + 2_000)
            came += 2_000
            return true
        }
        #expect(came > 1_000)
        #expect(kept.allSatisfy { snapshot.reader.hasRemoved(snapshot.index[$0]) })
        #expect(report.messages == kept.count && report.removed == 1_000 - kept.count && report.unreadable == 0)
    }

    @Test("Sources that come one behind the other are written whole, in the order of their times")
    func order() throws {
        let folder = try ExportFolder()
        let live = try Live(["here", "there"])
        live.bring(1_000..<1_200, to: 0)
        live.bring(0..<200, to: 1)
        live.bring(1_200..<1_300, to: 0)
        live.bring(200..<1_250, to: 1)
        let snapshot = live.snapshot
        let report = try write(.all, snapshot, to: folder.file("all.pcapng"))
        #expect(report.messages == snapshot.index.count && report.unreadable == 0 && report.removed == 0)
        let again = try readCapture(folder.file("all.pcapng"))
        #expect(again.index.count == 300 + 1_250)
        let times = (0..<again.index.count).map { again.index[$0].time }
        #expect(times == times.sorted())
        let part = try snapshot.filtered("payload.updates.entity_id == \(Sample.id(3))")
        #expect(part.listCount > 100)
        let some = try write(.filtered, part, to: folder.file("some.pcapng"))
        #expect(some.messages == part.listCount && some.unreadable == 0)
    }
}
