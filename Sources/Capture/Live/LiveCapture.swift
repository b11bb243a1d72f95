import Dispatch
import Synchronization

/// Packets that come while the program runs: other threads push them, and one reader takes them out as from a capture
/// that has not ended yet (`CaptureFile(live:index:)`).
///
/// Whoever pushes only copies the octets, once, as a block of a pcapng file; it never waits for the reader. Two buffers
/// change places: one is filled while the other is read.
package final class LiveCapture: Sendable {
    /// Octets that may wait for the reader, 16 MiB: a second of 10,000 packets of full size.
    package static let usualCapacity = 16 << 20
    /// A block's own octets around those of the packet.
    private static let blockOverhead = 32

    package let name: String
    package let linkType: LinkType
    /// The blocks before the first packet.
    let header: [UInt8]
    private let capacity: Int

    private struct State {
        var filling: [UInt8] = []
        var isFinished = false
        var dropped: UInt64 = 0
        var packets: UInt64 = 0
        /// The reader waits in `exchange`.
        var isAwaited = false
        /// Nobody has been told yet that there is something to read.
        var isQuiet = true
        var arrival: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let awaited = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - name: what is captured, for people: it stands where else a file's name does.
    ///   - linkType: of every packet.
    ///   - capacity: octets that may wait for the reader; a packet that finds no room is dropped and counted.
    package init(name: String, linkType: LinkType, capacity: Int = usualCapacity) {
        self.name = name
        self.linkType = linkType
        self.capacity = capacity
        header = Self.header(name, linkType)
        state = Mutex(State())
    }

    /// Packets that found no room.
    package var dropped: UInt64 { state.withLock { $0.dropped } }

    /// Packets that were pushed and found room.
    package var packets: UInt64 { state.withLock { $0.packets } }

    /// Takes a packet in. It may be called from any thread and never waits.
    ///
    /// - Parameters:
    ///   - time: nanoseconds since the Unix epoch; before it counts as at it.
    ///   - originalLength: octets on the wire; nil where all of them are here.
    /// - Returns: false where it was dropped: there is no room, it is over 16 MiB, or `finish` was called before.
    @discardableResult
    package func push(_ octets: UnsafeRawBufferPointer, time: Int64, originalLength: Int? = nil) -> Bool {
        let padding = -octets.count & 3
        let news: (isTaken: Bool, arrival: (@Sendable () -> Void)?) = state.withLock { state in
            guard !state.isFinished, octets.count <= PcapFormat.maximumCapturedLength,
                state.filling.count + octets.count + padding + Self.blockOverhead <= capacity
            else {
                state.dropped += 1
                return (false, nil)
            }
            let length = UInt32(octets.count + padding + Self.blockOverhead)
            let time = UInt64(max(0, time))
            let captured = UInt32(octets.count)
            state.filling.append(word: 6)
            state.filling.append(word: length)
            state.filling.append(word: 0)
            state.filling.append(word: UInt32(time >> 32))
            state.filling.append(word: UInt32(truncatingIfNeeded: time))
            state.filling.append(word: captured)
            state.filling.append(word: max(captured, UInt32(clamping: originalLength ?? 0)))
            state.filling.append(contentsOf: octets)
            state.filling.append(contentsOf: repeatElement(0, count: padding))
            state.filling.append(word: length)
            state.packets += 1
            return (true, wakeReader(&state))
        }
        news.arrival?()
        return news.isTaken
    }

    /// Nothing comes any more: the reader gets what is there, and then the end.
    package func finish() {
        let arrival = state.withLock { state in
            state.isFinished = true
            return wakeReader(&state)
        }
        arrival?()
    }

    /// `body` is called, on the thread that pushes, whenever something has come after the reader had read everything:
    /// so it is called once however many packets come before that is read.
    package func onArrival(_ body: @escaping @Sendable () -> Void) {
        let isWaiting = state.withLock { state in
            state.arrival = body
            defer { state.isQuiet = false }
            return !state.filling.isEmpty || state.isFinished
        }
        if isWaiting { body() }
    }

    private func wakeReader(_ state: inout sending State) -> (@Sendable () -> Void)? {
        if state.isAwaited {
            state.isAwaited = false
            awaited.signal()
        }
        guard state.isQuiet else { return nil }
        state.isQuiet = false
        return state.arrival
    }

    // MARK: The reader's side

    /// Whether there is something to take, be it the end.
    var isReadable: Bool {
        state.withLock { state in
            let isReadable = !state.filling.isEmpty || state.isFinished
            if !isReadable { state.isQuiet = true }
            return isReadable
        }
    }

    /// Takes everything that has come, whole blocks, in exchange for an empty buffer.
    ///
    /// - Parameter awaiting: `wait` will be called when nothing has come.
    /// - Returns: false when nothing comes any more.
    func take(_ buffer: inout [UInt8], awaiting: Bool) -> Bool {
        buffer.removeAll(keepingCapacity: true)
        return state.withLock { state in
            swap(&state.filling, &buffer)
            if awaiting { state.isAwaited = buffer.isEmpty && !state.isFinished }
            return !buffer.isEmpty || !state.isFinished
        }
    }

    /// Waits until something comes behind what was taken, be it the end.
    func wait() { awaited.wait() }

    // MARK: The beginning

    /// A section and an interface whose times are nanoseconds.
    private static func header(_ name: String, _ linkType: LinkType) -> [UInt8] {
        var octets: [UInt8] = []
        // The section's length is not known beforehand: all ones.
        octets.append(words: PcapngFormat.sectionHeaderType, 28, 0x1a2b_3c4d, 1, .max, .max, 28)
        var options: [UInt8] = []
        let text = Array(name.utf8.prefix(nameLength))
        options.append(words: 2 | UInt32(text.count) << 16)
        options += text + repeatElement(0, count: -text.count & 3)
        options.append(words: 9 | 1 << 16, 9, 0)
        let length = UInt32(20 + options.count)
        octets.append(words: 1, length, linkType.rawValue & 0xffff, UInt32(CapturedPacket.usualSnapLength))
        octets += options
        octets.append(words: length)
        return octets
    }

    /// An option's length has 16 bits; no name needs so many.
    private static let nameLength = 1024
}

extension [UInt8] {
    /// In the byte order of this machine, as pcapng allows.
    fileprivate mutating func append(word: UInt32) {
        Swift.withUnsafeBytes(of: word) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(words: UInt32...) {
        for word in words { append(word: word) }
    }
}
