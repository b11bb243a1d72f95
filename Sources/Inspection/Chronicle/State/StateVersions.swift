/// The versions of one space that were sent, with what was sent and what it made of whom: here forks and divergences show.
struct StateVersions {
    /// A version, in the chain that it belongs to.
    struct Key: Hashable {
        var chain: Int
        var version: UInt64
    }

    /// What somebody sent under a version.
    struct Body {
        var hash: UInt64
        /// Only what says the same kind of thing about the same base can be compared.
        var base: UInt64?
        var isResolution: Bool
        var sender: Int
        /// A server has said so: it is no mere claim.
        var isPublished: Bool
        var message: Int

        func isSame(as other: Body) -> Bool {
            hash == other.hash && base == other.base && isResolution == other.isResolution
        }
    }

    /// A content that replicas hold under a version.
    struct Holding {
        var hash: UInt64
        /// Those that differ since an earlier version are known to.
        var branch: Int
        /// The first two that have it.
        var replica: Int
        var second: Int?
        var message: Int
        /// Who sent what made it.
        var maker: Int

        /// Somebody other than `replica` who has it.
        func other(than replica: Int) -> Int? { self.replica != replica ? self.replica : second }
    }

    private struct Sent {
        var bodies: [Body] = []
        var holdings: [Holding] = []
    }

    private var sent: [Key: Sent] = [:]
    private var order: [Key] = []
    private var first = 0
    /// Branches that turned out to be one, each with an older one that it is.
    private var branches = [0]

    enum News {
        /// Sent before with the same content.
        case known
        /// Nobody had sent anything of the kind.
        case new
        /// Sent before with other content: this.
        case fork(Body)
    }

    /// Notes what was sent under a version.
    mutating func note(_ body: Body, _ key: Key) -> News {
        let sent = entry(key)
        let comparable = sent.bodies.filter { $0.base == body.base && $0.isResolution == body.isResolution }
        if comparable.contains(where: { $0.hash == body.hash }) {
            if body.isPublished, let known = sent.bodies.firstIndex(where: { $0.isSame(as: body) }) {
                self.sent[key]?.bodies[known].isPublished = true
            }
            return .known
        }
        if sent.bodies.count < StateLimits.forks { self.sent[key]?.bodies.append(body) }
        return comparable.first.map { .fork($0) } ?? .new
    }

    /// A conflict was resolved: what was held under its version before was nobody's last word.
    mutating func settle(_ key: Key) { sent[key]?.holdings.removeAll() }

    /// A replica had got to a content by its own claim, or by one of several, and does not hold it any more.
    mutating func withdraw(_ replica: Int, _ key: Key) {
        guard var holdings = sent[key]?.holdings else { return }
        for place in holdings.indices.reversed() {
            if holdings[place].second == replica { holdings[place].second = nil }
            guard holdings[place].replica == replica else { continue }
            if let second = holdings[place].second {
                holdings[place].replica = second
                holdings[place].second = nil
            } else {
                holdings.remove(at: place)
            }
        }
        sent[key]?.holdings = holdings
    }

    /// Notes that a replica has got to a content.
    ///
    /// - Parameter branch: the replica's, which changes where it parts from others or joins them.
    /// - Returns: another replica's content, where the two have parted with this version. Each new content is told once,
    ///   whoever else has it, too.
    mutating func hold(_ holding: Holding, branch: inout Int, _ key: Key) -> Holding? {
        let holdings = entry(key).holdings
        let own = root(branch)
        let former = holdings.first {
            root($0.branch) == own && $0.hash != holding.hash && $0.other(than: holding.replica) != nil
        }
        if let place = holdings.firstIndex(where: { $0.hash == holding.hash }) {
            let joined = root(holdings[place].branch)
            // Two that agree again are one.
            if former == nil { branches[max(own, joined)] = min(own, joined) }
            branch = joined
            if holdings[place].replica != holding.replica, holdings[place].second == nil {
                sent[key]?.holdings[place].second = holding.replica
            }
            return nil
        }
        if former != nil {
            // With more of them nobody can say any more who parted from whom.
            if branches.count >= StateLimits.branches { branches = [0] }
            branch = branches.count
            branches.append(branch)
        }
        if holdings.count < StateLimits.forks {
            var holding = holding
            holding.branch = branch
            sent[key]?.holdings.append(holding)
        }
        return former
    }

    private func root(_ branch: Int) -> Int {
        guard branch < branches.count else { return 0 }
        var branch = branch
        while branches[branch] != branch { branch = branches[branch] }
        return branch
    }

    private mutating func entry(_ key: Key) -> Sent {
        if let known = sent[key] { return known }
        if order.count - first >= StateLimits.comparedVersions {
            sent[order[first]] = nil
            first += 1
            if first >= StateLimits.comparedVersions {
                order.removeFirst(first)
                first = 0
            }
        }
        order.append(key)
        let new = Sent()
        sent[key] = new
        return new
    }
}
