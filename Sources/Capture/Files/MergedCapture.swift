/// Several capture files as one, in the order of the packets' times.
///
/// Each file is taken in its own order, so a file whose clock runs backwards comes out as it is. Packets of the same
/// time come in the order of the files. One file costs nothing extra.
package struct MergedCapture {
    /// A file's packet that was read and not yet handed out.
    private struct Head {
        var packet: CapturedPacket
        var file: Int

        func precedes(_ other: Head) -> Bool {
            (packet.time, file) < (other.packet.time, other.file)
        }
    }

    private let files: [CaptureFile]
    /// The file where there is just one.
    private let only: CaptureFile?
    /// A binary heap: the earliest packet is first.
    private var heads: [Head] = []
    /// Files whose next packet is not in `heads`: all of them at first, then the one whose packet was handed out last,
    /// because reading on would invalidate that packet.
    private var behind: [Int]

    package init(files: [CaptureFile]) {
        self.files = files
        only = files.count == 1 ? files[0] : nil
        behind = Array(files.indices.reversed())
    }

    /// The next packet of all files, valid until the next call; nil at the end of the last file.
    ///
    /// An error in one file is thrown once; calling again goes on with the other files.
    package mutating func next() throws(CaptureError) -> CapturedPacket? {
        if let packet = only?.buffered() { return packet }
        return try readOn()
    }

    /// Hands on the next packets of all files, at most `limit`: each is valid while `body` runs. Where there are many
    /// packets this is the quick way, because none is copied.
    ///
    /// - Returns: how many there were; 0 only at the end of the last file.
    package mutating func read(_ limit: Int, _ body: (CapturedPacket) -> Void) throws(CaptureError) -> Int {
        if let count = only?.drain(limit, body), count > 0 { return count }
        guard let packet = try readOn() else { return 0 }
        body(packet)
        return 1
    }

    /// Hands on packets that have been read already, at most `limit`, and says how many there were.
    package func drain(_ limit: Int, _ body: (CapturedPacket) -> Void) -> Int { only?.drain(limit, body) ?? 0 }

    /// False where the only source is a pipe that has nothing to say yet.
    package var isReadable: Bool { only?.isReadable ?? true }

    @inline(never)
    private mutating func readOn() throws(CaptureError) -> CapturedPacket? {
        if only != nil { return try files[0].next() }
        while let file = behind.popLast() {
            if let packet = try files[file].next() { insert(Head(packet: packet, file: file)) }
        }
        guard let first = heads.first, let last = heads.popLast() else { return nil }
        if !heads.isEmpty {
            heads[0] = last
            sink()
        }
        behind.append(first.file)
        return first.packet
    }

    private mutating func insert(_ head: Head) {
        heads.append(head)
        var index = heads.count - 1
        while index > 0, heads[index].precedes(heads[(index - 1) / 2]) {
            heads.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Moves the first head down to its place.
    private mutating func sink() {
        var index = 0
        while true {
            var earliest = index
            for child in [2 * index + 1, 2 * index + 2] where child < heads.count {
                if heads[child].precedes(heads[earliest]) { earliest = child }
            }
            if earliest == index { return }
            heads.swapAt(index, earliest)
            index = earliest
        }
    }
}
