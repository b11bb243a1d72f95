import SpatioWire

/// One value as it was written.
struct FilterWord {
    var text: String
    var isQuoted: Bool
    var range: Range<Int>
}

/// A value to compare with, or a range of them.
struct FilterOperand {
    var value: FilterWord
    var upper: FilterWord?

    /// The characters of all of it.
    var range: Range<Int> { value.range.lowerBound..<(upper ?? value).range.upperBound }
}

/// Reads the text of a filter, by recursive descent:
///
///     either     = both { ("||" | "or") both }
///     both       = negation { ("&&" | "and") negation }
///     negation   = ("!" | "not") negation | "(" either ")" | question
///     question   = flag | field [operator value] | call "(" values ")"
struct FilterParser {
    private let tokens: [FilterToken]
    /// Characters of the text.
    private let end: Int
    private var position = 0
    private var depth = 0
    private(set) var tracked: [IdentityMatch] = []

    init(_ text: String) throws(FilterError) {
        end = text.count
        guard end <= Filter.lengthLimit else {
            throw FilterError(
                "a filter has at most \(Filter.lengthLimit) characters", at: Filter.lengthLimit..<Filter.lengthLimit + 1
            )
        }
        tokens = try FilterLexer.tokens(text)
    }

    mutating func parse() throws(FilterError) -> FilterCondition {
        guard !tokens.isEmpty else { return .all([]) }
        let condition = try either()
        if let token = next {
            if token.kind == .sign(.close) {
                throw FilterError("this parenthesis closes none", at: token.range)
            }
            throw FilterError("&& or || is expected here", at: token.range)
        }
        return condition
    }

    // MARK: Tokens

    private var next: FilterToken? { position < tokens.count ? tokens[position] : nil }

    /// The place of the next token, or behind the end.
    private var place: Range<Int> { next?.range ?? end..<end + 1 }

    private mutating func take(_ sign: FilterSign) -> Bool {
        guard next?.kind == .sign(sign) else { return false }
        position += 1
        return true
    }

    private mutating func take(_ sign: FilterSign, or word: String) -> Bool {
        if take(sign) { return true }
        guard next?.isWord(word) == true else { return false }
        position += 1
        return true
    }

    // MARK: Structure

