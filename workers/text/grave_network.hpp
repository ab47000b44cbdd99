// Tells what a text speaks of, of death, illness, disaster and violence, by a small trained network: for what
// is told without the words that grave_words.hpp knows.
//
// Its file is one of text_network.hpp, with a layer more behind its embedding of d numbers and the e numbers
// of the text encoder's, which know what is glad and what is sad:
//   grave.weight F32 [1 + 4, d + e], grave.bias F32 [1 + 4]: logits of "any" and of each of kGraveSubjects
//   grave.probe F32 [e]: the text encoder's embedding of kGraveProbe, as it was when this was trained
// Relatives, animals and numbers are one word each before its features are taken, so that what it learnt of
// a grandmother holds for an uncle; and words of a kind are seen as that kind, too. Immutable once opened;
// share it between threads.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "schemas/grave_facts.hpp"
#include "schemas/result.hpp"
#include "workers/text/features.hpp"
#include "workers/text/normalise.hpp"
#include "workers/text/text_network.hpp"

namespace bgm {

/// `text` with one word for all relatives, one for all animals, one for all numbers.
NormalisedText with_classes(const NormalisedText& text);

/// What the network sees of a text: its features with_classes(), and the word features that with_kinds()
/// (grave_classes.hpp) adds to them.
void extract_grave_features(const NormalisedText& text, TextFeatures& out);

/// By which a text encoder that is not the one it was trained with is known.
inline constexpr std::string_view kGraveProbe = "오늘 바다 정말 좋았다, what a day by the sea";
/// What the text encoder's embedding is multiplied by.
inline constexpr float kFeelingScale = 0.5F;

struct GraveShares {
    float any = 0;                                  // that it speaks of any of them, 0..1
    std::array<float, kGraveSubjects.size()> of{};  // of each
};

class GraveNetwork {
 public:
    /// Opens grave.safetensors and text.safetensors of `models`. Fails as TextNetwork::open() does, and with
    /// `corrupt` where the second is not the one that the first was trained with.
    static Result<GraveNetwork> open(const std::filesystem::path& models);

    /// Of the sentence that is most likely grave; `any` in the midst, by its log-odds, between its own and
    /// that of the whole text. Of no words: 0. `feelings` is the text encoder's embedding of the whole text,
    /// where it is known already.
    GraveShares judge(const NormalisedText& text, std::span<const float> feelings = {}) const;

 private:
    GraveNetwork(TextNetwork network, TextNetwork feelings)
        : network_(std::move(network)), feelings_(std::move(feelings)) {}

    GraveShares judge_whole(const NormalisedText& text, std::span<const float> feelings) const;

    TextNetwork network_;
    TextNetwork feelings_;
    std::vector<float> weight_;  // [1 + subjects, both widths]
    std::vector<float> bias_;
};

}  // namespace bgm
