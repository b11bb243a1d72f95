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
///
/// Where a tool loses nothing of as many as can be sent, that is its rate; else the range below is halved.
enum HighestRate {
    /// Times that each tool is given as many as can be sent, in turn, so that a disturbance meets all of them.
    private static let rounds = 3
    private static let seconds = 1.5
    /// Halvings of the range between what is too much and nothing.
    private static let steps = 5
    private static let burst = 100_000

    private struct Attempt {
        var rate: Double
        var lost: Int
    }

    static func measure(program: String) throws(BenchError) {
        let traffic = try Traffic()
        var attempts: [CaptureTool: [Attempt]] = [:]
        for _ in 0..<rounds {
            for tool in CaptureTool.allCases {
                attempts[tool, default: []].append(try attempt(nil, tool, program, traffic))
            }
        }
        let reference = try highest(.tcpdump, after: attempts[.tcpdump] ?? [], program, traffic)
        for tool in CaptureTool.allCases where tool != .tcpdump {
            let unpaced = attempts[tool] ?? []
            let rate = try highest(tool, after: unpaced, program, traffic)
            Table.row(
                "datagrams without loss, \(tool.name)", "\(Table.text(rate / 1000)) k/s",
                reference: "tcpdump -w: \(Table.text(reference / 1000)) k/s", value: rate / reference, unit: "x",
                bar: nil, goal: 1)
            Table.row(
                "  as many as can be sent", "\(Table.text(median(unpaced.map(\.rate)) / 1000)) k/s",
                reference: "tcpdump -w: \((attempts[.tcpdump] ?? []).reduce(0) { $0 + $1.lost }) lost",
                value: Double(unpaced.reduce(0) { $0 + $1.lost }), unit: " lost", bar: nil, goal: 0)
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

    /// The highest rate without loss, in messages a second.
    private static func highest(
        _ tool: CaptureTool, after unpaced: [Attempt], _ program: String, _ traffic: Traffic
    ) throws(BenchError) -> Double {
        if let best = unpaced.filter({ $0.lost == 0 }).map(\.rate).max() { return best }
        var (held, missed) = (0.0, unpaced.map(\.rate).min() ?? 0)
        for _ in 0..<steps {
            let next = try attempt((held + missed) / 2, tool, program, traffic)
            if next.lost == 0 { held = next.rate } else { missed = (held + missed) / 2 }
        }
        return held
    }

    private static func attempt(
        _ rate: Double?, _ tool: CaptureTool, _ program: String, _ traffic: Traffic
    ) throws(BenchError) -> Attempt {
        let run = try CaptureRun(tool, program: program, traffic)
        let sent = traffic.send(rate, seconds: seconds)
        let taken = try run.end(after: sent.messages)
        return Attempt(rate: sent.rate, lost: sent.messages - taken.packets)
    }
}
