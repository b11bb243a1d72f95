import Glibc

/// A file with some blocks of a stream of pcapng, behind the stream's header, so that it is a capture by itself.
struct SpoolSegment: Sendable {
    /// Of its first block in the stream.
    let start: UInt64
    let file: Descriptor
    /// Nil: it has no name.
    let path: String?
    /// Octets of its blocks.
    var count: UInt64 = 0
    var packets: UInt64 = 0

    var end: UInt64 { start + count }
}

/// What is kept of a stream of pcapng: a header, which is the beginning of the stream and of each file, and segments
/// without a gap between them. The oldest ones may be gone.
struct SpoolSegments: Sendable {
    let header: [UInt8]
    private(set) var segments: [SpoolSegment] = []
    /// Of what comes next.
    private(set) var end: UInt64

    init(header: [UInt8]) {
        self.header = header
        end = UInt64(header.count)
    }

    /// The first position that is still kept; 0 where nothing is gone.
    var firstPosition: UInt64 {
        let first = segments.first?.start ?? end
        return first == header.count ? 0 : first
    }

    /// Fills the front of `buffer` with what there is at a position; 0 where nothing is.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: UInt64) -> Int {
        if position < header.count {
            let rest = header[Int(position)...].prefix(buffer.count)
            buffer.copyBytes(from: rest)
            return rest.count
        }
        guard let segment = segments.last(where: { $0.start <= position }), position < segment.end else { return 0 }
        let count = min(UInt64(buffer.count), segment.end - position)
        return readSome(
            of: segment.file.number, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(count)]),
            at: position - segment.start + UInt64(header.count))
    }

    // MARK: Changes

    /// Goes on in another file, which has the header already.
    mutating func begin(_ file: Descriptor, path: String?) {
        segments.append(SpoolSegment(start: end, file: file, path: path))
    }

    /// Blocks lie behind those of the last segment.
    mutating func add(octets: UInt64, packets: UInt64) {
        segments[segments.count - 1].count += octets
        segments[segments.count - 1].packets += packets
        end += octets
    }

    /// Octets go by that are not kept.
    mutating func pass(octets: UInt64) { end += octets }

    mutating func removeOldest() -> SpoolSegment { segments.removeFirst() }
}
