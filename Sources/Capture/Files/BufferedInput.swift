import Glibc

/// A window that slides over an octet source: what the file formats read from, without a copy a packet.
///
/// A class, because the compiler then proves the exclusive access to its properties; as a property of the reader, a
/// struct had it checked at run time for each packet, which cost as much as reading the packet.
final class BufferedInput {
    /// Measured: 256 KiB stays in the second-level cache, and is as fast as a mapped file without its dangers.
    static let usualCapacity = 256 * 1024

    private let source: any OctetSource
    /// Where everything that is read goes too, for random access to what cannot be read twice.
    private let copy: TemporaryCopy?
    private var base: UnsafeMutableRawPointer
    private var capacity = BufferedInput.usualCapacity
    private var cursor = 0
    private var end = 0
    /// Offset of the first octet not yet consumed, counted in the decompressed file.
    private(set) var position: UInt64 = 0

    init(source: any OctetSource, copy: TemporaryCopy? = nil) {
        self.source = source
        self.copy = copy
        base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        base.deallocate()
    }

    /// The first octet not yet consumed; valid until the next `fill`.
    var pointer: UnsafeRawPointer {
        @inline(__always) get { UnsafeRawPointer(base + cursor) }
    }

    /// How many octets lie at `pointer`.
    var available: Int {
        @inline(__always) get { end &- cursor }
    }

    /// Makes at least `count` octets lie at `pointer`.
    ///
    /// - Returns: false where the source ends before; what there is then lies at `pointer`.
    @inline(__always)
    func fill(_ count: Int) throws(CaptureError) -> Bool {
        if count <= available { return true }
        return try refill(count)
    }

    /// Goes on behind `count` octets, of which `fill` has said that they are there.
    @inline(__always)
    func consume(_ count: Int) {
        cursor &+= count
        position &+= UInt64(truncatingIfNeeded: count)
    }

    /// Goes on at a later position, from which the source does, too. Everything before has been consumed.
    func jump(to position: UInt64) { self.position = position }

    @inline(never)
    private func refill(_ count: Int) throws(CaptureError) -> Bool {
        memmove(base, base + cursor, available)
        end -= cursor
        cursor = 0
        while end < count {
            // Grown as octets really come: a length that lies in the file costs nothing.
            if end == capacity { grow() }
            let room = UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
            let result = try source.read(into: room)
            if result == 0 { return false }
            if let copy { try copy.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<result])) }
            end += result
        }
        return true
    }

    private func grow() {
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2, alignment: 16)
        memcpy(larger, base, end)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}
