import SpatioWire

/// A sender's clock against the capture's: whether its time stamps can be right.
///
/// A stamp that is ahead of the capture is explained by clocks only; one behind it also by the network, which delays and
/// holds back. So a clock that is behind by little is believed to be so when every message of a second says it, and at
/// once when no network holds a message for so long. A finding is due when the clock is off by more than the bound from
/// what was found before, at first from the capture's own.
struct SenderClock: Equatable, Sendable {
    /// Nanoseconds by which clocks may differ: network time is good to milliseconds, a person's hand to a second.
    static let bound: Int64 = 1_000_000_000
    /// Nanoseconds that no network holds a message: the retransmission of a TCP segment takes 1 s, and twice 3 s.
    static let longestDelay: Int64 = 5_000_000_000
    /// Findings of one sender: one whose clock is never twice the same is told of often enough.
    static let limit: UInt8 = 16

    enum Fault: Equatable {
        /// Nanoseconds that the clock is behind the capture's, and was thought to be.
        case offset(Int64, before: Int64)
        /// Milliseconds that the time of an address is after that of its message's header.
        case address(UInt64)
    }

    /// Nanoseconds behind the capture's clock, as found last.
    private var known: Int64 = 0
    /// The first of the messages that are late without exception; `Int64.max` when the last was not.
    private var lateSince = Int64.max
    private var isAddressAhead = false
    private var faults: UInt8 = 0

    /// Nanoseconds between sending and capture by both clocks, within half of what an Int64 holds.
    ///
    /// - Parameter sent: microseconds since the Unix epoch.
    @inline(__always)
    static func delay(captured: Int64, sent: UInt64) -> Int64 {
        let limit = Int64.max / 2
        guard sent < UInt64(limit / 1000), captured <= limit, captured >= 0 else {
            return captured < limit ? -limit : limit
        }
        return captured - Int64(sent) * 1000
    }

    /// Milliseconds by which an address may be younger than the header of its message: the same bound.
    private static let addressBound: UInt64 = 1000

    /// Whether an address is of a time after its message's.
    ///
    /// - Parameters:
    ///   - stamp: of the address, milliseconds.
    ///   - sent: of the header, microseconds.
    @inline(__always)
    static func isAhead(_ stamp: UInt64, of sent: UInt64) -> Bool {
        let sent = sent / 1000
        return stamp > sent && stamp - sent > addressBound
    }

    /// Whether `take` would change nothing.
    @inline(__always)
    func isUsual(_ delay: Int64, isAddressAhead: Bool) -> Bool {
        (delay - known).magnitude <= Self.bound && lateSince == .max && isAddressAhead == self.isAddressAhead
            || faults == Self.limit
    }

    /// Takes in a message that came in order and for the first time; repeated ones carry the time of the first.
    ///
    /// - Parameter address: time stamp of its address, milliseconds.
    mutating func take(captured: Int64, sent: UInt64, address: UInt64?) -> Fault? {
        guard faults < Self.limit else { return nil }
        if let fault = takeOffset(Self.delay(captured: captured, sent: sent), captured) {
            faults += 1
            return fault
        }
        guard let address else { return nil }
        let isAhead = Self.isAhead(address, of: sent)
        defer { isAddressAhead = isAhead }
        guard isAhead, !isAddressAhead else { return nil }
        faults += 1
        return .address(address - sent / 1000)
    }

    private mutating func takeOffset(_ delay: Int64, _ captured: Int64) -> Fault? {
        let change = delay - known
        guard change.magnitude > Self.bound else {
            lateSince = .max
            return nil
        }
        if change > 0, change <= Self.longestDelay {
            lateSince = min(lateSince, captured)
            guard captured - lateSince >= Self.bound else { return nil }
        }
        lateSince = .max
        defer { known = delay }
        return .offset(delay, before: known)
    }
}
