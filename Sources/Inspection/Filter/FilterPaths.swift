/// The paths that decoded fields can have, so that a slip is found while a filter is typed, and can be completed.
///
/// They are the profile's structures with the names that the field map gives them. What an extension's schema names is
/// not known beforehand: below `decoded` every name goes.
package enum FilterPaths {
    /// What a path leads to.
    enum Kind: Equatable {
        /// Fields with names: it is there or not, and has no value.
        case structure
        /// Counts as its number of elements, and as each of them.
        case array
        case value
        case vector
        case version
    }

    /// Fields by structure. `name:Structure` has fields of its own, `name[]` is an array, `name*` has components x, y, z
    /// and perhaps w, `name^` has major, minor and patch.
    private static let structures: [String: String] = [
        "Message":
            "payload:Payload spatial_address:SpatialAddress extensions[]:ExtensionHeader multicast:MulticastForm "
            + "data:DataForm reassembled:Reassembled timestamp checksum_ok",
        "Reassembled": "segments size payload:Payload undecoded",
        "SpatialAddress":
            "version space_id coordinate_system:CoordinateSystem position* orientation* precision confidence timestamp "
            + "reference_frame",
        "CoordinateSystem": "type parameters:CoordinateParameters",
        "CoordinateParameters": "origin* scale datum precision reference offset* type_id parameters",
        "ExtensionHeader": "extension_id version flags data decoded:Decoded",
        "Decoded": "",
        "MulticastForm": "group_id routing:Routing",
        "Routing": "type parameters[]:RoutingParameters",
        "RoutingParameters": "tag value:Volume origin* falloff",
        "DataForm": "compression total_size segment_offset segment_size last_segment",
        "Bounds": "tag value:Volume",
        "Volume": "min* max* center* radius apex* orientation* fov_y aspect near far",
        "Config": "version capabilities max_message_size compression security_level",
        "Flow": "window_size rate_limit congestion_threshold",
        "Offer": "extension_id version^",
        "Auth": "method credentials timestamp signature",
        "Space": "space_id name coordinate_system:CoordinateSystem bounds:Bounds state_version",
        "Group":
            "group_id spatial_bounds:Bounds ttl qos:Quality access_control:Access endpoint",
        "Quality": "reliable ordered priority flow:Flow",
        "Access": "mode members[]",
        "Peer":
            "peer_id capabilities:PeerCapabilities discovery_mode:Discovery relay_config:RelayConfig",
        "PeerCapabilities": "spatial_range max_connections bandwidth roles[]",
        "Discovery": "type parameters:DiscoveryParameters",
        "DiscoveryParameters": "bootstrap[] servers[] peers[]",
        "RelayConfig": "relay_id endpoint ttl",
        "Sync": "space_id version timestamp delta entries[]:Entry",
        "Entry": "change entity_id entity_version fields[]:StateField",
        "StateField": "key value:Value",
        "Value": "tag value*",
        "Candidate": "node_id entity_version timestamp fields[]:StateField",
        "Mode": "CUSTOM",
        "StreamPosition": "stream_id next_sequence",
        "Ack": "stream_id cumulative missing[]:Missing",
        "Missing": "first count",
        "EntityUpdate": "entity_id kind position* orientation* velocity*",
        "Result": "entity_id kind position* distance",
        "QueryParameters": "point* tolerance center* radius min* max* apex* orientation* fov_y aspect near far",
        // The fields of all payloads: a message type has some of them.
        "Payload":
            // CONNECT, CONNECT_ACK, DISCONNECT, PING, PONG
            "config:Config client_id role name spaces[]:Space extensions[]:Offer auth:Auth "
            + "code session_id server_id flow:Flow groups[]:Group reason category "
            + "ping_id streams[]:StreamPosition ping_timestamp hold_time acks[]:Ack "
            // Spatial messages
            + "updates[]:EntityUpdate query_id type parameters:QueryParameters max_results timeout "
            + "truncated results[]:Result region_id entity_id bounds:Bounds "
            + "subscription_id update_frequency priority "
            // State messages
            + "space_id version timestamp delta entries[]:Entry request_id known_version mode:Mode sync:Sync "
            + "base_version strategy candidates[]:Candidate resolved[]:StateField "
            // Peer messages
            + "peer_id capabilities:PeerCapabilities discovery_mode:Discovery relay_config:RelayConfig peer:Peer "
            + "endpoints[] source target ttl payload relay_id hops "
            // Security messages
            + "method credentials signature token expires epoch scheme cipher_suites[] public_key "
            + "challenge_id nonce proof "
            // EXTENSION, CUSTOM
            + "extension_id flags data decoded:Decoded custom_type",
    ]

    private static let table: (paths: [String], kinds: [String: Kind]) = {
        var paths: [String] = []
        var kinds: [String: Kind] = [:]
        func expand(_ structure: String, below prefix: String) {
            for entry in (structures[structure] ?? "").split(separator: " ") {
                let parts = entry.split(separator: ":")
                let name = parts[0].prefix { !"[]*^".contains($0) }
                let path = prefix + name
                paths.append(path)
                kinds[path] = kind(of: parts[0].dropFirst(name.count), hasFields: parts.count > 1)
                if parts.count > 1 { expand(String(parts[1]), below: path + ".") }
            }
        }
        expand("Message", below: "")
        return (paths, kinds)
    }()

    private static func kind(of mark: Substring, hasFields: Bool) -> Kind {
        switch mark {
        case "[]": .array
        case "*": .vector
        case "^": .version
        default: hasFields ? .structure : .value
        }
    }

    /// Every path without components, in wire order.
    package static var all: [String] { table.paths }

    /// The paths that a beginning goes on to, by one part each.
    static func next(after beginning: String) -> [String] {
        let alias = beginning.hasPrefix("address.")
        let beginning = full(beginning)
        let depth = beginning.count { $0 == "." }
        return table.paths.filter { $0.hasPrefix(beginning) && $0.count { $0 == "." } == depth }
            .map { alias ? String($0.dropFirst("spatial_".count)) : $0 }
    }

    /// What a path leads to; nil for one that no message can have.
    static func kind(of path: String) -> Kind? {
        let path = full(path)
        if let kind = table.kinds[path] { return kind }
        if path.contains(".decoded.") { return .value }
        guard let point = path.lastIndex(of: ".") else { return nil }
        let component = path[path.index(after: point)...]
        switch table.kinds[String(path[..<point])] {
        case .vector: return ["x", "y", "z", "w"].contains(component) ? .value : nil
        case .version: return ["major", "minor", "patch"].contains(component) ? .value : nil
        case .structure, .array, .value, nil: return nil
        }
    }

    /// The path with the name that the field map has.
    private static func full(_ path: String) -> String {
        path == "address" || path.hasPrefix("address.") ? "spatial_" + path : path
    }

    /// Whether what has components in some messages is a single value in others: the value of a state's field.
    static func mayBeSingle(_ path: String) -> Bool { path.hasSuffix(".value.value") }

    /// A part of what has parts, as an example of what can be compared.
    static func example(in path: String) -> String {
        let path = full(path)
        if table.kinds[path] == .vector { return path + ".x" }
        return next(after: path + ".").first { table.kinds[$0] == .value } ?? path + "..."
    }
}
