import Inspection
import Simulation
import SpatioSession
import SpatioWire
import Testing

/// What a part of the chronicle shows as of the clock, as text: everything that a pane could show of it.
struct ChronicleView: Sendable, CustomTestStringConvertible {
    var name: String
    var lines: @Sendable (Snapshot) -> [String]

    var testDescription: String { name }

    static let all: [ChronicleView] = [findings, states, stateContents]

    static let findings = ChronicleView(name: "findings") { snapshot in
        let log = snapshot.chronicle.findings
        return (0..<log.count(until: snapshot.cursor)).map { "\(log.findings[$0])" }
    }

    static let states = ChronicleView(name: "states") { snapshot in
        let all = snapshot.chronicle.states
        return snapshot.model.spaces.indices.flatMap { space -> [String] in
            let cursor = snapshot.cursor
            // A space whose first version is still to come has nothing to show.
            guard let states = all[space], states.newestVersion(at: cursor) != nil else { return [] }
            var lines = ["space \(space): \(String(describing: states.newestVersion(at: cursor)))"]
            for lane in states.lanes(at: cursor, time: snapshot.time) {
                lines.append("\(lane) \(snapshot.model.name(of: lane.id))")
                lines += (0..<lane.events).map { "\(states.event($0, of: lane.replica))" }
                lines += (0..<states.faultCount(of: lane.replica, at: cursor)).map {
                    "\(states.fault($0, of: lane.replica))"
                }
            }
            lines += (0..<states.conflictCount(at: cursor)).map { "\(states.conflicts[$0])" }
            lines.append("\(String(describing: all.previousVersion(before: cursor, space: space)))")
            return lines
        }
    }

    static let stateContents = ChronicleView(name: "state contents") { snapshot in
        var reader = StateReader()
        return snapshot.model.spaces.indices.flatMap { space -> [String] in
            guard let states = snapshot.chronicle.states[space] else { return [] }
            var lines: [String] = []
            for lane in states.lanes(at: snapshot.cursor, time: snapshot.time) {
                guard let content = reader.content(of: lane.id, space: space, snapshot) else { continue }
                lines.append("\(lane.id) v\(content.version) \(content.isComplete)")
                lines += content.entities.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            }
            if let newest = reader.newest(space: space, snapshot) {
                let first = newest.entities.keys.min()
                lines += first.map { snapshot.history(of: $0, space: space).map { "\($0)" } } ?? []
            }
            return lines
        }
    }
}

/// The chronicle is written once and never taken back: what it shows as of some message is what it would show if the
/// capture ended there.
struct PrefixTests {
    @Test(
        "What the chronicle shows as of a message depends on nothing that comes later",
        arguments: [
            Scenario.plaza, .lossy, .drones, .sealed, .segments, .peers, .extension, .tcp, .versions, .broken,
        ])
    func prefixes(scenario: Scenario) throws {
        let file = TemporaryFile("\(scenario.rawValue).pcapng")
        let report = try simulate(scenario, options: SimulationOptions(seed: 3, duration: 8), to: file.path)
        let keyLog = KeyLog(parsing: Array((report.keyLog ?? "").utf8))
        let source = try CaptureSource(paths: [file.path], keepsPackets: true)
        var analysis = Analysis(keyLog: keyLog)
        var stopped: [Snapshot] = []
        var next = 0
        while let packet = source.next() {
            analysis.take(packet)
            let count = analysis.book.model.counters.messages
            // More densely at the beginning, where sessions and replicas appear.
            guard count >= next else { continue }
            next = count * 3 / 2 + 7
            stopped.append(Snapshot(analysis, of: source))
        }
        analysis.finish()
        let whole = Snapshot(analysis, of: source)
        #expect(stopped.count > 3)
        for early in stopped {
            var cut = whole
            cut.moveCursor(to: early.model, time: nil)
            #expect(cut.cursor == early.cursor)
            for view in ChronicleView.all {
                #expect(view.lines(cut) == view.lines(early), "\(view.name) as of message \(early.cursor)")
            }
        }
    }
}
