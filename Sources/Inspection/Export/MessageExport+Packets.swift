import Capture
import SpatioSession
import SpatioWire

/// Messages as packets of a capture file.
///
/// Without privacy, the packets as they were captured: a datagram is written whole, with every message in it. What no
/// packet holds in one piece (put together from IP fragments) and what came over TCP is laid into new IP packets on an
/// interface of their own, TCP as connections that have no holes, because a connection of which only some segments are
/// there cannot be read. With privacy every packet is new; messages that shared a datagram share one again.
extension MessageExport {
    mutating func writePackets(descriptor: Int32) throws(ExportError) {
        do throws(CaptureError) {
            var output = try PacketOutput(descriptor: descriptor, path: order.path)
            if order.privacy.isActive { try writePrivately(&output) } else { try copy(&output) }
            try output.writer.close()
            report.packets = output.packets
        } catch {
            throw error.reason == Self.cancellation ? .cancelled : .failed(error.description)
        }
    }

    /// How a cancelled export leaves the code that speaks of captures.
    private static let cancellation = "cancelled"

    private mutating func check(_ done: Int) throws(CaptureError) {
        do throws(ExportError) {
            try checkpoint(done)
        } catch {
            throw CaptureError(file: order.path, reason: Self.cancellation)
        }
    }

    // MARK: As captured

    /// Messages that are to be written, in the order of the index: those that packets hold, by their file, because sources
    /// that are watched at once need not have come in the order of their times; and the others.
    private struct Wanted {
        var held: [ArraySlice<Int>]
        var rebuilt: ArraySlice<Int>
        var isHeldEmpty: Bool { held.allSatisfy(\.isEmpty) }
    }

    private mutating func wanted(files: Int) -> Wanted {
        var held = [[Int]](repeating: [], count: files)
        var rebuilt: [Int] = []
        for message in messages {
            let record = snapshot.index[message]
            if isRebuilt(record) {
                rebuilt.append(message)
            } else if Int(record.file) < files, !snapshot.reader.hasRemoved(record) {
                held[Int(record.file)].append(message)
            } else {
                count(unreadable: record)
            }
        }
        return Wanted(held: held.map { $0[...] }, rebuilt: rebuilt[...])
    }

    private mutating func copy(_ output: inout PacketOutput) throws(CaptureError) {
        var files: [CaptureFile] = []
        for (number, store) in snapshot.reader.stores.enumerated() {
            files.append(
                try CaptureFile(
                    again: store, name: snapshot.sources.indices.contains(number) ? snapshot.sources[number] : "",
                    index: UInt8(number)))
        }
        var wanted = wanted(files: files.count)
        var packets = MergedCapture(files: files)
        while !wanted.isHeldEmpty, let packet = Self.next(of: &packets) {
            let file = Int(packet.file)
            let range = packet.position..<packet.position + UInt64(packet.octets.count)
            while let first = wanted.held[file].first, snapshot.index[first].position < range.lowerBound {
                wanted.held[file].removeFirst()
                report.unreadable += 1
            }
            guard let first = wanted.held[file].first, range.contains(snapshot.index[first].position) else { continue }
            try rebuild(&wanted.rebuilt, before: first, &output)
            let names = files[file].interfaceNames
            try output.write(
                packet, interfaceName: names.indices.contains(packet.interface) ? names[packet.interface] : "")
            takeMessages(of: range, packet.file, &wanted.held[file])
            try check(report.messages)
        }
        try rebuild(&wanted.rebuilt, before: .max, &output)
        report.unreadable += wanted.held.reduce(0) { $0 + $1.count }
    }

    /// What is wrong with a file was said when it was read: its end may be in the middle of a packet.
    private static func next(of packets: inout MergedCapture) -> CapturedPacket? {
        while true {
            // An error comes but once from each file.
            do throws(CaptureError) { return try packets.next() } catch {}
        }
    }

