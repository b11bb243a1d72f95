import Glibc

/// The spool of a run that was cut off, to be read. Nobody else reads or removes it meanwhile.
package final class RecoveredSpool: Sendable {
    package struct Source: Sendable {
        /// As the run had it.
        package var name: String
        package var store: PacketStore
        /// Octets of the stream.
        package var size: UInt64
        /// Else it is what the sockets of the program brought, which it recorded as raw packets.
        package var isInterface: Bool
    }

    /// Those of which there is a packet, interfaces first.
    package let sources: [Source]
    /// Octets of whole packets.
    package let octets: UInt64
    /// Octets at the ends of files that are no whole packet any more.
    package let torn: UInt64
    private let lock: Descriptor

    init(_ left: LeftSpool, lock: Descriptor) throws(CaptureError) {
        self.lock = lock
        var files: [Substring: [(number: Int, path: String)]] = [:]
        let names = SpoolFolder.names(in: left.path)
        for name in names {
            guard let (source, number) = SpoolFolder.parts(of: name) else { continue }
            files[source, default: []].append((number, "\(left.path)/\(name)"))
        }
        var sources: [Source] = []
        var octets: UInt64 = 0
        var torn: UInt64 = 0
        for (plain, files) in files.sorted(by: { $0.key < $1.key }) {
            var segments: SpoolSegments?
            let ordered = files.sorted { $0.number < $1.number }
            for (place, file) in ordered.enumerated() {
                let found = try RecoveredFile(file.path, isLast: place == ordered.count - 1)
                torn &+= found.torn
                guard let header = found.header else { continue }
                segments = segments ?? SpoolSegments(header: header)
                guard segments?.header == header else {
                    throw CaptureError(file: file.path, reason: "does not belong to the files before")
                }
                segments?.begin(found.descriptor, path: nil)
                segments?.add(octets: found.octets, packets: 0)
            }
            guard let segments, segments.end > segments.header.count else { continue }
            let first = ordered.first.flatMap { Self.sourceName($0.path) }
            sources.append(
                Source(
                    name: first ?? String(plain), store: PacketStore(segments), size: segments.end,
                    isInterface: RecoveredFile.linkType(segments.header) != .raw))
            octets += segments.end - UInt64(segments.header.count)
        }
        self.sources = sources.filter(\.isInterface) + sources.filter { !$0.isInterface }
        self.octets = octets
        self.torn = torn
    }

    /// The flows of the program's own sockets, where interfaces saw them, too; nil where that was not so.
    package func ownFlows() -> OwnFlows? {
        guard let first = sources.first, first.isInterface, !sources.allSatisfy(\.isInterface) else { return nil }
        let flows = OwnFlows()
        for source in sources where !source.isInterface {
            guard let file = try? CaptureFile(again: source.store, name: source.name, index: 0) else { continue }
            var dissector = Dissector()
            while let packet = try? file.next() {
                dissector.dissect(packet) { flows.note($0.source, $0.destination, $0.transport) }
            }
        }
        return flows
    }

    /// What a file says that was captured; nil where it says nothing.
    static func sourceName(_ path: String) -> String? {
        guard let input = (try? FileSource(path: path)).map({ BufferedInput(source: $0) }) else { return nil }
        let format = PcapngFormat(name: path, file: 0)
        guard (try? input.fill(12)) == true, (try? format.readDescriptions(from: input)) != nil else { return nil }
        return format.annotations.interfaceNames.first.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// One file of a spool.
private struct RecoveredFile {
    let descriptor: Descriptor
    /// Nil: not even that is whole.
    var header: [UInt8]?
    /// Of whole blocks behind the header.
    var octets: UInt64 = 0
    /// Octets behind these.
    var torn: UInt64

    /// - Parameter isLast: it is the one that was being written. Of the others the last block tells whether they are whole.
    init(_ path: String, isLast: Bool) throws(CaptureError) {
        let source = try FileSource(path: path)
        descriptor = source.descriptor
        let size = source.size ?? 0
        torn = size
        let input = BufferedInput(source: source)
        guard try input.fill(12) else { return }
        try? PcapngFormat(name: path, file: 0).readDescriptions(from: input)
        let length = Int(clamping: input.position)
        let store = PacketStore(descriptor: descriptor)
        // Without an interface the first packet has none either.
        guard length > 0, let header = store.read(at: 0, count: length), Self.linkType(header) != nil
        else { return }
        self.header = header
        let rest = size - UInt64(length)
        let isWhole = !isLast && Self.endsWithBlock(store, size: size, after: UInt64(length))
        octets = isWhole ? rest : UInt64(try WholeBlocks(in: input).octets)
        torn = rest - octets
    }

    /// That of the interface which a header describes; nil where it describes none.
    static func linkType(_ header: [UInt8]) -> LinkType? {
        header.withUnsafeBytes { octets in
            guard octets.count >= 12 else { return nil }
            let first = Int(octets.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            guard first + 12 <= octets.count,
                octets.loadUnaligned(fromByteOffset: 0, as: UInt32.self) == PcapngFormat.sectionHeaderType,
                octets.loadUnaligned(fromByteOffset: first, as: UInt32.self) == 1
            else { return nil }
            return LinkType(rawValue: UInt32(octets.loadUnaligned(fromByteOffset: first + 8, as: UInt16.self)))
        }
    }

    /// Whether the last octets are a packet's whole block.
    private static func endsWithBlock(_ store: PacketStore, size: UInt64, after start: UInt64) -> Bool {
        guard size >= start + 12, let trailer = store.read(at: size - 4, count: 4) else { return false }
        let length = UInt64(trailer.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
        guard length >= 12, length <= size - start, let head = store.read(at: size - length, count: 8) else {
            return false
        }
        return head.withUnsafeBytes { head in
            head.loadUnaligned(as: UInt32.self) == PcapngFormat.packetType
                && UInt64(head.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) == length
        }
    }
}
