import Capture

/// Packets of several captures that go on while they are read, in the order of their times as far as they are there: one
/// that has nothing to say holds up no other.
struct LiveMerge {
    private struct Source {
        var file: CaptureFile
        /// Read, and not handed on yet.
        var head: CapturedPacket?
        var hasEnded = false
    }

    private var sources: [Source]

    init(_ files: [CaptureFile]) { sources = files.map { Source(file: $0) } }

    /// Hands on what is there, at most `limit` packets: each is valid while `body` runs.
    mutating func read(
        _ limit: Int, _ body: (CapturedPacket) -> Void
    ) throws(CaptureError) -> CaptureSource.Progress {
        var count = 0
        while count < limit {
            if sources.count == 1, !sources[0].hasEnded {
                count += sources[0].file.drain(limit - count, body)
                if count == limit { break }
            }
            for place in sources.indices { try fill(place) }
            guard let earliest = earliest, let packet = sources[earliest].head else { break }
            sources[earliest].head = nil
            body(packet)
            count += 1
        }
        if count > 0 { return .read }
        return sources.allSatisfy(\.hasEnded) ? .ended : .waiting
    }

    private mutating func fill(_ place: Int) throws(CaptureError) {
        guard sources[place].head == nil, !sources[place].hasEnded else { return }
        if let packet = sources[place].file.buffered() {
            sources[place].head = packet
            return
        }
        guard sources[place].file.isReadable else { return }
        sources[place].hasEnded = true
        let packet = try sources[place].file.next()
        sources[place].head = packet
        sources[place].hasEnded = packet == nil
    }

    private var earliest: Int? {
        var found: Int?
        var time = Int64.max
        for place in sources.indices {
            guard let head = sources[place].head, found == nil || head.time < time else { continue }
            found = place
            time = head.time
        }
        return found
    }
}
