import Capture
import SpatioSession
import Synchronization

/// What is watched while it happens: what a program that takes part in a session gives (the octets that pass its sockets,
/// the keys, and how it stands with the connection), or an interface.
///
/// Every method may be called from any thread, and none waits.
package final class LiveFeed: Sendable {
    /// Where to, as the user gave it.
    package let name: String
    package let capture: LiveCapture
    /// Where the packets come from; nil where somebody hands them over.
    package let interface: InterfaceCapture?
    /// The sockets whose octets are handed over.
    package let ownFlows = OwnFlows()

    private struct State {
        var recorder: FlowRecorder
        var keys: [KeyLog.Entry] = []
        var log = ConnectionLog()
        var news: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    /// Looked at for each packet, so without the lock.
    private let hasKeys = Atomic<Bool>(false)

    /// - Parameters:
    ///   - name: where to, for people.
    ///   - capacity: octets that may wait to be read.
    package init(name: String, capacity: Int = LiveCapture.usualCapacity) {
        self.name = name
        capture = LiveCapture(name: name, linkType: .raw, capacity: capacity)
        interface = nil
        state = Mutex(State(recorder: FlowRecorder(into: capture, flows: ownFlows)))
    }

    /// What an interface captures. Nobody hands anything over to it, except keys.
    package init(_ interface: InterfaceCapture) {
        name = interface.name
        capture = interface.ring
        self.interface = interface
        state = Mutex(State(recorder: FlowRecorder(into: capture)))
        interface.onCondition { [weak self] condition, time in self?.report(condition, at: time) }
    }

    /// It stands otherwise with the interface.
    private func report(_ condition: InterfaceCondition, at time: Int64) {
        let isFirst = state.withLock { $0.log.entries.isEmpty }
        report(condition == .up ? .capturing(returned: !isFirst) : .interrupted(condition), at: time)
    }

    /// A datagram was sent or has come.
    ///
    /// - Parameter time: nanoseconds since the Unix epoch.
    package func datagram(_ octets: [UInt8], from source: Endpoint, to destination: Endpoint, at time: Int64) {
        state.withLock { $0.recorder }.datagram(octets, from: source, to: destination, at: time)
    }

    /// The next octets of one way of a TCP connection were sent or have come.
    ///
    /// - Parameter time: nanoseconds since the Unix epoch.
    package func stream(_ octets: [UInt8], from source: Endpoint, to destination: Endpoint, at time: Int64) {
        state.withLock { $0.recorder.stream(octets, from: source, to: destination, at: time) }
    }

    /// A secret has been agreed upon. To be called before the first message that it opens is handed over.
    package func add(_ key: KeyLog.Entry) {
        state.withLock { $0.keys.append(key) }
        hasKeys.store(true, ordering: .releasing)
    }

    /// It stands otherwise with the connection from a time on, nanoseconds since the Unix epoch.
    package func report(_ connection: ConnectionState, at time: Int64) {
        let news = state.withLock { state in
            state.log.add(connection, at: time)
            return state.news
        }
        news?()
    }

    /// Nothing comes any more.
    package func finish() { capture.finish() }

    // MARK: The reader's side

    /// `body` is called, on any thread, whenever there may be something new.
    package func onNews(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.news = body }
        capture.onArrival(body)
    }

    /// The keys that have come since this was asked last.
    @inline(__always)
    package func takeKeys() -> [KeyLog.Entry] {
        guard hasKeys.load(ordering: .acquiring) else { return [] }
        hasKeys.store(false, ordering: .relaxed)
        return state.withLock { state in
            defer { state.keys = [] }
            return state.keys
        }
    }

    package var connection: Connection { Connection(name: name, log: state.withLock { $0.log }) }
}
