/// The escape sequence that puts a text on the clipboard of whoever sits before the terminal, also over ssh: OSC 52.
package enum ClipboardSequence {
    private static let escape: UInt8 = 0x1B
    private static let bell: UInt8 = 0x07
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// - Parameter isInsideTmux: tmux keeps the sequence to itself, where it takes it at all (`set-clipboard on`); so it
    ///   is sent a second time, wrapped for the terminal behind tmux (`allow-passthrough on`).
    package static func octets(copying text: String, isInsideTmux: Bool) -> [UInt8] {
        let plain = [escape] + Array("]52;c;".utf8) + base64(Array(text.utf8)) + [bell]
        guard isInsideTmux else { return plain }
        let doubled = plain.flatMap { $0 == escape ? [escape, escape] : [$0] }
        return plain + [escape] + Array("Ptmux;".utf8) + doubled + [escape, UInt8(ascii: "\\")]
    }

    /// RFC 4648 section 4.
    static func base64(_ octets: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        for start in stride(from: 0, to: octets.count, by: 3) {
            let count = min(3, octets.count - start)
            var group: UInt32 = 0
            for place in 0..<3 { group = group << 8 | (place < count ? UInt32(octets[start + place]) : 0) }
            for place in 0..<4 {
                let isPadding = place > count
                text.append(isPadding ? UInt8(ascii: "=") : digits[Int(group >> UInt32(18 - 6 * place) & 63)])
            }
        }
        return text
    }
}
