import ArgumentParser

struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Look at captures on the screen.")

    @OptionGroup var options: CaptureOptions
}
