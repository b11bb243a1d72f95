import Glibc
import SpatioWire
import Synchronization

/// Spatio datagrams over the loopback interface, one message each: what a crowd of walkers sends. Nobody takes part in a
/// session, so that it costs little; what is watched sees streams without a gap, and positions that change.
final class Traffic: Sendable {
    /// Sockets, and so streams.
    private static let streams = 16
    /// Messages that are made once; of each only what changes is written when it is sent.
    private static let templates = 1_024
    /// Each so many updates are of several entities at once, which takes the general way of decoding.
    private static let groupInterval = 16
    /// Datagrams between two looks at the clock where the rate has no limit.
    private static let burst = 32
    /// Microseconds between two bursts of a paced rate.
    private static let pause: useconds_t = 1_000

    /// Where the datagrams go. Somebody is there who never reads, so that nothing answers for the port.
    let port: UInt16
    /// A BPF expression for them alone.
    var filter: String { "udp dst port \(port)" }

    private let sink: Int32
    private let sockets: [Int32]
    private struct State {
        var messages: [Template]
        /// Of each socket, the next one.
        var sequences: [UInt32]
        /// How often the messages were sent.
        var sent = 0
    }
    /// Of whoever sends, as long as that does.
    private let state: Mutex<State>
    private let isStopped = Atomic<Bool>(false)

    struct Sent {
        var messages = 0
        var seconds = 0.0

        /// Messages a second.
        var rate: Double { Double(messages) / seconds }
    }

    init() throws(BenchError) {
        (sink, port) = try Self.openSink()
        var sockets: [Int32] = []
        for _ in 0..<Self.streams { sockets.append(try Self.connect(to: port)) }
        self.sockets = sockets
        state = Mutex(
            State(
                messages: (0..<Self.templates).map(Template.init(number:)),
                sequences: [UInt32](repeating: 0, count: Self.streams)))
    }

    deinit { for number in sockets + [sink] { close(number) } }

    /// Sends for some time.
    ///
    /// - Parameter rate: messages a second; nil: as many as go.
    func send(_ rate: Double?, seconds: Double) -> Sent {
        let count = rate.map { Int($0 * seconds) }
        return run(rate) { sent, time in count.map { sent >= $0 } ?? (time >= seconds) }
    }

    /// Sends so many as quickly as they go.
    func send(count: Int) -> Sent { run(nil) { sent, _ in sent >= count } }

    /// Sends at a rate, 0 included, while `body` does something else.
    func send<Result>(
        _ rate: Double, while body: () throws(BenchError) -> Result
    ) throws(BenchError) -> (sent: Sent, result: Result) {
        isStopped.store(false, ordering: .releasing)
        let sender = Sender(self, rate)
        let result: Result
        do throws(BenchError) {
            result = try body()
        } catch {
            isStopped.store(true, ordering: .releasing)
            _ = sender.wait()
            throw error
        }
        isStopped.store(true, ordering: .releasing)
        return (sender.wait(), result)
    }

    fileprivate func sendUntilStopped(_ rate: Double) -> Sent {
        run(rate) { _, _ in isStopped.load(ordering: .acquiring) }
    }

    private func run(_ rate: Double?, until isOver: (Int, Double) -> Bool) -> Sent {
        state.withLock { state in
            let start = Self.now(CLOCK_MONOTONIC)
            var sent = 0
            while true {
                let time = Double(Self.now(CLOCK_MONOTONIC) - start) * 1e-9
                if isOver(sent, time) { return Sent(messages: sent, seconds: time) }
                let due = rate.map { Int($0 * time) } ?? sent + Self.burst
                guard due > sent else {
                    usleep(Self.pause)
                    continue
                }
                let burst = min(due - sent, Self.burst)
                let wall = UInt64(Self.now(CLOCK_REALTIME) / 1000)
                for _ in 0..<burst { send(&state, microseconds: wall) }
                sent += burst
            }
        }
    }

    private func send(_ state: inout State, microseconds: UInt64) {
        let stream = state.sent % sockets.count
        let place = state.sent % state.messages.count
        state.messages[place].patch(
            sequence: state.sequences[stream], microseconds: microseconds, round: state.sent / state.messages.count)
        state.sequences[stream] &+= 1
        state.sent += 1
        state.messages[place].octets.withUnsafeBytes { _ = Glibc.send(sockets[stream], $0.baseAddress, $0.count, 0) }
    }

