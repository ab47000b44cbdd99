// Bytes that nobody can guess. Any thread.
#pragma once

#include <cstddef>
#include <string>

namespace bgm {

/// Throws std::bad_alloc where there are none: without random numbers there are no keys.
std::string random_bytes(std::size_t count);

}  // namespace bgm
