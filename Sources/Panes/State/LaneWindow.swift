import Inspection

/// The time that lanes show, and which column stands for which part of it.
struct LaneWindow: Equatable {
    /// Nanoseconds since the Unix epoch; the last column ends with `end`.
    let start, end: Int64
    let width: Int

    /// - Parameter span: nanoseconds that end at the clock; nil: the whole capture, with the clock somewhere in it.
    init(_ snapshot: Snapshot, span: Int64?, width: Int) {
        self.width = max(1, width)
        if let span {
            end = snapshot.time
            start = max(snapshot.firstTime, snapshot.time - span)
        } else {
            start = snapshot.firstTime
            end = snapshot.lastTime
        }
    }

    private var length: Int64 { max(1, end - start) }

    /// The column of a time; nil where it is not shown.
    func column(of time: Int64) -> Int? {
        guard time >= start, time <= end else { return nil }
        return min(width - 1, Int(Double(time - start) / Double(length) * Double(width)))
    }

    /// The first time of a column; of the one behind the last, the first that is not shown any more.
    func start(of column: Int) -> Int64 {
        column >= width ? end + 1 : start + Int64((Double(column) / Double(width) * Double(length)).rounded(.up))
    }
}
