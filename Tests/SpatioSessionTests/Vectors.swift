import Foundation
import SpatioSession
import SpatioWire
import Testing

/// One valid entry of the profile's vectors, as far as these tests need it.
struct Vector: Sendable, CustomTestStringConvertible {
    var name: String
    var datagrams: [[UInt8]]
    var entry: KeyLog.Entry?
    var direction: Direction
    /// Canonical JSON: sorted keys.
    var payload: String
    var reassembled: String?

    var testDescription: String { name }

    /// The messages of the vector with their octets.
    func messages() throws -> [(octets: [UInt8], message: SpatioWire.Message)] {
        try datagrams.map { ($0, try $0.withUnsafeBytes { try SpatioWire.Message.decode($0) }.message) }
    }

    static let sealed = load { $0.hasPrefix("sealed-") }
    static let signed = load { $0 == "signed" }
    static let segmented = load { $0.hasPrefix("segmented-") }

    private static func load(_ wanted: (String) -> Bool) -> [Vector] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("SpatioWireTests/Vectors/vectors.json")
        guard let data = try? Data(contentsOf: file),
            let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let entries = root["valid"] as? [[String: Any]]
        else { return [] }
        return entries.filter { wanted($0["name"] as? String ?? "") }.map(vector)
    }

    private static func vector(_ entry: [String: Any]) -> Vector {
        let datagrams = (entry["datagrams"] as? [String] ?? []).map { octets(hexadecimal: $0) ?? [] }
        let messages = entry["messages"] as? [[String: Any]] ?? []
        return Vector(
            name: entry["name"] as? String ?? "", datagrams: datagrams,
            entry: KeyLog(parsing: Array((entry["keylog"] as? String ?? "").utf8)).entries.first,
            direction: entry["direction"] as? String == "server" ? .server : .client,
            payload: canonical(messages.first?["payload"] as Any),
            reassembled: (entry["reassembled"] as? [String: Any]).map { canonical($0["payload"] ?? $0) })
    }
}

/// JSON with sorted keys, so that two texts can be compared.
func canonical(_ object: Any) -> String {
    let data = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .fragmentsAllowed])
    return String(decoding: data ?? Data(), as: UTF8.self)
}

/// The payload of a message as the vectors write it.
func payloadText(_ map: FieldMap) throws -> String {
    var json = JSONText()
    if let reassembled = map.reassembled {
        json.open("{")
        _ = map.write(reassembled, named: true, to: &json)
        json.close("}")
    } else {
        map.write(to: &json)
    }
    let object = try JSONSerialization.jsonObject(with: Data(json.octets)) as? [String: Any]
    let whole = object?["reassembled"] as? [String: Any] ?? object
    return canonical(whole?["payload"] as Any)
}

/// A small generator with a seed: permutations that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
