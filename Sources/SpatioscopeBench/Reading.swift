import CPcap
import Glibc

/// What others take.
enum Reference {
    /// libpcap's own loop, which does nothing but count. The exit status.
    static func countPackets(_ path: String) -> Int32 {
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let capture = pcap_open_offline(path, &message) else { return 1 }
        defer { pcap_close(capture) }
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var octets: UnsafePointer<UInt8>?
        var count = 0
        while pcap_next_ex(capture, &header, &octets) == 1 { count += 1 }
        print(count)
        return 0
    }
}

/// The whole analysis of a capture by the program, against libpcap's counting loop, both as processes of their own.
struct Reading {
    let program: String
    let capture: String
    /// A capture of one message: what the program needs by itself.
    let single: String

    func measure() throws(BenchError) {
        var ratios: [Double] = []
        var nanoseconds: [Double] = []
        var memory: [Double] = []
        let own = try Run([program, "stats", single]).peakMemory
        for _ in 0..<Bench.runs {
            let reference = try Run([CommandLine.arguments[0], "count", capture])
            let run = try Run([program, "stats", capture])
            ratios.append(run.processorTime / reference.processorTime)
            nanoseconds.append(run.processorTime / Double(Bench.messages) * 1e9)
            memory.append((run.peakMemory - own) / Double(Bench.messages))
        }
        let time = median(nanoseconds)
        Table.row(
            "stats over 2,000,000 datagrams", "\(Table.text(time)) ns a message",
            reference: "libpcap counts: \(Table.text(time / median(ratios))) ns", value: median(ratios), unit: "x",
            bar: 3, goal: 1)
        Table.row(
            "memory over the program's own, no index", "\(Table.text(median(memory) * 2)) MB",
            value: median(memory), unit: " B", bar: 64, goal: 40)
    }
}
