// Everything that strangers send goes through a few parsers. Good inputs are damaged at random, always in the
// same way, tens of thousands of times: every answer is a value or an error with a reason, and what was taken
// keeps the promises that the code behind relies on. Run under the sanitizers, this is where they look.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "schemas/codec.hpp"
#include "schemas/safetensors.hpp"
#include "schemas/utf8.hpp"
#include "schemas/validate.hpp"

namespace bgm {
namespace {

class Mutations {
 public:
    explicit Mutations(std::vector<std::string> seeds) : seeds_(std::move(seeds)) {}

    std::string next() {
        std::string text = seeds_[below(seeds_.size())];
        for (std::size_t edits = 1 + below(4); edits > 0; --edits)
            edit(text);
        return text;
    }

 private:
    // Not std::uniform_int_distribution: its numbers differ from library to library.
    std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

    void edit(std::string& text) {
        const std::size_t at = below(text.size() + 1);
        switch (below(6)) {
            case 0:
                if (at < text.size()) text[at] = static_cast<char>(random_());
                break;
            case 1:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1U << below(8)));
                break;
            case 2:
                text.erase(at, 1 + below(8));
                break;
            case 3:
                text.insert(at, 1 + below(4), static_cast<char>(random_()));
                break;
            case 4:  // a piece of another seed
                if (const std::string& other = seeds_[below(seeds_.size())]; !other.empty())
                    text.insert(at, other, below(other.size()), 1 + below(40));
                break;
            default:
                text.resize(at);
        }
    }

    std::vector<std::string> seeds_;
    std::mt19937 random_{20260101};
};

std::string post_json() {
    return R"({"post_id":"p1","user_id":"u1","tenant":"t","text":"비 오는 밤 🌧","lang":"ko","created_at":)"
           R"("2026-01-02T03:04:05.678Z","priority":"LIVE","assets":[{"asset_id":"x","kind":"IMAGE","frame":0},)"
           R"({"kind":"VIDEO","uri":"file:a/b%20c.mp4","sha256":""}],"context":{"local_hour":23,"weather":"rain"},)"
           R"("options":{"tracks":5,"genres":["jazz","kpop"],"exclude_explicit":true}})";
}

void expect_sound(WireFormat format, const std::string& bytes) {
    auto post = decode_post(format, bytes);
    if (!post) {
        ASSERT_EQ(post.error().code, ErrorCode::invalid_argument);
        ASSERT_FALSE(post.error().field.empty());
        ASSERT_FALSE(post.error().message.empty());
        ASSERT_TRUE(valid_utf8(post.error().to_string()));
        return;
    }
    const std::vector<std::size_t> media{1000};
    const PostLimits limits;
    const auto judged = validate_post(*post, media, limits);
    if (!judged) {
        ASSERT_FALSE(judged.error().field.empty());
        ASSERT_TRUE(valid_utf8(judged.error().to_string()));
        return;
    }
    ASSERT_FALSE(post->post_id().empty());
    ASSERT_FALSE(post->tenant().empty());
    ASSERT_LE(post->text().size(), limits.text_bytes_max);
    ASSERT_TRUE(valid_utf8(post->text()));
    ASSERT_FALSE(post->text().empty() && post->assets().empty());
    for (const v1::Asset& asset : post->assets()) {
        ASSERT_FALSE(asset.asset_id().empty());
        ASSERT_NE(asset.has_frame(), !asset.uri().empty());
        if (asset.has_frame()) {
            ASSERT_LT(asset.frame(), media.size());
        }
    }
    v1::Post again;
    ASSERT_TRUE(from_json(to_json(*post), again)) << "what was taken can be written and read again";
}

TEST(DamagedPosts, AreTakenOrRefusedButNeverBreakAnything) {
    const std::string json = post_json();
    const auto post = decode_post(WireFormat::json, json);
    ASSERT_TRUE(post);
    Mutations as_json({json, R"({"post_id":"p","text":"t"})"});
    Mutations as_protobuf({post->SerializeAsString(), std::string("\x0A\x01p\x22\x01t", 6)});
    for (int i = 0; i < 10'000; ++i) {
        ASSERT_NO_FATAL_FAILURE(expect_sound(WireFormat::json, as_json.next())) << "mutation " << i;
        ASSERT_NO_FATAL_FAILURE(expect_sound(WireFormat::protobuf, as_protobuf.next())) << "mutation " << i;
    }
}

TEST(DamagedModelFiles, NeverNameBytesOutsideTheFile) {
    Mutations files({write_safetensors({{"a.weight", "F32", {2, 3}, std::string(24, '\x3F')},
                                        {"b", "F16", {4}, std::string(8, '\x3C')},
                                        {"c", "I8", {}, "x"}},
                                       {{"model", "m"}}),
                     write_safetensors({{"w", "BF16", {1, 1, 1}, "ab"}}, {})});
    for (int i = 0; i < 20'000; ++i) {
        const std::string file = files.next();
        const auto bytes = std::as_bytes(std::span(file));
        const auto read = SafeTensors::parse(bytes);
        if (!read) {
            ASSERT_FALSE(read.error().message.empty());
            continue;
        }
        for (const auto& [name, tensor] : read->tensors()) {
            if (tensor.data.empty()) continue;
            ASSERT_GE(tensor.data.data(), bytes.data()) << name;
            ASSERT_LE(tensor.data.data() + tensor.data.size(), bytes.data() + bytes.size()) << name;
            const auto floats = to_floats(tensor);
            if (floats) {
                ASSERT_EQ(floats->size(), static_cast<std::size_t>(tensor.elements()));
            }
        }
    }
}

}  // namespace
}  // namespace bgm
