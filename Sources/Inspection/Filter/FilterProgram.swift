import SpatioWire

/// A filter as steps: each tests one thing and says which step follows when it holds and when not. `and`, `or` and `not`
/// are only in where the steps lead, so that an answer takes as few tests as possible and no recursion.
struct FilterProgram: Sendable {
    /// Ends of a run.
    static let accept: Int32 = -1
    static let reject: Int32 = -2
    /// Tests whose answers for a stream or a space fit into one word; a bit more says that the word is filled.
    static let tableTests = 63

    enum Kind: UInt8, Sendable {
        case number, time, size, severity, sequence, flagBits, priority
        case types, marks, flags, findings, stream, space, fields
        case viewDelay
    }

    struct Step: Sendable {
        var kind: Kind
        var ifTrue: Int32
        var ifFalse: Int32
        /// A range of numbers, or in `low` a mask, or the place in a table.
        var low: Int64 = 0
        var high: Int64 = 0
    }

    private(set) var steps: [Step] = []
    private(set) var start: Int32 = Self.accept
    /// 256 entries for each step that asks for types.
    private(set) var types: [Bool] = []
    private(set) var streamTests: [StreamTest] = []
    private(set) var spaceTests: [IdentityMatch] = []
    private(set) var fieldTests: [FieldTest] = []
    private(set) var timeBounds: [TimeBounds] = []
    /// Every rule that is asked for.
    private(set) var findings = FindingRuleSet()

    /// Whether it is asked how much later observers got messages.
    var asksForDelays: Bool { steps.contains { $0.kind == .viewDelay } }

    init(_ condition: FilterCondition) { start = emit(condition, Self.accept, Self.reject) }

    /// Appends the steps of a condition and returns the first to take.
    private mutating func emit(_ condition: FilterCondition, _ ifTrue: Int32, _ ifFalse: Int32) -> Int32 {
        switch condition {
        case .test(let test): return emit(test, ifTrue, ifFalse)
        case .not(let part): return emit(part, ifFalse, ifTrue)
        case .all(let parts):
            return Self.cheapFirst(parts).reversed().reduce(ifTrue) { next, part in emit(part, next, ifFalse) }
        case .any(let parts):
            return Self.cheapFirst(parts).reversed().reduce(ifFalse) { next, part in emit(part, ifTrue, next) }
        }
    }

    /// What needs no decoded fields comes first, for then they may not be needed at all.
    private static func cheapFirst(_ parts: [FilterCondition]) -> [FilterCondition] {
        parts.filter { !$0.needsFields } + parts.filter(\.needsFields)
    }

    private mutating func emit(_ test: FilterTest, _ ifTrue: Int32, _ ifFalse: Int32) -> Int32 {
        var step = Step(kind: .fields, ifTrue: ifTrue, ifFalse: ifFalse)
        switch test {
        case .header(let value, let range):
            step.kind = Self.kind(of: value)
            step.low = range.lowerBound
            step.high = range.upperBound
        case .time(let bounds):
            // Where the capture begins is not known yet: `low` says which bounds are to be put in.
            step.kind = .time
            step.low = Int64(timeBounds.count)
            timeBounds.append(bounds)
        case .types(let table):
            step.kind = .types
            step.low = Int64(types.count)
            types += table
        case .marks(let marks):
            step.kind = .marks
            step.low = Int64(marks.rawValue)
        case .flags(let flags):
            step.kind = .flags
            step.low = Int64(flags.rawValue)
        case .findings(let rules):
            step.kind = .findings
            step.low = Int64(rules.bits)
            findings.formUnion(rules)
        case .stream(let test):
            step.kind = .stream
            step.low = 1 << Int64(streamTests.count)
            streamTests.append(test)
        case .space(let test):
            step.kind = .space
            step.low = 1 << Int64(spaceTests.count)
            spaceTests.append(test)
        case .fields(let test):
            step.low = Int64(fieldTests.count)
            fieldTests.append(test)
        }
        steps.append(step)
        return Int32(steps.count - 1)
    }

    private static func kind(of value: HeaderValue) -> Kind {
        switch value {
        case .number: .number
        case .size: .size
        case .severity: .severity
        case .sequence: .sequence
        case .flags: .flagBits
        case .priority: .priority
        case .viewDelay: .viewDelay
        }
    }

    /// Puts in where the capture begins.
    func resolvedSteps(firstTime: Int64) -> [Step] {
        var steps = steps
        for place in steps.indices where steps[place].kind == .time {
            let bounds = timeBounds[Int(steps[place].low)]
            steps[place].low = bounds.low?.resolved(firstTime: firstTime) ?? Int64.min
            steps[place].high = bounds.high?.resolved(firstTime: firstTime) ?? Int64.max
        }
        return steps
    }
}
