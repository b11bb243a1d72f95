import Capture
import SpatioWire

/// The fields that `dump --fields` prints, in their order: what every message has, and decoded fields by their paths.
package struct FieldSelection: Sendable {
    /// As they were written; the keys in JSON and the header of CSV.
    package let names: [String]
    private let columns: [Column]

    /// What RFC 4180 ends a line with.
    package static let lineEndOfCSV = "\r\n"

    /// The columns of CSV when nobody says otherwise.
    package static let usual = FieldSelection([
        .number, .time, .source, .destination, .transport, .stream, .sequence, .type, .size, .summary,
    ])

    /// More columns than anybody reads; each is looked up in every message.
    private static let limit = 256

    enum Column: Hashable, Sendable {
        case number, time, source, destination, transport, stream, sequence, type, size, flags, priority
        case session, space, summary, findings, malformed
        case path(FieldPath)

        /// Names and what they mean, in the order of help.
        static let named: [(name: String, column: Column)] = [
            ("number", .number), ("time", .time), ("source", .source), ("destination", .destination),
            ("transport", .transport), ("stream_id", .stream), ("sequence", .sequence), ("type", .type),
            ("size", .size), ("flags", .flags), ("priority", .priority), ("session", .session), ("space", .space),
            ("summary", .summary), ("findings", .findings), ("malformed", .malformed),
        ]

        /// Shorter names that filters know too.
        static let aliases: [(name: String, column: Column)] = [
            ("stream", .stream), ("seq", .sequence), ("src", .source), ("dst", .destination),
        ]
    }

    /// Names that are no paths.
    package static var simpleNames: [String] { Column.named.map(\.name) }

    private init(_ columns: [Column]) {
        self.columns = columns
        names = columns.map { column in Column.named.first { $0.column == column }?.name ?? "" }
    }

    /// Reads `number,time,payload.query_id`.
    package init(parsing list: String) throws(FilterError) {
        var names: [String] = []
        var columns: [Column] = []
        var place = 0
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let leading = part.prefix(while: \.isWhitespace).count
            let name = part.drop(while: \.isWhitespace).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let range = place + leading..<place + leading + max(1, name.count)
            columns.append(try Self.column(name, at: range))
            names.append(name)
            place += part.count + 1
            guard columns.count <= Self.limit else {
                throw FilterError("at most \(Self.limit) fields can be chosen", at: range)
            }
        }
        self.names = names
        self.columns = columns
    }

    private static func column(_ name: String, at range: Range<Int>) throws(FilterError) -> Column {
        if let entry = (Column.named + Column.aliases).first(where: { $0.name == name }) { return entry.column }
        if FilterPaths.kind(of: name) != nil { return .path(FieldPath(name)) }
        if name.isEmpty { throw FilterError("the name of a field is missing here", at: range) }
        let all = name.contains(".") ? FilterPaths.all : simpleNames + FilterPaths.all
        throw FilterError(
            "unknown field \"\(VisibleText.visible(name))\"" + Suggestion.ending(for: name, among: all), at: range)
    }

    // MARK: Lines

    /// Values between tabs; several of one field between commas.
    package func text(of message: MessageText, model: Model?) -> String {
        columns.map { values(of: $0, message, model).joined(separator: ",") }.joined(separator: "\t")
    }

    /// The first line of CSV.
    package var header: String { names.map(Self.quoted).joined(separator: ",") }

    /// A line of RFC 4180, without its end.
    package func csv(of message: MessageText, model: Model?) -> String {
        columns.map { Self.quoted(values(of: $0, message, model).joined(separator: ",")) }.joined(separator: ",")
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// Appends one JSON object with the chosen fields as keys.
    package func writeJSON(of message: MessageText, model: Model?, to json: inout JSONText) {
        json.open("{")
        for (name, column) in zip(names, columns) {
            json.key(name)
            write(column, message, model, to: &json)
        }
        json.close("}")
    }

    // MARK: Values

    /// What every message has.
    private enum Plain {
        case numeral(String)
        case text(String)
        case list([String])
        case absent

        init(_ number: (some BinaryInteger)?) { self = number.map { .numeral("\($0)") } ?? .absent }
        init(_ text: String?) { self = text.map(Plain.text) ?? .absent }
    }

    private func plain(_ column: Column, _ message: MessageText, _ model: Model?) -> Plain {
        let header = message.header
        return switch column {
        case .number: Plain(message.number)
        case .time: .numeral(TimeText.seconds(message.time))
        case .source: .text(message.source.description)
        case .destination: .text(message.destination.description)
        case .transport: .text(message.transport.name)
        case .stream: Plain(header?.streamID)
        case .sequence: Plain(header?.sequence)
        case .type: Plain(message.type.map(MessageText.name(of:)))
        case .size: Plain(message.size)
        case .flags: header.map { .list($0.flags.names) } ?? .absent
        case .priority: Plain(header?.flags.priority.name)
        case .session: Plain(session(of: message, model)?.description)
        case .space: Plain(space(of: message, model))
        case .summary: .text(message.summary(model: model))
        case .findings: .list(message.findings.map(\.rule.rawValue))
        case .malformed: Plain(message.error?.description)
        case .path: .absent
        }
    }

    private func session(of message: MessageText, _ model: Model?) -> UUID? {
        if let disguise = message.disguise { return disguise.session }
        guard let model, let stream = message.stream else { return nil }
        return model.sessions[model.streams[stream].session].id
    }

    private func space(of message: MessageText, _ model: Model?) -> String? {
        if let disguise = message.disguise { return disguise.space }
        guard let model, let space = message.space else { return nil }
        return model.spaces[space].label
    }

    /// As texts that hold no control characters, so that they neither steer a terminal nor break a line.
    private func values(of column: Column, _ message: MessageText, _ model: Model?) -> [String] {
        if case .path(let path) = column { return pathValues(path, message.map) }
        return switch plain(column, message, model) {
        case .numeral(let digits): [digits]
        case .text(let text): [VisibleText.visible(text)]
        case .list(let texts): texts.map(VisibleText.visible)
        case .absent: []
        }
    }

    private func pathValues(_ path: FieldPath, _ map: FieldMap) -> [String] { Self.values(at: path, in: map) }

    /// Every value that a path leads to, as texts that hold no control characters.
    static func values(at path: FieldPath, in map: FieldMap) -> [String] {
        var texts: [String] = []
        _ = path.first(in: map) { index, value in
            switch value {
            case .null: break
            // Its elements follow where they are plain values.
            case .array where !holdsStructures(index, map): break
            case .object, .array: texts.append(VisibleText.visible(json(index, map)))
            case .string(let text), .named(let text, _): texts.append(VisibleText.visible(text))
            default: texts.append(text(value, index, map))
            }
            return false
        }
        return texts
    }

    private static func holdsStructures(_ index: Int, _ map: FieldMap) -> Bool {
        map.children(of: index).contains { map.fields[$0].value.isStructure }
    }

    private static func json(_ index: Int, _ map: FieldMap) -> String {
        var json = JSONText()
        _ = map.write(index, named: false, to: &json)
        return json.text
    }

    private static func text(_ value: FieldValue, _ index: Int, _ map: FieldMap) -> String {
        switch value {
        case .unsigned(let value): "\(value)"
        case .signed(let value): "\(value)"
        case .float(let value): "\(Double(value))"
        case .double(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .octets: hexadecimalText(map.octets(of: map.fields[index]))
        case .uuid(let id): id.description
        case .vector3(let vector): "\(vector.x) \(vector.y) \(vector.z)"
        case .vector3f(let vector): "\(Double(vector.x)) \(Double(vector.y)) \(Double(vector.z))"
        case .quaternion(let turn): "\(Double(turn.x)) \(Double(turn.y)) \(Double(turn.z)) \(Double(turn.w))"
        case .version(let version): version.description
        case .flags(let names, _): names.joined(separator: " ")
        case .object, .array, .null, .string, .named: ""
        }
    }

    // MARK: JSON

    private func write(_ column: Column, _ message: MessageText, _ model: Model?, to json: inout JSONText) {
        if case .path(let path) = column {
            write(path, message.map, to: &json)
            return
        }
        switch plain(column, message, model) {
        case .numeral(let digits): json.numeral(digits)
        case .text(let text): json.string(text)
        case .list(let texts):
            json.open("[")
            for text in texts { json.string(text) }
            json.close("]")
        case .absent: json.null()
        }
    }

    private func write(_ path: FieldPath, _ map: FieldMap, to json: inout JSONText) {
        var found: [(index: Int, value: FieldValue)] = []
        var end = 0
        _ = path.first(in: map) { index, value in
            // The elements of an array are written with it.
            if index >= end { found.append((index, value)) }
            if case .array = value { end = map.endOfSubtree(index) }
            return false
        }
        guard !found.isEmpty else {
            json.null()
            return
        }
        if found.count > 1 { json.open("[") }
        for (index, value) in found {
            if value == map.fields[index].value {
                _ = map.write(index, named: false, to: &json)
            } else {
                json.numeral(Self.text(value, index, map))
            }
        }
        if found.count > 1 { json.close("]") }
    }
}
