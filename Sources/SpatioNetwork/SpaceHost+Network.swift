import NIOCore
import NIOPosix
import SpatioServer
import SpatioSession
import SpatioWire

extension SpaceHost: ServerMachine {
    public mutating func close(reason: String, at now: Moment) { close(at: now) }
}

extension NetworkServer where Machine == SpaceHost {
    /// A server of spaces; it takes clients where it is told to `listen`.
    ///
    /// - Parameters:
    ///   - keyLog: gets the secret of each epoch of each session.
    ///   - log: on the event loop, so it must not wait for anything.
    public convenience init(
        _ plan: ServerPlan, on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        keyLog: KeyLogFile? = nil, log: @escaping @Sendable (ServerEntry) -> Void = { _ in }
    ) throws(SpaceHost.PlanError) {
        let host = try SpaceHost(plan, serverID: UUID.random(), secret: randomOctets(32), at: .now)
        self.init(host, on: loop) { host, connections, _ in
            while let event = host.nextEvent() {
                switch event {
                case .log(let entry): log(entry)
                case .keys(let entry): keyLog?.write(entry)
                case .finished(let address): connections.close(address)
                }
            }
        }
    }
}
