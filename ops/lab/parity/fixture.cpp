#include "ops/lab/parity/fixture.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace bgm {
namespace {

constexpr std::uintmax_t kManifestBytesMax = 64'000'000;

std::vector<std::string> names(const nlohmann::json& manifest, std::string_view key) {
    std::vector<std::string> found;
    const auto list = manifest.find(key);
    if (list == manifest.end() || !list->is_array()) return found;
    for (const auto& entry : *list) {
        if (entry.is_object() && entry.contains("name") && entry["name"].is_string())
            found.push_back(entry["name"].get<std::string>());
    }
    return found;
}

}  // namespace

Result<Fixture> Fixture::open(const std::filesystem::path& directory) {
    const auto file = directory / "manifest.json";
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) return Error{.code = ErrorCode::not_found, .message = file.string() + ": " + error.message()};
    if (size > kManifestBytesMax)
        return Error{.code = ErrorCode::too_large, .message = file.string() + ": more than 64 MB"};
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(stream), {});
    Fixture fixture;
    fixture.directory_ = directory;
    fixture.name_ = folder_name(directory);
    fixture.manifest_ = nlohmann::json::parse(bytes, nullptr, false);
    if (!fixture.manifest_.is_object())
        return Error{.code = ErrorCode::corrupt, .message = file.string() + ": not a JSON object"};
    fixture.inputs_ = names(fixture.manifest_, "inputs");
    fixture.outputs_ = names(fixture.manifest_, "outputs");
    return fixture;
}

bool Fixture::has_input(std::string_view array) const {
    return std::find(inputs_.begin(), inputs_.end(), array) != inputs_.end();
}

Result<NpyArray> Fixture::array(const std::string& name) const {
    if (name.find('/') != std::string::npos)
        return Error{.code = ErrorCode::corrupt,
                     .message = directory_.string() + ": an array called '" + name + "'"};
    return read_npy(directory_ / "io" / (name + ".npy"));
}

std::vector<std::string> Fixture::texts(std::string_view key) const {
    std::vector<std::string> found;
    const auto list = manifest_.find(key);
    if (list == manifest_.end() || !list->is_array()) return found;
    for (const auto& entry : *list)
        found.push_back(entry.is_string() ? entry.get<std::string>() : std::string());
    return found;
}

std::string folder_name(const std::filesystem::path& directory) {
    std::error_code error;
    const auto whole = std::filesystem::weakly_canonical(directory, error);
    const std::string name = (error ? directory : whole).filename().string();
    return name.empty() ? directory.string() : name;
}

}  // namespace bgm
