import Foundation
import Testing

/// Compares a screen with the one recorded under a name in `Golden/`.
///
/// With RECORD_GOLDEN=1 in the environment it is recorded instead, and the test fails: a run that records proves nothing.
func assertGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden").appendingPathComponent(name + ".txt")
    // A text file ends with a line feed, and blank rows at its end count.
    let actual = text + "\n"
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
        do {
            try Data(actual.utf8).write(to: file)
            Issue.record("recorded \(name): run again without RECORD_GOLDEN", sourceLocation: sourceLocation)
        } catch {
            Issue.record("\(name) cannot be recorded: \(error)", sourceLocation: sourceLocation)
        }
        return
    }
    guard let expected = try? String(contentsOf: file, encoding: .utf8) else {
        Issue.record("there is no \(file.path): record it with RECORD_GOLDEN=1", sourceLocation: sourceLocation)
        return
    }
    guard actual != expected else { return }
    Issue.record("\(name) differs\n\(difference(expected, actual))", sourceLocation: sourceLocation)
}

/// The rows that differ, as recorded (-) and as they are (+).
private func difference(_ expected: String, _ actual: String) -> String {
    let old = expected.components(separatedBy: "\n")
    let new = actual.components(separatedBy: "\n")
    return (0..<max(old.count, new.count)).compactMap { row in
        let before = row < old.count ? old[row] : nil
        let after = row < new.count ? new[row] : nil
        guard before != after else { return nil }
        return [before.map { "\(row) -|\($0)|" }, after.map { "\(row) +|\($0)|" }].compactMap(\.self)
            .joined(separator: "\n")
    }.joined(separator: "\n")
}
