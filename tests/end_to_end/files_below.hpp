// The files of a folder that bgmd is at work in.
#pragma once

#include <filesystem>
#include <set>
#include <system_error>

namespace bgm::test {

/// Those that are there. A folder that goes while it is looked into is no error: everything is looked at
/// again.
inline std::set<std::filesystem::path> files_below(const std::filesystem::path& folder) {
    std::set<std::filesystem::path> found;
    std::error_code error;
    do {
        found.clear();
        error.clear();
        auto entry = std::filesystem::recursive_directory_iterator(folder);
        for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
            std::error_code gone;
            if (entry->is_regular_file(gone)) found.insert(entry->path());
        }
    } while (error);
    return found;
}

}  // namespace bgm::test
