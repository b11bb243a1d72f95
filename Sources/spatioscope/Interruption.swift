import Glibc
import Synchronization

/// Ctrl-C while a command without a screen works: it stops where it is and prints what it has.
enum Interruption {
    private static let flag = Atomic<Bool>(false)
    /// Seconds to notice the request; a read from a silent pipe never does.
    private static let patience: UInt32 = 2

    /// Whether to stop. Who asks has noticed, and may take its time to print.
    static var isRequested: Bool {
        guard flag.load(ordering: .relaxed) else { return false }
        alarm(0)
        return true
    }

    static func watch() {
        // Who starts the program from a thread may have blocked them, and a blocked signal is inherited.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGALRM] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        for signal in [SIGINT, SIGTERM] {
            Glibc.signal(signal) { _ in
                if Interruption.flag.exchange(true, ordering: .relaxed) { _exit(ExitStatus.interrupted.rawValue) }
                alarm(Interruption.patience)
            }
        }
        Glibc.signal(SIGALRM) { _ in _exit(ExitStatus.interrupted.rawValue) }
    }
}
