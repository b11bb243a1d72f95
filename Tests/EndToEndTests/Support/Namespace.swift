import Foundation
import Testing

/// Two network namespaces with a cable between them: `near` has the interface va with 10.77.0.1, `far` vb with 10.77.0.2.
final class NamespacePair: Sendable {
    let near: String
    let far: String

    /// Whether namespaces can be made here, with rules that drop packets.
    static let isPossible: Bool = {
        let name = "sn\(UUID().uuidString.prefix(8))"
        let line = "ip netns add \(name) && ip netns exec \(name) nft list ruleset && ip netns del \(name)"
        return (try? shell(line))?.status == 0
    }()

    init() throws {
        let name = "sn\(UUID().uuidString.prefix(8))"
        near = "\(name)a"
        far = "\(name)b"
        let outcome = try shell(
            """
            set -e; for n in \(near) \(far); do ip netns add $n; ip -n $n link set lo up; done; \(plug)
            """)
        guard outcome.status == 0 else { throw Failed(errors: outcome.errors) }
    }

    deinit { _ = try? shell("ip netns del \(near); ip netns del \(far)") }

    struct Failed: Error { var errors: String }

    /// Shell that makes the cable.
    var plug: String {
        """
        ip -n \(near) link add va type veth peer name vb netns \(far)
        ip -n \(near) addr add 10.77.0.1/24 dev va; ip -n \(far) addr add 10.77.0.2/24 dev vb
        ip -n \(near) link set va up; ip -n \(far) link set vb up
        """
    }

    /// Shell that cuts it through.
    var unplug: String { "ip -n \(near) link del va" }

    /// Shell that defines `$near` and `$far`, behind which a command runs in a namespace; `await FILE`, which waits until
    /// that has something in it; and `send COUNT`, which sends so many messages on stream 1 from `far` to port 7728 of
    /// `near`.
    var tools: String {
        """
        near='ip netns exec \(near)'; far='ip netns exec \(far)'
        await() { until [ -s "$1" ]; do sleep 0.02; done; }
        send() { $far python3 -c 'import socket, struct, sys, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("10.77.0.2", 7730))
        for n in range(int(sys.argv[1])):
            head = struct.pack("!BBHIIQ", 1, 3, 0, 1, n, time.time_ns() // 1000)
            # What a rule drops on its way out is refused.
            try: s.sendto(head + bytes([5, 0, 0, 0, 7, 0]), ("10.77.0.1", 7728))
            except PermissionError: pass
            if n % 50 == 0: time.sleep(0.001)' $1; }

        """
    }
}
