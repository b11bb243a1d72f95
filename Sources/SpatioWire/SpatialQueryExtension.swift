/// What the data of the extension spatial-query says (profile section 7).
public enum SpatialQueryMessage: Hashable, Sendable {
    case query(ExtendedQueryRequest)
    case result(SpatialResponse)

    /// The data of an extension header with the number `ExtensionID.spatialQuery`.
    public static func decode(_ data: [UInt8]) throws(DecodeError) -> SpatialQueryMessage {
        try decodeWhole(data) { (reader: inout WireReader<NoRecorder>) throws(DecodeError) -> SpatialQueryMessage in
            switch try reader.enumeration("op", SpatialQueryOperation.self) {
            case .query: .query(try ExtendedQueryRequest(from: &reader))
            case .result: .result(try SpatialResponse(from: &reader))
            }
        }
    }
}
