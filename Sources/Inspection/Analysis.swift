import Capture
import SpatioSession
import SpatioWire

/// One message as it passes, for whoever prints or filters it. Its octets are borrowed.
package struct MessageEvent {
    package var message: FramedMessage
    /// From 1.
    package var number: Int
    package var outcome: MessageOutcome

    /// The octets of the message itself.
    package var octets: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: message.octets[..<outcome.size])
    }

    /// The message as the index has it, but for the place of its octets.
    package var record: MessageRecord {
        MessageRecord(outcome, time: message.time, position: 0, file: 0, offsetInPacket: 0, marks: outcome.marks)
    }
}

/// Sees each message as it passes, and the model as it is with this message in it.
package typealias MessageObserver = (borrowing MessageEvent, borrowing Model) -> Void

/// Packets in, meaning out: dissects, frames, indexes and models a capture. It does no input and knows no clock.
package struct Analysis {
    private var dissector: Dissector
    private var framer: MessageFramer
    /// Where interfaces are watched and servers joined: what would come twice.
    private var own: OwnTraffic?
    /// What has been understood so far.
    package private(set) var book: MessageBook

    /// - Parameters:
    ///   - ports: on which everything is taken for Spatio.
    ///   - schemas: of extensions, as the user gives them.
    ///   - room: how much of a flood is followed.
    ///   - keepsIndex: false saves 40 octets a message where only the model is asked for.
    ///   - interfaceFiles: numbers of the files that are interfaces of this machine; see `Dissector`.
    package init(
        ports: Set<UInt16> = [7728], keyLog: KeyLog = KeyLog(), schemas: ExtensionSchemas = ExtensionSchemas(),
        keepsIndex: Bool = true, room: Model.Room = .capture, interfaceFiles: Range<UInt8> = 0..<0
    ) {
        dissector = Dissector(interfaceFiles: interfaceFiles)
        framer = MessageFramer(ports: ports)
        book = MessageBook(
            model: Model(keyLog: keyLog, schemas: schemas, serverPorts: ports, keepsTrails: keepsIndex, room: room),
            keepsIndex: keepsIndex)
    }

    /// What the program's own sockets bring is left out where an interface brings it as well.
    package mutating func leaveOut(_ own: OwnTraffic?) { self.own = own }

    package var counters: DissectionCounters { dissector.counters }
    package var framing: FramingCounters { framer.counters }

    /// The oldest messages are given up.
    mutating func forget(before checkpoint: Checkpoint) { book.forget(before: checkpoint) }

    /// Where nobody looks at messages again, what is known of the model alone goes after so many more, or when others need
    /// the room.
    package mutating func forgetOldest() { book.forgetOldest() }

    /// A key has become known; it opens messages from now on.
    package mutating func add(_ key: KeyLog.Entry) { book.add(key) }

    /// Takes one packet in. Nobody sees its messages, so they may go the short way, which says less of them.
    package mutating func take(_ packet: CapturedPacket) {
        if own != nil { return takeApart(packet, nil) }
        Self.take(packet, &dissector, &framer, &book, nil)
    }

    /// Takes one packet in; `observe` sees each message with its number and what it brought.
    package mutating func take(_ packet: CapturedPacket, observe: MessageObserver) {
        withoutActuallyEscaping(observe) { observe in
            if own != nil { return takeApart(packet, observe) }
            Self.take(packet, &dissector, &framer, &book, observe)
        }
    }

    /// The capture has ended: hands on what was held back.
    package mutating func finish() { Self.finish(&dissector, &framer, &book, nil) }

    /// The same, where `observe` sees the messages.
    package mutating func finish(observe: MessageObserver) {
        withoutActuallyEscaping(observe) { Self.finish(&dissector, &framer, &book, $0) }
    }

    // The three stages are passed apart, so that each can change while the one before hands on to it.

    private static func take(
        _ packet: CapturedPacket, _ dissector: inout Dissector, _ framer: inout MessageFramer,
        _ book: inout MessageBook, _ observe: MessageObserver?
    ) {
        dissector.dissect(packet) { unit in framer.frame(unit) { message in book.take(message, observe) } }
    }

    /// Takes one packet in where some come twice.
    private mutating func takeApart(_ packet: CapturedPacket, _ observe: MessageObserver?) {
        guard let own, !own.files.contains(packet.file) else {
            return Self.take(packet, &dissector, &framer, &book, observe)
        }
        Self.take(packet, except: own.flows, &dissector, &framer, &book, observe)
    }

    private static func take(
        _ packet: CapturedPacket, except own: [OwnFlows], _ dissector: inout Dissector,
        _ framer: inout MessageFramer, _ book: inout MessageBook, _ observe: MessageObserver?
    ) {
        dissector.dissect(packet, except: own) { unit in
            framer.frame(unit) { message in book.take(message, observe) }
        }
    }

    private static func finish(
        _ dissector: inout Dissector, _ framer: inout MessageFramer, _ book: inout MessageBook,
        _ observe: MessageObserver?
    ) {
        dissector.finish { unit in framer.frame(unit) { message in book.take(message, observe) } }
        framer.finish()
    }
}

/// What the sockets of this program bring, to be told from what interfaces do.
package struct OwnTraffic: Sendable {
    /// Numbers of the files that hold it.
    package var files: Set<UInt8>
    /// Of each of them.
    package var flows: [OwnFlows]
}
