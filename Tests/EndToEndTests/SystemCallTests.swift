import Glibc
import Testing

/// The system calls that are left when an interface is open: tried, by a program of a few lines that gives up what this
/// one does.
struct SystemCallTests {
    /// Prints what becomes of each socket, and of calls on some: where a call is let through it fails for what it is given.
    private static let program = """
        #include <netinet/in.h>
        #include <stdio.h>
        #include <string.h>
        #include <shim.h>
        static void try_it(const char *name, int domain, int type, int protocol) {
            printf("%s %s\\n", name, socket(domain, type, protocol) >= 0 ? "open" : strerrorname_np(errno));
        }
        int main(void) {
            if (cpv_forbid_new_privileges() || cpv_restrict_system_calls(PURPOSES)) return 1;
            try_it("udp", AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            try_it("tcp6", AF_INET6, SOCK_STREAM, 0);
            try_it("unix", AF_UNIX, SOCK_STREAM, 0);
            try_it("route", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
            try_it("audit", AF_NETLINK, SOCK_RAW, 9);
            try_it("raw", AF_INET, SOCK_RAW, IPPROTO_UDP);
            try_it("packet", 17, SOCK_RAW, 0);
            try_it("packet-datagram", 17, SOCK_DGRAM, 0);
            try_it("vsock", 40, SOCK_STREAM, 0);
            int pair[2];
            printf("socketpair %s\\n", socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ? strerrorname_np(errno) : "open");
            struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = 9, .sin_addr = {0x0100007f}};
            int failed = connect(3, (struct sockaddr *)&there, sizeof there);
            printf("connect %s\\n", failed ? strerrorname_np(errno) : "works");
            printf("listen %s\\n", listen(4, 1) ? strerrorname_np(errno) : "works");
            socklen_t length = sizeof there;
            getsockname(-1, (struct sockaddr *)&there, &length);
            printf("getsockname %s\\n", strerrorname_np(errno));
            bind(-1, (struct sockaddr *)&there, sizeof there);
            printf("bind %s\\n", strerrorname_np(errno));
            setsockopt(-1, SOL_SOCKET, SO_RCVBUF, &length, sizeof length);
            printf("setsockopt %s\\n", strerrorname_np(errno));
            recvfrom(-1, &length, sizeof length, 0, NULL, NULL);
            printf("recvfrom %s\\n", strerrorname_np(errno));
            sendto(-1, &length, sizeof length, 0, (struct sockaddr *)&there, sizeof there);
            printf("sendto %s\\n", strerrorname_np(errno));
            return 0;
        }
        """

    /// - Parameter purposes: as the shim has them.
    private func outcome(_ purposes: String) throws -> [Substring: Substring] {
        let folder = try TemporaryFolder()
        let output = try shell(
            """
            cd '\(folder.path)'; cat > try.c <<'END'
            \(Self.program)
            END
            clang -D_GNU_SOURCE '-DPURPOSES=\(purposes)' -I '\(Program.repository)/Sources/CPrivileges' try.c -o try && ./try
            """
        ).output
        return Dictionary(
            uniqueKeysWithValues: output.split(separator: "\n").map { line in
                let words = line.split(separator: " ")
                return (words[0], words[words.count - 1])
            })
    }

    /// Sockets that are tried, and calls on some.
    private static let sockets: Set<Substring> = [
        "udp", "tcp6", "unix", "route", "audit", "raw", "packet", "packet-datagram", "vsock", "socketpair",
    ]
    private static let calls: Set<Substring> = [
        "connect", "listen", "getsockname", "bind", "setsockopt", "recvfrom", "sendto",
    ]

    /// What is not refused.
    private func allowed(_ purposes: String) throws -> Set<Substring> {
        let outcome = try outcome(purposes)
        #expect(Set(outcome.keys) == Self.sockets.union(Self.calls))
        return Set(outcome.filter { $0.value != "EPERM" }.keys)
    }

    @Test func `A program that reads files has nothing to do with sockets`() throws {
        #expect(try allowed("0").isEmpty)
    }

    @Test func `A program that only captures opens no socket at all`() throws {
        #expect(try allowed("cpv_captures") == ["getsockname", "bind", "setsockopt"])
    }

    @Test func `One that only listens reads datagrams, and no more`() throws {
        #expect(try allowed("cpv_listens") == ["recvfrom"])
    }

    @Test func `One that joins a server as well opens what a client needs, and no packet or raw socket`() throws {
        let outcome = try outcome("cpv_captures | cpv_joins")
        #expect(["udp", "tcp6", "unix", "route"].allSatisfy { outcome[$0] == "open" })
        #expect(outcome["connect"] == "works")
        #expect(
            try allowed("cpv_captures | cpv_joins") == [
                "udp", "tcp6", "unix", "route", "connect", "getsockname", "bind", "setsockopt", "recvfrom", "sendto",
            ])
    }
}
