#pragma once

// What Swift cannot import from ncurses (macros, globals), as functions; and what has to happen inside of a signal
// handler, where nothing but async-signal-safe C may run.

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

// MARK: Attributes and colours

static inline attr_t cn_bold(void) { return A_BOLD; }
static inline attr_t cn_dim(void) { return A_DIM; }
static inline attr_t cn_underline(void) { return A_UNDERLINE; }
static inline attr_t cn_reverse(void) { return A_REVERSE; }
static inline attr_t cn_italic(void) { return A_ITALIC; }
static inline int cn_colors(void) { return COLORS; }
static inline int cn_color_pairs(void) { return COLOR_PAIRS; }
static inline WINDOW *cn_screen(void) { return stdscr; }

/// The character is patched into a copy of a cell that setcchar made for a style: setcchar for each of 12,000 cells
/// would cost as much as drawing them.
static inline void cn_set_character(cchar_t *cell, wchar_t scalar, wchar_t mark1, wchar_t mark2) {
    cell->chars[0] = scalar;
    cell->chars[1] = mark1;
    cell->chars[2] = mark2;
}

// MARK: Mouse

static inline mmask_t cn_mouse_pressed(int button) { return NCURSES_MOUSE_MASK(button, NCURSES_BUTTON_PRESSED); }
static inline mmask_t cn_mouse_released(int button) { return NCURSES_MOUSE_MASK(button, NCURSES_BUTTON_RELEASED); }
static inline mmask_t cn_mouse_clicked(int button) {
    return NCURSES_MOUSE_MASK(button, NCURSES_BUTTON_CLICKED | NCURSES_DOUBLE_CLICKED | NCURSES_TRIPLE_CLICKED);
}
static inline mmask_t cn_mouse_moved(void) { return REPORT_MOUSE_POSITION; }
static inline mmask_t cn_mouse_shift(void) { return BUTTON_SHIFT; }
static inline mmask_t cn_mouse_control(void) { return BUTTON_CTRL; }
static inline mmask_t cn_mouse_alt(void) { return BUTTON_ALT; }
static inline mmask_t cn_mouse_all(void) { return ALL_MOUSE_EVENTS | REPORT_MOUSE_POSITION; }

// MARK: Terminal descriptions

// term.h defines a macro for every capability, names like "columns" among them: only what is needed is declared.
extern char *tigetstr(const char *capability);

/// A capability as it is sent, or null if the terminal has none.
static inline const char *cn_capability(const char *name) {
    const char *value = tigetstr(name);
    return value == (const char *)-1 ? NULL : value;
}

/// Columns of a character by the C library, -1 if it cannot be drawn. wchar.h hides it without _XOPEN_SOURCE.
extern int wcwidth(wchar_t character);

static inline const char *cn_codeset(void) { return nl_langinfo(CODESET); }

// MARK: Signals

/// Signals that become events: their number is written into a pipe.
static const int cn_event_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
/// Signals after which nothing else runs, Swift's traps among them.
static const int cn_fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGQUIT};
enum { cn_event_count = 6, cn_fatal_count = 7 };

struct cn_watch {
    /// Where to restore the terminal, -1 if there is nothing to restore.
    volatile sig_atomic_t terminal;
    /// Where event signals go, -1 for nowhere.
    volatile sig_atomic_t pipe;
    struct termios modes;
    char farewell[256];
    volatile sig_atomic_t farewell_length;
    bool is_registered;
    struct sigaction event_actions[cn_event_count];
    struct sigaction fatal_actions[cn_fatal_count];
    struct sigaction alarm_action;
    char stack[65536];
};

/// What the handlers need. One terminal a process; and one of these for each Swift file that calls the functions below,
/// so only one may.
static inline struct cn_watch *cn_watch(void) {
    static struct cn_watch watch = {.terminal = -1, .pipe = -1};
    return &watch;
}

/// Puts the terminal back by hand: the strings that ncurses would send, then the modes. Safe in a signal handler, and
/// nothing the second time.
static inline void cn_restore(void) {
    struct cn_watch *watch = cn_watch();
    int terminal = watch->terminal;
    if (terminal < 0) return;
    watch->terminal = -1;
    (void)!write(terminal, watch->farewell, (size_t)watch->farewell_length);
    tcsetattr(terminal, TCSANOW, &watch->modes);
}

