// How much of a processor that it shares an image tower turns into embeddings.
#pragma once

#include <filesystem>

#include "schemas/result.hpp"

namespace bgm::bench {

/// Batches of 8 and of 1 on one thread and on two, beside none, one and two busy processes, which it starts
/// and ends itself, in turns: images a second, and images by second of processor that this process was given.
Status measure_beside(const std::filesystem::path& models, int turns);

}  // namespace bgm::bench
