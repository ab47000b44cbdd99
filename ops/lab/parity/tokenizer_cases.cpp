#include "ops/lab/parity/tokenizer_cases.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "workers/tokenizers/tokenizer.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Ids = std::vector<std::int64_t>;

constexpr std::size_t kShownIdsMax = 40;

struct Case {
    std::string text;
    Ids whole;
    Ids cut;
};

Error corrupt(const fs::path& file, std::string_view why) {
    return Error{.code = ErrorCode::corrupt, .message = file.string() + ": " + std::string(why)};
}

std::string shown(const Ids& ids) {
    std::string text = "[";
    for (std::size_t i = 0; i < std::min(ids.size(), kShownIdsMax); ++i)
        text += (i == 0 ? "" : " ") + std::to_string(ids[i]);
    return text + (ids.size() > kShownIdsMax ? " ...]" : "]");
}

Result<std::vector<Case>> read_cases(const fs::path& file) {
    std::ifstream stream(file);
    if (!stream) return Error{.code = ErrorCode::not_found, .message = file.string() + ": cannot be read"};
    std::vector<Case> cases;
    for (std::string line; std::getline(stream, line);) {
        if (line.empty()) continue;
        try {
            const json object = json::parse(line);
            Case one{.text = object.at("text").get<std::string>(),
                     .whole = object.at("ids").get<Ids>(),
                     .cut = {}};
            one.cut = object.contains("truncated") ? object["truncated"].get<Ids>() : one.whole;
            cases.push_back(std::move(one));
        } catch (const json::exception& failure) {
            return corrupt(file, "line " + std::to_string(cases.size() + 1) + ": " + failure.what());
        }
    }
    if (cases.empty()) return corrupt(file, "it holds no case");
    return cases;
}

Result<std::size_t> read_length_max(const fs::path& file) {
    std::ifstream stream(file);
    const json manifest = json::parse(stream, nullptr, false);
    const json::json_pointer key("/stats/max_length");
    if (manifest.is_discarded() || !manifest.contains(key) || !manifest[key].is_number_unsigned())
        return corrupt(file, "it gives no stats.max_length");
    return manifest[key].get<std::size_t>();
}

ParityLine compare_all(std::string name, const Tokenizer& tokenizer, std::span<const Case> cases,
                       std::size_t length_max, Ids Case::*expected) {
    ParityLine line{.name = std::move(name), .detail = {}};
    std::size_t different = 0;
    for (const Case& one : cases) {
        const Ids ours = tokenizer.encode(one.text, length_max);
        if (ours == one.*expected) continue;
        if (++different == 1) {
            line.detail = json(one.text).dump(-1, ' ', true) + ": ours " + shown(ours) + ", reference " +
                          shown(one.*expected);
        }
    }
    line.difference = static_cast<double>(different) / static_cast<double>(cases.size());
    line.ok = different == 0;
    return line;
}

}  // namespace

Result<std::vector<ParityLine>> check_tokenizer(const fs::path& directory) {
    const auto length_max = read_length_max(directory / "manifest.json");
    if (!length_max) return length_max.error();
    const auto tokenizer = open_tokenizer(directory / "vocab", TokenizerOptions::as_reference());
    if (!tokenizer) return tokenizer.error();
    const auto cases = read_cases(directory / "cases.jsonl");
    if (!cases) return cases.error();

    constexpr std::size_t kUncut = std::numeric_limits<std::size_t>::max();
    // "DIR/" has an empty file name.
    const fs::path folder = directory.has_filename() ? directory : directory.parent_path();
    const std::string name = folder.filename().string();
    std::vector<ParityLine> lines;
    lines.push_back(compare_all(name + "/cases", **tokenizer, *cases, kUncut, &Case::whole));
    lines.push_back(compare_all(name + "/truncated", **tokenizer, *cases, *length_max, &Case::cut));
    if (fs::exists(directory / "special_literals.jsonl")) {
        const auto literals = read_cases(directory / "special_literals.jsonl");
        if (!literals) return literals.error();
        lines.push_back(
            compare_all(name + "/special_literals", **tokenizer, *literals, kUncut, &Case::whole));
    }
    return lines;
}

}  // namespace bgm
