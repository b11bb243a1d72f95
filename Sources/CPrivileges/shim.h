// What Swift cannot call of Linux's privileges: functions with variable arguments, and tables of macros.
#pragma once

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Takes every capability out of the bounding set, so that no program gets one by being executed. It takes one itself:
/// whoever lacks that has nothing to take out, because of `cpv_forbid_new_privileges`. Returns 0, or an errno.
static inline int cpv_empty_bounding_set(void) {
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) return errno;
    }
    return 0;
}

/// Gives up every capability of the calling thread, for good. Returns 0, or an errno.
static inline int cpv_drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return errno;
    return syscall(SYS_capset, &header, none) == 0 ? 0 : errno;
}

/// Nothing that is executed from now on gets more rights than this. Returns 0, or an errno.
static inline int cpv_forbid_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

/// The lower half of an argument of a system call; the machines that are known here begin with it.
#define CPV_ARGUMENT(place) (offsetof(struct seccomp_data, args) + 8 * (place))
/// Above it there are flags.
#define CPV_SOCKET_TYPE_MASK 0xf

#if defined(__x86_64__)
#define CPV_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CPV_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/// What a program is still to do, and which system calls on sockets that takes.
enum {
    /// Packet sockets that are open already are read through memory. Their counters are options of theirs; which interface
    /// one is bound to says whether that is there still, and bind takes one back to its interface when that was gone.
    cpv_captures = 1,
    /// Datagrams are read from sockets that are open already, with who sent them, and written as files are.
    cpv_listens = 2,
    /// A server is found by its name, and talked to: datagram and stream sockets of IP, of this machine, and the one that
    /// tells its addresses. No packet socket, no raw one, and nobody is waited for.
    cpv_joins = 4,
};

/// Leaves the system calls that every program needs: files, memory, threads, time, signals and the terminal, and those
/// that its purposes take. Every other one, such as socket, connect, execve or ptrace, fails with EPERM. All threads
/// are bound by it, for good. Returns 0, or an errno; ENOSYS where this kind of machine is not known here.
static inline int cpv_restrict_system_calls(int purposes) {
#ifndef CPV_ARCHITECTURE
    return ENOSYS;
#else
    static const uint32_t allowed[] = {
        // Octets in and out.
        SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek, SYS_close, SYS_fsync,
        SYS_fdatasync, SYS_dup, SYS_dup3, SYS_fcntl, SYS_ioctl, SYS_ppoll, SYS_pselect6, SYS_pipe2, SYS_eventfd2,
        SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_timerfd_create, SYS_timerfd_settime, SYS_sendfile,
        SYS_copy_file_range, SYS_splice,
        // Files and folders.
        SYS_openat, SYS_newfstatat, SYS_fstat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_faccessat, SYS_readlinkat,
        SYS_getdents64, SYS_getcwd, SYS_mkdirat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_fchmod,
        SYS_fchmodat, SYS_ftruncate, SYS_truncate, SYS_fallocate, SYS_flock, SYS_umask, SYS_utimensat,
        // Memory.
        SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_memfd_create, SYS_mincore,
        // Threads.
        SYS_clone, SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_set_tid_address, SYS_sched_yield,
        SYS_sched_getaffinity, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_setscheduler, SYS_getpriority,
        SYS_setpriority, SYS_membarrier, SYS_exit, SYS_exit_group, SYS_prctl, SYS_getpid, SYS_getppid, SYS_gettid,
        SYS_getpgid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_prlimit64, SYS_getrusage, SYS_sysinfo,
        SYS_uname, SYS_getrandom, SYS_wait4,
        // Time.
        SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_setitimer,
        // Signals: of Ctrl-Z and of a crash, too.
        SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigtimedwait, SYS_rt_sigsuspend,
        SYS_rt_sigpending, SYS_sigaltstack, SYS_kill, SYS_tgkill, SYS_tkill, SYS_restart_syscall,
#ifdef SYS_clone3
        SYS_clone3,
#endif
#ifdef SYS_rseq
        SYS_rseq,
#endif
#ifdef SYS_faccessat2
        SYS_faccessat2,
#endif
#ifdef SYS_close_range
        SYS_close_range,
#endif
#ifdef SYS_futex_waitv
        SYS_futex_waitv,
#endif
        // Older forms of some of these, which x86-64 still has.
#ifdef __x86_64__
        SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_rename,
        SYS_link, SYS_chmod, SYS_getdents, SYS_poll, SYS_select, SYS_pipe, SYS_dup2, SYS_eventfd, SYS_epoll_create,
        SYS_epoll_wait, SYS_alarm, SYS_pause, SYS_time, SYS_getpgrp, SYS_arch_prctl,
#endif
    };
    static const struct {
        int purposes;
        uint32_t call;
    } of_sockets[] = {
        {cpv_captures | cpv_joins, SYS_getsockopt},
        {cpv_captures | cpv_joins, SYS_setsockopt},
        {cpv_captures | cpv_joins, SYS_getsockname},
        {cpv_captures | cpv_joins, SYS_bind},
        {cpv_listens | cpv_joins, SYS_recvfrom},
        {cpv_joins, SYS_connect},
        {cpv_joins, SYS_getpeername},
        {cpv_joins, SYS_sendto},
        {cpv_joins, SYS_sendmsg},
        {cpv_joins, SYS_recvmsg},
        {cpv_joins, SYS_sendmmsg},
        {cpv_joins, SYS_recvmmsg},
        {cpv_joins, SYS_shutdown},
    };
    enum { count = sizeof allowed / sizeof allowed[0], more = sizeof of_sockets / sizeof of_sockets[0] };
    struct sock_filter program[4 + 2 * count + 2 * more + 13 + 1];
    size_t length = 0;
    // The numbers mean something on this kind of machine alone.
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CPV_ARCHITECTURE, 1, 0);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t place = 0; place < count; place++) {
        program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[place], 0, 1);
        program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    for (size_t place = 0; place < more; place++) {
        if ((of_sockets[place].purposes & purposes) == 0) continue;
        program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, of_sockets[place].call, 0, 1);
        program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    if (purposes & cpv_joins) {
        // socket: its arguments are ints, so the lower half of each is all that the kernel looks at.
        const struct sock_filter sockets[] = {
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 12),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CPV_ARGUMENT(0)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 7, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 7),
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CPV_ARGUMENT(1)),
            BPF_STMT(BPF_ALU | BPF_AND | BPF_K, CPV_SOCKET_TYPE_MASK),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 3, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_DGRAM, 2, 3),
            // Of netlink there is the one that tells the addresses of this machine.
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, CPV_ARGUMENT(2)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_ROUTE, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        for (size_t place = 0; place < sizeof sockets / sizeof sockets[0]; place++) program[length++] = sockets[place];
    }
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    struct sock_fprog whole = {.len = (unsigned short)length, .filter = program};
    long status = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole);
    // Above 0 it is the number of a thread that has a filter of its own.
    return status == 0 ? 0 : status > 0 ? EBUSY : errno;
#endif
}
