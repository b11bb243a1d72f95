import SpatioWire

/// What is remarkable about one message, as bits of its record.
package struct MessageMarks: OptionSet, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let malformed = MessageMarks(rawValue: 1 << 0)
    /// The sequence was seen before, without RETRANSMIT.
    package static let duplicate = MessageMarks(rawValue: 1 << 1)
    /// A first arrival behind a higher sequence.
    package static let reordered = MessageMarks(rawValue: 1 << 2)
    /// Sequences were missing before this one when it came.
    package static let lostBefore = MessageMarks(rawValue: 1 << 3)
    package static let unknownType = MessageMarks(rawValue: 1 << 4)
    /// Sealed, and no key opened it.
    package static let undecrypted = MessageMarks(rawValue: 1 << 5)
    /// Opened with a key.
    package static let decrypted = MessageMarks(rawValue: 1 << 6)
    /// Completes a segmented message.
    package static let reassembled = MessageMarks(rawValue: 1 << 7)
    /// The tag or the signature does not fit.
    package static let badSignature = MessageMarks(rawValue: 1 << 8)
    package static let versionGap = MessageMarks(rawValue: 1 << 9)
    package static let checksumWrong = MessageMarks(rawValue: 1 << 10)
    /// Its octets lie in the side store, because no packet holds them in one piece.
    package static let assembled = MessageMarks(rawValue: 1 << 11)
    /// Repeats an earlier message (flag RETRANSMIT).
    package static let retransmit = MessageMarks(rawValue: 1 << 12)
    /// The message names its space in its address.
    package static let hasSpace = MessageMarks(rawValue: 1 << 13)
    /// The header could be read, so type, flags and sequence are the message's.
    package static let hasHeader = MessageMarks(rawValue: 1 << 14)
    /// Octets are missing: of what is malformed because it lies behind whole messages of a datagram and is too short for
    /// one; else the snap length has cut it.
    package static let partial = MessageMarks(rawValue: 1 << 15)

    package var isLeftOver: Bool { isSuperset(of: [.partial, .malformed]) }
    /// The snap length has cut the message.
    package var isCut: Bool { contains(.partial) && !contains(.malformed) }
}

/// One message in the index: 40 octets.
package struct MessageRecord: Equatable, Sendable {
    /// Capture time, nanoseconds since the Unix epoch.
    package var time: Int64
    /// The first octet of the message in its store; the file's index in the upper 8 bits.
    private var place: UInt64
    /// Index of the stream in the model.
    package var stream: UInt32
    package var sequence: UInt32
    /// Octets of the message.
    package var size: UInt32
    package var flags: MessageFlags
    package var marks: MessageMarks
    /// Octets from the beginning of the packet's data to the message.
    package var offsetInPacket: UInt16
    /// Index of the space in the model, with the mark `hasSpace`.
    package var space: UInt16
    package var type: MessageType
    package var severity: Severity

    package init(
        time: Int64, position: UInt64, file: UInt8, stream: UInt32, sequence: UInt32, size: UInt32,
        flags: MessageFlags, marks: MessageMarks, offsetInPacket: UInt16, space: UInt16, type: MessageType,
        severity: Severity
    ) {
        self.time = time
        place = UInt64(file) << 56 | position & 0x00FF_FFFF_FFFF_FFFF
        self.stream = stream
        self.sequence = sequence
        self.size = size
        self.flags = flags
        self.marks = marks
        self.offsetInPacket = offsetInPacket
        self.space = space
        self.type = type
        self.severity = severity
    }

    /// - Parameter marks: those of the outcome, and what is known of the place.
    init(
        _ outcome: MessageOutcome, time: Int64, position: UInt64, file: UInt8, offsetInPacket: UInt16,
        marks: MessageMarks
    ) {
        self.init(
            time: time, position: position, file: file, stream: UInt32(outcome.stream ?? Int(UInt32.max)),
            sequence: outcome.header?.sequence ?? 0, size: UInt32(clamping: outcome.size),
            flags: outcome.header?.flags ?? [], marks: marks, offsetInPacket: offsetInPacket,
            space: UInt16(clamping: outcome.space ?? 0), type: outcome.header?.type ?? MessageType(rawValue: 0),
            severity: outcome.severity)
    }

    package var position: UInt64 { place & 0x00FF_FFFF_FFFF_FFFF }
    package var file: UInt8 { UInt8(truncatingIfNeeded: place >> 56) }
}

/// The messages of a capture in the order in which they were captured. A message's position is its number less one; of
/// what is live, the oldest go when there are too many.
package typealias MessageIndex = ChunkedArray<MessageRecord>

extension MessageIndex {
    /// How many messages were captured at or before `time`, for a capture whose clock does not run backwards; those that
    /// are gone count.
    package func count(until time: Int64) -> Int {
        var low = start
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
