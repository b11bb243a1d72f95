import ArgumentParser
import Glibc

/// Entry: exit statuses are 0, 1 for what could not be read or done, 2 for wrong use, 130 for an interruption.
@main
struct Main {
    static func main() {
        setlocale(LC_ALL, "")
        do {
            var command = try Spatioscope.parseAsRoot()
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
                StandardOutput.print(text)
                exit(0)
            }
            StandardError.print(text)
            exit(status == .validationFailure || status.rawValue == EX_USAGE ? 2 : 1)
        }
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
            spatioscope                          choose a capture on the screen
            spatioscope open plaza.pcapng        look at a capture
            spatioscope dump plaza.pcapng        one line a message
            spatioscope stats plaza.pcapng       the figures of a whole capture
            spatioscope simulate plaza -o F      write a capture of a simulated space
            """,
        version: "0.1.0",
        subcommands: [
            OpenCommand.self, DumpCommand.self, StatsCommand.self, SimulateCommand.self, ThemesCommand.self,
            ConfigCommand.self, StartCommand.self,
        ],
        defaultSubcommand: StartCommand.self)
}
