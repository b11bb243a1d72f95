import Synchronization

/// The flows of this program's own sockets and the groups that it listens to. What passes these the program records
/// itself, so that an interface which it passes as well has nothing new to tell.
///
/// Whoever has the sockets writes it, whoever reads an interface asks it, each on a thread of its own.
package final class OwnFlows: Sendable {
    /// Flows that are remembered: a program has a handful at a time, and a new one whenever it joins again. The oldest
    /// goes first.
    private static let limit = 256

    /// Both ends in a fixed order, so that both ways are the same flow.
    private struct Flow: Hashable {
        var lower, higher: Endpoint
        var transport: Transport

        init(_ source: Endpoint, _ destination: Endpoint, _ transport: Transport) {
            let isOrdered =
                (source.address.high, source.address.low, source.port)
                < (destination.address.high, destination.address.low, destination.port)
            lower = isOrdered ? source : destination
            higher = isOrdered ? destination : source
            self.transport = transport
        }
    }

    private struct State {
        var flows: Set<Flow> = []
        /// In the order in which they came, which begins again at `next` when there are too many.
        var order: [Flow] = []
        var next = 0
        /// Nearly every packet is of the same flow as the one before.
        var last: Flow?
        var groups: Set<Endpoint> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// A socket listens to a multicast group: all that is sent there is recorded, whoever sends it.
    package func listen(to group: Endpoint) { state.withLock { _ = $0.groups.insert(group) } }

    /// Octets pass a socket. To be called before they are sent, so that no interface sees them earlier.
    func note(_ source: Endpoint, _ destination: Endpoint, _ transport: Transport) {
        let flow = Flow(source, destination, transport)
        state.withLock { state in
            guard state.last != flow else { return }
            state.last = flow
            guard !state.groups.contains(destination), state.flows.insert(flow).inserted else { return }
            if state.order.count < Self.limit {
                state.order.append(flow)
            } else {
                state.flows.remove(state.order[state.next])
                state.order[state.next] = flow
                state.next = (state.next + 1) % Self.limit
            }
        }
    }

    /// Whether what goes from one endpoint to another passes a socket of this program.
    package func contains(_ source: Endpoint, _ destination: Endpoint, _ transport: Transport) -> Bool {
        let flow = Flow(source, destination, transport)
        return state.withLock { state in
            state.flows.contains(flow) || transport == .udp && state.groups.contains(destination)
        }
    }
}
