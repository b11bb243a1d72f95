import Glibc
import Testing

/// The system calls that are left when an interface is open: tried, by a program of a few lines that gives up what this
/// one does.
struct SystemCallTests {
    /// Prints what becomes of each socket, and whether a datagram comes through where there is one.
    private static let program = """
        #include <netinet/in.h>
        #include <stdio.h>
        #include <string.h>
        #include <shim.h>
        static void try_it(const char *name, int domain, int type, int protocol) {
            printf("%s %s\\n", name, socket(domain, type, protocol) >= 0 ? "open" : strerrorname_np(errno));
        }
        int main(int count, char **arguments) {
            if (cpv_forbid_new_privileges() || cpv_restrict_system_calls(count > 1)) return 1;
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
            return 0;
        }
        """

    private func outcome(joins: Bool) throws -> String {
        let folder = try TemporaryFolder()
        return try shell(
            """
            cd '\(folder.path)'; cat > try.c <<'END'
            \(Self.program)
            END
            clang -D_GNU_SOURCE -I '\(Program.repository)/Sources/CPrivileges' try.c -o try && ./try \(joins ? "join" : "")
            """
        ).output
    }

    @Test func `A program that only captures opens no socket at all`() throws {
        #expect(
            try outcome(joins: false) == """
                udp EPERM
                tcp6 EPERM
                unix EPERM
                route EPERM
                audit EPERM
                raw EPERM
                packet EPERM
                packet-datagram EPERM
                vsock EPERM
                socketpair EPERM
                connect EPERM
                listen EPERM

                """)
    }

    @Test func `One that joins a server as well opens what a client needs, and no packet or raw socket`() throws {
        #expect(
            try outcome(joins: true) == """
                udp open
                tcp6 open
                unix open
                route open
                audit EPERM
                raw EPERM
                packet EPERM
                packet-datagram EPERM
                vsock EPERM
                socketpair EPERM
                connect works
                listen EPERM

                """)
    }
}