    /// Goes on behind the messages that one packet holds.
    private mutating func takeMessages(of range: Range<UInt64>, _ file: UInt8, _ wanted: inout ArraySlice<Int>) {
        guard var before = wanted.first else { return }
        while let message = wanted.first, range.contains(snapshot.index[message].position) {
            report.alongside += max(0, message - before - 1)
            before = message
            report.messages += 1
            wanted.removeFirst()
        }
        // Those behind the last one that was asked for.
        var rest = before + 1
        while rest < snapshot.index.count, rest < wanted.first ?? .max {
            let record = snapshot.index[rest]
            guard record.file == file, range.contains(record.position), !isRebuilt(record) else { break }
            report.alongside += 1
            rest += 1
        }
    }

    private func isRebuilt(_ record: MessageRecord) -> Bool {
        record.marks.contains(.assembled) || flow(of: record)?.transport == .tcp
    }

    /// Writes the next messages that no packet holds, up to one of the index.
    private mutating func rebuild(
        _ wanted: inout ArraySlice<Int>, before end: Int, _ output: inout PacketOutput
    ) throws(CaptureError) {
        while let message = wanted.first, message < end {
            try check(report.messages)
            wanted.removeFirst()
            let record = snapshot.index[message]
            guard let octets = snapshot.reader.octets(of: record), let flow = flow(of: record) else {
                count(unreadable: record)
                continue
            }
            if try output.write([octets], flow, time: record.time) {
                report.messages += 1
            } else {
                report.withheld += 1
            }
        }
    }

    /// Who sends to whom; nil where a limit was reached.
    private func flow(of record: MessageRecord) -> (source: Endpoint, destination: Endpoint, transport: Transport)? {
        guard let stream = snapshot.whole.stream(of: record) else { return nil }
        let flow = snapshot.whole.flows[stream.flow]
        return stream.isForward
            ? (flow.first, flow.second, flow.transport) : (flow.second, flow.first, flow.transport)
    }

    // MARK: With privacy

    private mutating func writePrivately(_ output: inout PacketOutput) throws(CaptureError) {
        var wholes = SegmentedWholes(snapshot)
        var next = 0
        while next < messages.count {
            try check(next)
            let first = messages[next]
            let end = endOfDatagram(from: next)
            var octets: [[UInt8]] = []
            for place in next..<end {
                if let rewritten = rewritten(messages[place], &wholes) { octets.append(rewritten) }
            }
            next = end
            guard let flow = flow(of: snapshot.index[first]) else {
                report.withheld += octets.count
                continue
            }
            let hidden = (rewriter.endpoint(flow.source), rewriter.endpoint(flow.destination), flow.transport)
            if try output.write(octets, hidden, time: snapshot.index[first].time) {
                report.messages += octets.count
            } else {
                report.withheld += octets.count
            }
        }
    }

    /// The place behind the messages that came in the same datagram as this one.
    private func endOfDatagram(from place: Int) -> Int {
        let record = snapshot.index[messages[place]]
        guard !isRebuilt(record) else { return place + 1 }
        var end = place + 1
        while end < messages.count {
            let other = snapshot.index[messages[end]]
            guard !isRebuilt(other), other.file == record.file, packet(of: other) == packet(of: record) else { break }
            end += 1
        }
        return end
    }

    private func packet(of record: MessageRecord) -> UInt64 { record.position &- UInt64(record.offsetInPacket) }

    /// The octets of a message as they may be written; nil where they may not.
    private mutating func rewritten(_ message: Int, _ wholes: inout SegmentedWholes) -> [UInt8]? {
        let record = snapshot.index[message]
        guard let octets = snapshot.reader.octets(of: record) else {
            count(unreadable: record)
            return nil
        }
        let rewritten =
            record.marks.isDisjoint(with: [.malformed, .partial])
            ? rewriter.rewrite(
                octets, opened: record.marks.contains(.decrypted) ? snapshot.whole.opened(octets, record) : nil,
                sizeLimit: sizeLimit(of: record), model: snapshot.whole) : nil
        guard var result = rewritten?.message else {
            report.withheld += 1
            return nil
        }
        if let data = result.data, !data.isWhole, case .segment = result.body {
            guard let piece = wholes.piece(of: message, data, snapshot, &rewriter) else {
                report.withheld += 1
                return nil
            }
            result.data = piece.form
            result.body = .segment(piece.octets)
        }
        return result.encoded()
    }

