import Glibc

/// Random access to the octets of a capture that have been read, by their position in the decompressed file.
///
/// Safe from any thread, also while the file is still being read.
package final class PacketStore: Sendable {
    private enum Storage {
        /// A plain file itself, or the temporary copy of one that cannot be read twice; nil where nothing was kept.
        case file(Descriptor?)
        /// What is kept now of a capture that goes on.
        case spool(SpoolSeries)
        case segments(SpoolSegments)
    }

    private let storage: Storage

    init(descriptor: Descriptor?) { storage = .file(descriptor) }

    init(_ series: SpoolSeries) { storage = .spool(series) }

    init(_ segments: SpoolSegments) { storage = .segments(segments) }

    private var segments: SpoolSegments? {
        switch storage {
        case .file: nil
        case .spool(let series): series.segments
        case .segments(let segments): segments
        }
    }

    /// The first position that is still kept: what was before has made room. 0 where nothing has, as in every file.
    package var firstPosition: UInt64 { segments?.firstPosition ?? 0 }

    /// What is kept now: of this nothing goes while somebody has it.
    package var pinned: PacketStore { segments.map { PacketStore($0) } ?? self }

    /// The octets at `position`; nil where they are not all there (not read yet, not kept, not kept any more, or the file
    /// changed).
    package func read(at position: UInt64, count: Int) -> [UInt8]? {
        guard count >= 0 else { return nil }
        var isWhole = false
        let octets = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            isWhole = read(into: UnsafeMutableRawBufferPointer(buffer), at: position)
            initialized = isWhole ? count : 0
        }
        return isWhole ? octets : nil
    }

    /// Fills the front of `buffer` with what there is at `position`; 0 at the end, and where nothing was kept.
    func readSome(into buffer: UnsafeMutableRawBufferPointer, at position: UInt64) -> Int {
        if case .file(let descriptor) = storage {
            return descriptor.map { Capture.readSome(of: $0.number, into: buffer, at: position) } ?? 0
        }
        return segments?.read(into: buffer, at: position) ?? 0
    }

    /// Fills `buffer` with the octets at `position`.
    ///
    /// - Returns: false where they are not all there; the buffer's content is then undefined.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at position: UInt64) -> Bool {
        var done = 0
        while done < buffer.count {
            let (place, overflow) = position.addingReportingOverflow(UInt64(done))
            let count =
                overflow ? 0 : readSome(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]), at: place)
            if count == 0 { return false }
            done += count
        }
        return true
    }
}

/// What a store keeps, from its beginning to the end that it has now.
final class StoreSource: OctetSource {
    private let store: PacketStore
    var position: UInt64 = 0

    init(store: PacketStore) {
        self.store = store
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int {
        let count = store.readSome(into: buffer, at: position)
        position += UInt64(count)
        return count
    }
}

/// The temporary copy of what came from a pipe or out of a compressed file. It has no name, so nothing is left behind.
final class TemporaryCopy {
    let descriptor: Descriptor
    private let name: String

    /// - Parameter name: of the capture, for errors.
    init(name: String) throws(CaptureError) {
        self.name = name
        let number = openUnnamedFile()
        guard number >= 0 else {
            throw .system(file: name, "no temporary file can be made in \(temporaryFolder)", code: errno)
        }
        descriptor = Descriptor(number)
    }

    func append(_ octets: UnsafeRawBufferPointer) throws(CaptureError) {
        let code = writeAll(octets, to: descriptor.number)
        guard code == 0 else { throw .system(file: name, "its temporary copy cannot be written", code: code) }
    }
}
