// The rated pictures that the fit learns from: the Bicolor Affective Silhouettes and Shapes (BASS).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "schemas/result.hpp"

namespace bgm::fit {

struct RatedPicture {
    std::filesystem::path file;
    Affect affect;  // mean of the two cultures' ratings, mapped from 1..9 to -1..1
};

/// Reads `folder`/BASS_data.csv. Fails with `not_found` or `corrupt`.
Result<std::vector<RatedPicture>> read_silhouettes(const std::filesystem::path& folder);

}  // namespace bgm::fit