    private mutating func either() throws(FilterError) -> FilterCondition {
        var parts = [try both()]
        while take(.or, or: "or") { parts.append(try both()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func both() throws(FilterError) -> FilterCondition {
        var parts = [try negation()]
        while take(.and, or: "and") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(FilterError) -> FilterCondition {
        let start = place
        if take(.not, or: "not") {
            try descend(at: start)
            defer { depth -= 1 }
            return .not(try negation())
        }
        if take(.open) {
            try descend(at: start)
            defer { depth -= 1 }
            let condition = try either()
            guard take(.close) else {
                throw next.map { FilterError("&&, || or ) is expected here", at: $0.range) }
                    ?? FilterError("this parenthesis is not closed", at: start)
            }
            return condition
        }
        return try question()
    }

    private mutating func descend(at range: Range<Int>) throws(FilterError) {
        depth += 1
        guard depth <= Filter.depthLimit else {
            throw FilterError("more than \(Filter.depthLimit) parentheses and negations inside each other", at: range)
        }
    }

    // MARK: Questions

    private mutating func question() throws(FilterError) -> FilterCondition {
        guard let token = next else { throw FilterError("a field or a flag is missing here", at: place) }
        guard case .word(let name) = token.kind else {
            throw FilterError("a field, a flag or a call is expected here", at: token.range)
        }
        position += 1
        if next?.kind == .sign(.open) { return try call(name, at: token.range) }
        guard let next, let comparison = FilterOperator(next) else { return try alone(name, at: token.range) }
        let field = try field(name, isCompared: true, at: token.range)
        position += 1
        guard field.subject.operators.contains(comparison) else {
            let possible = field.subject.operators.map(\.rawValue).joined(separator: " ")
            throw FilterError(
                "\(name) is not compared with \(comparison.rawValue), but with \(possible)", at: next.range)
        }
        let operands = try operands(of: comparison)
        return try FilterComparison(name: name, subject: field.subject, comparison: comparison, operands: operands)
            .condition()
    }

    /// A name without an operator.
    private func alone(_ name: String, at range: Range<Int>) throws(FilterError) -> FilterCondition {
        if let flag = FilterFlag.named(name) { return flag.condition }
        let field = try field(name, isCompared: false, at: range)
        guard field.subject.isOptional else {
            let possible = field.subject.operators.map(\.rawValue).joined(separator: " ")
            throw FilterError("\(name) says nothing alone; compare it with \(possible)", at: range)
        }
        return FilterComparison.presence(of: name, field.subject)
    }

    /// The field of a name that is not a flag, or that is compared.
    private func field(_ name: String, isCompared: Bool, at range: Range<Int>) throws(FilterError) -> FilterField {
        let root = name.prefix { $0 != "." }
        if let field = FilterField.named(root), field.subject != .path, root.count == name.count { return field }
        if let field = FilterField.named(root), field.subject == .path, let kind = FilterPaths.kind(of: name) {
            guard isCompared, kind == .structure || kind == .vector && !FilterPaths.mayBeSingle(name) else {
                return field
            }
            throw FilterError(
                "\(name) has parts and is compared by one of them, as \(FilterPaths.example(in: name))", at: range)
        }
        if FilterFlag.named(name) != nil {
            throw FilterError("\(name) is a flag and is compared with nothing; its opposite is !\(name)", at: range)
        }
        if let call = FilterCall(rawValue: name) {
            throw FilterError("\(name) needs arguments: \(call.usage)", at: range)
        }
        let ending = Suggestion.ending(for: name, among: root.count < name.count ? FilterPaths.all : Self.names)
        throw FilterError("unknown field \"\(VisibleText.visible(name))\"" + ending, at: range)
    }

    /// Every name that can begin a question.
    private static let names: [String] =
        FilterField.all.flatMap { [$0.name] + $0.aliases } + FilterFlag.all.flatMap { [$0.name] + $0.aliases }
        + FilterCall.allCases.map(\.rawValue)

    // MARK: Values

    private mutating func operands(of comparison: FilterOperator) throws(FilterError) -> [FilterOperand] {
        guard comparison == .within else { return [FilterOperand(value: try value(after: comparison.rawValue))] }
        guard take(.openSet) else {
            let operand = try operand()
            guard operand.upper != nil else {
                throw FilterError("in takes a range a..b or a set {a, b}", at: operand.range)
            }
            return [operand]
        }
        let start = tokens[position - 1].range
        var operands = [try operand()]
        while take(.comma) { operands.append(try operand()) }
        guard take(.closeSet) else {
            throw next.map { FilterError(", or } is expected here", at: $0.range) }
                ?? FilterError("this set is not closed", at: start)
        }
        return operands
    }

    private mutating func operand() throws(FilterError) -> FilterOperand {
        let lower = try value(after: "in")
        return FilterOperand(value: lower, upper: take(.range) ? try value(after: "..") : nil)
    }

    private mutating func value(after before: String) throws(FilterError) -> FilterWord {
        switch next?.kind {
        case .word(let text):
            defer { position += 1 }
            return FilterWord(text: text, isQuoted: false, range: place)
        case .quoted(let text):
            defer { position += 1 }
            return FilterWord(text: text, isQuoted: true, range: place)
        case .sign, nil: throw FilterError("a value is missing after \(before)", at: place)
        }
    }

    // MARK: Calls

    private mutating func call(_ name: String, at range: Range<Int>) throws(FilterError) -> FilterCondition {
        guard let call = FilterCall(rawValue: name) else {
            if FilterField.named(name) != nil || FilterFlag.named(name) != nil {
                throw FilterError("an operator is missing between \(name) and (", at: place)
            }
            let ending = Suggestion.ending(for: name, among: FilterCall.allCases.map(\.rawValue))
            throw FilterError("unknown call \"\(VisibleText.visible(name))\"" + ending, at: range)
        }
        position += 1
        var arguments: [FilterWord] = []
        if next?.kind != .sign(.close) {
            arguments.append(try value(after: "("))
            while take(.comma) { arguments.append(try value(after: ",")) }
        }
        guard take(.close) else {
            throw FilterError(
                next == nil ? "this call is not closed: \(call.usage)" : ", or ) is expected here", at: place)
        }
        guard arguments.count == call.arity else {
            throw FilterError(
                "\(name) takes \(call.arity) arguments: \(call.usage)",
                at: range.lowerBound..<tokens[position - 1].range.upperBound)
        }
        switch call {
        case .within:
            return .test(
                .fields(
                    .within(
                        x: try coordinate(arguments[0]), y: try coordinate(arguments[1]),
                        radius: try radius(arguments[2]))))
        case .box:
            return .test(
                .fields(
                    .box(
                        x: try span(arguments[0], arguments[2]), y: try span(arguments[1], arguments[3]))))
        case .near:
            let radius = try radius(arguments[1])
            tracked.append(IdentityMatch(way: .equal, wanted: [IdentityMatch.Wanted(arguments[0].text)]))
            return .test(.fields(.near(tracker: tracked.count - 1, radius: radius)))
        }
    }

    private func coordinate(_ word: FilterWord) throws(FilterError) -> Double {
        guard !word.isQuoted, let number = FilterNumber(parsing: word.text), number.unit == nil else {
            throw FilterError("a plain number is needed here", at: word.range)
        }
        return number.double
    }

    /// Between two coordinates, whichever is the larger.
    private func span(_ first: FilterWord, _ second: FilterWord) throws(FilterError) -> ClosedRange<Double> {
        let (first, second) = (try coordinate(first), try coordinate(second))
        return min(first, second)...max(first, second)
    }

    private func radius(_ word: FilterWord) throws(FilterError) -> Double {
        let radius = try coordinate(word)
        guard radius >= 0 else { throw FilterError("a radius is not negative", at: word.range) }
        return radius
    }
}
