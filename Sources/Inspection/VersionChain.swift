import Capture

/// Tells a server that begins its versions anew from a message that comes late.
///
/// A server that restarted says so twice: its CONNECT_ACK names a lower version of the space than one that had been seen
/// for some time, and the full state that it then sends is lower, too. Neither alone is enough: what one receiver is sent
/// may pass the capture after what another is sent, and some servers leave the version in CONNECT_ACK at 0.
struct VersionChain: Sendable {
    /// Nanoseconds. What was seen less than this before an acknowledgement may be news to the server that wrote it: the
    /// network mixes what goes different ways, and no network keeps a datagram longer.
    private static let settling: Int64 = 2_000_000_000

    /// How often the versions began anew.
    private(set) var number = 0
    /// The newest version as of some time.
    private var recent: (time: Int64, version: UInt64)?
    /// The newest version as of at least `settling` before the last one.
    private var settled: UInt64?
    /// From the session that began with this message on, a full state below the bound begins the versions anew.
    private var suspicion: (session: Int, bound: UInt64)?
    /// The first session of the present chain, and the server that restarted.
    private var start: (session: Int, server: Endpoint)?

    /// Takes in the newest version.
    mutating func see(_ newest: UInt64, time: Int64) {
        guard let mark = recent else {
            recent = (time, newest)
            return
        }
        guard time - mark.time >= Self.settling else { return }
        settled = mark.version
        recent = (time, newest)
    }

    /// Takes in what version a CONNECT_ACK tells.
    ///
    /// - Parameters:
    ///   - newest: the newest version seen.
    ///   - session: the message with which it began.
    mutating func accept(_ told: UInt64, newest: UInt64, session: Int, time: Int64) {
        see(newest, time: time)
        if let settled, told < settled, suspicion == nil { suspicion = (session, settled) }
    }

    /// Whether a full state begins the versions anew; then they have.
    mutating func begins(_ version: UInt64, session: Int, server: Endpoint) -> Bool {
        guard let suspicion, session >= suspicion.session, version < suspicion.bound else { return false }
        self = VersionChain(number: number + 1, start: (suspicion.session, server))
        return true
    }

    init() {}

    private init(number: Int, start: (session: Int, server: Endpoint)) {
        self.number = number
        self.start = start
    }

    /// Which chain the versions of a session, told by the message with which it began, belong to: those of an older session with a server that has restarted since are
    /// of the chain before.
    func number(session: Int, server: Endpoint) -> Int {
        guard let start, session < start.session, server == start.server else { return number }
        return number - 1
    }
}
