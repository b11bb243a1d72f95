/// One capture file: pcap or pcapng, plain or compressed, or standard input.
///
/// A file that is cut short or rotten gives every whole packet before the damage, then throws once, then is at its end.
package final class CaptureFile {
    private enum Format {
        case pcap(PcapFormat)
    }

    /// The path as it was given, or "standard input".
    package let name: String
    /// Random access to what has been read.
    package let store: PacketStore
    private let index: UInt8
    private let source: FileSource
    private let input: BufferedInput
    private let format: Format
    private var isFinished = false

    /// Opens a file and reads its header.
    ///
    /// - Parameters:
    ///   - path: a path, or `-` for standard input.
    ///   - index: what its packets carry as `file`.
    ///   - keepsPackets: whether `store` shall work for what cannot be read twice (a pipe, a compressed file). It costs
    ///     a temporary file of the decompressed size in `$TMPDIR` or `/tmp`.
    package init(path: String, index: UInt8 = 0, keepsPackets: Bool = true) throws(CaptureError) {
        let source = try FileSource(path: path)
        let start = try source.peek(4)
        guard !start.isEmpty else { throw CaptureError(file: source.name, reason: "the file is empty") }
        let spool: Spool? = source.size == nil && keepsPackets ? try Spool(name: source.name) : nil
        let input = BufferedInput(source: source, spool: spool)
        guard try input.fill(4) else {
            throw CaptureError(file: source.name, reason: "not a capture: too short, \(input.available) octets")
        }
        guard PcapFormat.recognises(input.pointer) else {
            throw CaptureError(file: source.name, position: 0, reason: "not a capture")
        }
        format = .pcap(try PcapFormat(name: source.name, input: input))
        name = source.name
        store = PacketStore(descriptor: spool?.descriptor ?? (source.size == nil ? nil : source.descriptor))
        self.index = index
        self.source = source
        self.input = input
    }

    /// Octets of the file that have been read so far, as they lie on the disk (compressed).
    package var octetsRead: UInt64 { source.octetsRead }

    /// Octets of the file on the disk; nil for a pipe.
    package var octetsTotal: UInt64? { source.size }

    /// The next packet; nil at the end.
    package func next() throws(CaptureError) -> CapturedPacket? {
        guard !isFinished else { return nil }
        do {
            switch format {
            case .pcap(let pcap):
                if let packet = try pcap.next(from: input, name: name, file: index) { return packet }
            }
        } catch {
            isFinished = true
            throw error
        }
        isFinished = true
        return nil
    }
}
