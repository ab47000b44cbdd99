#include "ops/lab/parity/parity_run.hpp"

#include <algorithm>

#include "ops/lab/parity/blip_cases.hpp"
#include "ops/lab/parity/clap_cases.hpp"
#include "ops/lab/parity/clap_mel_cases.hpp"
#include "ops/lab/parity/clip_cases.hpp"
#include "ops/lab/parity/comparison.hpp"
#include "ops/lab/parity/end_to_end_cases.hpp"
#include "ops/lab/parity/fixture.hpp"
#include "ops/lab/parity/fixture_kind.hpp"
#include "ops/lab/parity/image_cases.hpp"
#include "ops/lab/parity/sentence_cases.hpp"
#include "ops/lab/parity/tokenizer_cases.hpp"

namespace bgm {
namespace {

Result<std::vector<ParityLine>> check_kind(FixtureKind kind, const std::filesystem::path& directory,
                                           const Arithmetic& arithmetic) {
    switch (kind) {
        case FixtureKind::clip:
            return check_clip(directory, arithmetic);
        case FixtureKind::sentence:
            return check_sentence(directory, arithmetic);
        case FixtureKind::blip:
            return check_blip(directory, arithmetic);
        case FixtureKind::clap:
            return check_clap(directory, arithmetic);
        case FixtureKind::clap_mel:
            return check_clap_mel(directory);
        case FixtureKind::tokenizer:
            return check_tokenizer(directory);
        case FixtureKind::end_to_end:
            return check_end_to_end(directory, arithmetic);
        case FixtureKind::image_preprocess:
            return check_image_preprocess(directory);
        case FixtureKind::unknown:
            break;
    }
    return Error{.code = ErrorCode::unsupported, .message = "no check for what is in this directory"};
}

// Whether the precision of matrix products shows in the kind's arrays.
bool has_tower(FixtureKind kind) {
    switch (kind) {
        case FixtureKind::clip:
        case FixtureKind::sentence:
        case FixtureKind::clap:
        case FixtureKind::blip:
        case FixtureKind::end_to_end:
            return true;
        case FixtureKind::clap_mel:
        case FixtureKind::tokenizer:
        case FixtureKind::image_preprocess:
        case FixtureKind::unknown:
            break;
    }
    return false;
}

void widen(std::vector<ParityLine>& lines) {
    for (ParityLine& line : lines) {
        if (line.limit <= 0) continue;  // ids, and what was not compared
        line.limit = kBf16Limit;
        line.ok = line.difference <= line.limit;
    }
}

// Expected arrays that no line speaks of.
void add_forgotten(const std::filesystem::path& directory, std::vector<ParityLine>& lines) {
    const auto fixture = Fixture::open(directory);
    if (!fixture) return;
    for (const std::string& array : fixture->outputs()) {
        const std::string name = fixture->name() + "/" + array;
        const bool known = std::any_of(lines.begin(), lines.end(),
                                       [&](const ParityLine& line) { return line.name == name; });
        if (!known) lines.push_back(not_checked(name, "nothing of ours has this name"));
    }
}

}  // namespace

std::vector<ParityLine> check_fixture(const std::filesystem::path& directory, const Arithmetic& arithmetic) {
    const auto kind = fixture_kind(directory);
    auto checked =
        kind ? check_kind(*kind, directory, arithmetic) : Result<std::vector<ParityLine>>(kind.error());
    if (!checked) return {not_checked(folder_name(directory), checked.error().to_string())};
    std::vector<ParityLine> lines = *std::move(checked);
    add_forgotten(directory, lines);
    if (lines.empty()) lines.push_back(not_checked(folder_name(directory), "it expects nothing"));
    if (arithmetic.on_onednn() && arithmetic.precision == Precision::bf16 && has_tower(*kind)) widen(lines);
    return lines;
}

}  // namespace bgm
