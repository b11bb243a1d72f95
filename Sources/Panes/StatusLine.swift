import Inspection
import Screen

/// The top line: what is looked at, where the clock stands, and what is wrong.
enum StatusLine {
    /// - Parameter streams: how many there are as of the clock.
    static func draw(
        into buffer: inout Buffer, area: Rect, _ context: PaneContext, player: Player, streams: Int
    ) {
        let snapshot = context.snapshot
        buffer.fill(area, style: context.style(.text))
        var x = area.x + 1
        func put(_ text: String, _ style: Style, gap: Int = 2) {
            guard x < area.maxX else { return }
            x += buffer.write(text, at: Point(x: x, y: area.y), style: style, maxWidth: area.maxX - x) + gap
        }
        put("spatioscope", context.style(.title))
        put(buffer.glyphs.shortenedInMiddle(sources(snapshot), to: max(12, area.width / 5)), context.style(.text))
        let (clock, role) = clock(snapshot, player)
        put(clock, context.style(role))
        let elapsed = snapshot.index.isEmpty ? 0 : snapshot.time - snapshot.firstTime
        put(
            "\(Format.duration(nanoseconds: elapsed)) / "
                + Format.duration(nanoseconds: snapshot.lastTime - snapshot.firstTime), context.style(.text))
        let model = snapshot.model
        // The rest goes as far as it fits; what is wrong comes before what is only much.
        var parts: [(String, Role)] = []
        if !snapshot.problems.isEmpty || snapshot.loading == .stopped {
            parts.append(("INCOMPLETE: ! says why", .error))
        }
        for (name, entry) in snapshot.connectionStates {
            guard let brief = entry.brief(now: snapshot.connectionTime) else { continue }
            // An interface is one of several, maybe.
            let isInterface = if case .interrupted = entry.state { true } else { false }
            parts.append((isInterface ? "\(name) \(brief)" : brief, Self.role(of: entry.cause ?? entry.state)))
        }
        if let drops = snapshot.drops {
            // Lost by the kernel, the interface, our ring and our index; ! says what of the last is only old.
            let figures = [drops.byKernel, drops.byInterface, drops.byRing, UInt64(snapshot.evicted)]
            let text = figures.map { Format.thousands(Int(clamping: $0)) }.joined(separator: "/")
            parts.append(("drops \(text)", figures.contains { $0 > 0 } ? .error : .dim))
        }
        if snapshot.drops == nil, snapshot.loading == .live, snapshot.evicted > 0 {
            parts.append(("evicted \(Format.thousands(snapshot.evicted))", .error))
        }
        if snapshot.droppedPackets > 0 {
            parts.append(("dropped \(Format.thousands(Int(clamping: snapshot.droppedPackets)))", .error))
        }
        if model.counters.malformed > 0, !context.silenced.contains(.malformed) {
            parts.append(("malformed \(Format.thousands(model.counters.malformed))", .error))
        }
        if model.counters.cut > 0 { parts.append(("cut \(Format.thousands(model.counters.cut))", .error)) }
        let lost = snapshot.lost
        if lost > 0, !context.silenced.contains(.loss) { parts.append(("lost \(Format.thousands(lost))", .warning)) }
        if model.counters.undecrypted > 0 {
            parts.append(("sealed \(Format.thousands(model.counters.undecrypted))", .note))
        }
        parts.append(("\(Format.thousands(model.counters.messages)) msgs", .text))
        parts.append((plural(model.sessions.count, "session"), .text))
        parts.append((plural(streams, "stream"), .text))
        parts.append((plural(model.spaces.count, "space"), .text))
        if let kept = snapshot.kept, kept.removedPackets > 0 {
            parts.append(("\(Format.thousands(Int(clamping: kept.removedPackets))) packets not kept", .dim))
        }
        if snapshot.otherPackets > 0 { parts.append(("other \(Format.thousands(snapshot.otherPackets))", .dim)) }
        for (text, role) in parts where x + buffer.glyphs.columns(of: text) <= area.maxX {
            put(text, context.style(role))
        }
    }

    private static func sources(_ snapshot: Snapshot) -> String {
        let names = snapshot.sources.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        guard let first = names.first else { return "no capture" }
        let all = names.joined(separator: ", ")
        return names.count == 1 || all.count <= nameColumns ? all : "\(first) and \(names.count - 1) more"
    }

    /// Several names may take so much of the line.
    private static let nameColumns = 32

    private static func clock(_ snapshot: Snapshot, _ player: Player) -> (String, Role) {
        if case .reading(let share) = snapshot.loading {
            return (share.map { "READING \(Int($0 * 100)) %" } ?? "READING", .progress)
        }
        let ways = ways(player)
        if player.isPlaying { return ("REPLAY \(player.speedText)\(ways)", .replay) }
        if snapshot.loading == .live, snapshot.isAtEnd { return ("LIVE", .live) }
        return snapshot.isAtEnd ? ("END\(ways)", .live) : ("PAUSED \(player.speedText)\(ways)", .paused)
    }

    static func role(of state: ConnectionState) -> Role {
        switch state {
        case .connecting, .challenged, .authenticating, .left: .progress
        case .joined, .capturing: .note
        case .silent, .waiting: .warning
        case .refused, .unreachable, .untrusted, .lost, .ended, .interrupted: .error
        }
    }

    /// How it plays, where that is not straight on.
    private static func ways(_ player: Player) -> String {
        (player.loops ? player.loopStart == nil ? " loop" : " A-B" : "") + (player.skipsGaps ? " no gaps" : "")
    }

    static func plural(_ count: Int, _ noun: String) -> String {
        "\(Format.thousands(count)) \(noun)\(count == 1 ? "" : "s")"
    }
}
