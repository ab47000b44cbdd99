#include "workers/text/grave_network.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <unordered_map>

#include "schemas/mapped_file.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/word_pattern.hpp"
#include "workers/text/grave_classes.hpp"
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

/// A tensor of this shape, all of it finite.
Result<std::vector<float>> numbers(const SafeTensors& tensors, std::string_view name,
                                   const std::vector<std::int64_t>& shape) {
    const auto tensor = tensors.find(name);
    if (!tensor) return tensor.error();
    if (tensor->shape != shape) return corrupt("the shape of " + std::string(name) + " does not fit");
    auto values = to_floats(*tensor);
    if (values && !std::ranges::all_of(*values, [](float value) { return std::isfinite(value); }))
        return corrupt("a number is not finite");
    return values;
}

std::vector<float> embedding_of(const TextNetwork& network, const NormalisedText& text) {
    TextFeatures features;
    extract_features(text, features);
    return network.embed(features).values;
}

bool near(std::span<const float> a, std::span<const float> b) {
    constexpr float kApart = 1e-3F;  // other processors round otherwise
    return std::ranges::equal(a, b, [](float x, float y) { return std::fabs(x - y) <= kApart; });
}

float share_of(double logit) {
    return static_cast<float>(1 / (1 + std::exp(-logit)));
}

/// The share of the mean log-odds of both.
float between(float a, float b) {
    const double odds = std::sqrt(static_cast<double>(a) * b);
    const double against = std::sqrt((1 - static_cast<double>(a)) * (1 - static_cast<double>(b)));
    return odds + against > 0 ? static_cast<float>(odds / (odds + against)) : 0.5F;
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

void extract_grave_features(const NormalisedText& text, TextFeatures& out) {
    const NormalisedText folded = with_classes(text);
    extract_features(folded, out);
    TextFeatures kinds;
    extract_features(with_kinds(folded), kinds);
    std::vector<std::uint32_t> known = out.words;
    std::ranges::sort(known);
    for (const std::uint32_t feature : kinds.words) {
        if (!std::ranges::binary_search(known, feature)) out.words.push_back(feature);
    }
}

Result<GraveNetwork> GraveNetwork::open(const std::filesystem::path& models) {
    const auto file = models / "grave.safetensors";
    auto network = TextNetwork::open(file);
    if (!network) return network.error();
    auto feelings = TextNetwork::open(models / "text.safetensors");
    if (!feelings) return feelings.error();
    const auto mapped = MappedFile::open(file, false);
    if (!mapped) return mapped.error();
    const auto tensors = SafeTensors::parse(mapped->bytes());
    if (!tensors) return tensors.error();
    GraveNetwork grave(std::move(*network), std::move(*feelings));
    const auto width = static_cast<std::int64_t>(grave.network_.width() + grave.feelings_.width());
    auto weights = numbers(*tensors, "grave.weight", {kOutputs, width});
    if (!weights) return weights.error();
    auto biases = numbers(*tensors, "grave.bias", {kOutputs});
    if (!biases) return biases.error();
    const auto probe = numbers(*tensors, "grave.probe", {static_cast<std::int64_t>(grave.feelings_.width())});
    if (!probe) return probe.error();
    grave.weight_ = std::move(*weights);
    grave.bias_ = std::move(*biases);
    if (!near(*probe, embedding_of(grave.feelings_, normalise(kGraveProbe))))
        return corrupt("they were trained with another text.safetensors");
    return grave;
}

GraveShares GraveNetwork::judge_whole(const NormalisedText& text, std::span<const float> feelings) const {
    thread_local TextFeatures features;
    features.clear();
    extract_grave_features(text, features);
    const TextEmbedding embedded = network_.embed(features);
    if (embedded.known_features == 0) return {};
    std::vector<float> own;
    if (feelings.size() != feelings_.width()) {
        own = embedding_of(feelings_, text);
        feelings = own;
    }
    const std::size_t width = embedded.values.size() + feelings.size();
    std::array<double, kOutputs> logits{};
    for (std::size_t output = 0; output < kOutputs; ++output) {
        const float* row = weight_.data() + output * width;
        double felt = 0;
        for (std::size_t i = 0; i < feelings.size(); ++i)
            felt += row[embedded.values.size() + i] * feelings[i];
        logits[output] = bias_[output] + felt * kFeelingScale;
        for (std::size_t i = 0; i < embedded.values.size(); ++i)
            logits[output] += row[i] * embedded.values[i];
    }
    GraveShares shares{.any = share_of(logits[0]), .of = {}};
    for (std::size_t i = 0; i < shares.of.size(); ++i)
        shares.of[i] = share_of(logits[i + 1]);
    return shares;
}

GraveShares GraveNetwork::judge(const NormalisedText& text, std::span<const float> feelings) const {
    std::vector<std::size_t> begins{0};  // of the sentences
    for (std::size_t i = 0; i + 1 < text.tokens.size(); ++i) {
        const bool is_mark = text.tokens[i].kind == TokenKind::punctuation;
        if (is_mark && ends_sentence(text.characters(text.tokens[i]))) begins.push_back(i + 1);
    }
    if (begins.size() == 1) return judge_whole(text, feelings);
    begins.push_back(text.tokens.size());
    GraveShares most;
    for (std::size_t i = 0; i + 1 < begins.size(); ++i) {
        const GraveShares shares = judge_whole(part_of(text, begins[i], begins[i + 1]), {});
        if (shares.any > most.any) most = shares;
    }
    most.any = between(most.any, judge_whole(text, feelings).any);
    return most;
}

}  // namespace bgm
