// What a thread says of itself to the kernel: its name, and how far it stands back.
#pragma once

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace bgm {

/// Names the calling thread, as `top -H`, gdb and /proc show it; 15 bytes at most.
inline void name_this_thread(const char* name) {
    (void)pthread_setname_np(pthread_self(), name);
}

/// Lets other threads go before the calling one: nice, of Linux's threads, not of the process.
inline void nice_this_thread(int nice) {
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice);
}

}  // namespace bgm
