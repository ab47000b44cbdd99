// What a lesson has done so far, as a file: heads that are fitted already, and from what. It holds sums that
// went into weights, no post's embedding and no name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schemas/descriptor.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct TeachState {
    std::string model;
    std::uint64_t last_seed = 0;  // those with larger numbers came later
    std::uint64_t digest = 0;     // of the rows and of the head in use
    std::vector<std::string> done = {};
};

/// As long as it is kept nobody else gets it: two lessons would write over each other's file. `unavailable`
/// where somebody has it, `resource_exhausted` with the file where it cannot be made.
Result<Descriptor> lock_teach_state(const std::string& path);
/// Replaces the file whole. `resource_exhausted` with the file.
Status write_teach_state(const std::string& path, const TeachState& state);
/// Nothing where there is no file; `corrupt` where it is no such state.
Result<std::optional<TeachState>> read_teach_state(const std::string& path);

/// Of a model, in this folder.
std::string teach_state_path(const std::string& folder, const std::string& model);

}  // namespace bgm
