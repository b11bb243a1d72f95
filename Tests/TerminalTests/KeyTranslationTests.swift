import CNcurses
import Screen
import Testing

@testable import Terminal

@Suite struct KeyTranslationTests {
    @Test func `typed characters are keys`() {
        #expect(KeyTranslation.key(character: 0x61) == .character("a"))
        #expect(KeyTranslation.key(character: 0x28FF) == .character("⣿"))
        #expect(KeyTranslation.key(character: 0x20) == .character(" "))
        #expect(KeyTranslation.key(character: 0xD800) == nil)
    }

    @Test func `control characters are what was pressed`() {
        #expect(KeyTranslation.key(character: 3) == .control("c"))
        #expect(KeyTranslation.key(character: 26) == .control("z"))
        #expect(KeyTranslation.key(character: 0) == .control(" "))
        #expect(KeyTranslation.key(character: 28) == .control("\\"))
        #expect(KeyTranslation.key(character: 9) == .tab)
        #expect(KeyTranslation.key(character: 27) == .escape)
        #expect([10, 13].allSatisfy { KeyTranslation.key(character: $0) == .enter })
        #expect([8, 127].allSatisfy { KeyTranslation.key(character: $0) == .backspace })
    }

    @Test func `codes of ncurses are keys, unknown ones are none`() {
        #expect(KeyTranslation.key(code: KEY_UP) == .up)
        #expect(KeyTranslation.key(code: KEY_BTAB) == .backTab)
        #expect(KeyTranslation.key(code: KEY_F0 + 12) == .function(12))
        #expect(KeyTranslation.key(code: KEY_RESIZE) == nil)
    }
}

@Suite struct MouseTranslationTests {
    private let point = Point(x: 3, y: 4)

    @Test func `a button is pressed, dragged and released`() {
        var mouse = MouseTranslation()
        #expect(mouse.events(state: cn_mouse_pressed(3), at: point) == [MouseEvent(.press, at: point, button: .right)])
        #expect(mouse.events(state: cn_mouse_moved(), at: point) == [MouseEvent(.drag, at: point, button: .right)])
        #expect(
            mouse.events(state: cn_mouse_released(3), at: point) == [MouseEvent(.release, at: point, button: .right)])
    }

    @Test func `a movement without a button is nothing`() {
        var mouse = MouseTranslation()
        #expect(mouse.events(state: cn_mouse_moved(), at: point).isEmpty)
    }

    @Test func `a click is a press and a release`() {
        var mouse = MouseTranslation()
        #expect(mouse.events(state: cn_mouse_clicked(1), at: point).map(\.kind) == [.press, .release])
        #expect(mouse.events(state: cn_mouse_moved(), at: point).isEmpty)
    }

    @Test func `the wheel turns both ways, with modifiers`() {
        var mouse = MouseTranslation()
        #expect(mouse.events(state: cn_mouse_pressed(4), at: point) == [MouseEvent(.wheelUp, at: point)])
        let turned = mouse.events(state: cn_mouse_pressed(5) | cn_mouse_control() | cn_mouse_shift(), at: point)
        #expect(turned == [MouseEvent(.wheelDown, at: point, modifiers: [.control, .shift])])
    }
}
