import Inspection
import Screen

extension DropsMeanwhile {
    /// `the capture dropped 30 packets between 12.2 s and 12.5 s, so the network may not be to blame`
    func words(since first: Int64) -> String {
        func seconds(_ time: Int64) -> String { Format.fixed(Double(time - first) / 1e9, decimals: 1) + " s" }
        return "\(short) between \(seconds(start)) and \(seconds(end)), so the network may not be to blame"
    }

    /// `the capture dropped 30 packets`
    var short: String {
        "the capture dropped \(Format.thousands(Int(clamping: packets))) packet\(packets == 1 ? "" : "s")"
    }
}
