#include "ops/lab/parity/fixture_kind.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "ops/lab/parity/fixture.hpp"
#include "workers/config_object.hpp"

namespace bgm {
namespace {

constexpr int kDepthMax = 8;  // a link that leads back up ends here

bool is_file(const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error);
}

bool is_fixture(const std::filesystem::path& directory) {
    return is_file(directory / "manifest.json") || is_file(directory / "cases.jsonl") ||
           is_file(directory / "model" / "config.json");
}

Result<FixtureKind> kind_of_model(const std::filesystem::path& model) {
    if (is_file(model / "modules.json")) return FixtureKind::sentence;
    const auto config = ConfigObject::read(model / "config.json");
    if (!config) return config.error();
    const std::string type = config->text("model_type", "");
    using Row = std::pair<std::string_view, FixtureKind>;
    static constexpr std::array kTypes = {
        Row{"clip", FixtureKind::clip},
        Row{"clip_vision_model", FixtureKind::clip},
        Row{"clip_text_model", FixtureKind::clip},
        Row{"distilbert", FixtureKind::sentence},
        Row{"clap", FixtureKind::clap},
        Row{"blip", FixtureKind::blip},
    };
    const auto row =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const Row& entry) { return entry.first == type; });
    return row != kTypes.end() ? row->second : FixtureKind::unknown;
}

void walk(const std::filesystem::path& directory, int depth, std::vector<std::filesystem::path>& found) {
    if (is_fixture(directory)) {
        found.push_back(directory);
        return;
    }
    if (depth == kDepthMax) return;
    std::vector<std::filesystem::path> inside;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code none;
        if (entry->is_directory(none)) inside.push_back(entry->path());
    }
    std::sort(inside.begin(), inside.end());
    for (const auto& next : inside)
        walk(next, depth + 1, found);
}

}  // namespace

Result<FixtureKind> fixture_kind(const std::filesystem::path& directory) {
    if (is_file(directory / "cases.jsonl")) return FixtureKind::tokenizer;
    if (is_file(directory / "model" / "config.json")) return kind_of_model(directory / "model");
    const auto fixture = Fixture::open(directory);
    if (!fixture) return fixture.error();
    const auto& manifest = fixture->manifest();
    if (manifest.contains("image_features") || manifest.contains("text_features"))
        return FixtureKind::end_to_end;
    if (manifest.contains("cases") && manifest["cases"].is_array()) return FixtureKind::image_preprocess;
    const auto& outputs = fixture->outputs();
    const bool mel = std::any_of(outputs.begin(), outputs.end(),
                                 [](const std::string& name) { return name.starts_with("input_features"); });
    return mel ? FixtureKind::clap_mel : FixtureKind::unknown;
}

Result<std::vector<std::filesystem::path>> find_fixtures(const std::filesystem::path& directory) {
    std::error_code error;
    const std::filesystem::directory_iterator readable(directory, error);
    if (error)
        return Error{.code = ErrorCode::not_found, .message = directory.string() + ": " + error.message()};
    std::vector<std::filesystem::path> found;
    walk(directory, 0, found);
    if (found.empty())
        return Error{.code = ErrorCode::not_found,
                     .message = directory.string() + ": nothing of the parity format"};
    return found;
}

}  // namespace bgm
