import Capture
import SpatioWire

/// A field, an operator and values on their way to a condition.
struct FilterComparison {
    let name: String
    let subject: FilterField.Subject
    let comparison: FilterOperator
    let operands: [FilterOperand]

    private var isNegated: Bool { comparison == .notEqual }

    /// The question whether a field that may be absent is there.
    static func presence(of name: String, _ subject: FilterField.Subject) -> FilterCondition {
        switch subject {
        case .session: .test(.stream(.session(.present)))
        case .space: .test(.space(.present))
        case .entity: .test(.fields(.entity(.present)))
        case .extensionID: carrying(.present)
        case .roundTrip: .test(.stream(.roundTrip(Ranges(ranges: [-Double.infinity...Double.infinity]))))
        case .jitter: .test(.stream(.jitter(Ranges(ranges: [-Double.infinity...Double.infinity]))))
        case .version: version(.present)
        case .finding: .test(.header(.severity, Int64(Severity.note.rawValue)...Int64(Severity.error.rawValue)))
        case .viewDelay: .test(.header(.viewDelay, Int64.min...Int64.max))
        case .path, .view, .number, .time, .type, .stream, .sequence, .size, .flags, .priority, .source, .destination,
            .endpoint, .port, .transport:
            .test(.fields(.path(FieldPath(name), .present)))
        }
    }

    func condition() throws(FilterError) -> FilterCondition {
        switch subject {
        case .number: try header(.number)
        case .sequence: try header(.sequence)
        case .size: try header(.size, dimension: .size)
        case .time: try time()
        case .type: try types()
        case .flags: try flags()
        case .priority: try priority()
        case .stream: .test(.stream(.identifier(try integerRanges())))
        case .port: .test(.stream(.port(try integerRanges())))
        case .roundTrip: .test(.stream(.roundTrip(try milliseconds())))
        case .jitter: .test(.stream(.jitter(try milliseconds())))
        case .view: try view()
        case .viewDelay: try viewDelay()
        case .session: .test(.stream(.session(try identity())))
        case .source: .test(.stream(.source(try addresses())))
        case .destination: .test(.stream(.destination(try addresses())))
        case .endpoint: .test(.stream(.endpoint(try addresses())))
        case .transport: .test(.stream(.transports(try transports())))
        case .space: .test(.space(try identity()))
        case .entity: .test(.fields(.entity(try identity())))
        case .extensionID: Self.carrying(try extensions())
        case .version: Self.version(try numbersOfPath())
        case .finding: try findings()
        case .path: .test(.fields(.path(FieldPath(name), try path())))
        }
    }

    // MARK: Numbers

    private func number(_ word: FilterWord, dimension: FilterUnit.Dimension? = nil) throws(FilterError) -> FilterNumber
    {
        let units = FilterUnit.allCases.filter { $0.dimension == dimension }.map(\.rawValue).joined(separator: " ")
        let possible = units.isEmpty ? "\(name) has no unit" : "the units of \(name) are \(units)"
        guard !word.isQuoted, let number = FilterNumber(parsing: word.text) else {
            if !word.isQuoted, let unit = FilterNumber.wrongUnit(in: word.text) {
                throw FilterError("unknown unit \"\(unit)\"; \(possible)", at: word.range)
            }
            throw FilterError("\(name) is compared with a number, not with \"\(shown(word))\"", at: word.range)
        }
        if let unit = number.unit, unit.dimension != dimension {
            throw FilterError("\"\(unit.rawValue)\" does not fit; \(possible)", at: word.range)
        }
        return number
    }

    private func shown(_ word: FilterWord) -> String { VisibleText.visible(word.text) }

    private func empty(_ operand: FilterOperand) -> FilterError {
        FilterError("the range is empty: its first value is the larger one", at: operand.range)
    }

