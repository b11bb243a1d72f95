import Glibc

/// What the kernel has counted of one interface since that was made, both ways.
package struct InterfaceCounters: Equatable, Sendable {
    package var name: String
    package var packetsIn: UInt64
    package var octetsIn: UInt64
    package var packetsOut: UInt64
    package var octetsOut: UInt64

    package init(
        name: String, packetsIn: UInt64 = 0, octetsIn: UInt64 = 0, packetsOut: UInt64 = 0, octetsOut: UInt64 = 0
    ) {
        self.name = name
        self.packetsIn = packetsIn
        self.octetsIn = octetsIn
        self.packetsOut = packetsOut
        self.octetsOut = octetsOut
    }

    /// Of all interfaces, in the kernel's order; nobody needs a right for that. Empty where /proc is not there.
    package static func all() -> [InterfaceCounters] {
        let descriptor = open("/proc/net/dev", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            octets.append(contentsOf: chunk[..<count])
        }
        return parse(octets)
    }

    /// Reads the text of /proc/net/dev: two lines of headings, then a line an interface, `name: rx... tx...` with eight
    /// numbers for each way.
    static func parse(_ octets: [UInt8]) -> [InterfaceCounters] {
        octets.split(separator: UInt8(ascii: "\n")).dropFirst(2).compactMap { line in
            guard let colon = line.lastIndex(of: UInt8(ascii: ":")) else { return nil }
            let numbers = line[(colon + 1)...].split(separator: UInt8(ascii: " ")).map {
                UInt64(String(decoding: $0, as: UTF8.self))
            }
            guard numbers.count >= 10, let octetsIn = numbers[0], let packetsIn = numbers[1],
                let octetsOut = numbers[8], let packetsOut = numbers[9]
            else { return nil }
            let name = String(decoding: line[..<colon].drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
            return InterfaceCounters(
                name: name, packetsIn: packetsIn, octetsIn: octetsIn, packetsOut: packetsOut, octetsOut: octetsOut)
        }
    }
}
