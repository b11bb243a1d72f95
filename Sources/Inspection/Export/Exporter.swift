import Dispatch
import Synchronization

/// How far an export is.
package enum ExportState: Equatable, Sendable {
    case writing(done: Int, total: Int)
    case done(ExportReport)
    /// There is a file of this name: whether it may be replaced is somebody else's decision.
    case exists(ExportOrder)
    case cancelled
    /// One sentence without a full stop.
    case failed(String)
}

/// Writes messages on a thread of its own, one order at a time, so that the screen stays alive.
package final class Exporter: Sendable {
    private struct Work {
        var state: ExportState?
        var isRunning = false
        var isCancelled = false
    }

    private let work = Mutex(Work())
    private let ended = DispatchSemaphore(value: 0)

    /// Time between two reports of how far it is.
    private static let interval = DispatchTimeInterval.milliseconds(100)
    /// How long the end of the program waits for a write to a slow disk, so that no half of a file stays behind.
    private static let patience = DispatchTimeInterval.seconds(2)

    package init() {}

    /// What became of the last order; nil before the first.
    package var state: ExportState? { work.withLock { $0.state } }

    /// Begins, unless the order before is at work.
    ///
    /// - Parameter changed: called on the exporter's thread after each change of `state`.
    package func start(_ order: ExportOrder, _ snapshot: Snapshot, changed: @escaping @Sendable () -> Void) {
        let total = MessageExport.count(order.choice, snapshot)
        let isFree = work.withLock { work in
            guard !work.isRunning else { return false }
            work = Work(state: .writing(done: 0, total: total), isRunning: true)
            return true
        }
        guard isFree else { return }
        DispatchQueue(label: "exporter", qos: .utility).async {
            let state = self.run(order, snapshot, total: total, changed)
            self.work.withLock { work in
                work.state = state
                work.isRunning = false
            }
            changed()
            self.ended.signal()
        }
    }

    private func run(
        _ order: ExportOrder, _ snapshot: Snapshot, total: Int, _ changed: @Sendable () -> Void
    ) -> ExportState {
        var next = DispatchTime.now() + Self.interval
        do throws(ExportError) {
            let report = try MessageExport.run(order, snapshot) { done in
                if DispatchTime.now() >= next {
                    next = DispatchTime.now() + Self.interval
                    work.withLock { $0.state = .writing(done: done, total: total) }
                    changed()
                }
                return work.withLock { !$0.isCancelled }
            }
            return .done(report)
        } catch {
            switch error {
            case .exists: return .exists(order)
            case .cancelled: return .cancelled
            case .failed(let reason): return .failed(reason)
            }
        }
    }

    /// Ends what is at work; its file is gone.
    package func cancel() { work.withLock { $0.isCancelled = true } }

    /// Ends what is at work and waits for that.
    package func close() {
        cancel()
        let deadline = DispatchTime.now() + Self.patience
        // Orders that ended before have signalled, too.
        while work.withLock({ $0.isRunning }), ended.wait(timeout: deadline) == .success {}
    }
}
