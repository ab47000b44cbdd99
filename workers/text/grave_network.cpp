#include "workers/text/grave_network.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

#include "schemas/mapped_file.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/word_pattern.hpp"
#include "workers/text/grave_words.hpp"

namespace bgm {
namespace {

constexpr std::size_t kOutputs = 1 + kGraveSubjects.size();
constexpr std::size_t kEndingMax = 3;  // syllables of a Korean particle: 할머니께서는

Error corrupt(std::string message) {
    return Error{.code = ErrorCode::corrupt, .message = "grave weights: " + std::move(message)};
}

/// The words of a class by their first character, longest first.
class Members {
 public:
    explicit Members(Word name) {
        for (const Word word : split_at(grave_word_class(name), U'|')) {
            if (!word.ends_with(U'*')) by_first_[word.front()].push_back(word);
        }
        for (auto& [first, words] : by_first_)
            std::ranges::sort(words, [](Word a, Word b) { return a.size() > b.size(); });
    }

    /// How much of `word` is a member, which in Korean may have a particle behind it; 0: none.
    std::size_t match(Word word, bool korean) const {
        const auto found = by_first_.find(word.front());
        if (found == by_first_.end()) return 0;
        for (const Word member : found->second) {
            if (member == word) return member.size();
            if (korean && member.size() > 1 && word.starts_with(member) &&
                word.size() - member.size() <= kEndingMax)
                return member.size();
        }
        return 0;
    }

 private:
    std::unordered_map<char32_t, std::vector<Word>> by_first_;
};

bool ends_sentence(Word mark) {
    constexpr Word kMarks = U".!?…";
    return kMarks.find(mark.front()) != Word::npos;
}

NormalisedText part_of(const NormalisedText& text, std::size_t begin, std::size_t end) {
    NormalisedText part;
    for (std::size_t i = begin; i < end; ++i) {
        Token token = text.tokens[i];
        const auto characters = text.characters(token);
        token.begin = static_cast<std::uint32_t>(part.text.size());
        part.text += characters;
        token.end = static_cast<std::uint32_t>(part.text.size());
        part.tokens.push_back(token);
    }
    return part;
}

float share_of(double logit) {
    return static_cast<float>(1 / (1 + std::exp(-logit)));
}

}  // namespace

NormalisedText with_classes(const NormalisedText& text) {
    static const Members kPets(U"pet"), kKin(U"kin");
    NormalisedText folded;
    for (Token token : text.tokens) {
        const Word characters = text.characters(token);
        const bool korean = token.kind == TokenKind::hangul;
        token.begin = static_cast<std::uint32_t>(folded.text.size());
        if (token.kind == TokenKind::number) {
            folded.text += U'0';
        } else if (korean || token.kind == TokenKind::word) {
            std::size_t taken = 0;
            if (taken = kPets.match(characters, korean); taken > 0) {
                folded.text += korean ? U"반려" : U"pet";
            } else if (taken = kKin.match(characters, korean); taken > 0) {
                folded.text += korean ? U"가족" : U"kin";
            }
            folded.text += characters.substr(taken);
        } else {
            folded.text += characters;
        }
        token.end = static_cast<std::uint32_t>(folded.text.size());
        folded.tokens.push_back(token);
    }
    return folded;
}

Result<GraveNetwork> GraveNetwork::open(const std::filesystem::path& file) {
    auto network = TextNetwork::open(file);
    if (!network) return network.error();
    const auto mapped = MappedFile::open(file, false);
    if (!mapped) return mapped.error();
    const auto tensors = SafeTensors::parse(mapped->bytes());
    if (!tensors) return tensors.error();
    GraveNetwork grave(std::move(*network));
    const auto weight = tensors->find("grave.weight");
    if (!weight) return weight.error();
    const auto bias = tensors->find("grave.bias");
    if (!bias) return bias.error();
    const auto width = static_cast<std::int64_t>(grave.network_.width());
    if (bias->shape != std::vector<std::int64_t>{kOutputs} ||
        weight->shape != std::vector<std::int64_t>{kOutputs, width})
        return corrupt("grave.weight does not fit hidden.bias and the subjects");
    auto weights = to_floats(*weight);
    if (!weights) return weights.error();
    auto biases = to_floats(*bias);
    if (!biases) return biases.error();
    const auto finite = [](float value) { return std::isfinite(value); };
    if (!std::ranges::all_of(*weights, finite) || !std::ranges::all_of(*biases, finite))
        return corrupt("a number is not finite");
    grave.weight_ = std::move(*weights);
    grave.bias_ = std::move(*biases);
    return grave;
}

GraveShares GraveNetwork::judge_whole(const NormalisedText& text) const {
    thread_local TextFeatures features;
    features.clear();
    extract_features(with_classes(text), features);
    const TextEmbedding embedded = network_.embed(features);
    if (embedded.known_features == 0) return {};
    std::array<double, kOutputs> logits{};
    for (std::size_t output = 0; output < kOutputs; ++output) {
        logits[output] = bias_[output];
        const float* row = weight_.data() + output * embedded.values.size();
        for (std::size_t i = 0; i < embedded.values.size(); ++i)
            logits[output] += row[i] * embedded.values[i];
    }
    GraveShares shares{.any = share_of(logits[0]), .of = {}};
    for (std::size_t i = 0; i < shares.of.size(); ++i)
        shares.of[i] = share_of(logits[i + 1]);
    return shares;
}

GraveShares GraveNetwork::judge(const NormalisedText& text) const {
    std::vector<std::size_t> begins{0};  // of the sentences
    for (std::size_t i = 0; i + 1 < text.tokens.size(); ++i) {
        const bool is_mark = text.tokens[i].kind == TokenKind::punctuation;
        if (is_mark && ends_sentence(text.characters(text.tokens[i]))) begins.push_back(i + 1);
    }
    if (begins.size() <= 2) return judge_whole(text);
    begins.push_back(text.tokens.size());
    GraveShares most;
    for (std::size_t i = 0; i + 2 < begins.size(); ++i) {
        const GraveShares shares = judge_whole(part_of(text, begins[i], begins[i + 2]));
        if (shares.any > most.any) most = shares;
    }
    return most;
}

}  // namespace bgm
