import ArgumentParser
import Inspection
import SpatioWire

struct DumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "Print one line or one JSON object a message, without a screen.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, csv
    }

    @OptionGroup var options: CaptureOptions

    @Option(help: "text, json or csv.")
    var format = Format.text

    @Option(help: ArgumentHelp("Print only this many messages.", valueName: "n"))
    var count: Int?

    func run() throws {
        let source = try options.source(keepsPackets: false)
        var analysis = Analysis(ports: options.ports, keyLog: try options.keys(), keepsIndex: false)
        var output = StandardOutput()
        var json = JSONText()
        Interruption.watch()
        let print = { (event: borrowing MessageEvent, _: borrowing Model) in
            let text = MessageText(event, schemas: ExtensionSchemas(), sizeLimit: WireLimits.largestMessage)
            json.removeAll()
            text.writeJSON(to: &json)
            output.write(json.octets)
            output.write(CollectionOfOne(UInt8(ascii: "\n")))
        }
        while !Interruption.isRequested, let packet = source.next() { analysis.take(packet, observe: print) }
        analysis.finish(observe: print)
        output.flush()
        try conclude(source)
    }
}