/// A terminal that takes nothing any more, such as that of a connection that hangs, would hold up for ever whoever writes
/// to it: what it has not taken is thrown away, and the process ends here.
static inline void cn_on_patience_over(int number) {
    (void)number;
    int terminal = cn_watch()->terminal;
    tcflush(terminal, TCOFLUSH);
    tcflow(terminal, TCOON);
    cn_restore();
    _exit(1);
}

/// After so many microseconds the terminal has to be given back: whoever ends the program waits a second at most.
enum { cn_patience = 700000 };

static inline void cn_on_event(int number) {
    int saved = errno;
    unsigned char octet = (unsigned char)number;
    int pipe = cn_watch()->pipe;
    if (pipe >= 0) (void)!write(pipe, &octet, 1);
    if (number == SIGTERM || number == SIGHUP) {
        struct itimerval patience = {.it_value = {.tv_usec = cn_patience}};
        setitimer(ITIMER_REAL, &patience, NULL);
    }
    errno = saved;
}

/// Restores the terminal, then dies as if there were no handler: under the action that was in force before.
static inline void cn_on_fatal(int number, siginfo_t *info, void *context) {
    (void)context;
    cn_restore();
    for (int i = 0; i < cn_fatal_count; i++)
        if (cn_fatal_signals[i] == number) sigaction(number, &cn_watch()->fatal_actions[i], NULL);
    // An instruction that faulted is run again and faults again, which tells a debugger more than a second signal. One
    // that trapped may lie behind already, and a signal that was sent does not come back by itself.
    if (info->si_code <= 0 || number == SIGTRAP) raise(number);
}

/// What a crash sends to the terminal; ignored if it is too long to be right.
static inline void cn_set_farewell(const char *text) {
    struct cn_watch *watch = cn_watch();
    size_t length = strlen(text);
    if (length > sizeof watch->farewell) return;
    memcpy(watch->farewell, text, length);
    watch->farewell_length = (sig_atomic_t)length;
}

/// Takes the signals. From now on signal numbers arrive at `pipe`, and a crash or exit() puts `terminal` back into the
/// modes that it has now.
static inline bool cn_watch_signals(int terminal, int pipe) {
    struct cn_watch *watch = cn_watch();
    if (tcgetattr(terminal, &watch->modes) != 0) return false;
    watch->farewell_length = 0;
    watch->pipe = pipe;
    watch->terminal = terminal;
    if (!watch->is_registered) watch->is_registered = atexit(cn_restore) == 0;

    // A stack that has run over cannot carry its own signal handler.
    stack_t alternate = {.ss_sp = watch->stack, .ss_size = sizeof watch->stack};
    sigaltstack(&alternate, NULL);

    struct sigaction action = {.sa_handler = cn_on_event, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < cn_event_count; i++) sigaction(cn_event_signals[i], &action, &watch->event_actions[i]);
    action.sa_handler = cn_on_patience_over;
    sigaction(SIGALRM, &action, &watch->alarm_action);
    action.sa_sigaction = cn_on_fatal;
    action.sa_flags = SA_ONSTACK | SA_SIGINFO;
    for (int i = 0; i < cn_fatal_count; i++) sigaction(cn_fatal_signals[i], &action, &watch->fatal_actions[i]);
    return true;
}

/// Gives the signals back; the terminal has been restored.
static inline void cn_forget_signals(void) {
    struct cn_watch *watch = cn_watch();
    struct itimerval never = {.it_value = {.tv_usec = 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &watch->alarm_action, NULL);
    watch->terminal = -1;
    for (int i = 0; i < cn_event_count; i++) sigaction(cn_event_signals[i], &watch->event_actions[i], NULL);
    for (int i = 0; i < cn_fatal_count; i++) sigaction(cn_fatal_signals[i], &watch->fatal_actions[i], NULL);
    watch->pipe = -1;
}

/// Stops the job as Ctrl-Z does and returns when it goes on. The terminal has been restored.
static inline void cn_stop_job(void) {
    struct cn_watch *watch = cn_watch();
    struct sigaction mine;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    int terminal = watch->terminal;
    watch->terminal = -1;
    sigaction(SIGTSTP, &standard, &mine);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &mine, NULL);
    watch->terminal = terminal;
}
