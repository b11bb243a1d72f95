import Capture

/// Packets of several captures that go on while they are read, in the order of their times as far as they are there: one
/// that has nothing to say holds up no other.
///
/// But the kernel hands over what interfaces bring some time after it came. What is there at once, because a socket of
/// this program brought it, waits so long where interfaces are watched beside it, so that both come in their order.
struct LiveMerge {
    /// Nanoseconds: the kernel collects packets for 20 ms, and its thread and ours need some time.
    private static let kernelDelay: Int64 = 50_000_000

    private struct Source {
        var file: CaptureFile
        /// Read, and not handed on yet.
        var head: CapturedPacket?
        var hasEnded = false
        let isInterface: Bool

        /// A packet with the time at which it came.
        func told(by clock: WallSteps, _ packet: CapturedPacket) -> CapturedPacket {
            guard isInterface else { return packet }
            var packet = packet
            packet.time = clock.continued(packet.time)
            return packet
        }
    }

    private var sources: [Source]

    /// - Parameter areInterfaces: of each file, whether an interface brings what is in it.
    init(_ files: [CaptureFile], areInterfaces: [Bool]) {
        sources = zip(files, areInterfaces).map { Source(file: $0, isInterface: $1) }
    }

    /// Something has been read that waits for what interfaces bring.
    private(set) var isHolding = false

    /// Hands on what is there, at most `limit` packets: each is valid while `body` runs.
    ///
    /// - Parameter clock: of now; what interfaces bring has the times of the machine's clock, all else those of this one.
    mutating func read(
        _ limit: Int, at clock: WallSteps, _ body: (CapturedPacket) -> Void
    ) throws(CaptureError) -> CaptureSource.Progress {
        var count = 0
        while count < limit {
            if sources.count == 1, !sources[0].hasEnded {
                count += sources[0].file.drain(limit - count) { body(sources[0].told(by: clock, $0)) }
                if count == limit { break }
            }
            for place in sources.indices { try fill(place, clock) }
            guard let earliest, let packet = sources[earliest].head else { break }
            isHolding = waits(sources[earliest], packet, clock.now)
            if isHolding { break }
            sources[earliest].head = nil
            body(packet)
            count += 1
        }
        if count > 0 { return .read }
        return sources.allSatisfy(\.hasEnded) ? .ended : .waiting
    }

    /// Whether an interface may still bring what passed before a packet. One that comes from the future holds nothing up.
    private func waits(_ source: Source, _ packet: CapturedPacket, _ now: Int64) -> Bool {
        guard !source.isInterface, sources.contains(where: { $0.isInterface && !$0.hasEnded }) else { return false }
        let age = now &- packet.time
        return age >= 0 && age < Self.kernelDelay
    }

    private mutating func fill(_ place: Int, _ clock: WallSteps) throws(CaptureError) {
        guard sources[place].head == nil, !sources[place].hasEnded else { return }
        if let packet = sources[place].file.buffered() {
            sources[place].head = sources[place].told(by: clock, packet)
            return
        }
        guard sources[place].file.isReadable else { return }
        sources[place].hasEnded = true
        let packet = try sources[place].file.next()
        sources[place].head = packet.map { sources[place].told(by: clock, $0) }
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
