import ArgumentParser
import Glibc

/// Entry: exit statuses are 0, 1 for what could not be read or done, 2 for wrong use, 130 for an interruption.
@main
struct Main {
    static func main() {
        setlocale(LC_ALL, "")
        do {
            var command = try Spatioscope.parseAsRoot(Self.arguments(CommandLine.arguments.dropFirst()))
            try command.run()
        } catch let error as ExitStatus {
            exit(error.rawValue)
        } catch let error as WrongUse {
            StandardError.print("spatioscope: \(error)")
            exit(ExitStatus.wrongUse.rawValue)
        } catch let error as Failure {
            StandardError.print("spatioscope: \(error)")
            exit(ExitStatus.failed.rawValue)
        } catch {
            let status = Spatioscope.exitCode(for: error)
            let text = Spatioscope.fullMessage(for: error)
            if status == .success {
                if !text.isEmpty { StandardOutput.print(text) }
                exit(0)
            }
            StandardError.print(text)
            exit(status == .validationFailure || status.rawValue == EX_USAGE ? 2 : 1)
        }
    }
}

extension Main {
    /// `dump attach` and `dump live` are commands of their own, because their options are not those of `dump FILE`;
    /// the parser does not take a command that has both files and subcommands.
    private static func arguments(_ given: some Collection<String>) -> [String] {
        let words = Array(given)
        for source in ["attach", "live"] where words.starts(with: ["dump", source]) {
            return ["dump-\(source)"] + words.dropFirst(2)
        }
        return words
    }
}

/// How the program ends when it does not end well.
enum ExitStatus: Int32, Error {
    case failed = 1
    case wrongUse = 2
    case interrupted = 130
}

struct Spatioscope: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spatioscope",
        abstract: "A live inspector and monitor for the Spatio protocol, in the terminal.",
        discussion: """
            spatioscope                          choose what to watch on the screen
            spatioscope open plaza.pcapng        look at a capture
            spatioscope demo                     watch a simulated space live
            spatioscope attach HOST[:PORT]       join a server as an observer
            spatioscope live -i eth0             watch an interface
            spatioscope record -i eth0 -o F      write what an interface brings to a file
            spatioscope nearby                   list the servers that announce themselves
            spatioscope serve                    run a reference server
            spatioscope dump plaza.pcapng        one line a message
            spatioscope stats plaza.pcapng       the figures of a whole capture
            spatioscope simulate plaza -o F      write a capture of a simulated space
            """,
        version: "0.1.0",
        subcommands: [
            OpenCommand.self, DemoCommand.self, LiveCommand<ObserverRunner>.self, AttachCommand<ObserverRunner>.self,
            RecordCommand.self, NearbyCommand.self, ServeCommand.self, DumpCommand.self, StatsCommand.self,
            SimulateCommand.self, ThemesCommand.self, ConfigCommand.self, StartCommand.self,
            DumpAttachCommand<ObserverRunner>.self, DumpLiveCommand<ObserverRunner>.self,
        ],
        defaultSubcommand: StartCommand.self)
}
