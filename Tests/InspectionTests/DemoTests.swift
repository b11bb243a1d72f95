import Capture
import Inspection
import Simulation
import SpatioWire
import TestSupport
import Testing

/// What an observer of the live demo is shown.
struct DemoTests {
    private static let server = Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 7728)
    private static let watcher = Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: Rehearsal.watcherPort)

    /// What the watcher's datagrams tell.
    private func watch(_ seed: UInt64, seconds: Double) throws -> Analysis {
        var rehearsal = try Rehearsal(DemoCast(seed: seed))
        rehearsal.run(seconds: seconds)
        let capture = LiveCapture(name: "demo", linkType: .raw, capacity: 64 << 20)
        let recorder = FlowRecorder(into: capture)
        for datagram in rehearsal.watched {
            recorder.datagram(
                datagram.octets, from: datagram.isFromServer ? Self.server : Self.watcher,
                to: datagram.isFromServer ? Self.watcher : Self.server, at: Int64(datagram.moment.wall) * 1000)
        }
        capture.finish()
        let file = try CaptureFile(live: capture)
        var analysis = Analysis(keepsIndex: false)
        while let packet = try file.next() { analysis.take(packet) }
        analysis.finish()
        return analysis
    }

    @Test("The demo holds what it is meant to show, and nothing else is found in it", arguments: [1, 2] as [UInt64])
    func findings(seed: UInt64) throws {
        let analysis = try watch(seed, seconds: 30)
        let found = analysis.book.chronicle.findings
        #expect(found.count(of: .conflict) >= 3)
        #expect(found.count(of: .loss) > 0)
        // Conflicts, and what the bad network of one does.
        for rule in FindingRule.allCases where ![.conflict, .loss].contains(rule) {
            #expect(found.count(of: rule) == 0, "\(rule): \(found.next(after: 0, of: [rule]) as Any)")
        }
    }

    @Test("An observer knows the spaces, the people by name and the sensors' fields")
    func whole() throws {
        let model = try watch(3, seconds: 12).book.model
        #expect(Set(model.spaces.map(\.label)).isSuperset(of: ["plaza", "hall"]))
        let names = Set(model.entities.map { model.label(of: $0) })
        #expect(names.isSuperset(of: ["alice", "drone-1", "zoe", "weather-mast", "scoreboard", "relay-1"]))
        #expect(Set(model.schemas.manifests.values.map(\.name)) == ["weather", "noise-level"])
    }
}
