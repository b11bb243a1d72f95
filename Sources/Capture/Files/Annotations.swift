/// What a pcapng file says besides packets.
struct Annotations {
    /// What a file may make a reader keep: a comment or name on every packet is not for a list.
    private static let maximumComments = 4096
    private static let maximumNames = 4096
    /// Octets of a comment or a name; longer ones are cut.
    private static let maximumLength = 4096

    private(set) var comments: [String] = []
    private(set) var names: [(address: String, name: String)] = []
    var interfaceNames: [String] = []
    /// What was dropped while the file was made, by interface, where the file says so.
    var drops: [Int: InterfaceCapture.Drops] = [:]

    /// Keeps the comments among the options of `block` that start at `offset`.
    mutating func addComments(of block: Block, from offset: Int) {
        guard comments.count < Self.maximumComments else { return }
        var found: [String] = []
        block.forEachOption(from: offset) { code, value in
            if code == 1 { found.append(Self.text(value[...])) }
        }
        comments.append(contentsOf: found.prefix(Self.maximumComments - comments.count))
    }

    /// Keeps the names of a Name Resolution Block.
    mutating func addNames(of block: Block) {
        block.forEachOption(from: 8) { code, value in
            // Record types: 1 has 4 octets of address, 2 has 16; then names, each with a zero behind.
            let length = code == 1 ? 4 : 16
            guard code == 1 || code == 2, value.count > length, let start = value.baseAddress else { return }
            let address =
                code == 1
                ? IPAddress(ipv4: start.big32(0)) : IPAddress(high: start.big64(0), low: start.big64(8))
            for name in value[length...].split(separator: 0) where names.count < Self.maximumNames {
                names.append((address: address.description, name: Self.text(name)))
            }
        }
    }

    private static func text(_ octets: Slice<UnsafeRawBufferPointer>) -> String {
        String(decoding: octets.prefix(maximumLength), as: UTF8.self)
    }
}
