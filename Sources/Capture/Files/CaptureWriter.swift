import Glibc

/// Writes a capture file.
///
/// The octets go out in blocks of 256 KiB; `flush` or `close` sends the rest. What is dropped without `close` is flushed too,
/// but nobody learns of an error then.
package struct CaptureWriter: ~Copyable {
    package enum Format: Sendable {
        /// pcap with microseconds: what every tool reads.
        case pcap
        /// pcap with nanoseconds.
        case pcapNanoseconds
        /// pcapng with nanoseconds, several interfaces and comments.
        case pcapng
    }

    private static let bufferLength = 256 * 1024

    private let name: String
    private let descriptor: Descriptor
    private let format: Format
    private var buffer: [UInt8] = []
    private var interfaces = 0
    private var isClosed = false
    /// Octets of the file so far, those in the buffer included.
    package private(set) var octetsWritten: UInt64 = 0

    /// Makes a file, in the place of one that has this name already.
    ///
    /// - Parameters:
    ///   - path: where; `-` for standard output.
    ///   - linkType: of the first interface.
    ///   - interface: the name of the first interface; pcapng only.
    ///   - comment: on the whole file; pcapng only.
    package init(
        path: String, format: Format, linkType: LinkType = .ethernet, interface: String? = nil, comment: String? = nil
    ) throws(CaptureError) {
        let number = path == "-" ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw .system(file: path, "cannot be made", code: errno) }
        try self.init(
            descriptor: number, name: path == "-" ? "standard output" : path, format: format, linkType: linkType,
            interface: interface, comment: comment)
    }

    /// Writes to a descriptor, which the writer closes.
    ///
    /// - Parameters:
    ///   - name: for errors.
    ///   - linkType: of the first interface; nil describes none yet, which pcapng alone allows.
    package init(
        descriptor: Int32, name: String, format: Format, linkType: LinkType? = .ethernet, interface: String? = nil,
        comment: String? = nil
    ) throws(CaptureError) {
        self.name = name
        self.descriptor = Descriptor(descriptor)
        self.format = format
        buffer.reserveCapacity(Self.bufferLength + 64 * 1024)
        switch format {
        case .pcap: fileHeader(0xa1b2_c3d4, linkType ?? .ethernet)
        case .pcapNanoseconds: fileHeader(0xa1b2_3c4d, linkType ?? .ethernet)
        case .pcapng:
            sectionHeader(comment)
            if let linkType { _ = try addInterface(linkType: linkType, name: interface) }
        }
        // At once, so that a reader that follows the file knows what it is.
        try flush()
    }

    deinit {
        if !isClosed { buffer.withUnsafeBytes { _ = writeAll($0, to: descriptor.number) } }
    }

    /// Describes one more interface; pcapng only.
    ///
    /// - Returns: what `write` wants as `interface`.
    package mutating func addInterface(linkType: LinkType, name: String? = nil) throws(CaptureError) -> Int {
        guard format == .pcapng else {
            throw CaptureError(file: self.name, reason: "only pcapng can describe interfaces")
        }
        block(type: 1) { block in
            block.append16(UInt16(truncatingIfNeeded: linkType.rawValue))
            block.append16(0)
            block.append32(UInt32(CapturedPacket.usualSnapLength))
            if let name { block.appendOption(2, Array(name.utf8)) }
            // Times in nanoseconds.
            block.appendOption(9, [9])
            block.append32(0)
        }
        try flushIfFull()
        defer { interfaces += 1 }
        return interfaces
    }

    /// Writes what was dropped of an interface since its capture began; pcapng only.
    ///
    /// - Parameters:
    ///   - time: nanoseconds since the Unix epoch.
    ///   - interface: from `addInterface`.
    package mutating func write(
        _ drops: InterfaceCapture.Drops, time: Int64, interface: Int
    ) throws(CaptureError) {
        try requireDescription(of: interface)
        block(type: 5) { block in
            block.append32(UInt32(truncatingIfNeeded: interface))
            block.appendTime(time)
            for option in drops.options {
                block.appendOption(option.code, withUnsafeBytes(of: option.value) { Array($0) })
            }
            block.append32(0)
        }
        try flushIfFull()
    }

    private func requireDescription(of interface: Int) throws(CaptureError) {
        guard format != .pcapng || (0..<interfaces).contains(interface) else {
            throw CaptureError(file: name, position: octetsWritten, reason: "interface \(interface) is not described")
        }
    }

    /// Writes a packet.
    ///
    /// - Parameters:
    ///   - time: nanoseconds since the Unix epoch; pcap holds the years 1970 to 2106, times outside are clamped.
    ///   - originalLength: octets on the wire; nil where all of them were captured.
    ///   - interface: from `addInterface`; 0 is the first. pcapng only.
    ///   - comment: on this packet; pcapng only.
    package mutating func write(
        time: Int64, octets: UnsafeRawBufferPointer, originalLength: Int? = nil, interface: Int = 0,
        comment: String? = nil
    ) throws(CaptureError) {
        guard octets.count <= PcapFormat.maximumCapturedLength else {
            throw CaptureError(file: name, position: octetsWritten, reason: "a packet is over 16 MiB")
        }
        try requireDescription(of: interface)
        let captured = UInt32(octets.count)
        let original = max(UInt32(clamping: originalLength ?? 0), captured)
        switch format {
        case .pcap, .pcapNanoseconds:
            let time = UInt64(max(time, 0))
            append32(UInt32(clamping: time / 1_000_000_000))
            append32(UInt32(time % 1_000_000_000) / (format == .pcap ? 1000 : 1))
            append32(captured)
            append32(original)
            append(octets)
        case .pcapng:
            block(type: 6) { block in
                block.append32(UInt32(truncatingIfNeeded: interface))
                block.appendTime(time)
                block.append32(captured)
                block.append32(original)
                block.append(octets)
                block.pad()
                if let comment {
                    block.appendOption(1, Array(comment.utf8))
                    block.append32(0)
                }
            }
        }
        try flushIfFull()
    }

    /// Writes a packet that lies in an array.
    package mutating func write(
        time: Int64, octets: [UInt8], originalLength: Int? = nil, interface: Int = 0, comment: String? = nil
    ) throws(CaptureError) {
        let result = octets.withUnsafeBytes { octets in
            Result { () throws(CaptureError) in
                try write(
                    time: time, octets: octets, originalLength: originalLength, interface: interface, comment: comment)
            }
        }
        try result.get()
    }

    /// Sends everything to the file. Where that fails, as on a full disk, a file ends with its last whole packet.
    package mutating func flush() throws(CaptureError) {
        let start = lseek(descriptor.number, 0, SEEK_CUR)
        let code = buffer.withUnsafeBytes { writeAll($0, to: descriptor.number) }
        if code != 0 { cut(after: start) }
        buffer.removeAll(keepingCapacity: true)
        guard code == 0 else { throw .system(file: name, "cannot be written", code: code) }
    }

    /// Takes the part of a packet off the end of the file.
    ///
    /// - Parameter start: of the buffer in the file; below 0 where it is a pipe.
    private func cut(after start: off_t) {
        let written = Int(lseek(descriptor.number, 0, SEEK_CUR) - start)
        // The header of a pcap file goes out alone, before any packet.
        guard start > 0 || format == .pcapng, start >= 0 else { return }
        var end = 0
        buffer.withUnsafeBytes { octets in
            while let length = recordLength(octets, at: end), end + length <= written { end += length }
        }
        ftruncate(descriptor.number, start + off_t(end))
    }

    /// Octets of the block or record that begins at an offset; nil at the end.
    private func recordLength(_ octets: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard octets.count - offset >= 16 else { return nil }
        func word(_ place: Int) -> Int { Int(octets.loadUnaligned(fromByteOffset: offset + place, as: UInt32.self)) }
        return format == .pcapng ? word(4) : 16 + word(8)
    }

    /// Sends everything to the file and writes no more.
    package mutating func close() throws(CaptureError) {
        guard !isClosed else { return }
        isClosed = true
        try flush()
    }

    private mutating func flushIfFull() throws(CaptureError) {
        if buffer.count >= Self.bufferLength { try flush() }
    }

    private mutating func fileHeader(_ magic: UInt32, _ linkType: LinkType) {
        append32(magic)
        append16(2)
        append16(4)
        append32(0)
        append32(0)
        append32(UInt32(CapturedPacket.usualSnapLength))
        append32(linkType.rawValue)
    }

    private mutating func sectionHeader(_ comment: String?) {
        block(type: PcapngFormat.sectionHeaderType) { block in
            block.append32(0x1a2b_3c4d)
            block.append16(1)
            block.append16(0)
            // The section's length is not known beforehand: all ones.
            block.append32(.max)
            block.append32(.max)
            if let comment { block.appendOption(1, Array(comment.utf8)) }
            block.appendOption(4, Array("spatioscope".utf8))
            block.append32(0)
        }
    }

    /// Appends a block with what `body` appends as its content.
    private mutating func block(type: UInt32, _ body: (inout CaptureWriter) -> Void) {
        let start = buffer.count
        append32(type)
        append32(0)
        body(&self)
        append32(0)
        let length = UInt32(buffer.count - start)
        withUnsafeBytes(of: length) { octets in
            buffer.replaceSubrange((start + 4)..<(start + 8), with: octets)
            buffer.replaceSubrange((buffer.count - 4)..., with: octets)
        }
    }

    private mutating func append(_ octets: UnsafeRawBufferPointer) {
        buffer.append(contentsOf: octets)
        octetsWritten += UInt64(octets.count)
    }

    /// Nanoseconds since the Unix epoch, as pcapng has them.
    private mutating func appendTime(_ time: Int64) {
        let time = UInt64(max(time, 0))
        append32(UInt32(truncatingIfNeeded: time >> 32))
        append32(UInt32(truncatingIfNeeded: time))
    }

    private mutating func append16(_ value: UInt16) {
        withUnsafeBytes(of: value) { append($0) }
    }

    private mutating func append32(_ value: UInt32) {
        withUnsafeBytes(of: value) { append($0) }
    }

    private mutating func appendOption(_ code: UInt16, _ value: [UInt8]) {
        // An option's length has 16 bits.
        let value = value.prefix(Int(UInt16.max) - 3)
        append16(code)
        append16(UInt16(value.count))
        value.withUnsafeBytes { append($0) }
        pad()
    }

    /// Fills up to four octets, as everything in pcapng is. Blocks start at such a place of the file, not of the buffer.
    private mutating func pad() {
        while octetsWritten % 4 != 0 { withUnsafeBytes(of: UInt8(0)) { append($0) } }
    }
}
