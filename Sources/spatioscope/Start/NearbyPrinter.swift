import ArgumentParser
import Inspection
import SpatioSession
import SpatioWire

/// One line for each thing that is heard of a server.
struct NearbyPrinter {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, tsv
    }

    let format: Format

    /// Columns of a name and of an address that most of them fit in.
    private static let nameWidth = 20
    private static let addressWidth = 22
    private static let eventWidth = 8
    private static let securityWidth = 8

    /// - Parameter wall: the time, in microseconds since the Unix epoch.
    func print(_ event: NearbyServers.Event, wall: UInt64) {
        switch format {
        case .text:
            if case .repeated = event { return }
            StandardOutput.print(Self.text(event))
        case .json: StandardOutput.print(Self.json(event, wall))
        case .tsv: StandardOutput.print(Self.fields(event).joined(separator: "\t"))
        }
    }

    private static func text(_ event: NearbyServers.Event) -> String {
        let server = event.server
        let security = [server.security?.name.lowercased() ?? "-", server.demandsToken == true ? "token" : nil]
        return [
            event.word.padded(to: eventWidth), visible(server.name).padded(to: nameWidth),
            server.addresses[0].description.padded(to: addressWidth),
            security.compactMap { $0 }.joined(separator: "+").padded(to: securityWidth), visible(server.spaces),
        ].joined(separator: "  ")
    }

    private static func json(_ event: NearbyServers.Event, _ wall: UInt64) -> String {
        let server = event.server
        var line = JSONText()
        func text(_ key: String, _ value: String?) {
            line.key(key)
            if let value { line.string(value) } else { line.null() }
        }
        line.open("{")
        text("event", event.word)
        line.key("time")
        line.number(Double(wall) / 1e6)
        text("server_id", server.id.description)
        text("name", server.name)
        line.key("addresses")
        line.open("[")
        for address in server.addresses { line.string(address.description) }
        line.close("]")
        text("security", server.security?.name)
        line.key("demands_token")
        if let token = server.demandsToken { line.boolean(token) } else { line.null() }
        text("spaces", server.spaces)
        line.close("}")
        return line.text
    }

    /// Without tabs and line feeds in any of them; `-` for what it does not say.
    private static func fields(_ event: NearbyServers.Event) -> [String] {
        let server = event.server
        return [
            event.word, server.id.description, visible(server.name), server.addresses[0].description,
            server.security?.name ?? "-", server.demandsToken.map { $0 ? "yes" : "no" } ?? "-", visible(server.spaces),
        ]
    }

    private static func visible(_ text: String?) -> String { text.map(VisibleText.visible) ?? "-" }
}

extension NearbyServers.Event {
    var server: NearbyServers.Server {
        switch self {
        case .appeared(let server), .changed(let server), .repeated(let server), .left(let server), .lost(let server):
            server
        }
    }

    /// As it is printed, and as the start page reads it.
    var word: String {
        switch self {
        case .appeared: "appeared"
        case .changed: "changed"
        case .repeated: "repeated"
        case .left: "left"
        case .lost: "lost"
        }
    }
}
