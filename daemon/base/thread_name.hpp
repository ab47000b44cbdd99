// The name of a thread, as `top -H`, gdb and /proc show it.
#pragma once

#include <pthread.h>

namespace bgm {

/// Names the calling thread; 15 bytes at most.
inline void name_this_thread(const char* name) {
    (void)pthread_setname_np(pthread_self(), name);
}

}  // namespace bgm
