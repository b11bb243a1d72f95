import Capture
import SpatioWire

/// Reads the octets of indexed messages again. It may be used from any thread.
package struct MessageReader: Sendable {
    let stores: [PacketStore]
    let sideStore: SideStore?

    package init(stores: [PacketStore], sideStore: SideStore?) {
        self.stores = stores
        self.sideStore = sideStore
    }

    /// The octets of a message; nil when they cannot be read any more.
    package func octets(of record: MessageRecord) -> [UInt8]? {
        if record.marks.contains(.assembled) {
            return sideStore?.read(at: record.position, count: Int(record.size))
        }
        guard Int(record.file) < stores.count else { return nil }
        return stores[Int(record.file)].read(at: record.position, count: Int(record.size))
    }
}

extension MessageReader {
    /// Whether the octets of a message have made room for others.
    package func hasRemoved(_ record: MessageRecord) -> Bool {
        guard !record.marks.contains(.assembled), Int(record.file) < stores.count else { return false }
        return record.position < stores[Int(record.file)].firstPosition
    }

    /// The same of what is kept now: of that nothing goes while somebody has it.
    var pinned: MessageReader { MessageReader(stores: stores.map(\.pinned), sideStore: sideStore) }
}

/// Reads message after message: neighbours in a file come from one read.
struct SequentialReader {
    /// One read serves some thousand small messages.
    private static let windowSize = 256 << 10

    private let reader: MessageReader
    private var window: [UInt8] = []
    private var windowStart: UInt64 = 0
    private var windowFile: UInt8 = 0

    init(_ reader: MessageReader) { self.reader = reader }

    /// Calls `body` with the octets of a message; false when they cannot be read.
    mutating func withOctets(of record: MessageRecord, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        let size = Int(record.size)
        if !record.marks.contains(.assembled), size <= Self.windowSize, fill(record) {
            let start = Int(record.position - windowStart)
            window.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<start + size])) }
            return true
        }
        guard let octets = reader.octets(of: record) else { return false }
        octets.withUnsafeBytes(body)
        return true
    }

    private mutating func fill(_ record: MessageRecord) -> Bool {
        let isInside =
            windowFile == record.file && record.position >= windowStart
            && record.position + UInt64(record.size) <= windowStart + UInt64(window.count)
        if isInside { return true }
        guard Int(record.file) < reader.stores.count else { return false }
        // At the end of the file less is there than asked for: halve until it fits.
        var count = Self.windowSize
        while count >= Int(record.size), count > 0 {
            if let octets = reader.stores[Int(record.file)].read(at: record.position, count: count) {
                window = octets
                windowStart = record.position
                windowFile = record.file
                return true
            }
            count /= 2
        }
        return false
    }
}
