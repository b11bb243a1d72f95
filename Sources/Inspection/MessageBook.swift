import Capture
import SpatioSession
import SpatioWire

/// The model, the index and what else is kept of the messages of a capture.
package struct MessageBook {
    package private(set) var model: Model
    /// Nil when nobody will look at messages again.
    package private(set) var index: MessageIndex?
    package private(set) var timeline = TimeHistogram()
    /// Where reassembled contents lie in the side store, by message number.
    package private(set) var reassemblies: [Int: Reassembly] = [:]
    package let sideStore: SideStore?
    private var sidePosition: UInt64 = 0

    package struct Reassembly: Sendable {
        package var position: UInt64
        package var size: Int
        package var segments: Int
    }

    /// Reassembled messages that can be shown whole again.
    static let reassemblyLimit = 100_000

    init(model: Model, keepsIndex: Bool) {
        self.model = model
        index = keepsIndex ? MessageIndex() : nil
        sideStore = keepsIndex ? SideStore() : nil
    }

    /// Returns the octets that the message took.
    mutating func take(_ message: FramedMessage, _ observe: MessageObserver) -> Int {
        guard let (flow, isForward) = model.flow(from: message.source, to: message.destination, message.transport)
        else {
            model.counters.overflow += 1
            return message.octets.count
        }
        let number = model.counters.messages + 1
        let outcome = model.apply(
            MessageArrival(
                octets: message.octets, time: message.time, flow: flow, isForward: isForward, number: number,
                isLeftOver: message.isLeftOver))
        if index != nil { record(message, outcome, number: number) }
        let size = outcome.size
        observe(MessageEvent(message: message, number: number, outcome: outcome), model)
        return size
    }

    private mutating func record(_ message: FramedMessage, _ outcome: MessageOutcome, number: Int) {
        timeline.add(time: message.time, severity: outcome.severity)
        var marks = outcome.marks
        if message.isLeftOver { marks.insert(.leftOver) }
        var position: UInt64 = 0
        var file: UInt8 = 0
        var offsetInPacket: UInt16 = 0
        switch message.origin {
        case .file(let place, let packet, let index):
            position = place
            file = index
            offsetInPacket = UInt16(clamping: place - min(place, packet))
        case .assembled:
            marks.insert(.assembled)
            position = store(UnsafeRawBufferPointer(rebasing: message.octets[..<outcome.size])) ?? UInt64.max
        }
        if let (segments, content) = outcome.reassembled, case .success(let octets) = content,
            reassemblies.count < Self.reassemblyLimit, let position = octets.withUnsafeBytes({ store($0) })
        {
            reassemblies[number] = Reassembly(position: position, size: octets.count, segments: segments)
        }
        index?.append(
            MessageRecord(
                outcome, time: message.time, position: position, file: file, offsetInPacket: offsetInPacket,
                marks: marks))
    }

    private mutating func store(_ octets: UnsafeRawBufferPointer) -> UInt64? {
        guard let sideStore, sideStore.write(octets, at: sidePosition) else { return nil }
        defer { sidePosition += UInt64(octets.count) }
        return sidePosition
    }
}
