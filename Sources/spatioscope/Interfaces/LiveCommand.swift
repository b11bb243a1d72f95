import ArgumentParser
import Capture
import Inspection
import Settings

struct LiveCommand<Runner: LiveRunner>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "live", abstract: "Watch interfaces of this machine, on the screen.",
            discussion: """
                The status line counts what was dropped: by the kernel, by the interface, by our own ring, and by the \
                index, which keeps the newest; ! says more. --bpf is run by the kernel. A packet that passes several \
                interfaces is one, not a duplicate. An interface that goes away is said, and taken up again when it is \
                back.

                Packets are kept in a file while the screen is open; w writes them, or the filtered or marked part, \
                elsewhere. When the terminal is lost or the program is killed, the start page offers what was kept.

                  spatioscope live
                  spatioscope live -i eth0 -i lo --port 7800
                  spatioscope live -i any --bpf 'host 192.0.2.7' --filter 'type == state_sync'

                It needs root, or the right to capture, which this gives to whoever may run the program: \
                sudo setcap cap_net_raw+ep $(which spatioscope). Once the interfaces are open all rights are given up; \
                --check prints what is left. dump live prints messages instead, record keeps packets.

                With --attach a server is joined as well, and each message that it mirrors is told from the same one on \
                the wire: how much later it came, and how far its entity had moved on by then.

                  spatioscope live -i eth0 --attach 192.0.2.7
                """)
    }

    @OptionGroup var interfaces: InterfaceOptions
    @OptionGroup var join: JoinOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var spool: SpoolOptions
    @OptionGroup var look: LookOptions

    @Flag(help: "Print the interfaces that there are.")
    var list = false

    func run() throws {
        if list { return try Self.printInterfaces() }
        let watched = try WatchedTraffic<Runner>(interfaces, join, filter: reading.bpf)
        try LiveScreen(feeds: watched.feeds, ports: watched.ports, reading: reading, look: look, spool: spool).run {
            try watched.start()
        } stop: {
            watched.stop()
        }
    }

    private static func printInterfaces() throws {
        let all: [NetworkInterface]
        do throws(InterfaceError) { all = try NetworkInterface.all() } catch { throw Failure("\(error)") }
        let width = all.map(\.name.count).max() ?? 0
        var output = StandardOutput()
        for interface in all {
            let name = interface.name.padded(to: width)
            let state = interface.isUp ? interface.isRunning ? "running" : "up" : "down"
            let rest = interface.addresses.map(\.description) + (interface.description.map { [$0] } ?? [])
            output.line("\(name)  \(state.padded(to: 7))  \(rest.joined(separator: ", "))")
        }
        output.flush()
    }
}

struct DumpLiveCommand<Runner: LiveRunner>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "dump-live", abstract: "Print the messages that interfaces bring as they come; Ctrl-C ends.",
            usage: "spatioscope dump live -i <name> [<options>]", shouldDisplay: false)
    }

    @OptionGroup var interfaces: InterfaceOptions
    @OptionGroup var join: JoinOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var printing: PrintingOptions

    func run() throws {
        let selection = try printing.selection()
        let watched = try WatchedTraffic<Runner>(interfaces, join, filter: reading.bpf)
        var settings = try reading.settings.load()
        let filter = try reading.combinedFilter(settings.configuration.savedFilters)
        let keys = try reading.keys(&settings)
        let schemas = try reading.schemas(&settings)
        settings.sayProblems()
        let source = try reading.source(feeds: watched.feeds, keepsPackets: false)
        var analysis = Analysis(
            ports: reading.ports(settings.configuration).union(watched.ports), keyLog: keys, schemas: schemas,
            keepsIndex: false, room: .live, interfaceFiles: source.interfaceFiles)
        analysis.leaveOut(source.ownTraffic)
        var reader = FeedReader(
            source: source, feeds: watched.feeds, analysis: analysis,
            printer: MessagePrinter(printing, selection: selection, filter: filter))
        Interruption.watch()
        try watched.start()
        reader.run(for: printing.duration)
        watched.stop()
        if let words = source.drops?.words { StandardError.print("spatioscope: \(words)") }
        try conclude(source)
        if watched.hasFailed, !reader.isDone { throw ExitStatus.failed }
    }
}
