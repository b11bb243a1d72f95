import Synchronization

/// What a live capture has to read, as octets of a pcapng file. What comes is kept in a spool before it is read.
final class LiveSource: OctetSource, Sendable {
    private struct State {
        /// What was taken last, and where it begins in the stream.
        var taken: [UInt8]
        var start: UInt64 = 0
        /// Of what is read next. Before `start` it is read from the spool.
        var position: UInt64 = 0

        var end: UInt64 { start + UInt64(taken.count) }
    }

    private let capture: LiveCapture
    private let series: SpoolSeries?
    private let state: Mutex<State>

    /// - Parameter series: nil keeps nothing.
    init(_ capture: LiveCapture, _ series: SpoolSeries?) {
        self.capture = capture
        self.series = series
        state = Mutex(State(taken: capture.header))
    }

    /// Whether a read would return at once.
    var isReadable: Bool { state.withLock { $0.position < $0.end } || capture.isReadable }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int {
        while true {
            if let count = try readSome(into: buffer) { return count }
            capture.wait()
        }
    }

    /// Has what has come kept, although nobody reads it yet.
    func keepUp() {
        guard let series else { return }
        state.withLock { state in
            guard series.spool.isWriting, state.end - state.position <= series.spool.lead else { return }
            _ = take(&state, awaiting: false)
        }
    }

    /// Nil: nothing has come yet.
    private func readSome(into buffer: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int? {
        try state.withLock { state throws(CaptureError) in
            if state.position == state.end {
                guard take(&state, awaiting: true) else { return 0 }
                if state.taken.isEmpty { return nil }
            }
            let count: Int
            if state.position < state.start {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: buffer.prefix(Int(clamping: state.start - state.position)))
                count = series?.segments.read(into: rest, at: state.position) ?? 0
                guard count > 0 else { throw CaptureError(file: capture.name, reason: "the spool cannot be read") }
            } else {
                let rest = state.taken[Int(state.position - state.start)...].prefix(buffer.count)
                buffer.copyBytes(from: rest)
                count = rest.count
            }
            state.position += UInt64(count)
            return count
        }
    }

    private func take(_ state: inout State, awaiting: Bool) -> Bool {
        state.start = state.end
        let goesOn = capture.take(&state.taken, awaiting: awaiting)
        if !state.taken.isEmpty { series?.append(state.taken) }
        return goesOn
    }
}
