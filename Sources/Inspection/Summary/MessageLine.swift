import Capture
import SpatioWire

extension MessageText {
    /// What the message says, or why it cannot be read.
    package func summary(model: Model?) -> String {
        if marks.isCut { return MessageSummary.cut(after: size) }
        if let error { return "malformed at \(error.offset): \(error.reason.rawValue)" }
        return MessageSummary.text(
            type ?? MessageType(rawValue: 0), map: map, model: disguise == nil ? model : nil)
    }

    /// Nil where no header could be read.
    var type: MessageType? { header?.type }

    /// The line of `dump`: number, time, who to whom, stream and sequence, type, size, what it says, what is remarkable.
    /// The columns line up as long as what is in them has its usual width.
    ///
    /// - Parameter start: capture time of the first message, nanoseconds since the Unix epoch, from which the time
    ///   counts in seconds; nil: the time of day in UTC.
    package func line(model: Model?, since start: Int64?) -> String {
        let time = start.map { TimeText.seconds(self.time - $0) } ?? TimeText.calendar(self.time)
        let columns = [
            "\(number)".aligned(right: 6), time.aligned(right: 11),
            "\(source) > \(destination)".aligned(left: 33),
            (header.map { "\($0.streamID)" } ?? "-").aligned(right: 3),
            (header.map { "#\($0.sequence)" } ?? "-").aligned(left: 7),
            (type.map(Self.name(of:)) ?? "-").aligned(left: 18), "\(size)".aligned(right: 5),
        ]
        let text = error == nil ? [summary(model: model)] : []
        return (columns + text.filter { !$0.isEmpty } + markers.map { "[\($0)]" }).joined(separator: "  ")
    }

    static func name(of type: MessageType) -> String { type.name ?? "0x" + String(type.rawValue, radix: 16) }

    /// What is remarkable about the message, a few words each.
    private var markers: [String] {
        var markers: [String] = []
        if lostBefore > 0 { markers.append("lost \(lostBefore)") }
        let names: [(MessageMarks, String)] = [
            (.duplicate, "dup"), (.reordered, "reordered"), (.retransmit, "retransmit"), (.unknownType, "unknown type"),
            (.versionGap, "version gap"), (.badSignature, "bad signature"), (.undecrypted, "no key"),
        ]
        for (mark, name) in names where marks.contains(mark) { markers.append(name) }
        if error != nil { markers.append(summary(model: nil)) }
        return markers
    }
}

extension String {
    func aligned(left width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
    func aligned(right width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
