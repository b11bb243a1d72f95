import Dispatch

/// Does something again and again, on another thread, until it goes.
final class Heartbeat {
    private let timer: any DispatchSourceTimer

    /// - Parameter interval: seconds; it may take a tenth more.
    init(every interval: Double, _ body: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
        timer.schedule(
            deadline: .now() + interval, repeating: interval, leeway: .milliseconds(Int(interval * 100)))
        timer.setEventHandler(handler: body)
        timer.resume()
    }

    deinit { timer.cancel() }
}
