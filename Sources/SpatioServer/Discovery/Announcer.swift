import SpatioSession
import SpatioWire

/// A server's part in discovery on one link: when it announces itself, and whom it answers. Without I/O: the datagrams
/// of a group go in (`receive`), those to the group come out (`nextTransmission`, until it is nil, after every input and
/// whenever `deadline` has come).
///
/// Everything is said to the group, at most once a second however many ask: whoever asks in somebody else's name sends
/// nobody more than what all of the link get anyway.
public struct Announcer: Sendable {
    private let announcement: ServerAnnouncement
    private var sequence: UInt32 = 0
    /// When the next announcement is due, and when the last one was made; monotonic nanoseconds.
    private var due: Int64
    private var last: Int64?
    private var requests: Allowance
    private var isClosed = false
    private var farewell: [UInt8]?

    /// Nanoseconds between two announcements, however many ask for one (as RFC 6762, section 6).
    static let leastInterval: Int64 = 1_000_000_000
    /// Requests that are looked at in a second.
    static let requestsPerSecond = 100
    /// Nanoseconds before an answer, the least and what is added to it at most: that not all servers answer at once.
    static let leastDelay: Int64 = 20_000_000
    static let delaySpread: Int64 = 100_000_000

    public init(_ announcement: ServerAnnouncement, at now: Moment) {
        self.announcement = announcement
        due = now.monotonic
        requests = Allowance(perSecond: Self.requestsPerSecond, at: now.monotonic)
    }

    /// One datagram that came to the group.
    public mutating func receive(_ octets: UnsafeRawBufferPointer, at now: Moment) {
        guard !isClosed, octets.count <= ServerAnnouncement.sizeLimit, requests.take(at: now.monotonic),
            let messages = try? Message.decodeDatagram(octets)
        else { return }
        let asks = messages.contains { message in
            guard case .payload(.peerDiscover(let config)) = message.body, config.peerID != announcement.serverID else {
                return false
            }
            return config.capabilities.roles.isEmpty || config.capabilities.roles.contains(.server)
        }
        guard asks else { return }
        let earliest = (last ?? .min / 2) + Self.leastInterval
        due = min(due, max(now.monotonic + delay, earliest))
    }

    /// The same for one server always, and another for most others.
    private var delay: Int64 {
        Self.leastDelay + Int64(announcement.serverID.low % UInt64(Self.delaySpread / 1000)) * 1000
    }

    /// Monotonic nanoseconds; nil: never again.
    public var deadline: Int64? { farewell != nil ? last : isClosed ? nil : due }

    /// What is to go to the group; nil: nothing now.
    public mutating func nextTransmission(at now: Moment) -> [UInt8]? {
        if let octets = farewell {
            farewell = nil
            return octets
        }
        guard !isClosed, due <= now.monotonic else { return nil }
        last = now.monotonic
        due = now.monotonic + ServerAnnouncement.interval
        defer { sequence &+= 2 }
        return announcement.datagram(sequence: sequence, wall: now.wall)
    }

    /// Takes the announcement back, where one was made; nothing is said after that.
    public mutating func close(at now: Moment) {
        guard !isClosed else { return }
        isClosed = true
        guard last != nil else { return }
        let leave = PeerLeave(peerID: announcement.serverID, code: .success, reason: "the server closes")
        farewell =
            Message(
                header: MessageHeader(
                    type: .peerLeave, flags: .checksum, streamID: 0, sequence: sequence, timestamp: now.wall),
                body: .payload(.peerLeave(leave))
            ).encoded()
    }
}

extension ServerPlan {
    /// What a server of this plan says of itself on a link. Where nobody comes in without a token, what is inside is
    /// nobody's business.
    ///
    /// - Parameter addresses: where it is reached from that link, unless the plan says otherwise.
    public func announcement(serverID: UUID, at addresses: [String]) -> ServerAnnouncement {
        var announcement = ServerAnnouncement(
            serverID: serverID, endpoints: endpoints.isEmpty ? addresses : endpoints)
        announcement.name = name
        announcement.security = securityLevel
        announcement.demandsToken = demandsToken
        announcement.maxConnections = UInt16(clamping: limits.sessions)
        announcement.bandwidth = flow.rateLimit
        if !demandsToken {
            announcement.spaces = spaces.map(\.name).joined(separator: ", ")
            announcement.groups = spaces.flatMap(\.groups)
        }
        return announcement
    }
}