    private func sizeLimit(of record: MessageRecord) -> Int {
        snapshot.whole.stream(of: record).map { snapshot.whole.sessions[$0.session].sizeLimit }
            ?? WireLimits.defaultMessageSize
    }
}

/// Segmented messages, rewritten as wholes and cut again into as many segments.
private struct SegmentedWholes {
    private struct Key: Hashable {
        var stream: UInt32
        var sequence: UInt32
    }

    private struct Place {
        /// The message that completes the whole.
        var completion: Int
        var index: Int
        var count: Int
    }

    private var places: [Key: Place] = [:]
    /// The whole that was asked for last: its segments come one after the other.
    private var latest: (completion: Int, octets: [UInt8]?)?

    init(_ snapshot: Snapshot) {
        for (number, reassembly) in snapshot.reassemblies {
            guard let record = snapshot.index.at(number - 1), let octets = snapshot.reader.octets(of: record),
                let data = octets.withUnsafeBytes({ try? Envelope.decode($0) })?.data,
                let index = Self.index(of: data, of: reassembly.segments)
            else { continue }
            let first = record.sequence &- UInt32(index)
            for place in 0..<reassembly.segments {
                places[Key(stream: record.stream, sequence: first &+ UInt32(place))] = Place(
                    completion: number - 1, index: place, count: reassembly.segments)
            }
        }
    }

    /// Which of the segments one is: all but the last are of one size.
    private static func index(of data: DataForm, of count: Int) -> Int? {
        if data.lastSegment { return count - 1 }
        let size = UInt32(data.segmentSize)
        guard size > 0, data.segmentOffset.isMultiple(of: size), data.segmentOffset / size < count else { return nil }
        return Int(data.segmentOffset / size)
    }

    /// What stands for one segment; nil where its whole is not there, or cannot be cut into as many.
    mutating func piece(
        of message: Int, _ data: DataForm, _ snapshot: Snapshot, _ rewriter: inout PrivacyRewriter
    ) -> (form: DataForm, octets: [UInt8])? {
        let record = snapshot.index[message]
        guard let place = places[Key(stream: record.stream, sequence: record.sequence)] else { return nil }
        if latest?.completion != place.completion {
            latest = (place.completion, Self.whole(place.completion, data.compression, snapshot, &rewriter))
        }
        guard let whole = latest?.octets, whole.count >= place.count else { return nil }
        let start = place.index * whole.count / place.count
        let end = (place.index + 1) * whole.count / place.count
        guard end - start <= Int(UInt16.max), whole.count <= Int(UInt32.max) else { return nil }
        let form = DataForm(
            compression: data.compression, totalSize: UInt32(whole.count), segmentOffset: UInt32(start),
            segmentSize: UInt16(end - start), lastSegment: place.index == place.count - 1)
        return (form, Array(whole[start..<end]))
    }

    private static func whole(
        _ completion: Int, _ compression: Compression, _ snapshot: Snapshot, _ rewriter: inout PrivacyRewriter
    ) -> [UInt8]? {
        guard let record = snapshot.index.at(completion), let reassembly = snapshot.reassemblies[completion + 1],
            let content = snapshot.reader.sideStore?.read(at: reassembly.position, count: reassembly.size),
            let octets = snapshot.reader.octets(of: record)
        else { return nil }
        let opened = record.marks.contains(.decrypted) ? snapshot.whole.opened(octets, record) : nil
        return rewriter.rewrite(octets, opened: opened, content: content, model: snapshot.whole)?.content
            .map { compression.compress($0) }
    }
}
