import Glibc
import Synchronization

/// Ctrl-C while a command without a screen works: it stops where it is and prints what it has.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    static func watch() {
        for signal in [SIGINT, SIGTERM] {
            Glibc.signal(signal) { _ in Interruption.flag.store(true, ordering: .relaxed) }
        }
    }
}
