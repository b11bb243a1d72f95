import ArgumentParser
import Inspection
import Settings

/// Takes part in a session and hands what passes to a feed, on threads of its own.
protocol LiveRunner: Sendable {
    init()
    /// Begins, and returns at once. What goes wrong later is reported to the feed, which is finished when nothing comes
    /// any more.
    func start(_ request: AttachRequest, feed: LiveFeed) throws
    /// Says good bye where there is somebody to say it to, and returns when that has gone out.
    func stop()
}

struct AttachCommand<Runner: LiveRunner>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "attach", abstract: "Join a server as an observer, and watch its sessions on the screen.",
            discussion: """
                It needs no privileges: the server mirrors to its observers what others send and get. One that went away \
                is joined again when it is back.

                  spatioscope attach localhost
                  spatioscope attach 192.0.2.7 --token-file alice.token --tcp
                  spatioscope attach --group 239.77.28.1

                A token is read from a file or the environment, never from the command line, which others can see. \
                SPATIO_KEYLOG=FILE in the environment takes the keys of the session. dump attach prints instead.
                """)
    }

    @OptionGroup var attach: AttachOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var spool: SpoolOptions
    @OptionGroup var look: LookOptions

    func run() throws {
        try Privileges.giveUpAny(for: .joining)
        let request = try attach.request()
        try LiveScreen(feeds: [LiveFeed(name: request.title)], reading: reading, look: look, spool: spool).run(
            Runner(), request)
    }
}

struct DumpAttachCommand<Runner: LiveRunner>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "dump-attach",
            abstract: "Join a server as an observer, and print its messages as they come; Ctrl-C ends.",
            usage: "spatioscope dump attach [<host[:port]>] [<options>]", shouldDisplay: false)
    }

    @OptionGroup var attach: AttachOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var printing: PrintingOptions

    func run() throws {
        let selection = try printing.selection()
        try Privileges.giveUpAny(for: .joining)
        let request = try attach.request()
        var settings = try reading.settings.load()
        let filter = try reading.combinedFilter(settings.configuration.savedFilters)
        let keys = try reading.keys(&settings)
        let schemas = try reading.schemas(&settings)
        settings.sayProblems()
        let feed = LiveFeed(name: request.title)
        let source = try reading.source(feeds: [feed], keepsPackets: false)
        var reader = FeedReader(
            source: source, feeds: [feed],
            analysis: Analysis(
                ports: reading.ports(settings.configuration).union(request.ports), keyLog: keys, schemas: schemas,
                keepsIndex: false, room: .live),
            printer: MessagePrinter(printing, selection: selection, filter: filter))
        Interruption.watch()
        let runner = Runner()
        try runner.start(request, feed: feed)
        reader.run(for: printing.duration)
        runner.stop()
        try conclude(source)
        if feed.failure != nil || feed.isOutside && !reader.isDone { throw ExitStatus.failed }
    }
}
