/// One capture file: pcap or pcapng, plain or compressed, or standard input.
///
/// A file that is cut short or rotten gives every whole packet before the damage, then throws once, then is at its end.
package final class CaptureFile {
    private enum Format {
        case pcap(PcapFormat)
        case pcapng(PcapngFormat)
    }

    /// The path as it was given, or "standard input".
    package let name: String
    /// Random access to what has been read.
    package let store: PacketStore
    private let index: UInt8
    /// Nil where a store is read again, and of a live capture.
    private let source: FileSource?
    /// Of a live capture alone.
    private let live: LiveSource?
    /// Has what comes kept in time, whether it is read or not.
    private let heartbeat: Heartbeat?
    private let input: BufferedInput
    private let isCompressed: Bool
    /// Octets of a store that is read again.
    private let size: UInt64?
    private let format: Format
    private var isFinished = false

    /// Opens a file and reads its header.
    package convenience init(path: String, index: UInt8 = 0, keepsPackets: Bool = true) throws(CaptureError) {
        try self.init(OpenedFile(path), index: index, keepsPackets: keepsPackets)
    }

    /// Reads the header of a file.
    ///
    /// - Parameters:
    ///   - index: what its packets carry as `file`.
    ///   - keepsPackets: whether `store` shall work for what cannot be read twice (a pipe, a compressed file). It costs
    ///     a temporary file of the decompressed size in `$TMPDIR` or `/tmp`.
    package init(_ file: OpenedFile, index: UInt8 = 0, keepsPackets: Bool = true) throws(CaptureError) {
        let source = file.source
        let start = try source.peek(4)
        guard !start.isEmpty else { throw CaptureError(file: source.name, reason: "the file is empty") }
        let decompressed = try DecompressedSource.open(source, start: start)
        let isReadAgain = source.size != nil && decompressed == nil
        let copy = isReadAgain || !keepsPackets ? nil : try TemporaryCopy(name: source.name)
        let input = BufferedInput(source: decompressed ?? source, copy: copy)
        format = try Self.format(of: input, name: source.name, index: index)
        name = source.name
        store = PacketStore(descriptor: isReadAgain ? source.descriptor : copy?.descriptor)
        self.index = index
        isCompressed = decompressed != nil
        self.source = source
        live = nil
        heartbeat = nil
        self.input = input
        size = nil
    }

    /// Time between two looks at what has come, for keeping it: half of what may be lost when the program is killed.
    private static let keepingInterval = 0.5

    /// Reads what is pushed into a live capture.
    ///
    /// - Parameters:
    ///   - index: what its packets carry as `file`.
    ///   - spool: keeps what comes, for `store`; nil keeps nothing.
    package init(live capture: LiveCapture, index: UInt8 = 0, spool: Spool? = Spool()) throws(CaptureError) {
        let series = spool?.add(capture.name, header: capture.header)
        let live = LiveSource(capture, series)
        let input = BufferedInput(source: live)
        let format = PcapngFormat(name: capture.name, file: index)
        // They are there before anything comes.
        _ = try input.fill(1)
        try format.readDescriptions(from: input)
        self.format = .pcapng(format)
        name = capture.name
        store = series.map { PacketStore($0) } ?? PacketStore(descriptor: nil)
        self.index = index
        isCompressed = false
        source = nil
        self.live = live
        heartbeat = series == nil ? nil : Heartbeat(every: Self.keepingInterval) { [weak live] in live?.keepUp() }
        self.input = input
        size = nil
    }

    /// Reads again what a store has kept, with the same positions as the first time. It keeps nothing itself.
    ///
    /// - Parameters:
    ///   - store: `pinned` where it goes on.
    ///   - name: for errors.
    ///   - index: what its packets carry as `file`.
    package init(
        again store: PacketStore, name: String, index: UInt8, size: UInt64? = nil
    ) throws(CaptureError) {
        let source = StoreSource(store: store)
        let input = BufferedInput(source: source)
        format = try Self.format(of: input, name: name, index: index)
        if store.firstPosition > 0, case .pcapng(let pcapng) = format {
            // Of what has made room only the header is left.
            try pcapng.readDescriptions(from: input)
            source.position = store.firstPosition
            input.jump(to: store.firstPosition)
        }
        self.name = name
        self.store = store
        self.index = index
        isCompressed = false
        self.source = nil
        live = nil
        heartbeat = nil
        self.input = input
        self.size = size
    }

    private static func format(of input: BufferedInput, name: String, index: UInt8) throws(CaptureError) -> Format {
        guard try input.fill(4) else {
            throw CaptureError(file: name, reason: "not a capture: it has only \(input.available) octets")
        }
        if PcapFormat.recognises(input.pointer) { return .pcap(try PcapFormat(name: name, input: input)) }
        guard input.pointer.big32(0) == PcapngFormat.sectionHeaderType else {
            throw CaptureError(file: name, position: 0, reason: "not a capture")
        }
        return .pcapng(PcapngFormat(name: name, file: index))
    }

    /// Octets of the file that have been read so far, as they lie on the disk (compressed).
    package var octetsRead: UInt64 { source?.octetsRead ?? input.position }

    /// Octets of the file on the disk; nil for a pipe.
    package var octetsTotal: UInt64? { source?.size ?? size }

    /// Comments on sections, interfaces and packets that have been read so far, the first few thousand; pcapng only.
    package var comments: [String] { annotations?.comments ?? [] }

    /// Names of addresses that have been read so far, the first few thousand; pcapng only.
    package var nameResolution: [(address: String, name: String)] { annotations?.names ?? [] }

    /// Names of the interfaces, by `CapturedPacket.interface`; empty where an interface has none; pcapng only.
    package var interfaceNames: [String] { annotations?.interfaceNames ?? [] }

    /// Packets of all its interfaces that were not taken in while the file was made, as far as it is read; nil where it
    /// does not say; pcapng only.
    package var drops: InterfaceCapture.Drops? {
        InterfaceCapture.Drops.sum(annotations?.drops.values.map { $0 } ?? [])
    }

    private var annotations: Annotations? {
        if case .pcapng(let pcapng) = format { pcapng.annotations } else { nil }
    }

    /// False where the next octets of a plain pipe or a live capture have not come yet, so that reading on would wait for
    /// them. Of a compressed pipe nobody can tell.
    package var isReadable: Bool {
        // Blocks are pushed whole, so what lies in the buffer is a packet, or will be followed by one.
        if let live { return input.available > 0 || live.isReadable }
        return isCompressed || source?.isReadable ?? true
    }

    /// The next packet; nil at the end.
    package func next() throws(CaptureError) -> CapturedPacket? {
        if let packet = buffered() { return packet }
        return try readOn()
    }

    /// The next packet where that takes no reading and no thought; nil says nothing.
    @inline(__always)
    package func buffered() -> CapturedPacket? {
        switch format {
        case .pcap(let pcap): pcap.buffered(in: input, file: index)
        case .pcapng(let pcapng): pcapng.buffered(in: input)
        }
    }

    /// Hands on packets while that takes no reading, at most `limit`: each is valid while `body` runs.
    ///
    /// - Returns: how many there were.
    package func drain(_ limit: Int, _ body: (CapturedPacket) -> Void) -> Int {
        var count = 0
        switch format {
        case .pcap(let pcap):
            while count < limit, let packet = pcap.buffered(in: input, file: index) {
                body(packet)
                count += 1
            }
        case .pcapng(let pcapng):
            while count < limit, let packet = pcapng.buffered(in: input) {
                body(packet)
                count += 1
            }
        }
        return count
    }

    @inline(never)
    private func readOn() throws(CaptureError) -> CapturedPacket? {
        guard !isFinished else { return nil }
        // Whatever comes but a packet, it is the last thing that comes.
        isFinished = true
        let packet =
            switch format {
            case .pcap(let pcap): try pcap.next(from: input, name: name, file: index)
            case .pcapng(let pcapng): try pcapng.next(from: input)
            }
        isFinished = packet == nil
        return packet
    }
}
