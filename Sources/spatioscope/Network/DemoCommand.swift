import ArgumentParser
import Inspection
import NIOCore
import Simulation
import SpatioNetwork

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a simulated space live, on the loopback interface: no privileges, nothing to set up.",
        discussion: """
            A server and a few dozen participants in this process: walkers, drones, sensors with an extension of their \
            own, a relay, one with a bad network, queries and conflicts now and then. All of it ends with the screen. \
            The same for others to join: spatioscope serve --demo.
            """)

    @Option(help: "Who takes part, and where they go.")
    var seed: UInt64 = 1

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var look: LookOptions

    func run() throws {
        try Privileges.rest()
        let cast = DemoCast(seed: seed)
        let server = try RunningServer(
            cast.plan.forManyFromHere, at: [try SocketAddress(ipAddress: "127.0.0.1", port: 0)], log: nil)
        defer { server.stop() }
        let address = server.addresses[0]
        let company = Company(cast.participants, at: address)
        defer { company.stop() }
        // They come when somebody watches: whoever sees a session begin knows its name.
        let observer = ObserverRunner { company.start() }
        let request = AttachRequest(
            server: ServerAddress(host: "127.0.0.1", port: UInt16(clamping: address.port ?? 0)))
        try LiveScreen(feeds: [LiveFeed(name: "demo")], reading: reading, look: look).run(observer, request)
    }
}
