import SpatioWire

/// What can stand at a place of a filter that is being typed.
package enum FilterCompletion {
    /// More than a list on the screen shows.
    package static let limit = 200

    /// Words for the place of the cursor, and the Characters of the text that one of them would replace: the word that
    /// the cursor is in, up to the cursor.
    ///
    /// - Parameters:
    ///   - cursor: Characters before it.
    ///   - model: names of spaces and entities, ids of streams and sessions, addresses.
    package static func candidates(
        for text: String, cursor: Int, model: Model?
    ) -> (range: Range<Int>, words: [String]) {
        let before = String(text.prefix(max(0, cursor)))
        let end = before.count
        var tokens = readable(before)
        var start = end
        var typed = ""
        if let last = tokens.last, last.range.upperBound == end, case .word(let word) = last.kind {
            tokens.removeLast()
            start = last.range.lowerBound
            typed = word
        } else {
            // What is no token yet: the first half of an operator, or a text whose quote is not closed.
            let rest = before.dropFirst(tokens.last?.range.upperBound ?? 0).drop(while: \.isWhitespace)
            start = end - rest.count
            typed = String(rest.first == "\"" ? rest.dropFirst() : rest)
        }
        let words = words(for: place(behind: tokens), typed: typed, model: model)
        let lowered = typed.lowercased()
        var seen: Set<String> = []
        var fitting: [String] = []
        for word in words where word.lowercased().hasPrefix(lowered) && seen.insert(word).inserted {
            fitting.append(written(word))
            if fitting.count == limit { break }
        }
        return (start..<end, fitting)
    }

    /// The tokens up to the first thing that is none.
    private static func readable(_ text: String) -> [FilterToken] {
        var lexer = FilterLexer(text)
        var tokens: [FilterToken] = []
        while let token = try? lexer.next() { tokens.append(token) }
        return tokens
    }

    /// A value as it has to be written: in quotes where it is no word.
    private static func written(_ word: String) -> String {
        if word.last == "(" || FilterSign(rawValue: word) != nil { return word }
        if !word.isEmpty, word.allSatisfy(FilterLexer.isWordCharacter), !word.contains("..") { return word }
        var text = ""
        for character in word {
            switch character {
            case "\"", "\\": text += "\\\(character)"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default: text.append(character)
            }
        }
        return "\"\(text)\""
    }

    // MARK: Places

    private enum Place {
        /// A field, a flag, a call.
        case question
        case comparison(FilterField)
        case value(FilterField)
        case entity
        /// Between two questions.
        case connective
        case nothing
    }

    /// What the next token should be.
    private static func place(behind tokens: [FilterToken]) -> Place {
        var place = Place.question
        var set: FilterField?
        var call: FilterCall?
        for token in tokens {
            switch token.kind {
            case .sign(.and), .sign(.or), .sign(.not): place = .question
            case .word("and"), .word("or"): if case .connective = place { place = .question } else { fallthrough }
            case .word, .quoted: place = behind(token, at: place, &call)
            case .sign(.open):
                if case .connective = place, call == .near {
                    place = .entity
                } else if case .connective = place, call != nil {
                    place = .nothing
                } else {
                    place = .question
                }
            case .sign(.close):
                call = nil
                place = .connective
            case .sign(.openSet): if case .value(let field) = place { set = field }
            case .sign(.comma): place = set.map(Place.value) ?? .nothing
            case .sign(.range): break
            case .sign(.closeSet):
                set = nil
                place = .connective
            case .sign: if case .comparison(let field) = place { place = .value(field) }
            }
        }
        return place
    }

    private static func behind(_ token: FilterToken, at place: Place, _ call: inout FilterCall?) -> Place {
        switch place {
        case .question:
            guard case .word(let name) = token.kind else { return .nothing }
            if name == "not" { return .question }
            call = FilterCall(rawValue: name)
            if call != nil || FilterFlag.named(name) != nil { return .connective }
            return FilterField.named(name.prefix { $0 != "." }).map(Place.comparison) ?? .nothing
        case .comparison(let field): return token.isWord("in") ? .value(field) : .nothing
        case .value: return .connective
        case .entity, .connective, .nothing: return .nothing
        }
    }

    // MARK: Words

    private static func words(for place: Place, typed: String, model: Model?) -> [String] {
        switch place {
        case .question:
            typed.contains(".")
                ? FilterPaths.next(after: typed)
                : FilterField.all.map(\.name) + FilterFlag.all.map(\.name)
                    + FilterCall.allCases.map { $0.rawValue + "(" }
        case .comparison(let field):
            field.subject.operators.map(\.rawValue) + (field.subject.isOptional ? connectives : [])
        case .value(let field): values(of: field.subject, typed: typed, model)
        case .entity: values(of: .entity, typed: typed, model)
        case .connective: connectives
        case .nothing: []
        }
    }

    private static let connectives = ["&&", "||"]

    private static func values(of subject: FilterField.Subject, typed: String, _ model: Model?) -> [String] {
        switch subject {
        case .type: return MessageType.names.map { $0.name.lowercased() }
        case .flags: return MessageFlags.names.map { $0.name.lowercased() }
        case .priority: return Priority.allCases.map { $0.name.lowercased() }
        case .transport: return ["udp", "tcp"]
        case .finding: return FindingRule.allCases.map(\.rawValue)
        case .view: return ["observer", "wire"]
        case .number, .time, .sequence, .size, .version, .roundTrip, .jitter, .path, .viewDelay: return []
        case .stream, .session, .source, .destination, .endpoint, .port, .space, .entity, .extensionID: break
        }
        guard let model else { return [] }
        switch subject {
        case .stream: return Set(model.streams.compactMap(\.streamID)).sorted().map { "\($0)" }
        case .session: return model.sessions.compactMap { $0.id?.description } + endpoints(model)
        case .source, .destination, .endpoint: return endpoints(model)
        case .port: return Set(model.flows.flatMap { [$0.first.port, $0.second.port] }).sorted().map { "\($0)" }
        case .space: return model.spaces.map { $0.name ?? $0.id.description }
        case .extensionID:
            return ExtensionID.all.compactMap(ExtensionID.name)
                + model.schemas.manifests.values.sorted { $0.id < $1.id }.map {
                    $0.name.isEmpty ? $0.id.hexadecimal : $0.name
                }
        default: return entities(model, typed: typed)
        }
    }

    private static func endpoints(_ model: Model) -> [String] {
        Set(model.flows.flatMap { [$0.first.description, $0.second.description] }).sorted()
    }

    /// Names, then ids of the nameless: there can be many, so those that a few digits already say something of.
    private static func entities(_ model: Model, typed: String) -> [String] {
        let start = UUIDStart(typed)
        var names: [String] = []
        var ids: [String] = []
        for entity in model.entities {
            if case .string(let name)? = model.state(of: entity)?["name"], !name.isEmpty {
                names.append(name)
            } else if ids.count < limit, start?.begins(entity.id) ?? typed.isEmpty {
                ids.append(entity.id.description)
            }
        }
        return names.sorted() + ids
    }
}
