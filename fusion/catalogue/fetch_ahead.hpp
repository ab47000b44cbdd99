// Memory that will be read soon, where the processor cannot foresee it: the wait for it overlaps with work.
#pragma once

#include <cstddef>

namespace bgm {

inline void fetch_ahead(const void* begin, std::size_t bytes) {
#ifdef __GNUC__
    constexpr std::size_t kLine = 64;
    for (std::size_t at = 0; at < bytes; at += kLine)
        __builtin_prefetch(static_cast<const char*>(begin) + at);
    // Without it the compiler takes a function that does nothing else for one that does nothing at all.
    __asm__ volatile("");
#else
    static_cast<void>(begin);
    static_cast<void>(bytes);
#endif
}

}  // namespace bgm
