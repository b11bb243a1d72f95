import Capture
import Inspection
import Screen

/// Who talks, in few columns: `alice > server` where the handshake told names; else what the capture calls the host;
/// else the address.
enum PeerNames {
    /// Both ends of a stream of a model, the sender first.
    static func ends(
        of stream: Inspection.Stream, _ model: Model, _ hosts: [IPAddress: String], width: Int, _ glyphs: GlyphSet
    ) -> String {
        let session = model.sessions[stream.session]
        let (client, server) = ends(of: session, model, hosts)
        let isFromClient = stream.direction == .client
        return joined(isFromClient ? client : server, isFromClient ? server : client, width: width, glyphs)
    }

    /// Who sends on a stream, and who receives.
    static func source(
        of stream: Inspection.Stream, _ model: Model, _ hosts: [IPAddress: String]
    ) -> String {
        let (client, server) = ends(of: model.sessions[stream.session], model, hosts)
        return stream.direction == .client ? client.long : server.long
    }

    static func destination(
        of stream: Inspection.Stream, _ model: Model, _ hosts: [IPAddress: String]
    ) -> String {
        let (client, server) = ends(of: model.sessions[stream.session], model, hosts)
        return stream.direction == .client ? server.long : client.long
    }

    /// Both ends of a session, the client first.
    static func text(
        of session: Session, _ model: Model, _ hosts: [IPAddress: String], width: Int, _ glyphs: GlyphSet
    ) -> String {
        let (client, server) = ends(of: session, model, hosts)
        return joined(client, server, width: width, glyphs)
    }

    /// Whether an end is called otherwise than by its address.
    static func isNamed(_ session: Session, _ hosts: [IPAddress: String]) -> Bool {
        // The addresses of a mirrored session are those of the observer and the server.
        guard !session.isMirrored else { return false }
        return !session.name.isEmpty || hosts[session.client.address] != nil || hosts[session.server.address] != nil
    }

    /// `desk:40001` where the capture has a name for the host.
    static func text(of endpoint: Endpoint, _ hosts: [IPAddress: String]) -> String { name(of: endpoint, hosts).long }

    /// How one end can be written, the best first.
    private struct Name {
        var long: String
        var short: String
    }

    private static func ends(
        of session: Session, _ model: Model, _ hosts: [IPAddress: String]
    ) -> (client: Name, server: Name) {
        let isNamed = !session.name.isEmpty || session.isMirrored
        var client =
            isNamed
            ? Name(long: session.clientLabel, short: shortLabel(of: session)) : name(of: session.client, hosts)
        // With more than one server the word would not tell which.
        let isOnly = session.server.address == model.sessions.first?.server.address
        var server =
            isNamed && isOnly && hosts[session.server.address] == nil
            ? Name(long: "server", short: "server") : name(of: session.server, hosts)
        if client.short == server.short {
            // Both on one machine: the ports tell them apart.
            client.short = ":\(session.client.port)"
            server.short = ":\(session.server.port)"
        }
        return (client, server)
    }

    /// Of a session that has no name the digits of its id alone.
    private static func shortLabel(of session: Session) -> String {
        session.name.isEmpty ? session.id.map { String($0.description.prefix(8)) } ?? session.clientLabel : session.name
    }

    private static func name(of endpoint: Endpoint, _ hosts: [IPAddress: String]) -> Name {
        if let host = hosts[endpoint.address] { return Name(long: "\(host):\(endpoint.port)", short: host) }
        return Name(long: endpoint.description, short: endpoint.address.description)
    }

    private static func joined(_ first: Name, _ second: Name, width: Int, _ glyphs: GlyphSet) -> String {
        let long = "\(first.long) > \(second.long)"
        if glyphs.columns(of: long) <= width { return long }
        // Without the ports, which say little in a narrow column; then each end gives way where it tells least.
        let room = max(0, width - 3)
        let left = glyphs.columns(of: first.short)
        let right = glyphs.columns(of: second.short)
        let firstRoom = max(room - right, min(left, room / 2))
        return glyphs.shortenedInMiddle(first.short, to: firstRoom) + " > "
            + glyphs.shortenedInMiddle(second.short, to: room - min(left, firstRoom))
    }
}
