import Capture
import Glibc

/// What watching an interface costs and loses, beside tcpdump in the same run.
enum Watching {
    static func measure(program: String) throws(BenchError) {
        guard NetworkInterface.mayCapture else { return print("(no right to capture: what is live is not measured)") }
        guard CaptureTool.tcpdumpPath != nil else { return print("(no tcpdump: what is live is not measured)") }
        try HighestRate.measure(program: program)
        try Load.measure(program: program)
    }
}

/// How many datagrams a second are taken in with none of them lost.
enum HighestRate {
    private static let seconds = 2.0
    /// Halvings of the range between what is too much and nothing.
    private static let steps = 5
    private static let burst = 100_000

    static func measure(program: String) throws(BenchError) {
        let traffic = try Traffic()
        var reference = Double.nan
        for tool in CaptureTool.allCases {
            let (rate, unpaced, lost) = try search(tool, program, traffic)
            if tool == .tcpdump {
                reference = rate
                continue
            }
            Table.row(
                "datagrams without loss, \(tool.name)", "\(Table.text(rate / 1000)) k/s",
                reference: "tcpdump -w: \(Table.text(reference / 1000)) k/s", value: rate / reference, unit: "x",
                bar: nil,
                goal: 1)
            Table.row(
                "  with no limit to it", "\(Table.text(unpaced / 1000)) k/s", value: Double(lost), unit: " lost",
                bar: nil, goal: 0)
        }
        for tool in CaptureTool.allCases where tool != .tcpdump {
            let run = try CaptureRun(tool, program: program, traffic)
            let sent = traffic.send(count: burst)
            let taken = try run.end(after: sent.messages)
            Table.row(
                "100,000 datagrams unpaced, \(tool.name)", "\(Table.text(sent.rate / 1000)) k/s",
                value: Double(sent.messages - taken.packets), unit: " lost", bar: 0, goal: 0)
        }
    }

    /// The highest rate without loss; the one that goes without a limit, and what is lost of that.
    private static func search(
        _ tool: CaptureTool, _ program: String, _ traffic: Traffic
    ) throws(BenchError) -> (rate: Double, unpaced: Double, lost: Int) {
        let (unpaced, lost) = try attempt(nil, tool, program, traffic)
        if lost == 0 { return (unpaced, unpaced, 0) }
        var (held, missed) = (0.0, unpaced)
        for _ in 0..<steps {
            let (rate, lost) = try attempt((held + missed) / 2, tool, program, traffic)
            if lost == 0 { held = rate } else { missed = (held + missed) / 2 }
        }
        return (held, unpaced, lost)
    }

    private static func attempt(
        _ rate: Double?, _ tool: CaptureTool, _ program: String, _ traffic: Traffic
    ) throws(BenchError) -> (rate: Double, lost: Int) {
        let run = try CaptureRun(tool, program: program, traffic)
        let sent = traffic.send(rate, seconds: seconds)
        let taken = try run.end(after: sent.messages)
        return (sent.rate, sent.messages - taken.packets)
    }
}
