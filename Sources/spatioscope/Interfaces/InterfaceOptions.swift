import ArgumentParser
import Capture
import Glibc

/// Which interfaces, and how they are captured.
struct InterfaceOptions: ParsableArguments {
    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp("Capture here; may be repeated. Else everywhere: any.", valueName: "name"))
    var interface: [String] = []

    @Option(help: ArgumentHelp("Octets kept of a packet; messages that lack some are shown as cut.", valueName: "n"))
    var snaplen = CapturedPacket.usualSnapLength

    @Option(help: ArgumentHelp("Memory in the kernel for each interface.", valueName: "MiB"))
    var buffer = 64

    @Flag(help: "Also what is meant for other machines.")
    var promiscuous = false

    @Flag(
        help:
            "Each packet at once, for little traffic: 64 MiB in the kernel hold some 500 packets then, however short. Else up to 20 ms of them together."
    )
    var immediate = false

    @Flag(help: "Open them, print what rights are held after that, and end.")
    var check = false

    /// No header that is looked at is longer than the least.
    private static let snapLengths = 64...CapturedPacket.usualSnapLength
    /// MiB; the kernel locks them into memory.
    private static let buffers = 1...1024

    mutating func validate() throws {
        if !Self.snapLengths.contains(snaplen) {
            throw ValidationError(
                "--snaplen is \(Self.snapLengths.lowerBound) to \(Self.snapLengths.upperBound) octets")
        }
        if !Self.buffers.contains(buffer) {
            throw ValidationError("--buffer is \(Self.buffers.lowerBound) to \(Self.buffers.upperBound) MiB")
        }
        if Set(interface).count < interface.count { throw ValidationError("an interface is named twice") }
    }

    /// Opens all of them, starts none, and gives up what opening them took. With `--check` the program ends here.
    ///
    /// - Parameters:
    ///   - filter: BPF, run by the kernel.
    ///   - joins: a server is to be joined, too.
    func open(filter: String?, joins: Bool = false) throws -> [InterfaceCapture] {
        let captures = try openAll(filter: filter)
        try Privileges.giveUp(for: joins ? [.capturing, .joining] : .capturing)
        if check {
            for line in Privileges.Held()?.lines ?? [] { StandardOutput.print(line) }
            throw ExitCode.success
        }
        return captures
    }

    private func openAll(filter: String?) throws -> [InterfaceCapture] {
        var options = InterfaceCapture.Options()
        options.snapLength = snaplen
        options.bufferSize = buffer << 20
        options.isPromiscuous = promiscuous
        options.isImmediate = immediate
        options.filter = filter
        do throws(InterfaceError) {
            var captures: [InterfaceCapture] = []
            for name in interface.isEmpty ? [InterfaceTraffic.everywhere] : interface {
                captures.append(try InterfaceCapture(name, options))
            }
            return captures
        } catch {
            throw Self.advice(on: error)
        }
    }

    /// What is wrong and what to do about it, in one sentence.
    private static func advice(on error: InterfaceError) -> any Error {
        switch error {
        case .notPermitted:
            return Failure(
                "\(error): \(grant) grants it to whoever may run this program, and attach, open and demo work without")
        case .unknown:
            let names = ((try? NetworkInterface.all()) ?? []).filter(\.isUp).map(\.name)
            return Failure("\(error)\(names.isEmpty ? "" : "; there are \(names.joined(separator: ", "))")")
        case .filter: return WrongUse("--bpf: \(error)")
        case .down, .other: return Failure("\(error)")
        }
    }

    /// The command that grants the right to capture.
    static var grant: String { "sudo setcap cap_net_raw+ep \(OwnProgram.path ?? "spatioscope")" }
}
