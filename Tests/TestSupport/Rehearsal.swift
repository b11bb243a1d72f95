import Simulation
import SpatioServer
import SpatioSession
import SpatioWire

/// The demo without a network: its server, its cast and one who watches, under a clock that only the caller moves.
/// Octets take 5 ms from one to the other.
package struct Rehearsal: Sendable {
    /// A datagram between the server and the watcher.
    package struct Datagram: Sendable {
        /// When it arrived, by the wall clock.
        package var moment: Moment
        package var octets: [UInt8]
        package var isFromServer: Bool
    }

    /// A participant, and his client while he has one.
    package struct Seat: Sendable {
        package var participant: Participant
        package fileprivate(set) var client: Client
        /// Sessions that were ready.
        package fileprivate(set) var sessions = 0
        /// What came to him and was refused.
        package fileprivate(set) var refusals: [Refusal] = []
        fileprivate var port: UInt16
        fileprivate var actsAt: Int64

        fileprivate mutating func live(at now: Moment) {
            if let deadline = client.deadline, deadline <= now.monotonic { client.advance(to: now) }
            tell(at: now)
            if actsAt <= now.monotonic {
                actsAt += participant.interval
                participant.act(&client, at: now)
                tell(at: now)
            }
        }

        private mutating func tell(at now: Moment) {
            while let event = client.nextEvent() {
                if case .ready = event { sessions += 1 }
                if case .dropped(let refusal) = event { refusals.append(refusal) }
                participant.handle(event, &client, at: now)
            }
        }
    }

    private struct Parcel: Sendable {
        var octets: [UInt8]
        /// The client's.
        var port: UInt16
        var isFromServer: Bool
    }

    package private(set) var now = Moment(monotonic: 1_000_000_000, wall: 1_800_000_000_000_000)
    package private(set) var host: SpaceHost
    package private(set) var seats: [Seat] = []
    package private(set) var log: [ServerEntry] = []
    /// What the watcher sent and got.
    package private(set) var watched: [Datagram] = []
    /// What the watcher was shown of others.
    package private(set) var mirrored: [Message] = []
    private var watcher: Client
    private var parcels: [Parcel] = []
    private var seatOfPort: [UInt16: Int] = [:]
    private var nextPort = watcherPort + 1

    package static let watcherPort: UInt16 = 40_000
    private static let step: Int64 = 5_000_000

    package init(_ cast: DemoCast) throws(SpaceHost.PlanError) {
        host = try SpaceHost(
            cast.plan, serverID: UUID(high: 1, low: 1), secret: Array(repeating: 1, count: 32), at: now)
        watcher = Client(
            ClientConfiguration(clientID: UUID(high: 2, low: 2), name: "watcher", role: .observer), at: now)
        for participant in cast.participants {
            seats.append(
                Seat(
                    participant: participant, client: Client(participant.configuration, at: now), port: nextPort,
                    actsAt: now.monotonic))
            seatOfPort[nextPort] = seats.count - 1
            nextPort += 1
        }
    }

    package mutating func run(seconds: Double) {
        let end = now.monotonic + Int64(seconds * 1e9)
        while now.monotonic < end { pass() }
    }

    // MARK: One step

    private mutating func pass() {
        now.monotonic += Self.step
        now.wall += UInt64(Self.step / 1000)
        deliver()
        if let deadline = host.deadline, deadline <= now.monotonic { host.advance(to: now) }
        for index in seats.indices {
            seats[index].live(at: now)
            if let time = seats[index].participant.returnsAt, time <= now.monotonic,
                seats[index].client.state == .closed
            {
                rejoin(index)
            }
        }
        if let deadline = watcher.deadline, deadline <= now.monotonic { watcher.advance(to: now) }
        collect()
    }

    private mutating func deliver() {
        let arrived = parcels
        parcels = []
        for parcel in arrived {
            let seat = seatOfPort[parcel.port]
            if let seat, !(seats[seat].participant.network?.passes() ?? true) { continue }
            if parcel.port == Self.watcherPort {
                watched.append(Datagram(moment: now, octets: parcel.octets, isFromServer: parcel.isFromServer))
            }
            parcel.octets.withUnsafeBytes { octets in
                if !parcel.isFromServer {
                    host.receive(octets, from: Self.address(parcel.port), at: now)
                } else if let seat {
                    seats[seat].client.receive(octets, at: now)
                } else if parcel.port == Self.watcherPort {
                    watcher.receive(octets, at: now)
                }
            }
        }
    }

    private static func address(_ port: UInt16) -> PeerAddress {
        PeerAddress(host: .v4(0x7F00_0001), port: port)
    }

    /// From another port, as a new socket has one.
    private mutating func rejoin(_ index: Int) {
        seatOfPort[seats[index].port] = nil
        seats[index].port = nextPort
        seatOfPort[nextPort] = index
        nextPort += 1
        seats[index].client = Client(seats[index].participant.configuration, at: now)
    }

    private mutating func collect() {
        for index in seats.indices {
            while let octets = seats[index].client.nextTransmission(at: now) {
                parcels.append(Parcel(octets: octets, port: seats[index].port, isFromServer: false))
            }
        }
        while let octets = watcher.nextTransmission(at: now) {
            parcels.append(Parcel(octets: octets, port: Self.watcherPort, isFromServer: false))
        }
        while let (address, octets) = host.nextTransmission(at: now) {
            parcels.append(Parcel(octets: octets, port: address.port, isFromServer: true))
        }
        while let event = host.nextEvent() { if case .log(let entry) = event { log.append(entry) } }
        while let event = watcher.nextEvent() { if case .message(let message) = event { mirrored.append(message) } }
    }
}
