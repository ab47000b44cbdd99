// Where labelled data and reference outputs lie that are not part of the repository: $BGM_SHARED_DIR, or
// `shared` beside the checkout. Tests that use them skip, saying so, where they are absent.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace bgm {

inline std::filesystem::path shared_folder() {
    const char* configured = std::getenv("BGM_SHARED_DIR");
    return configured != nullptr ? std::filesystem::path(configured)
                                 : std::filesystem::path(BGM_SOURCE_DIR).parent_path() / "shared";
}

}  // namespace bgm
