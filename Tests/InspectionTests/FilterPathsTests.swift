import Foundation
import Inspection
import SpatioWire
import Testing

/// The list of paths is written by hand; the wire vectors show whether it is complete.
@Suite struct FilterPathsTests {
    /// Every path of the vectors' messages, as the field map names them.
    private static let seen: Set<String> = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../SpatioWireTests/Vectors/vectors.json")
        var paths: Set<String> = []
        guard let data = try? Data(contentsOf: file),
            let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let vectors = root["valid"] as? [[String: Any]]
        else { return paths }
        for text in vectors.flatMap({ $0["datagrams"] as? [String] ?? [] }) {
            var rest = octets(hexadecimal: text) ?? []
            while !rest.isEmpty {
                let map = MessageDissector.dissect(rest)
                collect(map, &paths)
                rest.removeFirst(min(max(1, map.message.count), rest.count))
            }
        }
        return paths
    }()

    private static func collect(_ map: FieldMap, _ paths: inout Set<String>) {
        var names: [String] = []
        for field in map.fields {
            names.removeLast(max(0, names.count - field.depth))
            names.append(field.name)
            if !field.isStructural { paths.insert(names.filter { !$0.isEmpty }.joined(separator: ".")) }
        }
    }

    /// Filters and selections have other names for these, or they are shown and not compared.
    private static let others: Set<String> = [
        "version", "type", "flags", "priority", "stream_id", "sequence", "segment", "sealed", "signature", "raw",
        "compressed",
    ]

    @Test("Every field of the wire vectors can be asked for")
    func isComplete() {
        #expect(Self.seen.count > 200)
        for path in Self.seen.subtracting(Self.others) {
            #expect(throws: Never.self, "\(path)") { try Filter(parsing: path) }
        }
    }

    @Test("Few paths are listed that no vector has")
    func isExact() {
        // Forms of structures that the vectors use only elsewhere, and wholes put together from segments.
        let unseen = FilterPaths.all.filter { !Self.seen.contains($0) && !$0.hasPrefix("reassembled") }
        #expect(unseen.count < FilterPaths.all.count / 3, "\(unseen)")
    }
}
