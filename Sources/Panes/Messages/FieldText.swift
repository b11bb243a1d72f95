import Inspection
import Screen
import SpatioWire

/// The value of a field as people read it.
enum FieldText {
    /// - Parameter showsSecrets: else of credentials and tokens only the size is told.
    static func text(_ field: Field, _ map: FieldMap, showsSecrets: Bool) -> String {
        if field.isSecret, !showsSecrets, !map.octets(of: field).isEmpty {
            return "\(map.octets(of: field).count) octets, hidden: --show-secrets shows them"
        }
        return text(field, map)
    }

    private static func text(_ field: Field, _ map: FieldMap) -> String {
        switch field.value {
        case .object: ""
        case .array(let count): count == 1 ? "1 element" : "\(Format.thousands(count)) elements"
        case .unsigned(let value): number(value, field)
        case .signed(let value): "\(value)"
        case .float(let value): "\(value)" + unit(field)
        case .double(let value): "\(value)" + unit(field)
        case .boolean(let value): value ? "true" : "false"
        case .string(let value): "\"\(VisibleText.visible(value))\""
        case .octets: octets(map.octets(of: field))
        case .uuid(let value): value.description
        case .vector3(let value): "\(value.x)  \(value.y)  \(value.z)"
        case .vector3f(let value): "\(value.x)  \(value.y)  \(value.z)" + (field.name == "velocity" ? " m/s" : "")
        case .quaternion(let value): "\(value.x)  \(value.y)  \(value.z)  \(value.w)"
        case .version(let value): value.description
        case .named(let name, let raw): "\(name) (\(raw))"
        case .flags(let names, let raw):
            "0x" + Format.hex(UInt8(raw >> 8)) + Format.hex(UInt8(raw & 0xFF)) + " " + names.joined(separator: " ")
        case .null: "-"
        }
    }

    private static func number(_ value: UInt64, _ field: Field) -> String {
        switch field.name {
        // Microseconds in headers, milliseconds elsewhere: a time after 2001 tells by its size.
        case "timestamp", "ping_timestamp", "seen", "expires", "value":
            if value > 1_000_000_000_000_000, value < 9_000_000_000_000_000 {
                return "\(TimeText.calendar(Int64(value) * 1000))  \(value)"
            }
            if value > 1_000_000_000_000, value < 9_000_000_000_000 {
                return "\(TimeText.calendar(Int64(value) * 1_000_000))  \(value)"
            }
            return "\(value)"
        case "checksum", "capabilities": return "0x" + String(value, radix: 16)
        case "hold_time": return "\(Format.thousands(value)) us"
        case "timeout", "update_frequency": return "\(Format.thousands(value)) ms"
        case "window_size", "max_message_size", "total_size", "size": return "\(Format.thousands(value)) octets"
        case "rate_limit": return value == 0 ? "unlimited" : "\(Format.thousands(value)) octets/s"
        default: return "\(value)"
        }
    }

    private static func unit(_ field: Field) -> String {
        switch field.name {
        case "precision", "radius", "distance", "near", "far", "falloff", "tolerance", "max_distance",
            "spatial_range":
            " m"
        case "fov_y": " rad"
        default: ""
        }
    }

    private static func octets(_ octets: ArraySlice<UInt8>) -> String {
        let shown = octets.prefix(32)
        return "\(octets.count) octets  " + hexadecimalText(shown) + (shown.count < octets.count ? "..." : "")
    }
}
