import Glibc

/// Writes packets of some interfaces to pcapng files, beginning a new one when the last is full.
package struct RotatingWriter: ~Copyable {
    /// When a file is full; nil: never.
    package struct Limits: Equatable, Sendable {
        /// Octets of a file; it is over by less than a packet.
        package var octets: UInt64?
        /// Nanoseconds between a file's first packet and the first one of the next.
        package var time: Int64?
        package var packets: UInt64?
        /// Files that are kept: with each one more the oldest goes.
        package var files: Int?

        package init(octets: UInt64? = nil, time: Int64? = nil, packets: UInt64? = nil, files: Int? = nil) {
            self.octets = octets
            self.time = time
            self.packets = packets
            self.files = files
        }

        var rotates: Bool { octets != nil || time != nil || packets != nil }
    }

    private let path: String
    private let limits: Limits
    private let interfaces: [(name: String, linkType: LinkType)]
    private var writer: CaptureWriter
    /// Of the file that is being written.
    private var firstTime: Int64?
    private var packetsInFile: UInt64 = 0
    private var octetsBefore: UInt64 = 0

    /// What each interface has dropped until now; it stands at the end of each file.
    package var drops: [InterfaceCapture.Drops]
    /// Of the last packet.
    private var lastTime: Int64 = 0

    /// Files that are there, oldest first.
    package private(set) var files: [String]
    /// Files that have made room.
    package private(set) var removedFiles = 0
    package private(set) var packets: UInt64 = 0
    /// Octets of all files, also of those that are gone.
    package var octets: UInt64 { octetsBefore + writer.octetsWritten }

    /// - Parameters:
    ///   - path: of the one file; where there may be several, each has its number before the last extension:
    ///     `plaza-00001.pcapng`. `-` is standard output, which is never full.
    ///   - interfaces: at least one.
    package init(
        path: String, limits: Limits, interfaces: [(name: String, linkType: LinkType)]
    ) throws(CaptureError) {
        let limits = path == "-" ? Limits() : limits
        self.path = path
        self.limits = limits
        self.interfaces = interfaces
        drops = interfaces.map { _ in InterfaceCapture.Drops() }
        files = [limits.rotates ? Self.path(path, number: 1) : path]
        writer = try Self.open(files[0], interfaces)
    }

    /// - Parameters:
    ///   - time: nanoseconds since the Unix epoch.
    ///   - originalLength: octets on the wire.
    ///   - interface: its place among those named at the beginning.
    package mutating func write(
        time: Int64, octets: UnsafeRawBufferPointer, originalLength: Int, interface: Int
    ) throws(CaptureError) {
        if isFull(at: time) { try rotate() }
        try writer.write(time: time, octets: octets, originalLength: originalLength, interface: interface)
        firstTime = firstTime ?? time
        lastTime = time
        packetsInFile += 1
        packets += 1
    }

    /// Sends everything to the file.
    package mutating func flush() throws(CaptureError) { try writer.flush() }

    /// Sends everything to the file and writes no more.
    package mutating func close() throws(CaptureError) {
        for (interface, drops) in drops.enumerated() {
            try writer.write(drops, time: lastTime, interface: interface)
        }
        try writer.close()
    }

    private func isFull(at time: Int64) -> Bool {
        guard let firstTime else { return false }
        return limits.octets.map { writer.octetsWritten >= $0 } ?? false
            || limits.time.map { time.subtractingReportingOverflow(firstTime).partialValue >= $0 } ?? false
            || limits.packets.map { packetsInFile >= $0 } ?? false
    }

    private mutating func rotate() throws(CaptureError) {
        try close()
        octetsBefore += writer.octetsWritten
        files.append(Self.path(path, number: removedFiles + files.count + 1))
        if let limit = limits.files, files.count > limit {
            unlink(files.removeFirst())
            removedFiles += 1
        }
        writer = try Self.open(files[files.count - 1], interfaces)
        firstTime = nil
        packetsInFile = 0
    }

    private static func open(
        _ path: String, _ interfaces: [(name: String, linkType: LinkType)]
    ) throws(CaptureError) -> CaptureWriter {
        var writer = try CaptureWriter(
            path: path, format: .pcapng, linkType: interfaces[0].linkType, interface: interfaces[0].name)
        for interface in interfaces.dropFirst() {
            _ = try writer.addInterface(linkType: interface.linkType, name: interface.name)
        }
        return writer
    }

    /// With a number before the extension of the last part.
    static func path(_ path: String, number: Int) -> String {
        let digits = String(number)
        let suffix = "-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return path + suffix }
        return path[..<dot] + suffix + path[dot...]
    }
}
