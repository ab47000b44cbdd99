// For the loops that take the time: compiled for what the processor has, chosen when the program starts.
#pragma once

// That is before the thread sanitiser is ready, which therefore does without; clang 14 knows no such thing.
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define BGM_FOR_EACH_CPU [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define BGM_FOR_EACH_CPU
#endif
