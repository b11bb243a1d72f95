import CLZ4
import CZstd

extension Compression {
    /// The content of a compressed whole: `uncompressed_size varint`, then an LZ4 block or a Zstandard frame (profile
    /// section 3.2). `limit` is the session's `max_message_size`; nothing is allocated for more.
    public func decompress(_ octets: [UInt8], limit: Int) throws(DecodeError) -> [UInt8] {
        guard self != .none else { return octets }
        return try octets.withOctets { (whole) throws(DecodeError) -> [UInt8] in
            var reader = WireReader(whole, range: 0..<whole.count, recorder: NoRecorder())
            let size = try reader.rawVarint()
            guard size <= UInt64(min(limit, WireLimits.largestMessage)) else {
                throw DecodeError(.uncompressedSize, at: 0, "\(size) octets, at most \(limit) are allowed")
            }
            let compressed = UnsafeRawBufferPointer(rebasing: whole[reader.offset...])
            var content = [UInt8](repeating: 0, count: Int(size))
            let produced = content.withUnsafeMutableBytes { content in
                self == .lz4 ? Self.lz4(compressed, into: content) : Self.zstd(compressed, into: content)
            }
            guard produced == Int(size) else {
                let what = produced.map { "\($0) octets came out, \(size) were announced" }
                throw DecodeError(.compression, at: reader.offset, what ?? "not \(name)")
            }
            return content
        }
    }

    /// A compressed whole, with its size before it.
    public func compress(_ content: [UInt8]) -> [UInt8] {
        guard self != .none else { return content }
        var writer = WireWriter()
        writer.varint(UInt64(content.count))
        let bound = self == .lz4 ? Int(LZ4_compressBound(Int32(content.count))) : ZSTD_compressBound(content.count)
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            content.withUnsafeBytes { content in
                if self == .lz4 {
                    count = Int(
                        LZ4_compress_default(
                            content.baseAddress, UnsafeMutableRawPointer(buffer.baseAddress), Int32(content.count),
                            Int32(bound)))
                } else {
                    let size = ZSTD_compress(
                        buffer.baseAddress, bound, content.baseAddress, content.count, ZSTD_defaultCLevel())
                    count = ZSTD_isError(size) != 0 ? 0 : size
                }
            }
        }
        writer.octets.append(contentsOf: compressed)
        return writer.octets
    }

    private static func lz4(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        let size = LZ4_decompress_safe(
            source.baseAddress, target.baseAddress, Int32(clamping: source.count), Int32(clamping: target.count))
        return size < 0 ? nil : Int(size)
    }

    private static func zstd(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        let size = ZSTD_decompress(target.baseAddress, target.count, source.baseAddress, source.count)
        return ZSTD_isError(size) != 0 ? nil : size
    }
}
