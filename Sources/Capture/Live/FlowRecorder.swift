/// Makes packets of what one program itself sends and receives through its sockets, so that an attached session is a
/// capture like any other: link type `raw`, with the real endpoints.
///
/// The octets of a TCP connection become segments whose numbers go on from the first octet that was recorded.
package struct FlowRecorder: Sendable {
    /// One way of a connection.
    private struct Direction: Hashable {
        var source, destination: Endpoint
    }

    /// Connections at a time; a program has a handful, and those that it forgot to end must not pile up.
    private static let directionLimit = 4096
    /// Number of the first octet: any would do.
    private static let firstSequence: UInt32 = 1

    private let capture: LiveCapture
    /// What has been recorded.
    private let flows: OwnFlows
    /// The number of the next octet.
    private var sequences: [Direction: UInt32] = [:]

    /// - Parameters:
    ///   - capture: of link type `raw`.
    ///   - flows: is told of every flow that is recorded.
    package init(into capture: LiveCapture, flows: OwnFlows = OwnFlows()) {
        self.capture = capture
        self.flows = flows
    }

    /// Records a datagram. One that is too large for UDP is none, and is left out.
    ///
    /// - Parameter time: nanoseconds since the Unix epoch.
    package func datagram(_ octets: [UInt8], from source: Endpoint, to destination: Endpoint, at time: Int64) {
        flows.note(source, destination, .udp)
        guard octets.count <= PacketBuilder.largestDatagram else { return }
        push(PacketBuilder.udp(from: source, to: destination, octets), time)
    }

    /// Records the next octets of one way of a connection.
    ///
    /// - Parameter time: nanoseconds since the Unix epoch.
    package mutating func stream(_ octets: [UInt8], from source: Endpoint, to destination: Endpoint, at time: Int64) {
        flows.note(source, destination, .tcp)
        let way = Direction(source: source, destination: destination)
        let back = sequences[Direction(source: destination, destination: source)] ?? Self.firstSequence
        var rest = octets[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(PacketBuilder.largestSegment))
            rest = rest.dropFirst(piece.count)
            let sequence = sequences[way] ?? Self.firstSequence
            push(
                PacketBuilder.tcp(from: source, to: destination, sequence: sequence, acknowledgement: back, piece), time
            )
            guard sequences[way] != nil || sequences.count < Self.directionLimit else { continue }
            sequences[way] = sequence &+ UInt32(piece.count)
        }
    }

    private func push(_ packet: [UInt8], _ time: Int64) {
        packet.withUnsafeBytes { _ = capture.push($0, time: time) }
    }
}
