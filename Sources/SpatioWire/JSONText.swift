/// Appends JSON to a buffer of octets. Numbers and strings are written so that any JSON reader gets the same values.
public struct JSONText {
    public var octets: [UInt8] = []
    private var needsComma = false

    public init() {}

    public var text: String { String(decoding: octets, as: UTF8.self) }

    public mutating func removeAll() {
        octets.removeAll(keepingCapacity: true)
        needsComma = false
    }

    public mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { octets.append(contentsOf: $0) }
    }

    private mutating func separate() {
        if needsComma { octets.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    public mutating func open(_ bracket: Unicode.Scalar) {
        separate()
        octets.append(UInt8(ascii: bracket))
        needsComma = false
    }

    public mutating func close(_ bracket: Unicode.Scalar) {
        octets.append(UInt8(ascii: bracket))
        needsComma = true
    }

    public mutating func key(_ name: String) {
        separate()
        quoted(name)
        octets.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func null() {
        separate()
        raw("null")
    }

    public mutating func boolean(_ value: Bool) {
        separate()
        if value { raw("true") } else { raw("false") }
    }

    public mutating func integer(_ value: some BinaryInteger) {
        separate()
        octets.append(contentsOf: String(value).utf8)
    }

    /// A number that is already in JSON's own form.
    public mutating func numeral(_ digits: String) {
        separate()
        octets.append(contentsOf: digits.utf8)
    }

    /// JSON has no NaN and no infinity: they become null.
    public mutating func number(_ value: Double) {
        separate()
        guard value.isFinite else {
            raw("null")
            return
        }
        octets.append(contentsOf: "\(value)".utf8)
    }

    public mutating func string(_ value: String) {
        separate()
        quoted(value)
    }

    public mutating func hexadecimal(_ value: some Sequence<UInt8>) {
        separate()
        octets.append(UInt8(ascii: "\""))
        for octet in value {
            octets.append(hexadecimalDigits[Int(octet >> 4)])
            octets.append(hexadecimalDigits[Int(octet & 15)])
        }
        octets.append(UInt8(ascii: "\""))
    }

    private mutating func quoted(_ value: String) {
        octets.append(UInt8(ascii: "\""))
        for unit in value.utf8 {
            switch unit {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                octets.append(UInt8(ascii: "\\"))
                octets.append(unit)
            case 0..<0x20, 0x7F:
                raw("\\u00")
                octets.append(hexadecimalDigits[Int(unit >> 4)])
                octets.append(hexadecimalDigits[Int(unit & 15)])
            default: octets.append(unit)
            }
        }
        octets.append(UInt8(ascii: "\""))
    }
}

extension FieldMap {
    /// The message as one JSON object with the specification's names. What it completes is no part of it: see
    /// `reassembled`.
    public func write(to json: inout JSONText) {
        json.open("{")
        var index = 0
        while index < fields.count {
            index = index == reassembled ? endOfSubtree(index) : write(index, named: true, to: &json)
        }
        json.close("}")
    }

    /// The field under which the whole stands that this message completes.
    public var reassembled: Int? { fields.firstIndex { $0.depth == 0 && $0.name == "reassembled" } }

    /// Writes one field and what is below it; returns the index behind it.
    public func write(_ index: Int, named: Bool, to json: inout JSONText) -> Int {
        let field = fields[index]
        if field.isStructural || (field.depth == 0 && field.name == "version") { return endOfSubtree(index) }
        if named { json.key(field.name) }
        switch field.value {
        case .object:
            json.open("{")
            let next = writeChildren(of: index, named: true, to: &json)
            json.close("}")
            return next
        case .array:
            json.open("[")
            let next = writeChildren(of: index, named: false, to: &json)
            json.close("]")
            return next
        default: write(field, to: &json)
        }
        return endOfSubtree(index)
    }

    private func writeChildren(of index: Int, named: Bool, to json: inout JSONText) -> Int {
        var next = index + 1
        while next < fields.count, fields[next].depth > fields[index].depth {
            next = write(next, named: named, to: &json)
        }
        return next
    }

    private func write(_ field: Field, to json: inout JSONText) {
        switch field.value {
        case .object, .array, .null: json.null()
        case .unsigned(let value): json.integer(value)
        case .signed(let value): json.integer(value)
        case .float(let value): json.number(Double(value))
        case .double(let value): json.number(value)
        case .boolean(let value): json.boolean(value)
        case .string(let value): json.string(value)
        case .octets: json.hexadecimal(octets(of: field))
        case .uuid(let value): json.string(value.description)
        case .vector3(let value): json.numbers([value.x, value.y, value.z])
        case .vector3f(let value): json.numbers([Double(value.x), Double(value.y), Double(value.z)])
        case .quaternion(let value):
            json.numbers([Double(value.x), Double(value.y), Double(value.z), Double(value.w)])
        case .version(let value): json.numbers([Double(value.major), Double(value.minor), Double(value.patch)])
        case .named(let name, _): json.string(name)
        case .flags(let names, _):
            json.open("[")
            for name in names { json.string(name) }
            json.close("]")
        }
    }
}

extension JSONText {
    public mutating func numbers(_ values: [Double]) {
        open("[")
        for value in values { number(value) }
        close("]")
    }
}
