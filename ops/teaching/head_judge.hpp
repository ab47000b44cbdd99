// Whether a taught head is better than the one in use, on seeds that it was not taught on.
//
// Both heads read the same seeds (LinearHead, as in service) and are compared with the mood of the text: each
// seed by its weight. How sure a figure is comes from drawing people anew, with all their seeds (a cluster
// bootstrap; Efron 1979), for both heads alike, so that what is hard for both does not blur what is better.
//
// Pure; deterministic.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fusion/mood/head.hpp"
#include "ops/teaching/seed_rows.hpp"

namespace bgm {

enum class TaughtFigure : std::uint8_t { valence_r, arousal_r, macro_f1, calibration_error };
inline constexpr std::size_t kTaughtFigures = 4;
std::string_view name(TaughtFigure figure);

struct Compared {
    double in_use = 0;
    double taught = 0;
    double better = 0;  // by so much; of the calibration error, by how much less
    double low = 0;     // 95 in 100 such intervals hold the truth
    double high = 0;
    double surely = 0;  // 199 in 200 lie above it
};
using ComparedHeads = std::array<Compared, kTaughtFigures>;

struct Verdict {
    bool better = false;
    std::string why;  // a sentence
};
/// Better where the correlation of valence or arousal surely rises, and none of the four figures falls with
/// its whole interval or by more than 0.01. Macro F1 alone does not do: answers that are strewn over the
/// moods get more of it on noise.
Verdict judge(const ComparedHeads& figures);

class HeadJudge {
 public:
    HeadJudge();

    /// Of one seed, by both heads; `mix` is how frequent the moods are among all seeds.
    void add(const SeedLabel& label, const MoodDistribution& mix, const Evidence& in_use,
             const Evidence& taught);
    ComparedHeads compare() const;

 private:
    static constexpr std::size_t kBins = 15;

    // Weighted sums of one head.
    struct HeadSums {
        std::array<double, 10> affect{};  // of valence and arousal: y, yy, x, xx, xy
        std::array<double, kMoodCount> answered{}, right{};
        std::array<double, kBins> gaps{};
    };
    struct Sums {
        double weight = 0;
        double balanced = 0;  // weight under equal frequencies of the moods
        std::array<double, kMoodCount> gold{};
        std::array<HeadSums, 2> heads{};
    };
    static std::array<double, kTaughtFigures> figures(const Sums& sums, std::size_t head);
    static void add(Sums& to, const Sums& from, double times);

    std::vector<Sums> groups_;  // of people
};

}  // namespace bgm
