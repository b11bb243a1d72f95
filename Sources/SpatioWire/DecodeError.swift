/// Why octets are not a well-formed message: where and what (profile section 1, "malformed").
public struct DecodeError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, CaseIterable, Sendable {
        case truncated
        case version
        case reservedFlag = "reserved flag"
        case checksum
        case countPastEnd = "count past the end"
        case octetsAfterPayload = "octets after the payload"
        case octetsAfterLastMessage = "octets after the last message"
        case octetsAfterParameters = "octets after the parameters"
        case boolean = "bool"
        case notUTF8 = "not UTF-8"
        case notFinite = "not finite"
        case confidence
        case precision
        case congestionThreshold = "congestion_threshold"
        case updateWithoutAddress = "SPATIAL_UPDATE without ADDRESS"
        case enumValue = "enum value"
        case deltaUpdateNotDelta = "DELTA_UPDATE with delta = 0"
        case segmentSize = "segment_size"
        case routing
        case uncompressedSize = "uncompressed_size"
        case compression
        case tooLarge = "message over 16 MiB"
    }

    /// Octets from the first octet of the message to the first one that is wrong.
    public var offset: Int
    public var reason: Reason
    /// What was there and what was possible, where the reason alone does not say it.
    public var detail: String?
    /// The length or count that reaches past the end, where that is what is wrong: a byte stream can tell by it whether
    /// the rest can come at all.
    public var stated: UInt64?

    public init(_ reason: Reason, at offset: Int, _ detail: String? = nil) {
        self.offset = offset
        self.reason = reason
        self.detail = detail
    }

    /// The error of a content that was decompressed or reassembled: none of its octets lies in the message, so that
    /// the place is the first octet of the message's payload and the detail tells the place in the content.
    func inContent(ofPayloadAt place: Int) -> DecodeError {
        DecodeError(reason, at: place, "octet \(offset) of the content" + (detail.map { ": \($0)" } ?? ""))
    }

    public var description: String {
        "\(reason.rawValue) at octet \(offset)" + (detail.map { ": \($0)" } ?? "")
    }
}

/// Bounds on what one message may make a reader keep.
public enum WireLimits {
    /// No session can negotiate more (profile section 3.2).
    public static let largestMessage = 16 << 20
    /// `max_message_size` before a session has negotiated one (profile section 3.2).
    public static let defaultMessageSize = 1 << 20
    /// The fixed part of every message (profile section 3).
    public static let headerSize = 20
    /// Fields that a field map records; what lies behind is decoded and checked, but not listed, so that a payload of
    /// millions of tiny elements cannot fill the memory of the one who looks at it.
    public static let recordedFields = 200_000
}
