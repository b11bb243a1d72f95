import CPrivileges
import Glibc

/// What this process may do beyond others, and giving it up.
enum Privileges {
    /// What is still to be done with sockets when everything is given up.
    struct Purposes: OptionSet {
        let rawValue: Int32

        /// Interfaces that are open are captured.
        static let capturing = Purposes(rawValue: Int32(cpv_captures))
        /// Sockets that are open are listened to.
        static let listening = Purposes(rawValue: Int32(cpv_listens))
        /// A server is joined, which takes sockets of IP, and no others.
        static let joining = Purposes(rawValue: Int32(cpv_joins))
    }

    /// Gives up for good what opening the interfaces took: user and group under sudo, every capability, new privileges,
    /// and the system calls that nothing needs any more. To be called when the interfaces are open, before the first
    /// octet of them is looked at, and before there are other threads, because capabilities are a thread's own.
    ///
    /// Root that is not there by sudo keeps its number, and is no more than the owner of root's files.
    static func giveUp(for purposes: Purposes) throws {
        try check("the bounding set cannot be emptied", cpv_empty_bounding_set())
        if getuid() == 0, let user = environmentNumber("SUDO_UID"), user != 0 {
            try become(user, group: environmentNumber("SUDO_GID") ?? user)
        }
        try check("capabilities cannot be given up", cpv_drop_capabilities())
        try check("new privileges cannot be given up", cpv_forbid_new_privileges())
        try check("system calls cannot be given up", cpv_restrict_system_calls(purposes.rawValue))
        guard let held = Held(), held.isNothing, held.threads == 1 else {
            throw Failure("privileges are still held after giving them up")
        }
    }

    /// The same where there is anything to give up: for what everybody may do, such as to read files of captures.
    static func giveUpAny(for purposes: Purposes = []) throws {
        if Held()?.isSomething ?? (geteuid() == 0) { try giveUp(for: purposes) }
    }

    /// Gives up what this process has from its program's file, but neither the system calls nor what a program that it
    /// executes gets from its own: for a screen that may go on to capture, and for one with a server. Root keeps what it
    /// has, or it could not read its users' files.
    static func rest() throws {
        if geteuid() != 0 { try check("capabilities cannot be given up", cpv_drop_capabilities()) }
    }

    private static func check(_ what: String, _ code: Int32) throws {
        if code != 0 { throw Failure("\(what): \(String(cString: strerror(code)))") }
    }

    private static func become(_ user: UInt32, group: UInt32) throws {
        // From now on the configuration is that user's, and so are the files that are made.
        if let entry = getpwuid(user), let home = entry.pointee.pw_dir { setenv("HOME", home, 1) }
        var groups = [group]
        // Of root these set the saved numbers, too.
        guard setgroups(1, &groups) == 0, setgid(group) == 0, setuid(user) == 0 else {
            throw Failure("user \(user) cannot be taken on: \(String(cString: strerror(errno)))")
        }
        guard setuid(0) != 0 else { throw Failure("root is still there after user \(user) was taken on") }
    }

    private static func environmentNumber(_ name: String) -> UInt32? {
        getenv(name).flatMap { UInt32(String(cString: $0)) }
    }

    /// What the kernel says that this process holds.
    struct Held {
        var user: UInt32
        var group: UInt32
        /// A bit each, of the thread that asks.
        var permitted: UInt64
        var effective: UInt64
        var bounding: UInt64
        /// How many threads there are.
        var threads: UInt64
        var forbidsNew: Bool
        var filtersSystemCalls: Bool

        /// Nil where /proc is not there.
        init?() {
            guard let octets = try? readFile("/proc/self/status", limit: 1 << 16) else { return nil }
            var fields: [Substring: [Substring]] = [:]
            for line in String(decoding: octets, as: UTF8.self).split(separator: "\n") {
                let words = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
                if let name = words.first { fields[name.dropLast()] = Array(words.dropFirst()) }
            }
            func number(_ name: Substring, _ place: Int = 0, radix: Int) -> UInt64? {
                fields[name].flatMap { place < $0.count ? UInt64($0[place], radix: radix) : nil }
            }
            // The second of each is the effective one.
            guard let user = number("Uid", 1, radix: 10), let group = number("Gid", 1, radix: 10),
                let permitted = number("CapPrm", radix: 16), let effective = number("CapEff", radix: 16),
                let bounding = number("CapBnd", radix: 16), let forbids = number("NoNewPrivs", radix: 10),
                let filters = number("Seccomp", radix: 10), let threads = number("Threads", radix: 10)
            else { return nil }
            self.user = UInt32(clamping: user)
            self.group = UInt32(clamping: group)
            self.permitted = permitted
            self.effective = effective
            self.bounding = bounding
            self.threads = threads
            forbidsNew = forbids == 1
            filtersSystemCalls = filters == 2
        }

        /// Neither is anything held nor can anything be got.
        var isNothing: Bool { permitted == 0 && effective == 0 && forbidsNew && filtersSystemCalls }

        /// It may do more than others, and has not given that up yet.
        var isSomething: Bool { !isNothing && (user == 0 || permitted != 0) }

        /// A line each, for people and for programs.
        var lines: [String] {
            func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
            return [
                "user \(user)", "group \(group)", "capabilities permitted \(hexadecimal(permitted))",
                "capabilities effective \(hexadecimal(effective))", "capabilities bounding \(hexadecimal(bounding))",
                "new privileges \(forbidsNew ? "forbidden" : "possible")",
                "system calls \(filtersSystemCalls ? "filtered" : "all")",
            ]
        }
    }
}
