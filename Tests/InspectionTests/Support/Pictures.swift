import Capture
import SpatioSession
import SpatioWire

@testable import Inspection

extension Talk {
    /// What a screen would be drawn from now.
    var snapshot: Snapshot {
        var snapshot = Snapshot()
        snapshot.model = model
        snapshot.whole = model
        snapshot.chronicle = chronicle
        snapshot.cursor = model.counters.messages
        snapshot.firstTime = model.firstTime ?? 0
        snapshot.lastTime = model.lastTime
        snapshot.time = model.lastTime
        return snapshot
    }

    /// The figures of a scope in steps of so many seconds from the start on.
    func picture(
        _ scope: QualityScope = .everything, step: Double = 1, count: Int = 10, clock: Double? = nil
    ) -> QualityPicture {
        var snapshot = snapshot
        if let clock { snapshot.time = Sample.start + Int64(clock * 1e9) }
        var range = QualityRange(covering: Sample.start, to: Sample.start, points: 1, width: 100_000_000)
        range.step = Int64(step * 1e9)
        range.start = Sample.start
        range.count = count
        return snapshot.quality(of: scope, over: range)
    }
}

extension Snapshot {
    /// The same with the clock behind so many messages, by a replay.
    func moved(to messages: Int) -> Snapshot {
        var model = whole.fresh()
        var reader = SequentialReader(self.reader)
        for number in 0..<messages { whole.replay(index[number], number: number + 1, into: &model, &reader) }
        var snapshot = self
        snapshot.moveCursor(to: model, time: nil)
        return snapshot
    }

    var scopes: [QualityScope] {
        [.everything] + model.sessions.indices.map { .session($0) } + model.streams.indices.map { .stream($0) }
    }
}
