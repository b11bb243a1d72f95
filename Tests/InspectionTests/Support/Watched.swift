import Capture
import Dispatch
import Inspection
import SpatioSession
import SpatioWire
import Synchronization
import Testing

/// An inspector that a test waits for.
final class Watched: Sendable {
    let inspector = Inspector()
    private let changed = DispatchSemaphore(value: 0)
    /// Far more than any step takes, also on a loaded machine.
    private static let patience = DispatchTimeInterval.seconds(60)

    /// - Parameter ready: when false, the engine reads but nothing is waited for.
    init(
        _ paths: [String] = [], keyLog: KeyLog = KeyLog(), schemas: ExtensionSchemas = ExtensionSchemas(),
        ports: Set<UInt16> = [7728], feeds: [LiveFeed] = [], indexLimit: Int = MessageBook.usualLimit,
        room: Model.Room = .live
    ) {
        let changed = changed
        inspector.start(
            ports: ports, keyLog: keyLog, schemas: schemas, indexLimit: indexLimit, liveRoom: room,
            open: {
                // Only a wrong expression is an error, and there is none.
                guard let source = try? CaptureSource(paths: paths, feeds: feeds, keepsPackets: true) else {
                    preconditionFailure("a source without an expression cannot fail")
                }
                return source
            }, changed: { changed.signal() })
    }

    deinit { inspector.close() }

    /// The first snapshot that satisfies a condition; the newest where none does in time.
    @discardableResult
    func wait(
        _ what: Comment, location: SourceLocation = #_sourceLocation, until condition: (Snapshot) -> Bool
    ) -> Snapshot {
        let deadline = DispatchTime.now() + Self.patience
        while true {
            let snapshot = inspector.snapshot
            if condition(snapshot) { return snapshot }
            if changed.wait(timeout: deadline) == .timedOut {
                Issue.record(what, sourceLocation: location)
                return snapshot
            }
        }
    }

    @discardableResult
    func load(location: SourceLocation = #_sourceLocation) -> Snapshot {
        wait("the capture was not read", location: location) { $0.loading == .done }
    }

    /// Moves the cursor behind so many messages.
    @discardableResult
    func seek(_ messages: Int, location: SourceLocation = #_sourceLocation) -> Snapshot {
        inspector.seek(.message(messages))
        return wait("the cursor did not go to \(messages)", location: location) { $0.cursor == messages && !$0.isAtEnd }
    }
}

/// The digest of the model of a replay from the start, behind each of some numbers of messages.
func replayDigests(
    _ paths: [String], keyLog: KeyLog = KeyLog(), at targets: Set<Int>
) throws -> [Int: UInt64] {
    let source = try CaptureSource(paths: paths, keepsPackets: false)
    var analysis = Analysis(keyLog: keyLog)
    var digests = [0: Model(keyLog: keyLog).digest]
    let observe = { (event: borrowing MessageEvent, model: borrowing Model) in
        if targets.contains(event.number) { digests[event.number] = model.digest }
    }
    while let packet = source.next() { analysis.take(packet, observe: observe) }
    analysis.finish(observe: observe)
    return digests
}
