// A small deterministic generator of evidence and tracks, good and hostile, for property tests.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "fusion/catalogue/track.hpp"
#include "fusion/mood/evidence.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm::testing {

class RandomCases {
 public:
    explicit RandomCases(std::uint64_t seed) : state_(seed) {}

    std::uint64_t bits() { return mix64(state_++); }
    std::size_t below(std::size_t end) { return bits() % end; }
    /// 0 inclusive to 1 exclusive.
    float unit() { return static_cast<float>(bits() >> 40U) * 0x1p-24F; }
    float between(float low, float high) { return low + (high - low) * unit(); }

    /// From nearly flat to nearly certain.
    MoodDistribution moods() {
        const float sharpness = between(0.2F, 8.0F);
        MoodDistribution moods{};
        float sum = 0;
        for (float& mood : moods)
            sum += mood = std::pow(unit() + 1e-3F, sharpness);
        for (float& mood : moods)
            mood /= sum;
        return moods;
    }
    Affect affect() { return {between(-1, 1), between(-1, 1)}; }

    Evidence evidence(Modality modality) {
        return {.modality = modality, .mood = moods(), .affect = affect(), .precision = between(0.01F, 1.5F)};
    }
    /// 1 to 8 evidences of any modalities, some of them of one asset.
    std::vector<Evidence> evidences() {
        std::vector<Evidence> all(1 + below(8));
        for (Evidence& one : all) {
            one = evidence(kModalities.at(below(kModalityCount)));
            one.asset = static_cast<std::uint32_t>(below(3));
            if (below(4) == 0) one.felt = unit();
        }
        return all;
    }

    /// Any float at all: every bit pattern, and the notorious ones often.
    float hostile() {
        constexpr float kInfinity = std::numeric_limits<float>::infinity();
        constexpr std::array notorious{0.0F,
                                       -0.0F,
                                       1.0F,
                                       -1.0F,
                                       kInfinity,
                                       -kInfinity,
                                       std::numeric_limits<float>::quiet_NaN(),
                                       std::numeric_limits<float>::max(),
                                       std::numeric_limits<float>::denorm_min(),
                                       1e30F,
                                       0.5F};
        if (below(4) == 0) return std::bit_cast<float>(static_cast<std::uint32_t>(bits()));
        return notorious.at(below(notorious.size()));
    }
    Evidence hostile_evidence() {
        Evidence one = evidence(static_cast<Modality>(below(kOpinionCount + 1)));
        // Mostly one thing is wrong, since an evidence with everything wrong is dropped at the first check.
        if (below(2) == 0) one.mood.at(below(kMoodCount)) = hostile();
        if (below(4) == 0) one.mood.fill(hostile());
        if (below(2) == 0) one.precision = hostile();
        if (below(2) == 0) one.affect.valence = hostile();
        if (below(2) == 0) one.affect.arousal = hostile();
        return one;
    }

    Track track(std::size_t index, std::size_t artists) {
        static constexpr std::array<const char*, 5> kGenres{"kpop", "classical", "ambient", "rock", "jazz"};
        static constexpr std::array<const char*, 4> kLanguages{"ko", "en-US", "zxx", ""};
        Track track;
        track.track_id = "track-" + std::to_string(index);
        track.title = "Title " + std::to_string(index);
        track.artist = "Artist " + std::to_string(below(artists));
        track.genre = kGenres.at(below(kGenres.size()));
        track.language = kLanguages.at(below(kLanguages.size()));
        track.uri = "https://music.example/" + std::to_string(bits());
        track.license = "CC0-1.0";
        track.source = "generated";
        track.duration_ms = below(8) == 0 ? 0 : static_cast<std::uint32_t>(60'000 + below(300'000));
        track.tempo_bpm = below(8) == 0 ? 0 : between(50, 180);
        track.is_explicit = below(5) == 0;
        for (std::size_t i = 0; i < 3; ++i)
            track.moods.at(below(kMoodCount)) += unit();
        track.affect = affect();
        return track;
    }
    std::vector<Track> tracks(std::size_t count, std::size_t artists) {
        std::vector<Track> all;
        for (std::size_t i = 0; i < count; ++i)
            all.push_back(track(i, artists));
        return all;
    }

 private:
    std::uint64_t state_;
};

}  // namespace bgm::testing
