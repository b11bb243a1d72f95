import CLZ4
import CZlib
import CZstd

/// One step of decompression.
struct DecompressionStep {
    var consumed: Int
    var produced: Int
    /// Whether what follows would be a new member or frame, or the end of the file.
    var isBetweenFrames: Bool
    /// What is wrong with the input behind `consumed`, if something is.
    var failure: String?
}

/// A decompressor of a whole file that may consist of several members or frames.
protocol Decompressor: AnyObject {
    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecompressionStep
}

/// The octets that a compressed file holds.
final class DecompressedSource: OctetSource {
    private static let inputCapacity = 128 * 1024

    private let file: FileSource
    private let decompressor: any Decompressor
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: inputCapacity, alignment: 16)
    private var input: UnsafeRawBufferPointer
    /// Compressed octets consumed, for the place of an error.
    private var position: UInt64 = 0
    private var isBetweenFrames = true
    /// The last step filled its output, so more may be waiting without new input.
    private var mayHoldOutput = false
    /// Found together with the last good octets; those are handed out first.
    private var failure: String?

    /// Whether these are the first four octets of something compressed.
    static func recognises(_ start: [UInt8]) -> Bool { decompressor(for: start) != nil }

    /// What `file` holds, where its first octets show a compression.
    ///
    /// - Returns: nil where the file is not compressed.
    static func open(_ file: FileSource, start: [UInt8]) throws(CaptureError) -> DecompressedSource? {
        guard let make = decompressor(for: start) else { return nil }
        guard let decompressor = make() else {
            throw CaptureError(file: file.name, reason: "not enough memory to decompress it")
        }
        return DecompressedSource(file, decompressor)
    }

    private init(_ file: FileSource, _ decompressor: any Decompressor) {
        self.file = file
        self.decompressor = decompressor
        input = UnsafeRawBufferPointer(rebasing: buffer[..<0])
    }

    deinit {
        buffer.deallocate()
    }

    private static func decompressor(for start: [UInt8]) -> (() -> (any Decompressor)?)? {
        if start.starts(with: [0x1f, 0x8b]) { return { GzipDecompressor() } }
        guard start.count >= 4 else { return nil }
        if start[0] == 0x04, start[1...].elementsEqual([0x22, 0x4d, 0x18]) { return { LZ4Decompressor() } }
        if start[0] == 0x28, start[1...].elementsEqual([0xb5, 0x2f, 0xfd]) { return { ZstdDecompressor() } }
        return nil
    }

    func read(into output: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int {
        while true {
            if let failure { throw CaptureError(file: file.name, position: position, reason: failure) }
            var isAtEnd = false
            if input.isEmpty && !mayHoldOutput {
                let count = try file.read(into: buffer)
                input = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                isAtEnd = count == 0
                if isAtEnd && isBetweenFrames { return 0 }
            }
            let step = decompressor.step(input, into: output)
            input = UnsafeRawBufferPointer(rebasing: input[step.consumed...])
            position += UInt64(step.consumed)
            if step.consumed > 0 || step.produced > 0 { isBetweenFrames = step.isBetweenFrames }
            mayHoldOutput = step.produced == output.count
            failure = step.failure
            if step.produced > 0 { return step.produced }
            if isAtEnd && failure == nil { failure = "cut short within the compressed data" }
        }
    }
}

/// gzip (RFC 1952), with several members one behind the other as `cat a.gz b.gz` makes them.
final class GzipDecompressor: Decompressor {
    /// At a fixed address, because zlib's state points back to it.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isBetweenFrames = true

    init?() {
        stream.initialize(to: z_stream())
        // 15: the largest window; + 16: a gzip header is expected.
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else { return nil }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecompressionStep {
        // tar and tapes pad with zeros; gzip itself takes them for the end.
        if isBetweenFrames, input.first == 0, input.allSatisfy({ $0 == 0 }) {
            return DecompressionStep(consumed: input.count, produced: 0, isBetweenFrames: true)
        }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(clamping: output.count)
        let offeredIn = Int(stream.pointee.avail_in)
        let offeredOut = Int(stream.pointee.avail_out)
        let result = inflate(stream, Z_NO_FLUSH)
        isBetweenFrames = result == Z_STREAM_END
        if isBetweenFrames { inflateReset(stream) }
        var failure: String?
        // Z_BUF_ERROR only says that there was nothing to do.
        if result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR {
            failure = "damaged gzip data: \(stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)")"
        }
        return DecompressionStep(
            consumed: offeredIn - Int(stream.pointee.avail_in), produced: offeredOut - Int(stream.pointee.avail_out),
            isBetweenFrames: isBetweenFrames, failure: failure)
    }
}

/// LZ4 frames.
final class LZ4Decompressor: Decompressor {
    private let context: OpaquePointer

    init?() {
        var context: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0, let context else {
            return nil
        }
        self.context = context
    }

    deinit {
        LZ4F_freeDecompressionContext(context)
    }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecompressionStep {
        var consumed = input.count
        var produced = output.count
        let hint = LZ4F_decompress(context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
        guard LZ4F_isError(hint) == 0 else {
            let reason = "damaged lz4 data: \(String(cString: LZ4F_getErrorName(hint)))"
            return DecompressionStep(consumed: 0, produced: 0, isBetweenFrames: false, failure: reason)
        }
        return DecompressionStep(consumed: consumed, produced: produced, isBetweenFrames: hint == 0)
    }
}

/// Zstandard frames (RFC 8878).
final class ZstdDecompressor: Decompressor {
    /// What a frame may ask for as its window: 128 MiB, the default of `zstd -d` too.
    private static let maximumWindowLog: Int32 = 27

    private let context: OpaquePointer

    init?() {
        guard let context = ZSTD_createDCtx() else { return nil }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.maximumWindowLog)
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecompressionStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let hint = ZSTD_decompressStream(context, &target, &source)
        var failure: String?
        if ZSTD_isError(hint) != 0 { failure = "damaged zstd data: \(String(cString: ZSTD_getErrorName(hint)))" }
        return DecompressionStep(
            consumed: source.pos, produced: target.pos, isBetweenFrames: hint == 0, failure: failure)
    }
}