    /// The whole numbers that match; not negated.
    private func integers(
        _ operand: FilterOperand, dimension: FilterUnit.Dimension?
    ) throws(FilterError) -> ClosedRange<Int64> {
        func scaled(_ word: FilterWord) throws(FilterError) -> (floor: Int64, isExact: Bool) {
            let number = try number(word, dimension: dimension)
            let (floor, isExact) = number.scaled(by: number.unit?.factor ?? 1)
            return (Int64(clamping: floor), isExact)
        }
        let (floor, isExact) = try scaled(operand.value)
        let ceiling = isExact || floor == Int64.max ? floor : floor + 1
        switch comparison {
        case .less:
            // Nothing is below the smallest: an empty range cannot be written, so one that no field reaches stands for it.
            return Int64.min...(ceiling == Int64.min ? ceiling : ceiling - 1)
        case .lessOrEqual: return Int64.min...floor
        case .greater: return (floor == Int64.max ? floor : floor + 1)...Int64.max
        case .greaterOrEqual: return ceiling...Int64.max
        case .equal, .notEqual, .contains, .within:
            if let upper = operand.upper {
                let (high, _) = try scaled(upper)
                guard ceiling <= high else { throw empty(operand) }
                return ceiling...high
            }
            guard isExact else { throw FilterError("\(name) is a whole number", at: operand.range) }
            return floor...floor
        }
    }

    private func integerRanges(dimension: FilterUnit.Dimension? = nil) throws(FilterError) -> Ranges<Int64> {
        var ranges: [ClosedRange<Int64>] = []
        for operand in operands { ranges.append(try integers(operand, dimension: dimension)) }
        return Ranges(ranges: ranges, isNegated: isNegated)
    }

    /// A number of the message's record.
    private func header(
        _ value: HeaderValue, dimension: FilterUnit.Dimension? = nil
    ) throws(FilterError) -> FilterCondition {
        let tests = try integerRanges(dimension: dimension).ranges.map { FilterCondition.test(.header(value, $0)) }
        return negated(tests.count == 1 ? tests[0] : .any(tests), of: value)
    }

    /// `!=` asks for a value too, which a message without a readable header does not have.
    private func negated(_ condition: FilterCondition, of value: HeaderValue) -> FilterCondition {
        guard isNegated else { return condition }
        switch value {
        case .number, .size, .severity: return .not(condition)
        case .viewDelay: return .all([Self.presence(of: name, subject), .not(condition)])
        case .sequence, .flags, .priority: return .all([.test(.marks(.hasHeader)), .not(condition)])
        }
    }

    /// Real numbers of milliseconds; a value without a unit is one. `==` means equal in the digits written.
    private func milliseconds() throws(FilterError) -> Ranges<Double> {
        var ranges: [ClosedRange<Double>] = []
        for operand in operands {
            let (value, precision) = try milliseconds(operand.value)
            switch comparison {
            case .less: ranges.append(-Double.infinity...value.nextDown)
            case .lessOrEqual: ranges.append(-Double.infinity...value)
            case .greater: ranges.append(value.nextUp...Double.infinity)
            case .greaterOrEqual: ranges.append(value...Double.infinity)
            case .equal, .notEqual, .contains, .within:
                let high = try operand.upper.map { (upper) throws(FilterError) in try milliseconds(upper).value }
                guard high ?? value >= value else { throw empty(operand) }
                ranges.append(value...(high ?? max(value, (value + precision).nextDown)))
            }
        }
        return Ranges(ranges: ranges, isNegated: isNegated)
    }

    private func milliseconds(_ word: FilterWord) throws(FilterError) -> (value: Double, precision: Double) {
        let number = try number(word, dimension: .time)
        let unit = number.unit ?? .milliseconds
        return (
            number.double * Double(unit.factor) / 1e6, Double(number.precision(scaledBy: unit.factor)) / 1e6
        )
    }

    /// The delay of a record is told in whole microseconds.
    private func viewDelay() throws(FilterError) -> FilterCondition {
        let tests = try milliseconds().ranges.map { range in
            FilterCondition.test(
                .header(
                    .viewDelay,
                    Self.microseconds(
                        range.lowerBound, .up)...max(
                            Self.microseconds(range.lowerBound, .up), Self.microseconds(range.upperBound, .down))))
        }
        return negated(tests.count == 1 ? tests[0] : .any(tests), of: .viewDelay)
    }

    private static func microseconds(_ milliseconds: Double, _ rule: FloatingPointRoundingRule) -> Int64 {
        Int64(max(-1e18, min(1e18, (milliseconds * 1000).rounded(rule))))
    }

