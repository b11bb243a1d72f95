#pragma once
#include <pcap/pcap.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// Gives the calling thread a name, as ps and top show it.
static inline void cp_name_thread(const char *_Nonnull name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
