import SpatioWire

/// Answers a filter for the messages of one capture, in their order.
///
/// What depends only on the stream or the space of a message is worked out once for each and kept; so a filter that
/// needs no decoded fields is answered at the speed of memory. A run that has `near` in it has to be given every message
/// from the first on, because it follows entities.
package struct FilterRun: Sendable {
    package let filter: Filter
    private let program: FilterProgram
    private var steps: [FilterProgram.Step] = []
    /// Answers to the stream tests by stream, a bit each; `filled` where they are worked out.
    private var streams: [UInt64] = []
    private var spaces: [UInt64] = []
    private var trackers: [EntityTracker]
    /// What the tables were made from.
    private var identities = -1
    private var firstTime: Int64?
    private let hasVolatileTests: Bool
    /// Rules with findings about the messages that are looked at, from number `firstFinding` on.
    private var findings: [FindingRuleSet] = []
    private var firstFinding = 0
    /// Of the same messages, from number `firstDelay` on, what mirrored ones took longer than on the wire.
    private var delays: [Float] = []
    private var firstDelay = 0

    private static let filled: UInt64 = 1 << 63

    package init(_ filter: Filter) {
        self.filter = filter
        program = FilterProgram(filter.condition)
        steps = program.resolvedSteps(firstTime: 0)
        trackers = filter.tracked.map(EntityTracker.init)
        hasVolatileTests = program.streamTests.contains(where: \.isVolatile)
    }

    /// Whether one message matches, by what the model knows until now.
    ///
    /// - Parameters:
    ///   - number: of the message, from 1.
    ///   - findings: those that the message brought.
    ///   - view: the same message on the wire, where it is a mirrored one.
    ///   - fields: the decoded message; asked for at most once, and only when the record does not decide. Nil: nothing
    ///     that is asked of its fields holds.
    package mutating func matches(
        _ record: borrowing MessageRecord, number: Int, findings: [Finding] = [], view: ViewMatch? = nil,
        model: borrowing Model, fields: () -> FieldMap?
    ) -> Bool {
        refresh(model)
        if program.asksForDelays {
            firstDelay = number
            delays = [view.flatMap { $0.mirrored == number ? $0.milliseconds : nil } ?? .nan]
        }
        if !program.findings.isEmpty {
            firstFinding = number
            self.findings = [FindingRuleSet(findings.lazy.filter { $0.message == number }.map(\.rule))]
        }
        if hasVolatileTests, Int(record.stream) < streams.count { streams[Int(record.stream)] = 0 }
        fill(stream: Int(record.stream), model)
        fill(space: Int(record.space), model)
        return answer(record, number: number, model, fields)
    }

    /// The messages of a part of the index that match, by their places in the index, which begin at 0. Parts given one
    /// after the other make one run, so that a long search can show how far it is.
    ///
    /// - Parameters:
    ///   - views: what was seen twice until now.
    ///   - findings: everything found until now. What comes to light after a message was looked at is not seen.
    ///   - fields: the decoded message at a place of the index.
    package mutating func matches(
        in index: borrowing MessageIndex, _ range: Range<Int>, findings: borrowing FindingLog = FindingLog(),
        views: borrowing ViewChronicle = ViewChronicle(), model: borrowing Model, fields: (Int) -> FieldMap?
    ) -> [Int] {
        refresh(model)
        if program.asksForDelays {
            firstDelay = range.lowerBound + 1
            delays = views.delays(in: firstDelay..<range.upperBound + 1)
        }
        if !program.findings.isEmpty {
            firstFinding = range.lowerBound + 1
            self.findings = findings.rules(in: firstFinding..<range.upperBound + 1, of: program.findings)
        }
        if hasVolatileTests { streams.removeAll(keepingCapacity: true) }
        fillStreams(of: index, range, model)
        for space in model.spaces.indices { fill(space: space, model) }
        var found: [Int] = []
        if filter.needsFields {
            index.scan(range) { place, record in
                if answer(record, number: place + 1, model, { fields(place) }) { found.append(place) }
                return true
            }
        } else {
            scan(index, range, into: &found)
        }
        return found
    }

    // MARK: Tables

    /// Forgets what was worked out when sessions and spaces got other names.
    private mutating func refresh(_ model: borrowing Model) {
        if firstTime != model.firstTime {
            firstTime = model.firstTime
            steps = program.resolvedSteps(firstTime: model.firstTime ?? 0)
        }
        guard identities != model.identities else { return }
        identities = model.identities
        streams.removeAll(keepingCapacity: true)
        spaces.removeAll(keepingCapacity: true)
    }

    /// Works out what is asked of the streams of some messages: of all streams, where these are the fewer.
    private mutating func fillStreams(
        of index: borrowing MessageIndex, _ range: Range<Int>, _ model: borrowing Model
    ) {
        guard !program.streamTests.isEmpty else { return }
        if model.streams.count <= range.count {
            for stream in model.streams.indices { fill(stream: stream, model) }
        } else {
            index.scan(range) { _, record in
                fill(stream: Int(record.stream), model)
                return true
            }
        }
    }

    private mutating func fill(stream: Int, _ model: borrowing Model) {
        guard stream < model.streams.count, !program.streamTests.isEmpty else { return }
        if stream >= streams.count {
            streams.append(contentsOf: repeatElement(0, count: model.streams.count - streams.count))
        }
        guard streams[stream] == 0 else { return }
        var bits = Self.filled
        for (place, test) in program.streamTests.enumerated() where test.matches(model.streams[stream], model) {
            bits |= 1 << UInt64(place)
        }
        streams[stream] = bits
    }

    private mutating func fill(space: Int, _ model: borrowing Model) {
        guard space < model.spaces.count, !program.spaceTests.isEmpty else { return }
        if space >= spaces.count {
            spaces.append(contentsOf: repeatElement(0, count: model.spaces.count - spaces.count))
        }
        guard spaces[space] == 0 else { return }
        var bits = Self.filled
        let name = model.spaces[space].name
        for (place, test) in program.spaceTests.enumerated()
        where test.finds(id: model.spaces[space].id, names: { name.map { [$0] } ?? [] }) != test.isNegated {
            bits |= 1 << UInt64(place)
        }
        spaces[space] = bits
    }

    /// What is known of a message beside its record.
    private struct Beside {
        /// Rules with findings about it, of those that the filter asks for.
        var findings = FindingRuleSet()
        /// Milliseconds; NaN where it is no mirrored message, or nobody asks.
        var delay = Float.nan
    }

    @inline(__always)
    private func beside(number: Int) -> Beside {
        var beside = Beside()
        if !findings.isEmpty { beside.findings = findings[number - firstFinding] }
        if !delays.isEmpty { beside.delay = delays[number - firstDelay] }
        return beside
    }

    // MARK: Records

    /// What the record of a message says to a step that needs nothing else.
    @inline(__always)
    private static func holds(
        _ step: FilterProgram.Step, _ record: borrowing MessageRecord, number: Int,
        streams: UnsafeBufferPointer<UInt64>, spaces: UnsafeBufferPointer<UInt64>, types: UnsafeBufferPointer<Bool>,
        beside: Beside
    ) -> Bool {
        let value: Int64
        switch step.kind {
        case .viewDelay:
            guard !beside.delay.isNaN else { return false }
            value = Int64((Double(beside.delay) * 1000).rounded())
        case .number: value = Int64(number)
        case .time: value = record.time
        case .size: value = Int64(record.size)
        case .severity: value = Int64(record.severity.rawValue)
        case .marks: return Int64(record.marks.rawValue) & step.low != 0
        case .stream:
            let place = Int(record.stream)
            return place < streams.count && streams[place] & UInt64(bitPattern: step.low) != 0
        case .space:
            let place = Int(record.space)
            return record.marks.contains(.hasSpace) && place < spaces.count
                && spaces[place] & UInt64(bitPattern: step.low) != 0
        case .findings: return Int64(beside.findings.bits) & step.low != 0
        case .fields: return false
        case .sequence, .flagBits, .priority, .types, .flags:
            guard record.marks.contains(.hasHeader) else { return false }
            switch step.kind {
            case .types: return types[Int(step.low) + Int(record.type.rawValue)]
            case .flags: return Int64(record.flags.rawValue) & step.low != 0
            case .sequence: value = Int64(record.sequence)
            case .priority: value = Int64(record.flags.priority.rawValue)
            default: value = Int64(record.flags.rawValue)
            }
        }
        return step.low <= value && value <= step.high
    }

    private func scan(_ index: borrowing MessageIndex, _ range: Range<Int>, into found: inout [Int]) {
        steps.withUnsafeBufferPointer { steps in
            streams.withUnsafeBufferPointer { streams in
                spaces.withUnsafeBufferPointer { spaces in
                    program.types.withUnsafeBufferPointer { types in
                        index.scan(range) { place, record in
                            let beside = self.beside(number: place + 1)
                            var at = program.start
                            while at >= 0 {
                                let step = steps[Int(at)]
                                let holds = Self.holds(
                                    step, record, number: place + 1, streams: streams, spaces: spaces, types: types,
                                    beside: beside)
                                at = holds ? step.ifTrue : step.ifFalse
                            }
                            if at == FilterProgram.accept { found.append(place) }
                            return true
                        }
                    }
                }
            }
        }
    }

    // MARK: Fields

    private mutating func answer(
        _ record: borrowing MessageRecord, number: Int, _ model: borrowing Model, _ fields: () -> FieldMap?
    ) -> Bool {
        let record = copy record
        var map: FieldMap?
        var isDecoded = false
        if !trackers.isEmpty, record.marks.isDisjoint(with: [.malformed, .partial]), EntityTracker.tells(record.type) {
            map = fields()
            isDecoded = true
            follow(map, record, model)
        }
        var at = program.start
        while at >= 0 {
            let step = steps[Int(at)]
            var holds = false
            if step.kind == .fields {
                if !isDecoded { map = fields() }
                isDecoded = true
                if let map { holds = self.holds(program.fieldTests[Int(step.low)], map, record, model) }
            } else {
                holds = streams.withUnsafeBufferPointer { streams in
                    spaces.withUnsafeBufferPointer { spaces in
                        program.types.withUnsafeBufferPointer { types in
                            Self.holds(
                                step, record, number: number, streams: streams, spaces: spaces, types: types,
                                beside: beside(number: number))
                        }
                    }
                }
            }
            at = holds ? step.ifTrue : step.ifFalse
        }
        return at == FilterProgram.accept
    }

    private func holds(
        _ test: FieldTest, _ map: FieldMap, _ record: borrowing MessageRecord, _ model: borrowing Model
    ) -> Bool {
        let space = Self.space(of: record)
        switch test {
        case .path(let path, let match): return match.matches(path, in: map)
        case .entity(let match):
            let found = map.anyEntity { id in match.finds(id: id) { model.names(of: id, space: space) } }
            return found.map { $0 != match.isNegated } ?? false
        case .extensionID(let match): return match.matches(map, model.schemas)
        case .within(let x, let y, let radius):
            var isFound = false
            map.positions { position in
                let east = position.position.x - x
                let north = position.position.y - y
                isFound = isFound || east * east + north * north <= radius * radius
            }
            return isFound
        case .box(let x, let y):
            var isFound = false
            map.positions { position in
                isFound = isFound || x.contains(position.position.x) && y.contains(position.position.y)
            }
            return isFound
        case .near(let tracker, let radius):
            var isFound = false
            map.positions { position in
                isFound = isFound || trackers[tracker].isNear(position.position, space: space, radius: radius)
            }
            return isFound
        }
    }

    private mutating func follow(_ map: FieldMap?, _ record: borrowing MessageRecord, _ model: borrowing Model) {
        guard let map else { return }
        let space = Self.space(of: record)
        for place in trackers.indices {
            let match = trackers[place].match
            trackers[place].hear(map, space: space) { id in match.finds(id: id) { model.names(of: id, space: space) } }
        }
    }

    private static func space(of record: borrowing MessageRecord) -> Int? {
        record.marks.contains(.hasSpace) ? Int(record.space) : nil
    }
}

extension Model {
    /// What an entity is called; in every space where the message at hand names none.
    func names(of id: UUID, space: Int?) -> [String] {
        let spaces = space.map { $0..<$0 + 1 } ?? spaces.indices
        return spaces.compactMap { space in
            guard let index = entityIndex(id, space: space),
                case .string(let name)? = state(of: entities[index])?["name"]
            else { return nil }
            return name
        }
    }
}
