import Foundation
import Testing

@testable import Terminal

/// What is sent to put a text on the clipboard.
@Suite struct ClipboardTests {
    @Test("The text goes in base64 between OSC 52 and BEL")
    func sequence() {
        let octets = ClipboardSequence.octets(copying: "hello", isInsideTmux: false)
        #expect(octets == Array("\u{1B}]52;c;aGVsbG8=\u{07}".utf8))
    }

    @Test("Inside of tmux it goes a second time, wrapped for the terminal behind, with every ESC doubled")
    func tmux() {
        let octets = ClipboardSequence.octets(copying: "hello", isInsideTmux: true)
        #expect(
            octets
                == Array("\u{1B}]52;c;aGVsbG8=\u{07}\u{1B}Ptmux;\u{1B}\u{1B}]52;c;aGVsbG8=\u{07}\u{1B}\\".utf8))
    }

    @Test(
        "Base64 is that of RFC 4648", arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar", "José 你好\u{1B}[2J"])
    func base64(text: String) {
        let expected = Array(Data(text.utf8).base64EncodedString().utf8)
        #expect(ClipboardSequence.base64(Array(text.utf8)) == expected)
    }
}
