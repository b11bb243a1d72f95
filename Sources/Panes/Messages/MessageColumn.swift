import Inspection

/// A column of the list of messages.
package enum MessageColumn: Hashable, Sendable {
    case number, time, delta, ends, source, destination, session, stream, sequence, type, size, flags, space, entity
    case transport, notes, summary
    /// Any decoded field by its path.
    case field(FieldColumn)

    /// Names, as configuration has them, and what they mean.
    package static let named: [(name: String, column: MessageColumn, help: String)] = [
        ("number", .number, "its number in the capture"), ("time", .time, "when, as t tells it"),
        ("delta", .delta, "since the message above"), ("ends", .ends, "who > to whom"),
        ("source", .source, "who sent it"), ("destination", .destination, "who received it"),
        ("session", .session, "the client's name, or the session's id"), ("stream", .stream, "stream_id"),
        ("sequence", .sequence, "its sequence in the stream"), ("type", .type, "message type"),
        ("size", .size, "octets"), ("flags", .flags, "flags of the header"), ("space", .space, "the space it names"),
        ("entity", .entity, "the entities it tells of"), ("transport", .transport, "udp or tcp"),
        ("notes", .notes, "what is remarkable: lost before, checksum, ..."), ("summary", .summary, "what it says"),
    ]

    /// As configuration has it.
    package var name: String {
        if case .field(let field) = self { return field.name }
        return Self.named.first { $0.column == self }?.name ?? ""
    }

    var help: String {
        if case .field = self { return "a field of the message" }
        return Self.named.first { $0.column == self }?.help ?? ""
    }

    /// Numbers stand under each other by their last digit.
    var isRight: Bool {
        switch self {
        case .number, .time, .delta, .stream, .sequence, .size: true
        case .ends, .source, .destination, .session, .type, .flags, .space, .entity, .transport, .notes, .summary,
            .field:
            false
        }
    }
}

/// The columns of the list, in their order.
package struct ColumnList: Equatable, Sendable {
    package private(set) var columns: [MessageColumn]

    /// What everybody needs; on a narrow screen some of them give way.
    package static let usual = ColumnList(columns: [
        .number, .time, .ends, .stream, .sequence, .size, .type, .summary,
    ])

    /// More than any screen shows.
    static let limit = 32

    private init(columns: [MessageColumn]) { self.columns = columns }

    /// Reads names of columns and paths of fields, as `names` writes them.
    ///
    /// - Throws: an error whose message names what is wrong; its place counts within that name.
    package init(names: [String]) throws(FilterError) {
        columns = []
        for name in names.prefix(Self.limit) {
            let column = try Self.column(name)
            if !columns.contains(column) { columns.append(column) }
        }
    }

    static func column(_ name: String) throws(FilterError) -> MessageColumn {
        if let entry = MessageColumn.named.first(where: { $0.name == name }) { return entry.column }
        return .field(try FieldColumn(parsing: name))
    }

    /// What `init(names:)` reads: for a configuration file.
    package var names: [String] { columns.map(\.name) }

    /// Columns that have to be decoded.
    var fields: [FieldColumn] {
        columns.compactMap { if case .field(let field) = $0 { field } else { nil } }
    }

    func contains(_ column: MessageColumn) -> Bool { columns.contains(column) }

    mutating func toggle(_ column: MessageColumn) {
        if let place = columns.firstIndex(of: column) {
            columns.remove(at: place)
        } else if columns.count < Self.limit {
            // The text that takes what is left stays last.
            let end = columns.last == .summary ? columns.count - 1 : columns.count
            columns.insert(column, at: end)
        }
    }

    /// Moves a column one place towards the beginning (-1) or the end.
    mutating func move(_ column: MessageColumn, by step: Int) {
        guard let place = columns.firstIndex(of: column), columns.indices.contains(place + step) else { return }
        columns.swapAt(place, place + step)
    }
}
