import Capture
import Foundation
import Inspection
import Simulation
import SpatioWire

/// A simulated capture as the program reads it. The file is gone afterwards, and can still be read.
func simulated(
    _ scenario: Scenario, duration: Double = 8, schemas: ExtensionSchemas = ExtensionSchemas()
) throws -> Snapshot {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("panes-\(Foundation.UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("\(scenario.rawValue).pcapng").path
    _ = try simulate(scenario, options: SimulationOptions(seed: 1, duration: duration), to: path)
    let source = try CaptureSource(paths: [path], keepsPackets: true)
    var analysis = Analysis(schemas: schemas)
    while let packet = source.next() { analysis.take(packet) }
    analysis.finish()
    var snapshot = Snapshot(analysis, of: source)
    snapshot.loading = .done
    return snapshot
}
