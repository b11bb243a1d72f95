import Inspection
import Screen
import SpatioSession
import SpatioWire

/// What a line of the command line asks for.
enum Command: Equatable {
    /// What a key does, in the pane that has it.
    case action(Action, KeyBinding.Scope)
    case seek(SeekTarget)
    case filter(String)
    case space(UUID)
    /// Only what it sends and gets; index in the whole model.
    case session(Int)
    case stream(Int)
    case speed(Double)
    case layout(Arrangement)
    case loop(Loop)
    case set(Setting, Bool)
    /// A name, or the path of a file.
    case theme(String)
    /// To a file; nil writes what the list shows.
    case write(String, ExportSheet.Choice?)
    /// Whether findings of a rule count.
    case silence(FindingRule, Bool)
    case help(HelpTopic)
    case quit

    enum Loop: Equatable {
        case off, whole
        case part(Int64, Int64)
    }

    enum Setting: String, CaseIterable {
        case gaps, loop, zoom
    }
}

/// One command with arguments, as help and completion know it.
struct CommandForm {
    /// What can stand behind the name.
    enum Argument {
        case none, time, filter, space, session, stream, speed, layout, loop, setting, theme, file, rule, topic

        /// Words of it at most; nil: the rest of the line is one.
        var most: Int? {
            switch self {
            case .none: 0
            case .time, .filter: nil
            case .loop, .setting, .file: 2
            case .space, .session, .stream, .speed, .layout, .theme, .rule, .topic: 1
            }
        }
    }

    let name: String
    let argument: Argument
    /// As help writes it.
    let arguments: String
    let help: String

    static let all: [CommandForm] = [
        CommandForm("seek", .time, "TIME", "the clock to a time: \(SeekTarget.examples)"),
        CommandForm("speed", .speed, "NUMBER", "play so many times as fast, 0.1 to 100"),
        CommandForm(
            "loop", .loop, "[off | all | FROM TO]", "play a part, or all, again and again; alone: on or off"),
        CommandForm("filter", .filter, "EXPRESSION", "only these messages; alone: the filter line"),
        CommandForm("space", .space, "NAME", "Map and State show this space"),
        CommandForm("session", .session, "NAME", "only the messages of this session"),
        CommandForm("stream", .stream, "NAME>ID", "only the messages of this stream; NAME<ID is the way back"),
        CommandForm("layout", .layout, "NAME", "one of the layouts"),
        CommandForm("set", .setting, "NAME on | off", "gaps: play without them; loop; zoom: one pane alone"),
        CommandForm("theme", .theme, "NAME", "other colours"),
        CommandForm(
            "write", .file, "[FILE [all | filtered | marked]]",
            "messages to a .pcapng, .json or .csv; alone: asks, also what to hide"),
        CommandForm("silence", .rule, "RULE", "its findings count nowhere but in Findings"),
        CommandForm("unsilence", .rule, "RULE", "they count again; alone, in Findings: all of them"),
        CommandForm("help", .topic, "[TOPIC]", "help for a pane, or for keys, commands, filter or time"),
        CommandForm("quit", .none, "", "quit at once"),
        CommandForm("q", .none, "", "the same"),
    ]

    private init(_ name: String, _ argument: Argument, _ arguments: String, _ help: String) {
        self.name = name
        self.argument = argument
        self.arguments = arguments
        self.help = help
    }

    static func named(_ name: String) -> CommandForm? { all.first { $0.name == name } }
}

/// Sessions and streams by what people call them.
struct SessionNames {
    let model: Model

    /// Names that completion offers at most.
    private static let limit = 200

    /// The name that the client gave itself, else its address.
    func name(of session: Session) -> String { session.clientLabel }

    /// `alice>1` is what alice sends, `alice<1` what she gets.
    func name(of stream: Inspection.Stream) -> String? {
        guard let id = stream.streamID else { return nil }
        return name(of: model.sessions[stream.session]) + (stream.direction == .client ? ">" : "<") + "\(id)"
    }

    /// A session by its name, by the beginning of its id, or by the address of its client.
    func session(_ name: String) -> Int? {
        let exact = model.sessions.firstIndex { self.name(of: $0) == name }
        guard exact == nil, !name.isEmpty else { return exact }
        return model.sessions.firstIndex {
            $0.client.description == name || $0.id?.description.hasPrefix(name.lowercased()) ?? false
        }
    }

    func stream(_ name: String) -> Int? {
        guard let sign = name.lastIndex(where: { $0 == ">" || $0 == "<" }),
            let id = UInt32(name[name.index(after: sign)...]), let session = session(String(name[..<sign]))
        else { return nil }
        let direction: SpatioSession.Direction = name[sign] == ">" ? .client : .server
        return model.sessions[session].streams.first {
            model.streams[$0].streamID == id && model.streams[$0].direction == direction
        }
    }

    /// Names that begin so, upper or lower case, each once.
    func sessions(_ prefix: String) -> [String] { Self.unique(model.sessions.lazy.map { name(of: $0) }, prefix) }
    func streams(_ prefix: String) -> [String] {
        Self.unique(model.streams.lazy.compactMap { name(of: $0) }, prefix)
    }
    func spaces(_ prefix: String) -> [String] {
        Self.unique(model.spaces.lazy.map { $0.name ?? $0.id.description }, prefix)
    }

    private static func unique(_ names: some Sequence<String>, _ prefix: String) -> [String] {
        let prefix = prefix.lowercased()
        var seen: Set<String> = []
        var result: [String] = []
        for name in names where name.lowercased().hasPrefix(prefix) && seen.insert(name).inserted {
            result.append(name)
            if result.count == limit { break }
        }
        return result
    }
}
