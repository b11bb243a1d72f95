import CLZ4
import CZlib
import CZstd
import Capture
import Testing

/// A compression of capture files, with the library that makes it.
enum Compression: CaseIterable {
    case gzip
    case lz4
    case zstd

    func compress(_ octets: Octets) -> Octets {
        switch self {
        case .gzip: gzip(octets)
        case .lz4:
            produce(LZ4F_compressFrameBound(octets.count, nil)) { target, size in
                LZ4F_compressFrame(target, size, octets, octets.count, nil)
            }
        case .zstd:
            produce(ZSTD_compressBound(octets.count)) { target, size in
                ZSTD_compress(target, size, octets, octets.count, 3)
            }
        }
    }

    private func produce(_ bound: Int, _ body: (UnsafeMutablePointer<UInt8>?, Int) -> Int) -> Octets {
        Octets(unsafeUninitializedCapacity: bound) { buffer, count in count = body(buffer.baseAddress, bound) }
    }

    private func gzip(_ octets: Octets) -> Octets {
        produce(octets.count + 1024) { target, size in
            var octets = octets
            var stream = z_stream()
            // A window of 32 KiB, and a gzip header.
            deflateInit2_(
                &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            defer { deflateEnd(&stream) }
            return octets.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target
                stream.avail_out = UInt32(size)
                deflate(&stream, Z_FINISH)
                return size - Int(stream.avail_out)
            }
        }
    }
}

@Suite struct CompressionTests {
    private static let records = (0..<5000).map {
        Record(fraction: $0, octets: Packet.datagram(pattern(100, from: $0)))
    }
    private static let plain = Pcap.file(records)

    @Test(arguments: Compression.allCases)
    func `A compressed capture is read like a plain one`(compression: Compression) throws {
        let contents = try Contents(of: compression.compress(Self.plain))
        #expect(contents.error == nil)
        #expect(try contents.packets == Contents(of: Self.plain).packets)
    }

    @Test(arguments: Compression.allCases)
    func `Several members one behind the other are one capture`(compression: Compression) throws {
        let half = Self.plain.count / 2
        let file = compression.compress(Octets(Self.plain[..<half])) + compression.compress(Octets(Self.plain[half...]))
        let contents = try Contents(of: file)
        #expect(contents.error == nil)
        #expect(contents.packets.count == Self.records.count)
    }

    @Test func `Zeros behind the last gzip member are padding`() throws {
        let contents = try Contents(of: Compression.gzip.compress(Self.plain) + Octets(repeating: 0, count: 512))
        #expect(contents.error == nil)
        #expect(contents.packets.count == Self.records.count)
    }

    @Test(arguments: Compression.allCases)
    func `A compressed file cut short gives its packets, then says so`(compression: Compression) throws {
        let file = Octets(compression.compress(Self.plain).dropLast(5))
        let contents = try Contents(of: file)
        #expect(!contents.packets.isEmpty)
        #expect(contents.error?.reason == "cut short within the compressed data")
        #expect(contents.error?.position == UInt64(file.count))
    }

    @Test(arguments: Compression.allCases)
    func `Damage in the compressed data is named with its place, behind what could be read`(
        compression: Compression
    ) throws {
        let good = compression.compress(Self.plain)
        let contents = try Contents(of: good + [0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0])
        #expect(contents.packets.count == Self.records.count)
        #expect(contents.error?.reason.hasPrefix("damaged \(compression) data: ") == true)
        let position = try #require(contents.error?.position)
        #expect((UInt64(good.count)...UInt64(good.count + 8)).contains(position))
    }

    @Test(arguments: Compression.allCases)
    func `A compressed file that holds something else is not a capture`(compression: Compression) throws {
        #expect(try Contents(of: compression.compress(Array("Hello".utf8))).error?.reason == "not a capture")
        let empty = try Contents(of: compression.compress([])).error?.reason
        #expect(empty == "not a capture: it has only 0 octets")
    }

    @Test(arguments: Compression.allCases)
    func `What was decompressed can be read again at its position`(compression: Compression) throws {
        let file = try TemporaryFile(compression.compress(Self.plain))
        let capture = try CaptureFile(path: file.path)
        let packets = Contents(of: capture).packets
        for packet in [packets[4321], packets[3], packets[2500]] {
            #expect(capture.store.read(at: packet.position, count: packet.octets.count) == packet.octets)
        }
        #expect(capture.octetsRead == capture.octetsTotal)
    }

    @Test func `Nothing is kept of a compressed file where nobody wants it`() throws {
        let file = try TemporaryFile(Compression.zstd.compress(Self.plain))
        let capture = try CaptureFile(path: file.path, keepsPackets: false)
        #expect(Contents(of: capture).packets.count == Self.records.count)
        #expect(capture.store.read(at: 40, count: 10) == nil)
    }
}
