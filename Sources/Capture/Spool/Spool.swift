import Glibc
import Synchronization

/// What is watched live, kept on the disk in a bounded space: for each source a series of pcapng files, of which the
/// oldest makes room for what comes.
///
/// Safe from any thread, but that each series has one writer at a time.
package final class Spool: Sendable {
    /// An hour of 2,000 messages a second.
    package static let usualLimit: UInt64 = 1 << 30
    /// Less than the largest packet would hold nothing else.
    package static let leastLimit: UInt64 = 16 << 20
    /// What goes at once to make room is this part of all.
    private static let parts: UInt64 = 16

    /// How much is kept, and what is not any more.
    package struct Figures: Equatable, Sendable {
        /// Octets on the disk.
        package var octets: UInt64 = 0
        /// Packets and octets that have made room for others.
        package var removedPackets: UInt64 = 0
        package var removedOctets: UInt64 = 0
        /// Why nothing more is kept.
        package var failure: CaptureError?
    }

    private struct Series {
        var name: String
        var segments: SpoolSegments
        /// How many files it has had.
        var files = 0
        /// Blocks may be put behind the last segment.
        var isOpen = false
    }

    private struct State {
        var series: [Series] = []
        /// Of which series each segment is that nothing is put into any more, in the order in which they were closed.
        var closed: [Int] = []
        var figures = Figures()
        var isOver = false
    }

    /// Nil: the files have no names.
    package let folder: SpoolFolder?
    private let limit: UInt64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - folder: where the files are; nil leaves nothing behind, whatever happens.
    ///   - limit: octets of all files together.
    package init(in folder: SpoolFolder? = nil, limit: UInt64 = usualLimit) {
        self.folder = folder
        self.limit = limit
    }

    package var figures: Figures { state.withLock { $0.figures } }

    /// Takes nothing more, and removes the folder with everything in it.
    package func remove() {
        state.withLock { $0.isOver = true }
        folder?.remove()
    }

    // MARK: For one source

    /// Begins another series.
    ///
    /// - Parameters:
    ///   - name: what is captured, for people.
    ///   - header: what each file begins with.
    func add(_ name: String, header: [UInt8]) -> SpoolSeries {
        state.withLock { state in
            let plain = SpoolFolder.fileName(name)
            let others = state.series.count { $0.name == plain || $0.name.hasPrefix("\(plain)_") }
            state.series.append(
                Series(
                    name: others == 0 ? plain : "\(plain)_\(others + 1)", segments: SpoolSegments(header: header)))
            return SpoolSeries(spool: self, number: state.series.count - 1)
        }
    }

    func segments(of number: Int) -> SpoolSegments { state.withLock { $0.series[number].segments } }

    /// What a writer may be ahead of the reader of the same series, so that nothing is removed that nobody has read.
    var lead: UInt64 { limit / 4 / UInt64(max(1, state.withLock { $0.series.count })) }

    /// Whether what is appended is kept.
    var isWriting: Bool { state.withLock { $0.figures.failure == nil && !$0.isOver } }

    /// Puts whole blocks behind those of a series. Where that fails, nothing is kept from then on, and everything before
    /// is.
    func append(_ blocks: UnsafeRawBufferPointer, to number: Int) {
        var rest = blocks
        while !rest.isEmpty {
            guard let place = place(in: number) else {
                return state.withLock { $0.series[number].segments.pass(octets: UInt64(rest.count)) }
            }
            let piece = WholeBlocks(in: rest, limit: place.room)
            // What follows is no block: it cannot be read again.
            guard piece.octets > 0 else { return }
            makeRoom(UInt64(piece.octets))
            let octets = UnsafeRawBufferPointer(rebasing: rest[..<piece.octets])
            let (done, code) = writeAll(octets, to: place.file.number, at: place.offset)
            if code == 0 {
                add(piece, to: number)
            } else {
                let whole = WholeBlocks(in: UnsafeRawBufferPointer(rebasing: octets[..<done]))
                ftruncate(place.file.number, off_t(place.offset) + off_t(whole.octets))
                add(whole, to: number)
                fail(code)
                rest = UnsafeRawBufferPointer(rebasing: rest[whole.octets...])
                continue
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[piece.octets...])
        }
    }

    // MARK: Files

    /// Where the next blocks go: the end of a file, and how many octets of blocks have room there.
    private struct Place {
        var file: Descriptor
        var offset: UInt64
        var room: Int
    }

    /// Nil where nothing is kept any more.
    private func place(in number: Int) -> Place? {
        state.withLock { state in
            guard state.figures.failure == nil, !state.isOver else { return nil }
            let size = limit / Self.parts / UInt64(state.series.count)
            if state.series[number].isOpen, let last = state.series[number].segments.segments.last, last.count >= size {
                state.series[number].isOpen = false
                state.closed.append(number)
            }
            if !state.series[number].isOpen {
                do throws(CaptureError) {
                    try begin(&state.series[number])
                    state.figures.octets += UInt64(state.series[number].segments.header.count)
                } catch {
                    state.figures.failure = error
                    return nil
                }
            }
            let segments = state.series[number].segments
            guard let last = segments.segments.last else { return nil }
            return Place(
                file: last.file, offset: UInt64(segments.header.count) + last.count,
                room: Int(clamping: size - min(size, last.count)))
        }
    }

    private func begin(_ series: inout Series) throws(CaptureError) {
        series.files += 1
        let path = folder.map { "\($0.path)/\(SpoolFolder.fileName(series.name, number: series.files))" }
        let number =
            path.map { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600) } ?? openUnnamedFile()
        guard number >= 0 else { throw Self.error(errno) }
        let file = Descriptor(number)
        let code = series.segments.header.withUnsafeBytes { writeAll($0, to: number, at: 0).code }
        guard code == 0 else {
            if let path { unlink(path) }
            throw Self.error(code)
        }
        series.segments.begin(file, path: path)
        series.isOpen = true
    }

    private func add(_ blocks: WholeBlocks, to number: Int) {
        state.withLock { state in
            state.series[number].segments.add(octets: UInt64(blocks.octets), packets: blocks.packets)
            state.figures.octets += UInt64(blocks.octets)
        }
    }

    private func fail(_ code: Int32) { state.withLock { $0.figures.failure = Self.error(code) } }

    private static func error(_ code: Int32) -> CaptureError {
        CaptureError(
            file: "the spool", reason: "nothing more of what comes is kept: \(String(cString: strerror(code)))")
    }

    /// Removes the oldest segments until so many octets fit. Whoever reads one of them has it until then.
    private func makeRoom(_ octets: UInt64) {
        let removed = state.withLock { state in
            var removed: [SpoolSegment] = []
            while state.figures.octets + octets > limit, !state.closed.isEmpty {
                let number = state.closed.removeFirst()
                let segment = state.series[number].segments.removeOldest()
                state.figures.octets -= segment.count + UInt64(state.series[number].segments.header.count)
                state.figures.removedOctets += segment.count
                state.figures.removedPackets += segment.packets
                removed.append(segment)
            }
            return removed
        }
        for segment in removed { if let path = segment.path { unlink(path) } }
    }
}

/// What a spool keeps of one source.
struct SpoolSeries: Sendable {
    let spool: Spool
    let number: Int

    var segments: SpoolSegments { spool.segments(of: number) }

    /// Puts whole blocks behind what is there.
    func append(_ blocks: [UInt8]) { blocks.withUnsafeBytes { spool.append($0, to: number) } }
}
