// Heads made of prompts, kept on the disk between starts: a worker encodes its prompts once for each model
// and each edition of the prompts, not at every start.
//
// A file is named by a digest of all that its content depends on, and begins with a digest of its content:
// one that was cut short or changed is taken for missing. Several workers may share a folder: files appear
// whole (written aside, then renamed), and the newest eight stay. The folder may be deleted at any time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"

namespace bgm {

class HeadCache {
 public:
    /// An empty path keeps nothing. The folder is made when something is first kept.
    explicit HeadCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// The bytes that were kept under this key (64 hexadecimal digits), or nothing.
    std::optional<std::string> load(const std::string& key) const;
    /// `unavailable` where the folder cannot be written.
    Status store(const std::string& key, std::string_view head) const;

 private:
    std::filesystem::path file(const std::string& key) const { return folder_ / (key + ".head"); }
    void prune() const;

    std::filesystem::path folder_;
};

}  // namespace bgm
