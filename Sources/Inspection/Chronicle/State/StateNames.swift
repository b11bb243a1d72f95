import SpatioSession
import SpatioWire

extension Model {
    /// What the end of a session is called: what the client calls itself, else its address; `server` where there is one.
    package func name(of replica: ReplicaID) -> String {
        guard sessions.indices.contains(replica.session) else { return "-" }
        let session = sessions[replica.session]
        if replica.side == .client { return session.clientLabel }
        // With more than one server the word would not tell which.
        return session.server.address == sessions.first?.server.address ? "server" : session.server.description
    }

    /// Sessions that are searched for a node: as many as there are before new ones take the place of old ones.
    private static let searchedSessions = 8_192

    /// What a node of the state is called: its client's name, else the first digits of its id.
    package func name(ofNode id: UUID) -> String {
        let session = sessions.suffix(Self.searchedSessions).filter { $0.clientID == id }.max { $0.since < $1.since }
        if let session, !session.name.isEmpty { return session.name }
        if sessions.suffix(Self.searchedSessions).contains(where: { $0.serverID == id }) { return "server" }
        return String(id.description.prefix(8))
    }
}
