import NIOCore
import NIOPosix
import Simulation
import SpatioNetwork
import SpatioSession
import Synchronization

/// Simulated participants, each with a session of its own at a server. Who leaves comes back when it wants to.
final class Company: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let members: [NIOLoopBoundBox<Member>]

    init(_ participants: [Participant], at server: SocketAddress) {
        let loop = group.next()
        members = participants.map { .makeBoxSendingValue(Member($0, server, loop), eventLoop: loop) }
    }

    /// Everybody joins.
    func start() { group.next().execute { [members] in for member in members { member.value.join() } } }

    /// Everybody leaves; returns when all have said so.
    func stop() {
        let loop = group.next()
        let left = loop.flatSubmit { [members] in
            EventLoopFuture.andAllComplete(members.map { $0.value.leave() }, on: loop)
        }
        try? left.wait()
        try? group.syncShutdownGracefully()
    }
}

/// One of the company, on its event loop.
private final class Member {
    private var participant: Participant
    private let server: SocketAddress
    private let loop: any EventLoop
    private var client: NetworkClient?
    private var hasLeft = false

    init(_ participant: Participant, _ server: SocketAddress, _ loop: any EventLoop) {
        self.participant = participant
        self.server = server
        self.loop = loop
    }

    func join() {
        guard !hasLeft else { return }
        let this = NIOLoopBound(self, eventLoop: loop)
        let client = NetworkClient(
            participant.configuration, to: server, by: .udp, on: loop,
            observation: NetworkClient.Observation(passes: { _ in this.value.participant.network?.passes() ?? true })
        ) { event, client, now in
            this.value.participant.handle(event, &client, at: now)
            if case .closed = event { this.value.awaitReturn(now) }
        }
        self.client = client
        client.start()
        client.repeat(every: .nanoseconds(participant.interval)) { client, now in
            this.value.participant.act(&client, at: now)
        }
    }

    private func awaitReturn(_ now: Moment) {
        client = nil
        guard !hasLeft, let time = participant.returnsAt else { return }
        let this = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: .nanoseconds(max(0, time - now.monotonic))) { this.value.join() }
    }

    func leave() -> EventLoopFuture<Void> {
        hasLeft = true
        return client?.disconnect(reason: "the demo ends") ?? loop.makeSucceededVoidFuture()
    }
}
