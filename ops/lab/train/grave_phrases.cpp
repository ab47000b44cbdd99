#include "ops/lab/train/grave_phrases.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string_view>

#include "schemas/grave_facts.hpp"

namespace bgm::train {
namespace {

constexpr char kClassMark = '\1';
constexpr unsigned char kFirstClass = 0x80;  // no byte that a pattern gives a meaning
constexpr std::size_t kClassesMax = 0x80 * 0x80;
constexpr double kPlacesMax = 24;  // of one pattern in what is drawn from

Error wrong(std::string message) {
    return Error{.code = ErrorCode::corrupt, .message = std::move(message)};
}

std::vector<std::string_view> split(std::string_view text, char mark) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(mark);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool is_letter_of_name(char c) {
    return c >= 'a' && c <= 'z';
}

/// The place that stands in the two bytes behind a mark.
std::size_t place_behind(std::string_view text, std::size_t mark) {
    const auto digit = [&](std::size_t i) {
        return static_cast<unsigned char>(text[mark + i]) - kFirstClass;
    };
    return static_cast<std::size_t>(digit(1) * 0x80 + digit(2));
}

}  // namespace

Result<std::uint8_t> subjects_of(std::string_view names) {
    std::uint8_t subjects = 0;
    if (names == "-") return subjects;
    for (const std::string_view name : split(names, ';')) {
        const auto found = std::ranges::find(kGraveSubjects, name);
        if (found == kGraveSubjects.end()) return wrong("'" + std::string(name) + "' is no subject");
        subjects |= static_cast<std::uint8_t>(1U << (found - kGraveSubjects.begin()));
    }
    return subjects;
}

Result<GravePhrases> GravePhrases::read(const std::filesystem::path& file) {
    std::ifstream lines(file);
    if (!lines) return Error{.code = ErrorCode::not_found, .message = "cannot read " + file.string()};
    GravePhrases phrases;
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        const auto fields = split(line, '\t');
        Status added = wrong("expected two fields");
        if (fields.size() == 2) {
            added = fields[0].starts_with('@') && fields[0].find_first_of(" {|") == std::string_view::npos
                        ? phrases.add_class(fields[0].substr(1), fields[1])
                        : phrases.add_patterns(fields[0], fields[1]);
        }
        if (!added) return wrong(file.string() + ":" + std::to_string(number) + ": " + added.error().message);
    }
    if (phrases.grave_.empty() || phrases.traps_.empty())
        return wrong(file.string() + " has no grave pattern, or none that only sounds so");
    return phrases;
}

Status GravePhrases::add_class(std::string_view name, std::string_view words) {
    if (classes_.size() == kClassesMax) return wrong("too many classes");
    if (name.empty() || !std::ranges::all_of(name, is_letter_of_name))
        return wrong("a class is named by small letters");
    names_.emplace_back(name, classes_.size());
    classes_.emplace_back();
    for (const std::string_view word : split(words, ','))
        classes_.back().emplace_back(word);
    return ok_status();
}

Status GravePhrases::add_patterns(std::string_view patterns, std::string_view subjects) {
    const auto bits = subjects_of(subjects);
    if (!bits) return bits.error();
    for (const std::string_view pattern : split(patterns, '|')) {
        auto text = with_places(pattern);
        if (!text) return text.error();
        const double places = std::clamp(std::sqrt(sentences(*text)), 1.0, kPlacesMax);
        auto& choices = *bits == 0 ? traps_ : grave_;
        choices.insert(choices.end(), static_cast<std::size_t>(places), patterns_.size());
        patterns_.push_back({std::move(*text), *bits});
    }
    return ok_status();
}

Result<std::string> GravePhrases::with_places(std::string_view pattern) const {
    std::string text;
    for (std::size_t i = 0; i < pattern.size();) {
        if (pattern[i] != '@') {
            text += pattern[i++];
            continue;
        }
        std::size_t end = i + 1;
        while (end < pattern.size() && is_letter_of_name(pattern[end]))
            ++end;
        const std::string_view name = pattern.substr(i + 1, end - i - 1);
        const auto found =
            std::find_if(names_.rbegin(), names_.rend(), [&](const auto& one) { return one.first == name; });
        if (found == names_.rend()) return wrong("there is no class @" + std::string(name));
        text += kClassMark;
        text += static_cast<char>(kFirstClass + found->second / 0x80);
        text += static_cast<char>(kFirstClass + found->second % 0x80);
        i = end;
    }
    return text;
}

double GravePhrases::sentences(std::string_view pattern) const {
    double count = 1;
    std::size_t choices = 0;
    bool inside = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '{') {
            inside = true;
            choices = 1;
        } else if (pattern[i] == '}') {
            inside = false;
            count *= static_cast<double>(choices);
        } else if (pattern[i] == ',' && inside) {
            ++choices;
        } else if (pattern[i] == kClassMark) {
            const std::size_t members = classes_[place_behind(pattern, i)].size();
            i += 2;
            if (inside)
                choices += members - 1;
            else
                count *= static_cast<double>(members);
        }
    }
    return count;
}

GraveExample GravePhrases::drawn(const std::vector<std::size_t>& choices, Random& random) const {
    const Pattern& pattern = patterns_[choices[draw(random, choices.size())]];
    const std::string chosen = drawn_from(pattern.text, random);
    GraveExample example{.text = {}, .subjects = pattern.subjects};
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (chosen[i] != kClassMark) {
            example.text += chosen[i];
            continue;
        }
        const auto& words = classes_[place_behind(chosen, i)];
        i += 2;
        example.text += words[draw(random, words.size())];
    }
    return example;
}

}  // namespace bgm::train
