import ArgumentParser
import Capture
import Inspection
import Settings

struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live", abstract: "Watch interfaces of this machine, on the screen.",
        discussion: """
            The status line counts what was dropped: by the kernel, by the interface, by our own ring, and what had no \
            room in the index. --bpf is run by the kernel.
            """)

    @OptionGroup var interfaces: InterfaceOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var spool: SpoolOptions
    @OptionGroup var look: LookOptions

    @Flag(help: "Print the interfaces that there are.")
    var list = false

    func run() throws {
        if list { return try Self.printInterfaces() }
        let captures = try interfaces.open(filter: reading.bpf)
        try LiveScreen(feeds: captures.map { LiveFeed($0) }, reading: reading, look: look, spool: spool).run {
            for capture in captures { capture.start() }
        } stop: {
            for capture in captures { capture.stop() }
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

struct DumpLiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump-live", abstract: "Print the messages that interfaces bring as they come; Ctrl-C ends.",
        usage: "spatioscope dump live -i <name> [<options>]", shouldDisplay: false)

    @OptionGroup var interfaces: InterfaceOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var printing: PrintingOptions

    func run() throws {
        let selection = try printing.selection()
        let captures = try interfaces.open(filter: reading.bpf)
        var settings = try reading.settings.load()
        let filter = try reading.combinedFilter(settings.configuration.savedFilters)
        let keys = try reading.keys(&settings)
        let schemas = try reading.schemas(&settings)
        settings.sayProblems()
        let feeds = captures.map { LiveFeed($0) }
        let source = try reading.source(feeds: feeds, keepsPackets: false)
        var reader = FeedReader(
            source: source, feeds: feeds,
            analysis: Analysis(
                ports: reading.ports(settings.configuration), keyLog: keys, schemas: schemas, keepsIndex: false, room: .live,
                interfaceFiles: source.interfaceFiles),
            printer: MessagePrinter(printing, selection: selection, filter: filter))
        Interruption.watch()
        for capture in captures { capture.start() }
        reader.run(for: printing.duration)
        for capture in captures { capture.stop() }
        if let words = source.drops?.words { StandardError.print("spatioscope: \(words)") }
        try conclude(source)
    }
}

extension String {
    /// With spaces behind it up to a number of characters.
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
