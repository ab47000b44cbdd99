// Whatever a text holds, a tokeniser gives ids of its vocabulary between a start and an end, and cutting is
// the same as encoding all of it and taking the first ids.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/workers/tokenizers/small_models.hpp"
#include "workers/tokenizers/characters.hpp"

namespace bgm::test {
namespace {

constexpr std::size_t kWhole = 1U << 30;

class RandomText : public testing::Test {
 protected:
    RandomText() {
        write_byte_pairs(clip_, small_clip({{"a", "b"}, {"ab", "c</w>"}, {"í", "ķ"}, {"!", "!"}}));
        write_byte_pairs(bytes_, small_byte_level({{"a", "b"}, {"Ġ", "ab"}, {"Ġ", "Ġ"}, {"ì", "ķ"}}));
        cased_.write("vocab.txt", vocabulary_lines({"A", "a", "##a", "##b", "!", "가", "##나", "猫", "é"}));
        uncased_.write("vocab.txt", vocabulary_lines({"a", "##a", "##b", "!", "ᄀ", "##ᅡ", "猫"}));
        for (const TemporaryFolder* folder : {&clip_, &bytes_, &cased_, &uncased_}) {
            tokenizers_.push_back(open(*folder));
            tokenizers_.push_back(open(*folder, TokenizerOptions::as_reference()));
        }
    }

    void check(const std::string& text) {
        for (const auto& tokenizer : tokenizers_) {
            const auto whole = tokenizer->encode(text, kWhole);
            ASSERT_GE(whole.size(), 2U);
            ASSERT_EQ(whole.front(), tokenizer->start_id());
            ASSERT_EQ(whole.back(), tokenizer->end_id());
            for (const std::int64_t id : whole) {
                ASSERT_GE(id, 0);
                ASSERT_LT(id, static_cast<std::int64_t>(tokenizer->ids_end()));
            }
            const auto cut = tokenizer->encode(text, 9);
            ASSERT_EQ(cut.size(), std::min<std::size_t>(whole.size(), 9));
            ASSERT_TRUE(std::equal(cut.begin(), cut.end() - 1, whole.begin()));
            ASSERT_EQ(cut.back(), tokenizer->end_id());
        }
    }

    TemporaryFolder clip_, bytes_, cased_, uncased_;
    std::vector<std::unique_ptr<Tokenizer>> tokenizers_;
    std::mt19937 random_{20240607};
};

TEST_F(RandomText, Bytes) {
    for (int round = 0; round < 1500; ++round) {
        std::string text(random_() % 64, '\0');
        for (char& byte : text)
            byte = static_cast<char>(random_());
        check(text);
    }
}

TEST_F(RandomText, CodePoints) {
    for (int round = 0; round < 1500; ++round) {
        std::string text;
        for (std::size_t i = random_() % 32; i > 0; --i) {
            // Any plane, with more of the first: marks, letters with accents, Hangul and its letters.
            const std::uint32_t end =
                std::array<std::uint32_t, 4>{0x80, 0x400, 0x10000, 0x110000}[random_() % 4];
            const std::uint32_t character = random_() % end;
            if (character < 0xD800 || character > 0xDFFF) append_utf8(text, character);
        }
        check(text);
    }
}

TEST_F(RandomText, PiecesThatMeanSomethingTogether) {
    static constexpr std::array<std::string_view, 20> kPieces{
        "a",      "ab",      "'s",     "'",      " ",      "  ",    "\n",     "\u3000",        "e",
        "\u0301", "가",      "\u1100", "\u1161", "\u11A8", "[SEP]", "<mask>", "<|endoftext|>", "猫",
        "1",      "\xED\xA0"};
    for (int round = 0; round < 1500; ++round) {
        std::string text;
        for (std::size_t i = random_() % 24; i > 0; --i)
            text += kPieces[random_() % kPieces.size()];
        check(text);
    }
}

TEST_F(RandomText, LongOnes) {
    for (const std::string_view piece :
         {"a", "ab", "가", "\u0301", "\u0301\u0323", " ", "\xFF", "!", "[SEP]", "a "})
        check(repeated(piece, 65536 / piece.size()));
}

}  // namespace
}  // namespace bgm::test
