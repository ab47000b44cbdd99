#include "fusion/mood/zero_shot_head.hpp"

#include <charconv>
#include <cmath>

#include "fusion/mood/head.hpp"
#include "fusion/mood/head_file.hpp"

namespace bgm {
namespace {

using Direction = std::vector<double>;

constexpr double kLengthMin = 1e-6;  // shorter: rounding errors decide where it points

Error bad(std::string_view what, std::string message) {
    return {.code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::string(what)};
}

bool to_unit_length(Direction& direction) {
    double square = 0;
    for (const double value : direction)
        square += value * value;
    const double length = std::sqrt(square);
    if (!std::isfinite(length) || length < kLengthMin) return false;
    for (double& value : direction)
        value /= length;
    return true;
}

/// The unit vector in the middle of unit vectors.
Result<Direction> middle(const PromptEmbeddings& embeddings, std::size_t width, std::string_view what) {
    if (embeddings.empty()) return bad(what, "has no prompt");
    Direction sum(width);
    for (const std::vector<float>& embedding : embeddings) {
        if (embedding.size() != width)
            return bad(what, "has an embedding of " + std::to_string(embedding.size()) +
                                 " numbers where the others have " + std::to_string(width));
        Direction direction(embedding.begin(), embedding.end());
        if (!to_unit_length(direction)) return bad(what, "has an embedding that points nowhere");
        for (std::size_t i = 0; i < width; ++i)
            sum[i] += direction[i];
    }
    if (!to_unit_length(sum)) return bad(what, "has prompts that cancel each other out");
    return sum;
}

std::string text_of(float number) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return {buffer.data(), end};
}

}  // namespace

Result<std::string> make_zero_shot_head(const ZeroShotPrompts& prompts, const ZeroShotSettings& settings) {
    const std::size_t width = prompts.moods[0].empty() ? 0 : prompts.moods[0].front().size();
    if (!(settings.temperature > 0) || !std::isfinite(settings.temperature))
        return bad("temperature", "must be above 0");

    std::vector<Direction> moods;
    Direction common(width);
    for (std::size_t k = 0; k < kMoodCount; ++k) {
        auto direction = middle(prompts.moods[k], width, name(static_cast<Mood>(k)));
        if (!direction) return direction.error();
        for (std::size_t i = 0; i < width; ++i)
            common[i] += (*direction)[i] / kMoodCount;
        moods.push_back(std::move(*direction));
    }
    std::vector<float> mood_weight;
    mood_weight.reserve(kMoodCount * width);
    for (const Direction& direction : moods) {
        for (std::size_t i = 0; i < width; ++i)
            mood_weight.push_back(static_cast<float>(direction[i] - common[i]));
    }

    std::vector<float> affect_weight;
    affect_weight.reserve(2 * width);
    const auto add_pair = [&](const PromptEmbeddings& high, const char* high_name,
                              const PromptEmbeddings& low, const char* low_name) -> Status {
        const auto up = middle(high, width, high_name);
        if (!up) return up.error();
        const auto down = middle(low, width, low_name);
        if (!down) return down.error();
        for (std::size_t i = 0; i < width; ++i)
            affect_weight.push_back(static_cast<float>(((*up)[i] - (*down)[i]) / (2 * settings.temperature)));
        return ok_status();
    };
    if (auto added = add_pair(prompts.pleasant, "pleasant", prompts.unpleasant, "unpleasant"); !added)
        return added.error();
    if (auto added = add_pair(prompts.excited, "excited", prompts.quiet, "quiet"); !added)
        return added.error();

    std::string file = write_head({.mood = std::move(mood_weight),
                                   .mood_bias = std::vector<float>(kMoodCount),
                                   .affect = std::move(affect_weight),
                                   .affect_bias = {0, 0}},
                                  {{"made_from", "prompts"},
                                   {"modality", std::string(name(settings.modality))},
                                   {"model", settings.model},
                                   {"precision", text_of(settings.precision)},
                                   {"temperature", text_of(settings.temperature)}});
    // Whatever else makes a head unusable (no model, a precision out of range, a width past the limit).
    if (auto head = LinearHead::parse(std::as_bytes(std::span(file))); !head) return head.error();
    return file;
}

}  // namespace bgm
