import Glibc

/// The signals that end a program which has no screen. They are taken by one thread that waits for them; every thread that
/// begins later leaves them to it.
struct StopSignals {
    private static let numbers = [SIGINT, SIGTERM, SIGHUP]
    private var set = sigset_t()

    init() {
        sigemptyset(&set)
        for number in Self.numbers { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for one of them. The next one ends the program at once.
    func wait() -> Int32 {
        var signals = set
        var number: Int32 = 0
        while sigwait(&signals, &number) != 0 {}
        for number in Self.numbers { signal(number, SIG_DFL) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        return number
    }

    static func name(_ number: Int32) -> String {
        switch number {
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        case SIGHUP: "SIGHUP"
        default: "\(number)"
        }
    }
}
