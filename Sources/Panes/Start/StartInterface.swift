import Capture

/// An interface as the start page lists it.
package struct StartInterface: Equatable, Sendable {
    package enum State: String, Sendable {
        case running, up, down
    }

    package var name: String
    package var state: State
    package var addresses: [String]
    /// What passed in each of the last intervals, the newest last; nil where that is not known.
    package var rates: [InterfaceTraffic.Rate?]

    package init(name: String, state: State, addresses: [String] = [], rates: [InterfaceTraffic.Rate?] = []) {
        self.name = name
        self.state = state
        self.addresses = addresses
        self.rates = rates
    }

    /// Those of this machine that carry packets, with their traffic: everywhere first, then in libpcap's order, those
    /// that are switched off behind the others.
    package static func list(_ all: [NetworkInterface], _ traffic: InterfaceTraffic) -> [StartInterface] {
        let rows = all.filter { traffic.counts($0.name) }.map { interface in
            StartInterface(
                name: interface.name, state: interface.isUp ? interface.isRunning ? .running : .up : .down,
                addresses: interface.addresses.map(\.description), rates: traffic.rates(of: interface.name))
        }
        func rank(_ row: StartInterface) -> Int {
            row.name == InterfaceTraffic.everywhere ? 0 : row.state == .down ? 2 : 1
        }
        return (0...2).flatMap { wanted in rows.filter { rank($0) == wanted } }
    }
}

/// A server that announces itself, as the start page lists it. Its texts are fit to be shown.
package struct NearbyServer: Equatable, Sendable {
    package var id: String
    /// Nil here and below: it does not say.
    package var name: String?
    /// What `attach` takes.
    package var address: String
    package var security: String?
    package var demandsToken: Bool?
    package var spaces: String?
    /// Seconds since it was heard.
    package var silence: Int64

    package init(
        id: String, name: String? = nil, address: String, security: String? = nil, demandsToken: Bool? = nil,
        spaces: String? = nil, silence: Int64 = 0
    ) {
        self.id = id
        self.name = name
        self.address = address
        self.security = security
        self.demandsToken = demandsToken
        self.spaces = spaces
        self.silence = silence
    }
}
