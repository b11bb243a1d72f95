import Capture
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        "0.0.0.0", "10.7.1.1", "255.255.255.255", "::", "::1", "fe80::1", "ff15::7728", "2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1", "1:2:3:4:5:6:7:8", "1:0:0:2::3", "1::", "::2:0:0:3:0:4",
    ])
    func `An address in canonical text is read and written as it was`(text: String) {
        #expect(IPAddress(parsing: text)?.description == text)
    }

    @Test(arguments: [
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("0:0:0:0:0:0:0:0", "::"), ("::ffff:10.7.1.1", "10.7.1.1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"), ("::10.1.1.1", "::a01:101"),
    ])
    func `Other texts of an address come out canonical (RFC 5952)`(text: String, canonical: String) {
        #expect(IPAddress(parsing: text)?.description == canonical)
    }

    @Test(arguments: ["", "10.7.1", "10.7.1.256", "10.7.1.1.1", ":::", "1:2:3", "g::1", "fe80::1%eth0", "10.7.1.1:5"])
    func `What is no address is refused`(text: String) {
        #expect(IPAddress(parsing: text) == nil)
    }

    @Test(arguments: [
        ("223.255.255.255", false), ("224.0.0.1", true), ("239.77.28.1", true), ("240.0.0.1", false),
        ("ff15::7728", true), ("fe80::1", false),
    ])
    func `Multicast addresses are known`(text: String, isMulticast: Bool) {
        #expect(IPAddress(parsing: text)?.isMulticast == isMulticast)
    }

    @Test(arguments: ["10.7.1.1:40001", "[fe80::1]:7728", "0.0.0.0:0", "[::]:65535"])
    func `An endpoint is read and written as it was`(text: String) {
        #expect(Endpoint(parsing: text)?.description == text)
    }

    @Test(arguments: [
        "", "10.7.1.1", "10.7.1.1:", "10.7.1.1:65536", "10.7.1.1:-1", "10.7.1.1:+1", "fe80::1:7728", "[10.7.1.1]:1",
        "[fe80::1]", "[fe80::1]7728", ":80",
    ])
    func `What is no endpoint is refused`(text: String) {
        #expect(Endpoint(parsing: text) == nil)
    }
}
