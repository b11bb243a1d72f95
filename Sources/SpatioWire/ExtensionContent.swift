/// What the data of an extension means, where its structure is known (profile section 7).
public enum ExtensionContent: Hashable, Sendable {
    case query(ExtendedQueryRequest)
    case result(SpatialResponse)
    case stateSync(StateSyncCapabilities)
    case manifest(ExtensionManifest)
    case origin(Origin)
    case traceContext(TraceContext)
    /// By a schema: the values of its fields, in its order.
    case values([Value])

    /// Nil where the structure is not known or the data does not fit it.
    public static func decode(_ header: ExtensionHeader, schemas: ExtensionSchemas) -> ExtensionContent? {
        try? decodeWhole(header.data) { (reader: inout WireReader<NoRecorder>) throws(DecodeError) in
            try ExtensionContent(header.extensionID, from: &reader, schemas)
        }
    }

    private init(
        _ id: UInt16, from reader: inout WireReader<NoRecorder>, _ schemas: ExtensionSchemas
    ) throws(DecodeError) {
        switch id {
        case ExtensionID.spatialQuery:
            switch try reader.enumeration("op", SpatialQueryOperation.self) {
            case .query: self = .query(try ExtendedQueryRequest(from: &reader))
            case .result: self = .result(try SpatialResponse(from: &reader))
            }
        case ExtensionID.stateSync: self = .stateSync(try StateSyncCapabilities(from: &reader))
        case ExtensionID.manifest: self = .manifest(try ExtensionManifest(from: &reader))
        case ExtensionID.origin: self = .origin(try Origin(from: &reader))
        case ExtensionID.traceContext: self = .traceContext(try TraceContext(from: &reader))
        default:
            guard let schema = schemas.manifests[id]?.schema else {
                throw DecodeError(.enumValue, at: 0, "no schema for extension \(id)")
            }
            var values: [Value] = []
            for field in schema { values.append(try Value(field.type, named: field.name, from: &reader)) }
            self = .values(values)
        }
    }

    /// The extension's data.
    public func encoded() -> [UInt8] {
        switch self {
        case .query(let query): return query.encoded()
        case .result(let response): return response.encodedAsExtension()
        case .stateSync(let capabilities): return capabilities.encoded()
        case .manifest(let manifest): return manifest.encoded()
        case .origin(let origin): return origin.encoded()
        case .traceContext(let context): return context.encoded()
        case .values(let values):
            var writer = WireWriter()
            for value in values { value.encodeUntagged(into: &writer) }
            return writer.octets
        }
    }
}
