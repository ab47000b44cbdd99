#include "ops/lab/train/judged_comments.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>

#include "fusion/stable_hash.hpp"
#include "ops/lab/train/grave_phrases.hpp"

namespace bgm::train {
namespace {

constexpr std::size_t kDigits = 16;

}  // namespace

Result<JudgedComments> JudgedComments::read(const std::filesystem::path& file) {
    std::ifstream lines(file);
    if (!lines) return Error{.code = ErrorCode::not_found, .message = "cannot read " + file.string()};
    JudgedComments judged;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        const auto wrong = [&](const std::string& what) {
            return Error{.code = ErrorCode::corrupt,
                         .message = file.string() + ":" + std::to_string(number) + ": " + what};
        };
        std::uint64_t hash = 0;
        const char* const end = line.data() + std::min(kDigits, line.size());
        const auto [stopped, failed] = std::from_chars(line.data(), end, hash, 16);
        const bool is_hash = failed == std::errc() && stopped == line.data() + kDigits;
        if (!is_hash || line.size() <= kDigits || line[kDigits] != '\t')
            return wrong("expected a hash of 16 digits");
        const std::string_view said = std::string_view(line).substr(kDigits + 1);
        Judgement judgement{.doubtful = said == "?", .subjects = 0};
        if (!judgement.doubtful) {
            const auto subjects = subjects_of(said);
            if (!subjects) return wrong(subjects.error().message);
            judgement.subjects = *subjects;
        }
        judged.judgements_.insert_or_assign(hash, judgement);
    }
    return judged;
}

std::optional<JudgedComments::Judgement> JudgedComments::of(std::string_view comment) const {
    const auto found = judgements_.find(fnv1a64(comment));
    if (found == judgements_.end()) return std::nullopt;
    return found->second;
}

}  // namespace bgm::train
