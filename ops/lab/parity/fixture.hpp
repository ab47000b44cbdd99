// One directory of the parity format: what its manifest.json says, and the arrays that it lists.
//
// Plain values; any thread may read. The files are not trusted: a manifest may not lead out of where it lies,
// but for the media that it names in words of its own.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ops/lab/parity/npy.hpp"
#include "schemas/result.hpp"

namespace bgm {

class Fixture {
 public:
    /// `not_found` or `corrupt`, with the file.
    static Result<Fixture> open(const std::filesystem::path& directory);

    /// The directory's own name: what its lines begin with.
    const std::string& name() const { return name_; }
    const std::filesystem::path& directory() const { return directory_; }
    const nlohmann::json& manifest() const { return manifest_; }

    bool has_input(std::string_view array) const;
    /// The names of the expected arrays, in the manifest's order.
    const std::vector<std::string>& outputs() const { return outputs_; }
    /// An input or output by its name.
    Result<NpyArray> array(const std::string& name) const;
    /// A list of strings; empty where the manifest has none by this name.
    std::vector<std::string> texts(std::string_view key) const;

 private:
    Fixture() = default;

    std::filesystem::path directory_;
    std::string name_;
    nlohmann::json manifest_;
    std::vector<std::string> inputs_;
    std::vector<std::string> outputs_;
};

/// The last part of a path, whether or not it ends in a slash.
std::string folder_name(const std::filesystem::path& directory);

}  // namespace bgm
