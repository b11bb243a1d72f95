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
    private var chronicler: Chronicler
    private(set) var sidePosition: UInt64 = 0

    package struct Reassembly: Sendable {
        package var position: UInt64
        package var size: Int
        package var segments: Int
    }

    /// Reassembled messages that can be shown whole again, of those in the index.
    static let reassemblyLimit = 100_000

    init(model: Model, keepsIndex: Bool) {
        self.model = model
        index = keepsIndex ? MessageIndex() : nil
        sideStore = keepsIndex ? SideStore() : nil
        chronicler = Chronicler(keepsSeries: keepsIndex)
    }

    package var chronicle: Chronicle { chronicler.chronicle }

    /// How often something was found. Sequences that were missing and came after all are not lost.
    package func count(of rule: FindingRule) -> Int {
        rule == .loss ? model.counters.lost : chronicle.findings.count(of: rule)
    }

    /// Messages in the index of what is live, where the user does not say otherwise: 160 MiB, and some 40 minutes of 1,600
    /// messages a second.
    package static let usualLimit = 4 << 20
    /// With fewer a screen has hardly anything to show.
    package static let leastLimit = 1 << 10

    /// The oldest messages go, up to a checkpoint; with them goes what is known of them alone.
    mutating func forget(before checkpoint: Checkpoint) {
        index?.removeAll(before: checkpoint.messages)
        reassemblies = reassemblies.filter { $0.key > checkpoint.messages }
        sideStore?.forget(before: checkpoint.sidePosition)
        model.forget(before: checkpoint.messages)
        chronicler.forget(before: checkpoint.messages)
    }

    /// Messages after which what was silent is forgotten where there is no index, and those after which it is when others
    /// need the room.
    private static let patience = (usual: 1 << 20, least: 1 << 16)

    mutating func forgetOldest() {
        let silent = model.counters.messages - model.forgetting.horizon
        let limit = model.isCrowded ? Self.patience.least : Self.patience.usual
        guard silent >= 2 * limit else { return }
        model.forget(before: model.counters.messages - limit)
        chronicler.forget(before: model.counters.messages - limit)
    }

    mutating func add(_ key: KeyLog.Entry) { model.security.add(key, after: model.counters.messages) }

    /// Returns the octets that the message took.
    mutating func take(_ message: borrowing FramedMessage, _ observe: MessageObserver?) -> Int {
        guard let (flow, isForward) = model.flow(from: message.source, to: message.destination, message.transport)
        else {
            model.counters.overflow += 1
            return message.octets.count
        }
        let number = model.counters.messages + 1
        if message.time >= chronicler.intervalEnd { chronicler.endInterval(message.time, model) }
        let arrival = MessageArrival(
            octets: message.octets, time: message.time, flow: flow, isForward: isForward, number: number,
            isLeftOver: message.isLeftOver, isCut: message.isCut)
        if observe == nil, let outcome = model.applyPlain(arrival) {
            chronicler.takePlain(arrival, outcome, model)
            if index != nil { record(message, outcome) }
            return outcome.message.size
        }
        var outcome = model.apply(arrival)
        chronicler.take(arrival, &outcome, model)
        if index != nil { record(message, outcome, number: number) }
        observe?(MessageEvent(message: copy message, number: number, outcome: outcome), model)
        return outcome.size
    }

    private mutating func record(_ message: borrowing FramedMessage, _ outcome: PlainOutcome) {
        timeline.add(time: message.time, severity: .none)
        let (place, isStored) = place(of: message, size: outcome.message.size)
        index?.append(
            MessageRecord(
                time: message.time, position: place.position, file: place.file, stream: UInt32(outcome.stream),
                sequence: outcome.message.sequence, size: UInt32(clamping: outcome.message.size),
                flags: outcome.message.flags,
                marks: isStored ? PlainOutcome.marks.union(.assembled) : PlainOutcome.marks,
                offsetInPacket: place.offsetInPacket, space: UInt16(clamping: outcome.space), type: .spatialUpdate,
                severity: .none))
    }

    private mutating func record(_ message: borrowing FramedMessage, _ outcome: MessageOutcome, number: Int) {
        timeline.add(time: message.time, severity: outcome.severity)
        var marks = outcome.marks
        if message.isLeftOver { marks.insert(.partial) }
        let (place, isStored) = place(of: message, size: outcome.size)
        if isStored { marks.insert(.assembled) }
        if let (segments, content) = outcome.reassembled, case .success(let octets) = content,
            reassemblies.count < Self.reassemblyLimit, let position = octets.withUnsafeBytes({ store($0) })
        {
            reassemblies[number] = Reassembly(position: position, size: octets.count, segments: segments)
        }
        index?.append(
            MessageRecord(
                outcome, time: message.time, position: place.position, file: place.file,
                offsetInPacket: place.offsetInPacket, marks: marks))
    }

    /// Where the octets of a message can be read again: in its file, or in the side store where they are put now.
    @inline(__always)
    private mutating func place(
        of message: borrowing FramedMessage, size: Int
    ) -> (place: (position: UInt64, file: UInt8, offsetInPacket: UInt16), isStored: Bool) {
        switch message.origin {
        case .file(let position, let packet, let file):
            return ((position, file, UInt16(clamping: position - min(position, packet))), false)
        case .assembled:
            let octets = UnsafeRawBufferPointer(rebasing: message.octets[..<size])
            return ((store(octets) ?? UInt64.max, 0, 0), true)
        }
    }

    private mutating func store(_ octets: UnsafeRawBufferPointer) -> UInt64? {
        guard let sideStore, sideStore.write(octets, at: sidePosition) else { return nil }
        defer { sidePosition += UInt64(octets.count) }
        return sidePosition
    }
}