    private func view() throws(FilterError) -> FilterCondition {
        var isMirrored: Set<Bool> = []
        for operand in operands {
            let text = operand.value.text.lowercased()
            let matching = [("observer", true), ("wire", false)].filter {
                comparison == .contains ? $0.0.contains(text) : $0.0 == text
            }
            guard !matching.isEmpty, operand.upper == nil else {
                throw FilterError("a view is observer or wire, not \"\(shown(operand.value))\"", at: operand.range)
            }
            isMirrored.formUnion(matching.map(\.1))
        }
        let mirrored = FilterCondition.test(.stream(.mirrored))
        let tests = isMirrored.map { $0 ? mirrored : .not(mirrored) }
        let condition = tests.count == 1 ? tests[0] : FilterCondition.any(tests)
        return isNegated ? .not(condition) : condition
    }

    // MARK: Time

    /// Seconds from which a time counts since the Unix epoch: 2001. No capture is that long.
    private static let absoluteFrom: Int64 = 1_000_000_000

    private func time() throws(FilterError) -> FilterCondition {
        var tests: [FilterCondition] = []
        for operand in operands {
            let (bound, precision) = try instant(operand.value)
            var bounds = TimeBounds()
            switch comparison {
            case .less: bounds.high = TimeBounds.Bound(nanoseconds: bound.nanoseconds - 1, isAbsolute: bound.isAbsolute)
            case .lessOrEqual: bounds.high = bound
            case .greater:
                bounds.low = TimeBounds.Bound(nanoseconds: bound.nanoseconds + 1, isAbsolute: bound.isAbsolute)
            case .greaterOrEqual: bounds.low = bound
            case .equal, .notEqual, .contains, .within:
                bounds.low = bound
                if let upper = operand.upper {
                    let (high, _) = try instant(upper)
                    guard high.isAbsolute != bound.isAbsolute || high.nanoseconds >= bound.nanoseconds else {
                        throw empty(operand)
                    }
                    bounds.high = high
                } else {
                    // Equal in the digits written: 12.471 is the millisecond.
                    bounds.high = TimeBounds.Bound(
                        nanoseconds: bound.nanoseconds + precision - 1, isAbsolute: bound.isAbsolute)
                }
            }
            tests.append(.test(.time(bounds)))
        }
        let condition = tests.count == 1 ? tests[0] : .any(tests)
        return isNegated ? .not(condition) : condition
    }

    private func instant(_ word: FilterWord) throws(FilterError) -> (bound: TimeBounds.Bound, precision: Int64) {
        let number = try number(word, dimension: .time)
        let unit = number.unit ?? .seconds
        // Half of what an Int64 holds, so that the sum with a precision stays in it.
        let limit = Int128(Int64.max / 2)
        let nanoseconds = Int64(max(-limit, min(limit, number.scaled(by: unit.factor).floor)))
        return (
            TimeBounds.Bound(
                nanoseconds: nanoseconds, isAbsolute: nanoseconds >= Self.absoluteFrom * FilterUnit.seconds.factor),
            min(number.precision(scaledBy: unit.factor), FilterUnit.seconds.factor)
        )
    }

    // MARK: Names

    private func types() throws(FilterError) -> FilterCondition {
        var table = [Bool](repeating: false, count: 256)
        for operand in operands {
            let text = operand.value.text.lowercased()
            if comparison == .contains {
                let codes = MessageType.names.filter { $0.name.lowercased().contains(text) }.map(\.code)
                guard !codes.isEmpty else {
                    throw FilterError("no type has \"\(shown(operand.value))\" in its name", at: operand.range)
                }
                for code in codes { table[Int(code)] = true }
            } else if let upper = operand.upper {
                let low = try type(operand.value)
                let high = try type(upper)
                guard low <= high else { throw empty(operand) }
                for code in low...high { table[code] = true }
            } else {
                table[try type(operand.value)] = true
            }
        }
        if isNegated { table = table.map { !$0 } }
        return .test(.types(table))
    }

    private func type(_ word: FilterWord) throws(FilterError) -> Int {
        let text = word.text.uppercased()
        if let entry = MessageType.names.first(where: { $0.name == text }) { return Int(entry.code) }
        if let number = FilterNumber(parsing: word.text), number.unit == nil, let code = number.integer {
            guard code >= 0, code <= 255 else { throw FilterError("a type is a number from 0 to 0xff", at: word.range) }
            return Int(code)
        }
        let names = MessageType.names.map { $0.name.lowercased() }
        throw FilterError(
            "unknown message type \"\(shown(word))\"" + Suggestion.ending(for: word.text, among: names), at: word.range)
    }

