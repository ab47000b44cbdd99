// `bgmctl models swap`: other models for the daemon that runs.
#pragma once

#include "ops/bgmctl/context.hpp"

namespace bgm {

/// Below `bgmctl models`.
void add_models_swap(CLI::App& models, ChosenCommand& chosen);

}  // namespace bgm
