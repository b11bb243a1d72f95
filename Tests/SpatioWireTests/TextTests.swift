import SpatioWire
import Testing

@Suite("Text")
struct TextTests {
    @Test("of a UUID is parsed and written in either form")
    func uuid() throws {
        let text = "114d8097-669d-4926-8748-05ee8c3550d2"
        let uuid = try #require(UUID(parsing: text))
        #expect(uuid == UUID(high: 0x114d_8097_669d_4926, low: 0x8748_05ee_8c35_50d2))
        #expect(uuid.description == text)
        #expect(uuid.hexadecimal == "114d8097669d4926874805ee8c3550d2")
        #expect(UUID(parsing: uuid.hexadecimal) == uuid)
        #expect(UUID(parsing: "114D8097-669D-4926-8748-05EE8C3550D2") == uuid)
        #expect(UUID.zero.description == "00000000-0000-0000-0000-000000000000")
        #expect(UUID(high: 1, low: 0) > UUID(high: 0, low: .max))
    }

    @Test(
        "that is no UUID is refused",
        arguments: [
            "", "114d8097", "114d8097-669d-4926-8748-05ee8c3550d", "114d8097-669d-4926-8748-05ee8c3550d21",
            "114d8097669d-4926-8748-05ee8c3550d2", "114d8097-669d-4926-8748-05ee8c3550dg",
            "{14d8097-669d-4926-8748-05ee8c3550d2}", "------------------------------------",
            "114d8097-669d-492-68748-05ee8c3550d2", "é14d8097669d4926874805ee8c3550d2",
        ])
    func notUUID(text: String) { #expect(UUID(parsing: text) == nil) }

    @Test("of octets is hexadecimal both ways")
    func hexadecimal() {
        #expect(hexadecimalText([0x00, 0x0F, 0xA5, 0xFF]) == "000fa5ff")
        #expect(octets(hexadecimal: "000fA5Ff") == [0x00, 0x0F, 0xA5, 0xFF])
        #expect(octets(hexadecimal: "") == [])
        #expect(octets(hexadecimal: "0") == nil)
        #expect(octets(hexadecimal: "0g") == nil)
        #expect(octets(hexadecimal: "0 1") == nil)
    }

    @Test("in JSON is escaped so that every reader gets it back")
    func escaping() throws {
        let text = "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1b}\u{1f}\u{7f}é🛰\u{2028}"
        var json = JSONText()
        json.open("{")
        json.key(text)
        json.string(text)
        json.close("}")
        #expect(try JSON(parsing: json.octets) == .object([text: .string(text)]))
        // No control character gets out, so that none reaches a terminal.
        #expect(json.octets.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }

    @Test("in JSON has commas where they belong")
    func structure() {
        var json = JSONText()
        json.open("{")
        json.key("a")
        json.open("[")
        json.null()
        json.boolean(true)
        json.integer(UInt64.max)
        json.integer(Int64.min)
        json.hexadecimal([0xAB, 0xCD])
        json.open("[")
        json.close("]")
        json.close("]")
        json.key("b")
        json.numbers([1, 2.5])
        json.close("}")
        #expect(
            json.text == #"{"a":[null,true,18446744073709551615,-9223372036854775808,"abcd",[]],"b":[1.0,2.5]}"#)
        json.removeAll()
        json.integer(1)
        #expect(json.text == "1")
    }

    @Test("of a number in JSON reads as the same number")
    func numbers() throws {
        var random = RandomValues(seed: 80)
        for _ in 0..<1000 {
            let value = random.double()
            var json = JSONText()
            json.number(value)
            #expect(Double(json.text)?.bitPattern == value.bitPattern)
            #expect(throws: Never.self) { try JSON(parsing: json.octets) }
        }
        for value in [Double.nan, .infinity, -.infinity] {
            var json = JSONText()
            json.number(value)
            #expect(json.text == "null")
        }
    }

    @Test("of a code is its name, or its number where it has none")
    func codes() {
        #expect(ErrorCode(named: "RATE_LIMITED") == .rateLimited)
        #expect(ErrorCode(named: "NO_SUCH_CODE") == nil)
        #expect(ErrorCode(rawValue: 0x5E).description == "94")
        #expect(MessageType.names.count == 27)
        #expect(!MessageType(rawValue: 0x7A).isKnown && MessageType.custom.isKnown)
        #expect(Priority(named: "HIGH") == .high)
        #expect(Priority(named: "high") == nil)
        #expect(Capabilities.all.names.count == Capabilities.names.count)
        #expect(Capabilities(rawValue: 0x8000_0001).names == ["SPATIAL_QUERY"])
    }
}
