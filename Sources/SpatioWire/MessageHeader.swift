/// The flags of the message header (profile section 3).
public struct MessageFlags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt16
    @inlinable @inline(__always)
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let address = MessageFlags(rawValue: 0x0001)
    public static let checksum = MessageFlags(rawValue: 0x0002)
    public static let data = MessageFlags(rawValue: 0x0004)
    public static let extensions = MessageFlags(rawValue: 0x0008)
    public static let multicast = MessageFlags(rawValue: 0x0010)
    public static let signed = MessageFlags(rawValue: 0x0020)
    public static let encrypted = MessageFlags(rawValue: 0x0040)
    public static let reliable = MessageFlags(rawValue: 0x0080)
    public static let ordered = MessageFlags(rawValue: 0x0100)
    public static let retransmit = MessageFlags(rawValue: 0x0200)
    static let reservedBits: UInt16 = 0xF000
    static let priorityShift: UInt16 = 10

    public static let names: [(flag: MessageFlags, name: String)] = [
        (.address, "ADDRESS"), (.checksum, "CHECKSUM"), (.data, "DATA"), (.extensions, "EXTENSIONS"),
        (.multicast, "MULTICAST"), (.signed, "SIGNED"), (.encrypted, "ENCRYPTED"), (.reliable, "RELIABLE"),
        (.ordered, "ORDERED"), (.retransmit, "RETRANSMIT"),
    ]

    /// The two PRIORITY bits.
    public var priority: Priority {
        get { Priority(rawValue: UInt8(rawValue >> Self.priorityShift & 3)) ?? .low }
        set { rawValue = rawValue & ~(3 << Self.priorityShift) | UInt16(newValue.rawValue) << Self.priorityShift }
    }

    /// Names of the flags set, lowest bit first; PRIORITY is not among them.
    public var names: [String] { Self.names.filter { contains($0.flag) }.map(\.name) }
}

/// The fixed 20 octets that begin every message.
public struct MessageHeader: Hashable, Sendable {
    public var type: MessageType
    public var flags: MessageFlags
    public var streamID: UInt32
    /// Counts the messages of one sender on one stream, modulo 2^32.
    public var sequence: UInt32
    /// Microseconds since the Unix epoch, by the sender's clock.
    public var timestamp: UInt64

    public static let version: UInt8 = 1

    public init(
        type: MessageType, flags: MessageFlags = [], streamID: UInt32, sequence: UInt32, timestamp: UInt64,
        priority: Priority = .medium
    ) {
        self.type = type
        self.flags = flags
        self.streamID = streamID
        self.sequence = sequence
        self.timestamp = timestamp
        self.flags.priority = priority
    }

    @inline(__always)
    init<R>(from reader: inout WireReader<R>) throws(DecodeError) {
        if !R.isRecording, reader.remaining >= WireLimits.headerSize {
            // One check, then constant offsets: this is the hottest path of the program. What is too short for it goes
            // the long way, for the first thing that is wrong.
            let start = try reader.take(WireLimits.headerSize)
            let version = reader.load(UInt8.self, at: start)
            guard version == Self.version else { throw Self.wrong(version: version, at: start) }
            type = MessageType(rawValue: reader.load(UInt8.self, at: start + 1))
            flags = MessageFlags(rawValue: reader.load(UInt16.self, at: start + 2))
            guard flags.rawValue & MessageFlags.reservedBits == 0 else { throw Self.reserved(flags, at: start + 2) }
            streamID = reader.load(UInt32.self, at: start + 4)
            sequence = reader.load(UInt32.self, at: start + 8)
            timestamp = reader.load(UInt64.self, at: start + 12)
            return
        }
        let start = reader.offset
        let version = try reader.u8("version")
        guard version == Self.version else { throw Self.wrong(version: version, at: start) }
        type = try reader.code("type", MessageType.self)
        let place = reader.offset
        let bits = try reader.take(2)
        flags = MessageFlags(rawValue: reader.load(UInt16.self, at: bits))
        if R.isRecording {
            reader.leaf("flags", .flags(flags.names, raw: UInt64(flags.rawValue)), place)
            reader.leaf("priority", .named(flags.priority.name, raw: UInt64(flags.priority.rawValue)), place)
        }
        guard flags.rawValue & MessageFlags.reservedBits == 0 else { throw Self.reserved(flags, at: place) }
        streamID = try reader.u32("stream_id")
        sequence = try reader.u32("sequence")
        timestamp = try reader.u64("timestamp")
    }

    /// The header of a message whose version and flags need not be right; nil where there are fewer than 20 octets.
    public static func peek(_ octets: UnsafeRawBufferPointer) -> MessageHeader? {
        guard octets.count >= WireLimits.headerSize else { return nil }
        let reader = WireReader(octets, range: 0..<octets.count, recorder: NoRecorder())
        let flags = MessageFlags(rawValue: reader.load(UInt16.self, at: 2))
        return MessageHeader(
            type: MessageType(rawValue: octets[1]), flags: flags, streamID: reader.load(UInt32.self, at: 4),
            sequence: reader.load(UInt32.self, at: 8), timestamp: reader.load(UInt64.self, at: 12),
            priority: flags.priority)
    }

    func encode(into writer: inout WireWriter) {
        writer.u8(Self.version)
        writer.code(type)
        writer.u16(flags.rawValue)
        writer.u32(streamID)
        writer.u32(sequence)
        writer.u64(timestamp)
    }

    @inline(never)
    private static func wrong(version: UInt8, at offset: Int) -> DecodeError {
        DecodeError(.version, at: offset, "version \(version), not \(Self.version)")
    }

    @inline(never)
    private static func reserved(_ flags: MessageFlags, at offset: Int) -> DecodeError {
        DecodeError(.reservedFlag, at: offset, "flags 0x\(String(flags.rawValue, radix: 16))")
    }
}