    private func flags() throws(FilterError) -> FilterCondition {
        var tests: [FilterCondition] = []
        for operand in operands {
            if let upper = operand.upper { throw FilterError("flags have no order", at: upper.range) }
            tests.append(try flag(operand.value))
        }
        return negated(tests.count == 1 ? tests[0] : .any(tests), of: .flags)
    }

    private func flag(_ word: FilterWord) throws(FilterError) -> FilterCondition {
        let text = word.text.lowercased()
        let matching = MessageFlags.names.filter {
            let name = $0.name.lowercased()
            return comparison == .contains ? name.contains(text) : name == text
        }
        if !matching.isEmpty { return .test(.flags(MessageFlags(matching.map(\.flag)))) }
        if let bits = FilterNumber(parsing: word.text)?.integer, comparison != .contains {
            return .test(.header(.flags, Int64(clamping: bits)...Int64(clamping: bits)))
        }
        let names = MessageFlags.names.map { $0.name.lowercased() }
        let ending = Suggestion.ending(for: word.text, among: names)
        throw FilterError(
            "unknown flag \"\(shown(word))\""
                + (ending.isEmpty ? "; the flags are \(names.joined(separator: " "))" : ending), at: word.range)
    }

    private func priority() throws(FilterError) -> FilterCondition {
        var tests: [FilterCondition] = []
        for operand in operands {
            let level = try level(operand.value)
            let range: ClosedRange<Int64>
            switch comparison {
            case .less: range = Int64.min...level - 1
            case .lessOrEqual: range = Int64.min...level
            case .greater: range = level + 1...Int64.max
            case .greaterOrEqual: range = level...Int64.max
            case .equal, .notEqual, .contains, .within:
                let high = try operand.upper.map { (upper) throws(FilterError) in try self.level(upper) } ?? level
                guard level <= high else { throw empty(operand) }
                range = level...high
            }
            tests.append(.test(.header(.priority, range)))
        }
        return negated(tests.count == 1 ? tests[0] : .any(tests), of: .priority)
    }

    private func level(_ word: FilterWord) throws(FilterError) -> Int64 {
        if let priority = Priority(named: word.text.uppercased()) { return Int64(priority.rawValue) }
        if let number = FilterNumber(parsing: word.text)?.integer, number >= 0, number <= 3 { return Int64(number) }
        let names = Priority.allCases.map { $0.name.lowercased() }.joined(separator: " ")
        throw FilterError("unknown priority \"\(shown(word))\"; the priorities are \(names)", at: word.range)
    }

    private func findings() throws(FilterError) -> FilterCondition {
        var rules = FindingRuleSet()
        for operand in operands {
            let text = operand.value.text.lowercased()
            if let upper = operand.upper { throw FilterError("rules have no order", at: upper.range) }
            let matching = FindingRule.allCases.filter {
                comparison == .contains ? $0.rawValue.contains(text) : $0.rawValue == text
            }
            guard !matching.isEmpty else {
                let names = FindingRule.allCases.map(\.rawValue)
                let ending = Suggestion.ending(for: operand.value.text, among: names)
                throw FilterError(
                    "unknown rule \"\(shown(operand.value))\""
                        + (ending.isEmpty ? "; the rules are \(names.joined(separator: " "))" : ending),
                    at: operand.range)
            }
            rules.formUnion(FindingRuleSet(matching))
        }
        guard isNegated else { return .test(.findings(rules)) }
        let any = FilterCondition.test(.findings(FindingRuleSet(FindingRule.allCases)))
        return .all([any, .not(.test(.findings(rules)))])
    }

    private func transports() throws(FilterError) -> [Transport] {
        let all: [Transport] = [.udp, .tcp]
        var chosen: [Transport] = []
        for operand in operands {
            let text = operand.value.text.lowercased()
            let matching = all.filter { comparison == .contains ? $0.name.contains(text) : $0.name == text }
            guard !matching.isEmpty, operand.upper == nil else {
                throw FilterError("a transport is udp or tcp, not \"\(shown(operand.value))\"", at: operand.range)
            }
            chosen += matching
        }
        return isNegated ? all.filter { !chosen.contains($0) } : chosen
    }

