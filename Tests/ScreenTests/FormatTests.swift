import Screen
import Testing

@Suite struct FormatTests {
    @Test func `thousands have commas`() {
        #expect(Format.thousands(0) == "0")
        #expect(Format.thousands(999) == "999")
        #expect(Format.thousands(61_234) == "61,234")
        #expect(Format.thousands(-1_234_567) == "-1,234,567")
        #expect(Format.thousands(Int64.min) == "-9,223,372,036,854,775,808")
    }

    @Test func `decimals are rounded to the nearest and kept`() {
        #expect(Format.fixed(8.06, decimals: 1) == "8.1")
        #expect(Format.fixed(8, decimals: 2) == "8.00")
        #expect(Format.fixed(-0.04, decimals: 1) == "0.0")
        #expect(Format.fixed(-12.5, decimals: 1) == "-12.5")
        #expect(Format.fixed(9.999, decimals: 2) == "10.00")
        #expect(Format.fixed(1e300, decimals: 2) == "1e+300")
    }

    @Test func `no data is a dash, never zero`() {
        #expect(Format.fixed(nil, decimals: 1) == "-")
        #expect(Format.fixed(.nan, decimals: 1) == "-")
        #expect(Format.si(nil) == "-")
    }

    @Test func `SI prefixes keep three digits`() {
        #expect(Format.si(0) == "0")
        #expect(Format.si(12) == "12")
        #expect(Format.si(999) == "999")
        #expect(Format.si(999.6) == "1.00 k")
        #expect(Format.si(1234) == "1.23 k")
        #expect(Format.si(45_600_000) == "45.6 M")
        #expect(Format.si(0.5) == "0.50")
        #expect(Format.si(-2500, unit: "B/s") == "-2.50 kB/s")
        #expect(Format.bytes(512) == "512 B")
        #expect(Format.bytes(1_999_999) == "2.00 MB")
        #expect(Format.si(.infinity) == "∞")
    }

    @Test func `durations have minutes and milliseconds, and hours when there are any`() {
        #expect(Format.duration(nanoseconds: 12_480_999_999) == "00:12.480")
        #expect(Format.duration(nanoseconds: 3_723_500_000_000) == "1:02:03.500")
        #expect(Format.duration(nanoseconds: -1_500_000_000) == "-00:01.500")
        #expect(Format.duration(nanoseconds: -1) == "00:00.000")
        #expect(!Format.duration(nanoseconds: .min).isEmpty)
    }

    @Test func `a number that does not fit is never shown cut`() {
        #expect(Format.column("12", width: 4) == "  12")
        #expect(Format.column("12345", width: 4) == "####")
    }

    @Test func `octets are two digits`() {
        #expect(Format.hex(0) == "00")
        #expect(Format.hex(0xAF) == "af")
    }
}
