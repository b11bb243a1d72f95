import CNcurses

/// The terminal's side of signals. All calls of the shim's signal functions are in this file, because their statics
/// exist once for each file.
enum SignalWatch {
    /// From now on SIGTERM, SIGINT, SIGHUP, SIGWINCH, SIGTSTP and SIGCONT arrive as octets at a pipe, and the terminal
    /// gets its present modes back if the program crashes or calls `exit`.
    ///
    /// Before ncurses starts: it leaves signals alone that somebody handles. The handlers may run on any thread and
    /// restart its system calls, so other threads need not block these signals.
    static func start(terminal: Int32, pipe: Int32) -> Bool {
        cn_watch_signals(terminal, pipe)
    }

    /// What is sent to the terminal before its modes are set back.
    static func setFarewell(_ text: String) {
        cn_set_farewell(text)
    }

    /// Gives the signals back to whoever had them.
    static func stop() {
        cn_forget_signals()
    }

    /// Stops the job, as Ctrl-Z does, and returns when it is continued. The terminal must have been left.
    static func stopJob() {
        cn_stop_job()
    }
}
