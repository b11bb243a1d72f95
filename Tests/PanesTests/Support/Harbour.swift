import Capture
import Foundation
import Inspection
import Screen
import Simulation
import SpatioWire
import Testing

@testable import Inspection
@testable import Panes

/// The simulated harbour, in which not everything is as it should be, with the clock at any second.
enum Harbour {
    private static let whole: Result<Snapshot, any Error> = Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(Foundation.UUID()).pcapng").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try simulate(.regions, options: SimulationOptions(seed: 1, duration: 9), to: path)
        let source = try CaptureSource(paths: [path], keepsPackets: true)
        var analysis = Analysis()
        while source.read(100, { analysis.take($0) }) {}
        analysis.finish()
        var snapshot = Snapshot(analysis, of: source)
        snapshot.loading = .done
        return snapshot
    }

    /// - Parameter seconds: since the first message; the end where nil.
    static func snapshot(at seconds: Double? = nil) throws -> Snapshot {
        var snapshot = try whole.get()
        guard let seconds else { return snapshot }
        let time = snapshot.firstTime + Int64(seconds * 1e9)
        var model = snapshot.whole.fresh()
        var reader = SequentialReader(snapshot.reader)
        for number in 0..<snapshot.index.count(until: time) {
            snapshot.whole.replay(snapshot.index[number], number: number + 1, into: &model, &reader)
        }
        snapshot.moveCursor(to: model, time: time)
        return snapshot
    }

    static func context(
        at seconds: Double? = nil, selecting name: String? = nil, replica: ReplicaID? = nil, theme: Theme = .dark
    ) throws -> PaneContext {
        let snapshot = try snapshot(at: seconds)
        var selection = Selection()
        selection.entity = name.flatMap { entity($0, snapshot) }
        selection.replica = replica
        return PaneContext(snapshot: snapshot, theme: theme, selection: selection, isFocused: true)
    }

    static func entity(_ name: String, _ snapshot: Snapshot) -> SelectedEntity? {
        let model = snapshot.whole
        return model.entities.first { model.label(of: $0) == name }.map {
            SelectedEntity(space: model.spaces[$0.space].id, id: $0.id)
        }
    }
}
