import Foundation
import Glibc
import Testing

/// Capturing as somebody else than root: with the capability on the program's file, and under sudo.
@Suite(.enabled(if: mayGiveCapabilities, "no capability can be given to a file here: this takes root and setcap"))
struct OrdinaryUserTests {
    /// A folder that everybody may use, with a copy of the program.
    fileprivate final class Installation {
        let folder: TemporaryFolder
        var program: String { "\(folder.path)/spatioscope" }

        init(capability: Bool) throws {
            folder = try TemporaryFolder()
            let outcome = try shell(
                """
                cp '\(Program.path)' '\(folder.path)/spatioscope' && chmod 755 '\(folder.path)/spatioscope' \
                    && chmod 777 '\(folder.path)' \(capability ? "&& setcap cap_net_raw+ep '\(folder.path)/spatioscope'" : "")
                """)
            #expect(outcome.status == 0)
        }

        /// Shell that runs a command as a user who is nobody else.
        var asUser: String {
            "env HOME='\(folder.path)' XDG_CONFIG_HOME='\(folder.path)' XDG_STATE_HOME='\(folder.path)' "
                + "XDG_CACHE_HOME='\(folder.path)' setpriv --reuid 65534 --regid 65534 --clear-groups"
        }
    }

    private static let nothing = """
        capabilities permitted 0x0
        capabilities effective 0x0
        """

    @Test func `With the capability on its file anybody captures, and holds nothing of it after that`() throws {
        let installation = try Installation(capability: true)
        let check = try shell("\(installation.asUser) '\(installation.program)' live -i lo --check")
        #expect(check.output.hasPrefix("user 65534\ngroup 65534\n\(Self.nothing)\n"))
        #expect(check.output.hasSuffix("new privileges forbidden\nsystem calls filtered\n"))
    }

    @Test func `While it shows what passes no thread of it holds anything`() throws {
        let lines = try Self.heldWhile("live -i lo", shows: "LIVE")
        #expect(lines.contains("Name: capture"))
        #expect(
            lines.filter { !$0.hasPrefix("Name:") } == [
                "CapAmb: 0000000000000000", "CapEff: 0000000000000000", "CapInh: 0000000000000000",
                "CapPrm: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2", "Uid: 65534 65534 65534 65534",
            ])
    }

    @Test func `With a capture on the screen no thread of it holds anything`() throws {
        let lines = try Self.heldWhile("open '\(Program.capture("plaza.pcapng.zst"))'", shows: "END")
        #expect(
            lines.filter { !$0.hasPrefix("Name:") } == [
                "CapAmb: 0000000000000000", "CapEff: 0000000000000000", "CapInh: 0000000000000000",
                "CapPrm: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2", "Uid: 65534 65534 65534 65534",
            ])
    }

    /// What the kernel says of the threads of a command with the capability while its screen shows something.
    private static func heldWhile(_ command: String, shows text: String) throws -> [Substring] {
        let installation = try Installation(capability: true)
        let terminal = try TerminalSession(100, 30)
        try terminal.run(
            "clear; \(installation.asUser) sh -c \"echo \\$\\$ > \(installation.folder.path)/pid; exec \(installation.program) \(command)\""
        )
        terminal.wait(text)
        let outcome = try shell(
            """
            cat /proc/$(cat '\(installation.folder.path)/pid')/task/*/status \\
                | grep -E '^(Name|Uid|CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs|Seccomp):' | tr '\\t' ' ' | sort -u
            """)
        try terminal.press("Escape", ":")
        try terminal.run("quit")
        terminal.waitForPrompt()
        return outcome.output.split(separator: "\n")
    }

    @Test func `Without the capability one sentence says which command grants it`() throws {
        let installation = try Installation(capability: false)
        for command in ["live -i lo", "dump live -i lo", "record -i lo -o \(installation.folder.path)/r.pcapng"] {
            let outcome = try shell("\(installation.asUser) '\(installation.program)' \(command) < /dev/null")
            #expect(outcome.status == 1)
            #expect(outcome.errors.split(separator: "\n").count == 1)
            #expect(
                outcome.errors.hasPrefix(
                    "spatioscope: lo: no permission to capture: sudo setcap cap_net_raw+ep \(installation.program) "))
        }
    }

    @Test(.enabled(if: (try? shell("command -v sudo"))?.status == 0, "sudo is not installed"))
    func `Under sudo it becomes who has called it, and the files are theirs`() throws {
        let installation = try Installation(capability: false)
        // A rule that holds in this mount namespace alone.
        let outcome = try shell(
            """
            unshare -m sh -c 'mount --make-rprivate /; mount -t tmpfs -o mode=755 none /etc/sudoers.d; umask 337
            echo "#65534 ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/nobody
            \(installation.asUser) sudo -n \(installation.program) live -i lo --check
            \(installation.asUser) sudo -n \(installation.program) record -i lo -o \(installation.folder.path)/r.pcapng --duration 0.2'
            stat -c %u '\(installation.folder.path)/r.pcapng'
            """)
        #expect(outcome.output.hasPrefix("user 65534\ngroup 65534\n\(Self.nothing)\n"))
        #expect(outcome.output.hasSuffix("\n65534\n"))
        #expect(outcome.errors.contains("nothing dropped"))
    }
}

/// Whether an ordinary user can run a program here that has a capability.
private let mayGiveCapabilities: Bool = {
    guard geteuid() == 0, let installation = try? OrdinaryUserTests.Installation(capability: true) else { return false }
    return (try? shell("\(installation.asUser) '\(installation.program)' --version"))?.status == 0
}()
