import Capture
import SpatioWire

/// The clock and the wire: what is planned happens in order, and what is sent passes the capture point on its way.
///
/// The capture point is near the servers. Impairments take effect before it, so that they can be seen; a fifth as much
/// is lost behind it, which only retransmissions tell.
final class Network {
    /// Simulated time begins here: seconds since the Unix epoch.
    static let epoch: Int64 = 1_793_000_000
    static let nanosecond: Int64 = 1_000_000_000
    /// The end of every simulation is spared by impairments, so that everybody ends with the same.
    static let calmEnd = 2 * nanosecond

    /// What one full frame takes on a link of 1 Gbit/s, in nanoseconds.
    static let spacing: Int64 = 12_000

    /// Nanoseconds since the Unix epoch.
    private(set) var now = Network.epoch * Network.nanosecond
    let start = Network.epoch * Network.nanosecond
    let end: Int64
    var generator: Generator
    var recorder = Recorder()
    private let impairments: Impairments
    private var agenda = Agenda()
    private var hosts: [Endpoint: Host] = [:]
    /// When the last datagram of a way passed the capture point, and when it arrived: the network keeps the order.
    private var passed: [Way: Int64] = [:]
    private var arrived: [Way: Int64] = [:]

    private var participants: [AnyObject] = []

    private struct Way: Hashable {
        var source, destination: Endpoint
    }

    private struct Host {
        /// Nanoseconds to the capture point.
        var distance: Int64
        var receive: ([Outgoing], Endpoint) -> Void
    }

    init(generator: Generator, duration: Double, impairments: Impairments) {
        self.generator = generator
        self.impairments = impairments
        end = start + Int64(duration * Double(Self.nanosecond))
    }

    /// Seconds since the beginning.
    var elapsed: Double { Double(now - start) / Double(Self.nanosecond) }
    /// Seconds until the end.
    var left: Double { Double(end - now) / Double(Self.nanosecond) }
    var microseconds: UInt64 { UInt64(now / 1000) }
    var milliseconds: UInt64 { UInt64(now / 1_000_000) }

    func plan(at time: Int64, _ action: @escaping () -> Void) { agenda.plan(at: max(time, now), action) }

    /// - Parameter seconds: from now.
    func plan(in seconds: Double, _ action: @escaping () -> Void) {
        plan(at: now + Int64(seconds * Double(Self.nanosecond)), action)
    }

    /// Again and again, first after `seconds`, as long as `action` returns true.
    func every(_ seconds: Double, _ action: @escaping () -> Bool) {
        plan(in: seconds) { [unowned self] in
            if action() { every(seconds, action) }
        }
    }

    /// Keeps a participant until everything is played: whatever is planned only refers to it.
    func keep(_ participant: AnyObject) { participants.append(participant) }

    /// Plays everything that was planned.
    func run() {
        while let entry = agenda.next(), entry.time <= end {
            now = entry.time
            entry.action()
        }
        agenda.clear()
        hosts.removeAll()
        participants.removeAll()
    }

    /// - Parameter distance: nanoseconds to the capture point.
    func attach(_ endpoint: Endpoint, distance: Int64, receive: @escaping ([Outgoing], Endpoint) -> Void = { _, _ in })
    {
        hosts[endpoint] = Host(distance: distance, receive: receive)
    }

    func distance(of endpoint: Endpoint) -> Int64 { hosts[endpoint]?.distance ?? 0 }

    /// Sends one datagram with these messages.
    ///
    /// - Parameters:
    ///   - isSpared: neither lost nor doubled nor late: for what a scenario cannot do without.
    ///   - isCaptured: false for what takes another way than past the capture point.
    func send(
        _ messages: [Outgoing], from source: Endpoint, to destination: Endpoint, isSpared: Bool = false,
        isCaptured: Bool = true
    ) {
        let spared = isSpared || end - now < Self.calmEnd
        let copies = !spared && generator.chance(impairments.duplication) ? 2 : 1
        for copy in 0..<copies {
            if !spared && generator.chance(impairments.loss) { continue }
            var delay: Int64 = 0
            if copy == 1 {
                delay = Int64(generator.number(1...30) * 1_000_000)
            } else if !spared && generator.chance(impairments.reordering) {
                // Longer than the usual time between two updates: something does overtake it.
                delay = Int64(generator.number(110...190) * 1_000_000)
            }
            pass(messages, Way(source: source, destination: destination), delay: delay, spared, isCaptured)
        }
    }

    private func pass(_ messages: [Outgoing], _ way: Way, delay: Int64, _ isSpared: Bool, _ isCaptured: Bool) {
        var time = now + distance(of: way.source) + jitter()
        // Whole microseconds: pcap and pcapng then tell the same.
        time = max(time, (passed[way] ?? 0) + Self.spacing) + delay
        time -= time % 1000
        if delay == 0 { passed[way] = time }
        if isCaptured {
            let octets = messages.flatMap(\.octets)
            let frame = Frames.udp(from: way.source, to: way.destination, octets)
            recorder.record(frame, at: time, from: way.source, to: way.destination, messages)
        }
        if !isSpared && generator.chance(impairments.loss / 5) { return }
        var arrival = time + distance(of: way.destination) + jitter()
        if delay == 0 {
            arrival = max(arrival, (arrived[way] ?? 0) + 1)
            arrived[way] = arrival
        }
        plan(at: arrival) { [unowned self] in hosts[way.destination]?.receive(messages, way.source) }
    }

    func jitter() -> Int64 {
        // Half a millisecond is what an idle network has; a queue only ever adds.
        impairments.delay + Int64(abs(generator.bell()) * Double(200_000 + impairments.jitter))
    }
}