    private static func now(_ clock: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    // MARK: Sockets

    private static func openSink() throws(BenchError) -> (Int32, UInt16) {
        let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var size: Int32 = 0
        setsockopt(number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout.size(ofValue: size)))
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout.size(ofValue: address))
        let isBound = withUnsafeMutableBytes(of: &address) { octets in
            guard let pointer = octets.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return bind(number, pointer, length) == 0 && getsockname(number, pointer, &length) == 0
        }
        guard number >= 0, isBound else { throw BenchError("no socket on the loopback interface") }
        return (number, UInt16(bigEndian: address.sin_port))
    }

    private static func connect(to port: UInt16) throws(BenchError) -> Int32 {
        let number = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let address = loopback(port: port)
        let isConnected = withUnsafeBytes(of: address) { octets in
            guard let pointer = octets.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return Glibc.connect(number, pointer, socklen_t(octets.count)) == 0
        }
        guard number >= 0, isConnected else { throw BenchError("no socket on the loopback interface") }
        return number
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    // MARK: Messages

    /// A message as it is sent again and again.
    private struct Template {
        var octets: [UInt8]
        private let isAlone: Bool
        private let x: Double

        /// Where the parts that change lie in every message, and in an update of one entity.
        private enum Place {
            static let sequence = 8
            static let timestamp = 12
            static let addressTimestamp = 72
            static let positions = [39, 101]
        }
        /// Metres from one sending to the next, and those that make a round.
        private static let step = 0.05
        private static let width = 90.0

        init(number: Int) {
            isAlone = number % Traffic.groupInterval != 0
            let x = Double(number % 32) * 3 - Self.width / 2
            self.x = x
            let y = Double(number / 32) * 3 - Self.width / 2
            let updates = (0..<(isAlone ? 1 : 3)).map { member in
                EntityUpdate(
                    entityID: UUID(high: 0x7A, low: UInt64(number * 4 + member) | 1 << 63), kind: UInt16(number % 5),
                    position: Vector3(x, y, Double(member)), velocity: number % 4 == 1 ? Vector3f(1, 0, 0) : nil)
            }
            octets =
                Message(
                    header: MessageHeader(
                        type: .spatialUpdate, streamID: UInt32(1 + number % Traffic.streams), sequence: 0, timestamp: 0),
                    address: SpatialAddress(
                        spaceID: Sessions.space, coordinateSystem: .cartesian(nil), position: Vector3(x, y, 0),
                        precision: 0.05, confidence: 0.95, timestamp: 0),
                    body: .payload(.spatialUpdate(SpatialUpdate(updates: updates)))
                ).encoded()
        }

        mutating func patch(sequence: UInt32, microseconds: UInt64, round: Int) {
            let x = (self.x + Self.width / 2 + Double(round) * Self.step).truncatingRemainder(dividingBy: Self.width)
            octets.withUnsafeMutableBytes { octets in
                octets.storeBytes(of: sequence.bigEndian, toByteOffset: Place.sequence, as: UInt32.self)
                octets.storeBytes(of: microseconds.bigEndian, toByteOffset: Place.timestamp, as: UInt64.self)
                guard isAlone else { return }
                octets.storeBytes(
                    of: (microseconds / 1000).bigEndian, toByteOffset: Place.addressTimestamp, as: UInt64.self)
                for place in Place.positions {
                    octets.storeBytes(
                        of: (x - Self.width / 2).bitPattern.bigEndian, toByteOffset: place, as: UInt64.self)
                }
            }
        }
    }
}

/// The thread that sends while somebody else measures.
private final class Sender: Sendable {
    private let sent = Mutex(Traffic.Sent())
    private let thread = Mutex<pthread_t?>(nil)
    private let traffic: Traffic
    private let rate: Double

    init(_ traffic: Traffic, _ rate: Double) {
        self.traffic = traffic
        self.rate = rate
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Sender>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        let started = thread
        self.thread.withLock { $0 = started }
    }

    private func run() {
        let result = traffic.sendUntilStopped(rate)
        sent.withLock { $0 = result }
    }

    func wait() -> Traffic.Sent {
        if let thread = thread.withLock({ $0 }) { pthread_join(thread, nil) }
        return sent.withLock { $0 }
    }
}
