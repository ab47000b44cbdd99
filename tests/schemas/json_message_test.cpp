// A stranger's post as JSON: what is wrong is named, with what it must be, in our words; what is right is
// read as by the other decoders.
#include "schemas/json_message.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>

#include "schemas/bgm.pb.h"
#include "schemas/codec.hpp"

namespace bgm {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::optional<JsonFault> read(const std::string& json) {
    v1::Post post;
    return read_strict_message(json, post, "post");
}

TEST(AStrictPost, IsReadAsByTheOtherDecoders) {
    for (const char* json :
         {R"({})", R"({"post_id":"p","text":"바다"})",
          R"({"postId":"p","createdAt":"2026-01-02T03:04:05+09:00"})",
          R"({"priority":1,"options":{"tracks":"5","max_duration_ms":1e3}})",
          R"({"text":null,"assets":null,"context":null,"created_at":null})",
          R"({"assets":[{"kind":2,"frame":0.0},{"uri":"file:a"}],"context":{"local_hour":18}})"}) {
        v1::Post strict;
        const auto fault = read_strict_message(json, strict, "post");
        EXPECT_FALSE(fault) << json << fault->error.to_string();
        const auto lenient = decode_post(WireFormat::json, json);
        ASSERT_TRUE(lenient) << json;
        EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(strict, *lenient)) << json;
    }
}

// They are read where they come from clients of long ago, over ZeroMQ, and not over HTTP.
TEST(AStrictPost, IsNotWhatTheLibraryForgives) {
    for (const char* json : {R"({post_id:"p"})", R"({'post_id':'p'})", R"({"post_id":"p",})"}) {
        EXPECT_TRUE(decode_post(WireFormat::json, json)) << json;
        const auto fault = read(json);
        ASSERT_TRUE(fault) << json;
        EXPECT_TRUE(fault->malformed) << json;
        EXPECT_EQ(fault->error.field, "post") << json;
    }
    for (const char* json : {R"({"post_id":"p","post_id":"q"})", R"({"post_id":"p","postId":"q"})"}) {
        const auto fault = read(json);
        ASSERT_TRUE(fault) << json;
        EXPECT_FALSE(fault->malformed) << json;
        EXPECT_EQ(fault->error.field, "post_id") << json;
    }
}

TEST(AStrictPost, ThatIsWrongNamesTheFieldAndWhatItMustBe) {
    struct Case {
        std::string json, field, message;
    };
    const std::vector<Case> cases{
        {"[]", "post", "must be an object"},
        {"null", "post", "must be an object"},
        {R"({"text":5})", "text", "must be a string"},
        {R"({"text":{"a":1}})", "text", "must be a string"},
        {R"({"text":true})", "text", "must be a string"},
        {R"({"user_id":["u"]})", "user_id", "must be a string"},
        {R"({"created_at":{}})", "created_at", "must be a time"},
        {R"({"created_at":1764403200})", "created_at", "must be a time"},
        {R"({"createdAt":"yesterday"})", "created_at", "must be a time"},
        {R"({"created_at":"2026-02-30T00:00:00Z"})", "created_at", "must be a time"},
        {R"({"priority":"URGENT"})", "priority", "must be LIVE or BACKFILL"},
        {R"({"priority":[]})", "priority", "must be LIVE or BACKFILL"},
        {R"({"priority":1.5})", "priority", "must be LIVE or BACKFILL"},
        {R"({"assets":{}})", "assets", "must be a list"},
        {R"({"assets":"a"})", "assets", "must be a list"},
        {R"({"assets":[7]})", "assets[0]", "must be an object"},
        {R"({"assets":[null]})", "assets[0]", "must be an object"},
        {R"({"assets":[{},{"kind":"SMELL"}]})", "assets[1].kind", "must be IMAGE, AUDIO or VIDEO"},
        {R"({"assets":[{"kind":true}]})", "assets[0].kind", "must be IMAGE, AUDIO or VIDEO"},
        {R"({"assets":[{"frame":-1}]})", "assets[0].frame", "must be a whole number"},
        {R"({"assets":[{"frame":"first"}]})", "assets[0].frame", "must be a whole number"},
        {R"({"assets":[{"frame":0.5}]})", "assets[0].frame", "must be a whole number"},
        {R"({"options":{"tracks":4294967296}})", "options.tracks", "must be a whole number"},
        {R"({"options":{"tracks":true}})", "options.tracks", "must be a whole number"},
        {R"({"options":{"exclude_explicit":"yes"}})", "options.exclude_explicit", "must be true or false"},
        {R"({"options":{"exclude_explicit":1}})", "options.exclude_explicit", "must be true or false"},
        {R"({"options":{"genres":"kpop"}})", "options.genres", "must be a list"},
        {R"({"options":{"genres":["a",7]}})", "options.genres[1]", "must be a string"},
        {R"({"context":[]})", "context", "must be an object"},
        {R"({"context":{"wether":"rain"}})", "context.wether", "is not a field"},
        {R"({"":1})", "\"\"", "is not a field"},
    };
    for (const Case& each : cases) {
        const auto fault = read(each.json);
        ASSERT_TRUE(fault) << each.json;
        EXPECT_FALSE(fault->malformed) << each.json;
        EXPECT_EQ(fault->error.field, each.field) << each.json;
        EXPECT_THAT(fault->error.message, HasSubstr(each.message)) << each.json;
        EXPECT_THAT(fault->error.message,
                    Not(AnyOf(HasSubstr("TYPE_"), HasSubstr("proto"), HasSubstr("JSON"))))
            << each.json;
        // Over ZeroMQ it is refused in the same words, where it is refused.
        if (const auto lenient = decode_post(WireFormat::json, each.json); !lenient) {
            EXPECT_EQ(lenient.error().field, each.field) << each.json;
            EXPECT_EQ(lenient.error().message, fault->error.message) << each.json;
        }
    }
}

TEST(AStrictPost, OfNoUtf8NamesTheField) {
    const auto fault = read("{\"assets\":[{},{\"uri\":\"\xC0\xAF\"}]}");
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->error.field, "assets[1].uri");
}

}  // namespace
}  // namespace bgm
