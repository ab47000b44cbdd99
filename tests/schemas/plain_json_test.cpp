// The fast JSON path may refuse a document, but it must never read one differently from the general decoder.
#include "schemas/plain_json.hpp"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <random>

#include "schemas/bgm.pb.h"

namespace bgm {
namespace {

constexpr std::string_view kPost = R"({"post_id": "p-1", "user_id": "u-7", "tenant": "default",
 "text": "오늘 바다 \u00e9\n너무 좋았다! \ud83c\udf0a", "lang": "ko", "created_at": "2026-11-20T09:00:00.25Z", "priority": "BACKFILL",
 "assets": [{"asset_id": "a0", "kind": "IMAGE", "frame": 0}, {"kind": "VIDEO", "uri": "file:clips/sea.mp4"},
            {"asset_id": "a2", "kind": "AUDIO", "uri": "https://media.example/a.ogg", "sha256": "00"}],
 "context": {"local_hour": 18, "weather": "clear", "place": "beach", "activity": "walk"},
 "options": {"tracks": 5, "genres": ["kpop", "jazz"], "exclude_explicit": true, "max_duration_ms": 240000}})";

// Both decoders on one document: the fast one may say no, but not something else.
void expect_agreement(const std::string& json) {
    v1::Post fast;
    if (!read_plain_json(json, fast)) return;
    v1::Post general;
    const auto status = google::protobuf::util::JsonStringToMessage(json, &general);
    ASSERT_TRUE(status.ok()) << json << "\n" << status.ToString();
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(fast, general))
        << json << "\n"
        << fast.DebugString() << general.DebugString();
}

TEST(PlainJson, ReadsWhatClientsSend) {
    v1::Post post;
    ASSERT_TRUE(read_plain_json(kPost, post));
    EXPECT_EQ(post.text(), "오늘 바다 é\n너무 좋았다! 🌊");
    EXPECT_EQ(post.assets(1).uri(), "file:clips/sea.mp4");
    EXPECT_TRUE(post.assets(0).has_frame());
    EXPECT_FALSE(post.assets(1).has_frame());
    EXPECT_EQ(post.created_at().nanos(), 250'000'000);
    EXPECT_EQ(post.options().genres(1), "jazz");
    expect_agreement(std::string(kPost));
}

TEST(PlainJson, LeavesTheUnusualToTheGeneralDecoder) {
    for (const char* json : {
             R"([])",
             R"("text")",
             R"({)",
             R"({"text": 5})",
             R"({"text": null})",
             R"({"postId": "a"})",
             R"({"unknown": 1})",
             R"({"priority": 1})",
             R"({"priority": "live"})",
             R"({"text": "a", "text": "b"})",
             R"({"context": {"local_hour": "18"}})",
             R"({"context": {"local_hour": 18.0}})",
             R"({"context": {"local_hour": -1}})",
             R"({"context": {"local_hour": 4294967296}})",
             R"({"assets": {"kind": "IMAGE"}})",
             R"({"assets": [null]})",
             R"({"created_at": "yesterday"})",
             R"({"created_at": 5})",
             R"({"text": "\ud800"})",
             "{\"text\": \"\xff\"}",
             R"({"options": []})",
             R"({"text":"a"} x)",
         }) {
        v1::Post post;
        EXPECT_FALSE(read_plain_json(json, post)) << json;
    }
}

// Bytes are changed, doubled, dropped and copied about; most results are no JSON, some are, and a few are
// plain.
TEST(PlainJson, NeverReadsADocumentDifferently) {
    std::mt19937 random(20261121);
    const auto pick = [&](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    constexpr std::string_view kBytes = "{}[]\",:0123456789.-+eE\\utfnl aZ_\x01\xc3\xff";
    for (int round = 0; round < 20'000; ++round) {
        std::string json(kPost);
        for (std::size_t edits = 1 + pick(3); edits > 0; --edits) {
            const std::size_t at = pick(json.size());
            switch (pick(4)) {
                case 0:
                    json[at] = kBytes[pick(kBytes.size())];
                    break;
                case 1:
                    json.erase(at, 1 + pick(4));
                    break;
                case 2:
                    json.insert(at, 1, kBytes[pick(kBytes.size())]);
                    break;
                default:
                    json.insert(at, json.substr(pick(json.size()), pick(40)));
                    break;
            }
        }
        expect_agreement(json);
    }
}

}  // namespace
}  // namespace bgm
