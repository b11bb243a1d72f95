import SpatioWire

/// What a sensor measures, and the extension that it tells of it with.
enum Sensor: Sendable {
    /// Temperature in degrees Celsius, and humidity.
    case weather
    /// Noise in decibels.
    case noise

    var range: ClosedRange<Double> { self == .weather ? 12...28 : 35...85 }

    var manifest: ExtensionManifest {
        switch self {
        case .weather:
            ExtensionManifest(
                id: 0x0201, name: "weather", type: .application, version: SemanticVersion(1, 1, 0), status: .stable,
                schema: Self.common + [SchemaField("temperature", .float), SchemaField("humidity", .float)])
        case .noise:
            ExtensionManifest(
                id: 0x0202, name: "noise-level", type: .application, version: SemanticVersion(0, 4, 0),
                status: .experimental,
                dependencies: [
                    ExtensionOffer(extensionID: ExtensionID.spatialQuery, version: SemanticVersion(1, 0, 0))
                ],
                schema: Self.common + [SchemaField("decibels", .float)])
        }
    }

    var offer: ExtensionOffer { ExtensionOffer(extensionID: manifest.id, version: manifest.version) }

    private static let common = [
        SchemaField("station", .uuid), SchemaField("label", .string), SchemaField("at", .vector3),
        SchemaField("taken", .timestamp),
    ]

    func data(_ reading: Double, by presence: Presence) -> [UInt8] {
        var values: [Value] = [
            .uuid(presence.id), .string(presence.name), .vector3(presence.position),
            .timestamp(presence.now.wallMilliseconds), .float(reading),
        ]
        // Warm air is dry.
        if self == .weather { values.append(.float(((1 - reading / 40) * 100).rounded() / 100)) }
        return ExtensionContent.values(values).encoded()
    }
}
