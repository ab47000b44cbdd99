#include "daemon/pipeline/post_seeds.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "fusion/mood/opinion_pool.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

// Media of less quality than this say nothing.
constexpr float kQualityMin = 0.15F;
constexpr float kHalfMax = 65'504;

struct Teacher {
    Evidence evidence;
    std::string model;
    float weight = 0;
};

float certainty(const MoodDistribution& moods) {
    double entropy = 0;
    for (const float share : moods)
        entropy -= share > 0 ? share * std::log(share) : 0;
    return static_cast<float>(std::clamp(1 - entropy / std::log(double{kMoodCount}), 0.0, 1.0));
}

std::span<const float> embedding_of(const v1::Output& output) {
    return {output.embedding().data(), static_cast<std::size_t>(output.embedding_size())};
}

std::optional<Teacher> teacher_of(const Finding& finding) {
    if (!finding.outputs || !finding.heads) return std::nullopt;
    for (const v1::Output& output : *finding.outputs) {
        if (output.modality() != name(Modality::text)) continue;
        const LinearHead* const head = finding.heads->find(output.model());
        if (head == nullptr) continue;
        const auto read = head->read(embedding_of(output), output.quality());
        if (!read || read->precision < kTeacherPrecisionMin) return std::nullopt;
        const FusedMood mood = fuse({&*read, 1});
        if (mood.ambiguous) return std::nullopt;  // plain texts are, too
        const float felt = std::min(1.0F, 2 * read->felt);
        return Teacher{.evidence = *read,
                       .model = output.model(),
                       .weight = std::min(1.0F, read->precision) * felt * certainty(read->mood)};
    }
    return std::nullopt;
}

std::optional<std::string> as_halves(std::span<const float> embedding) {
    std::string bytes;
    bytes.reserve(2 * embedding.size());
    for (const float number : embedding) {
        if (!(std::abs(number) <= kHalfMax)) return std::nullopt;
        const std::uint16_t half = float_to_half(number);
        bytes.push_back(static_cast<char>(half & 0xFFU));
        bytes.push_back(static_cast<char>(half >> 8U));
    }
    return bytes;
}

}  // namespace

v1::Seeds seeds_in(const v1::Post& post, const std::vector<Finding>& findings) {
    v1::Seeds seeds;
    if (findings.size() < 2 || post.text().empty() || post.kind() == v1::WISH) return seeds;
    const auto teacher = teacher_of(findings.front());
    if (!teacher) return seeds;
    for (std::size_t place = 1; place < findings.size(); ++place) {
        const Finding& finding = findings[place];
        if (!finding.outputs || !finding.heads) continue;
        for (const v1::Output& output : *finding.outputs) {
            if (output.model() == teacher->model || output.quality() < kQualityMin) continue;
            // The catalogue teaches these: what nobody learns from is not kept.
            if (hears_music_alone(output.model())) continue;
            const LinearHead* const head = finding.heads->find(output.model());
            if (head == nullptr || !head->read(embedding_of(output), output.quality())) continue;
            auto embedding = as_halves(embedding_of(output));
            if (!embedding) continue;
            v1::Seed& seed = *seeds.add_seeds();
            seed.set_place(static_cast<std::uint32_t>(place));
            seed.set_modality(output.modality());
            seed.set_model(output.model());
            seed.set_embedding(std::move(*embedding));
            seed.mutable_moods()->Add(teacher->evidence.mood.begin(), teacher->evidence.mood.end());
            seed.set_valence(teacher->evidence.affect.valence);
            seed.set_arousal(teacher->evidence.affect.arousal);
            seed.set_weight(teacher->weight * std::min(1.0F, output.quality()));
        }
    }
    return seeds;
}

}  // namespace bgm
