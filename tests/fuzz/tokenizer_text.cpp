// Texts of strangers, to ids by each of the three kinds of tokeniser, and as the built-in encoder reads them.
// The first byte chooses how long the ids may be.
#include <memory>
#include <vector>

#include "tests/fuzz/input_folder.hpp"
#include "tests/fuzz/judge_ids.hpp"
#include "tests/workers/tokenizers/small_models.hpp"
#include "workers/text/features.hpp"
#include "workers/text/language.hpp"
#include "workers/text/normalise.hpp"

namespace {

std::vector<std::unique_ptr<bgm::Tokenizer>> open_all() {
    using namespace bgm;
    std::vector<std::unique_ptr<Tokenizer>> tokenizers;
    for (const bool reference : {false, true}) {
        const TokenizerOptions options = reference ? TokenizerOptions::as_reference() : TokenizerOptions{};
        TemporaryFolder clip, bytes, words, capitals;
        test::write_byte_pairs(clip,
                               test::small_clip({{"a", "b"}, {"ab", "c</w>"}, {"l", "o"}, {"lo", "w</w>"}}));
        test::write_byte_pairs(bytes, test::small_byte_level({{"a", "b"}, {"\u0120", "a"}, {"ab", "ab"}}));
        words.write("vocab.txt",
                    test::vocabulary_lines({"a", "##a", "low", "##er", "\uAC00", "##\uB098", "!", "\u4E00"}));
        capitals.write("vocab.txt", test::vocabulary_lines({"A", "a", "##A", "##b", "\u00C9", "e\u0301"}));
        for (const TemporaryFolder* folder : {&clip, &bytes, &words, &capitals})
            tokenizers.push_back(test::open(*folder, options));
    }
    return tokenizers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bgm;
    static const auto tokenizers = open_all();
    std::string_view text = fuzz::as_text(data, size);
    const unsigned choice = fuzz::take_choice(text);
    for (const auto& tokenizer : tokenizers)
        fuzz::judge_ids(*tokenizer, text, choice % 2 == 0 ? tokenizer->length_max() : 2 + choice);

    const NormalisedText normalised = normalise(text);
    (void)detect_language(normalised, "ko");
    TextFeatures features;
    extract_features(normalised, features);
    return 0;
}
