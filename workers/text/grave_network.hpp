// Tells what a text speaks of, of death, illness, disaster and violence, by a small trained network: for what
// is told without the words that grave_words.hpp knows.
//
// The file is one of text_network.hpp, with two layers more behind its embedding:
//   grave.weight F32 [1 + 4, d], grave.bias F32 [1 + 4]: logits of "any" and of each of kGraveSubjects
// Relatives, animals and numbers are one word each before its features are taken, so that what it learnt of
// a grandmother holds for an uncle. Immutable once opened; share it between threads.
#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "schemas/grave_facts.hpp"
#include "schemas/result.hpp"
#include "workers/text/features.hpp"
#include "workers/text/normalise.hpp"
#include "workers/text/text_network.hpp"

namespace bgm {

/// `text` with one word for all relatives, one for all animals, one for all numbers.
NormalisedText with_classes(const NormalisedText& text);

struct GraveShares {
    float any = 0;                                  // that it speaks of any of them, 0..1
    std::array<float, kGraveSubjects.size()> of{};  // of each
};

class GraveNetwork {
 public:
    /// Fails as TextNetwork::open() does.
    static Result<GraveNetwork> open(const std::filesystem::path& file);

    /// Of the two neighbouring sentences that are most likely grave; of no words: 0.
    GraveShares judge(const NormalisedText& text) const;
    /// Of `text` as a whole.
    GraveShares judge_whole(const NormalisedText& text) const;

 private:
    explicit GraveNetwork(TextNetwork network) : network_(std::move(network)) {}

    TextNetwork network_;
    std::vector<float> weight_;  // [1 + subjects, width]
    std::vector<float> bias_;
};

}  // namespace bgm
