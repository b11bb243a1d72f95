/// What one replica has, step by step, by the rules that a receiver follows: a delta is applied to the version before it,
/// waits for it where it has not come, and a full state makes up for everything that was missed.
///
/// `Content` is whatever the caller keeps a content as: a hash for comparing, or the fields themselves.
struct StateProgress<Content: Sendable>: Sendable {
    enum Step {
        /// The first version that is seen of this replica.
        case begins
        case advances(isGap: Bool)
        /// A full state of the version that is there.
        case repeats
        /// It came late and closes a hole.
        case fills
        /// Decides what the content of the present version is.
        case replaces
        /// Other content under the version that is there: nobody knows which one counts.
        case contests
        /// Nothing new.
        case again
        /// Older than what is there.
        case older
    }

    /// The newest version that the replica got.
    private(set) var version: UInt64?
    /// The newest content that is known in full, and its version.
    private(set) var content: Content?
    private(set) var contentVersion: UInt64 = 0
    /// Deltas that the content was made by since the last full state.
    private(set) var deltas = 0
    /// Every content that the last step made, oldest first.
    private(set) var reached: [(version: UInt64, content: Content)] = []
    private var keepsPrevious = true
    private var previous: (version: UInt64, content: Content)?
    private var lastBody: UInt64 = 0
    /// What made the newest version was the replica's own claim.
    private var lastIsOwn = false
    /// The newest version came with different contents, and nobody has decided yet.
    private var isContested = false
    private var waiting: [StateStep] = []

    /// The content of the newest version; nil where it is not known in full.
    var wholeContent: Content? { contentVersion == version ? content : nil }
    var waitingCount: Int { waiting.count }

    /// Takes a version in.
    ///
    /// - Parameters:
    ///   - body: tells steps with other content apart.
    ///   - isOwn: the replica says so itself, so it decides.
    ///   - isClaim: it says so before anybody has agreed. Where another content has come under that version already, the
    ///     claim was on its way meanwhile, and does not count.
    ///   - afterHole: a message before it on its stream is missing. Whoever keeps the order waits for that one, which may
    ///     say that the replica's own claim does not count.
    ///   - mayWait: there is room to keep it until what it applies to comes.
    ///   - keepsPrevious: another content may come under the same version. Without it nothing need be copied.
    ///   - make: turns a content into what a step makes of it; from nil for a full state, to nil where that cannot be
    ///     said.
    mutating func take(
        _ step: StateStep, body: UInt64, isOwn: Bool, isClaim: Bool = false, afterHole: Bool, mayWait: Bool,
        keepsPrevious: Bool = true,
        make: (inout Content?, StateStep) -> Void
    ) -> Step {
        reached.removeAll()
        self.keepsPrevious = keepsPrevious
        guard let held = version else {
            advance(step, body, isOwn)
            if step.isWhole { restart(step, make) }
            return .begins
        }
        if step.isWhole {
            guard step.version >= held else { return .older }
            advance(step, body, isOwn)
            restart(step, make)
            return step.version == held ? .repeats : .advances(isGap: false)
        }
        if step.version > held {
            if afterHole, lastIsOwn { takeBack() }
            advance(step, body, isOwn)
            place(step, mayWait, make)
            return .advances(isGap: (step.base ?? 0) > held)
        }
        if isClaim, step.version == held, body != lastBody, !lastIsOwn { return .older }
        let decides = step.kind == .conflict || isOwn || lastIsOwn
        if step.version == held, body == lastBody, !(isContested && decides) {
            lastIsOwn = lastIsOwn && isOwn
            return .again
        }
        guard content != nil, step.version >= contentVersion else { return step.version == held ? .contests : .older }
        if step.version == held, isContested, !decides { return .contests }
        // It waits already.
        if step.version < held, waiting.contains(where: { $0.version == step.version }) { return .older }
        if step.version > contentVersion {
            isContested = isContested && step.version != held
            place(step, mayWait, make)
            return .fills
        }
        return step.version == held ? decide(step, body, isOwn, decides, make) : .older
    }

    /// The replica says that it has no more than an earlier version. Its content is not known before the next full state.
    ///
    /// - Returns: false where it was not thought to have more.
    mutating func fallBack(to known: UInt64) -> Bool {
        guard let version, known < version else { return false }
        self = StateProgress()
        self.version = known
        return true
    }

    private mutating func advance(_ step: StateStep, _ body: UInt64, _ isOwn: Bool) {
        version = step.version
        lastBody = body
        lastIsOwn = isOwn
        isContested = false
    }

    /// Another step to the version that is there.
    private mutating func decide(
        _ step: StateStep, _ body: UInt64, _ isOwn: Bool, _ decides: Bool, _ make: (inout Content?, StateStep) -> Void
    ) -> Step {
        // A full state of that version holds the decision already.
        guard previous != nil else { return .again }
        advance(step, body, isOwn)
        takeBack()
        isContested = !decides
        guard decides else { return .contests }
        place(step, false, make)
        return .replaces
    }

    /// Back to the content before the last step.
    private mutating func takeBack() {
        guard let before = previous else { return }
        content = before.content
        contentVersion = before.version
        previous = nil
    }

    private mutating func restart(_ step: StateStep, _ make: (inout Content?, StateStep) -> Void) {
        deltas = 0
        previous = nil
        content = nil
        make(&content, step)
        contentVersion = step.version
        if let content { reached.append((step.version, content)) }
        drain(make)
    }

    private mutating func place(_ step: StateStep, _ mayWait: Bool, _ make: (inout Content?, StateStep) -> Void) {
        guard content != nil, let base = step.base, base < step.version else { return }
        if base <= contentVersion {
            apply(step, make)
            drain(make)
        } else if mayWait, waiting.count < StateLimits.waiting {
            waiting.append(step)
        }
    }

    private mutating func apply(_ step: StateStep, _ make: (inout Content?, StateStep) -> Void) {
        previous = keepsPrevious ? content.map { (contentVersion, $0) } : nil
        make(&content, step)
        contentVersion = step.version
        deltas += 1
        if let content { reached.append((step.version, content)) }
    }

    /// Applies what has waited for the content that is there now.
    private mutating func drain(_ make: (inout Content?, StateStep) -> Void) {
        while !waiting.isEmpty {
            waiting.removeAll { $0.version <= contentVersion }
            let next = waiting.indices.filter { waiting[$0].base ?? 0 <= contentVersion }
                .min { waiting[$0].version < waiting[$1].version }
            guard let next else { return }
            apply(waiting.remove(at: next), make)
        }
    }
}