    private func addresses() throws(FilterError) -> AddressMatch {
        var wanted: [AddressMatch.Wanted] = []
        for operand in operands {
            let text = operand.value.text
            if let upper = operand.upper { throw FilterError("addresses have no order", at: upper.range) }
            if comparison == .contains {
                wanted.append(.part(text.lowercased()))
            } else if let endpoint = Endpoint(parsing: text) {
                wanted.append(.endpoint(endpoint))
            } else if let address = IPAddress(parsing: text) {
                wanted.append(.address(address))
            } else {
                throw FilterError(
                    "\"\(shown(operand.value))\" is no address, as 10.7.1.1, 10.7.1.1:40001 or [fe80::1]:7728; ~ takes a part",
                    at: operand.range)
            }
        }
        return AddressMatch(wanted: wanted, isNegated: isNegated)
    }

    private func identity() throws(FilterError) -> IdentityMatch {
        for operand in operands {
            if let upper = operand.upper { throw FilterError("names have no order", at: upper.range) }
            if operand.value.text.isEmpty { throw FilterError("an empty name is nobody's", at: operand.range) }
        }
        return IdentityMatch(
            way: comparison == .contains ? .contains : .equal,
            wanted: operands.map { IdentityMatch.Wanted($0.value.text) }, isNegated: isNegated)
    }

    private func extensions() throws(FilterError) -> ExtensionMatch {
        var match = ExtensionMatch(isNegated: isNegated)
        for operand in operands {
            let text = operand.value.text
            if text.isEmpty { throw FilterError("an empty name is nobody's", at: operand.range) }
            let isNumber = !operand.value.isQuoted && FilterNumber(parsing: text)?.integer != nil
            if comparison == .contains {
                match.parts.append(text.lowercased())
            } else if isNumber || operand.upper != nil {
                match.numbers.append(try integers(operand, dimension: nil))
            } else {
                match.names.append(text.lowercased())
            }
        }
        return match
    }

    /// Only messages with extension headers and those of type EXTENSION have to be decoded.
    private static func carrying(_ match: ExtensionMatch) -> FilterCondition {
        var types = [Bool](repeating: false, count: 256)
        types[Int(MessageType.extension.rawValue)] = true
        return .all([
            .any([.test(.flags(.extensions)), .test(.types(types))]), .test(.fields(.extensionID(match))),
        ])
    }

    // MARK: Decoded fields

    private func path() throws(FilterError) -> PathMatch {
        guard comparison.isOrdering || operands.contains(where: { $0.upper != nil }) else {
            return PathMatch(comparison: comparison, operands: operands.map(understood))
        }
        var result = PathMatch(comparison: comparison)
        for operand in operands {
            var value = understood(operand)
            if value.version == nil || operand.upper != nil, operand.upper != nil || comparison.isOrdering {
                value.number = try number(operand.value)
            }
            if let upper = operand.upper { value.upper = try number(upper) }
            result.operands.append(value)
        }
        return result
    }

    private func numbersOfPath() throws(FilterError) -> PathMatch {
        for operand in operands {
            _ = try number(operand.value)
            if let upper = operand.upper { _ = try number(upper) }
        }
        return try path()
    }

    /// A value of a field whose type only the message tells.
    private func understood(_ operand: FilterOperand) -> PathMatch.Operand {
        let text = operand.value.text
        let number = operand.value.isQuoted ? nil : FilterNumber(parsing: text)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt16($0) }
        return PathMatch.Operand(
            text: text, lowered: text.lowercased(), number: number?.unit == nil ? number : nil, uuid: UUIDStart(text),
            version: parts.count == 3 ? SemanticVersion(parts[0], parts[1], parts[2]) : nil)
    }

    /// The version that a state message brings: EXTENSION has a field of the same name that means another thing.
    private static func version(_ match: PathMatch) -> FilterCondition {
        var states = [Bool](repeating: false, count: 256)
        for type in [
            MessageType.stateSync, .stateResponse, .deltaUpdate, .conflictResolve,
        ] { states[Int(type.rawValue)] = true }
        return .all([
            .test(.types(states)),
            .any([
                .test(.fields(.path(FieldPath("payload.version"), match))),
                .test(.fields(.path(FieldPath("payload.sync.version"), match))),
            ]),
        ])
    }
}
