#pragma once
#include <pcap/pcap.h>
#include <sys/eventfd.h>
#include <linux/falloc.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Gives the calling thread a name, as ps and top show it.
static inline void cp_name_thread(const char *_Nonnull name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// Gives the room on the disk of a part of a file back; what lies there reads as zeros then. 0, or -1 and `errno`.
static inline int cp_punch_hole(int descriptor, long long start, long long count) {
    return (int)syscall(SYS_fallocate, descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, count);
}
