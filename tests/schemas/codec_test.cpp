// The bytes of the wire are a contract with programs that others wrote: what is sent is held byte for byte,
// what is received may be spelled either way, and whatever cannot be read is refused with the field's name.
#include "schemas/codec.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "schemas/utf8.hpp"

namespace bgm {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string wire_string(int field, std::string_view value) {
    std::string bytes{static_cast<char>(field << 3 | 2), static_cast<char>(value.size())};
    return bytes.append(value);
}

TEST(HeaderFrame, IsOneOfTwoWordsAndNothingElse) {
    EXPECT_EQ(header_frame(WireFormat::json), "BGM1/json");
    EXPECT_EQ(header_frame(WireFormat::protobuf), "BGM1/protobuf");
    EXPECT_EQ(wire_format("BGM1/json"), WireFormat::json);
    EXPECT_EQ(wire_format("BGM1/protobuf"), WireFormat::protobuf);
    for (const std::string_view other :
         {std::string_view(""), std::string_view("BGM1/json\0", 10), std::string_view("BGM1/JSON"),
          std::string_view("BGM2/json"), std::string_view("BGM1/"), std::string_view("{}")}) {
        EXPECT_FALSE(wire_format(other)) << other;
    }
}

// The bytes are hashed: they decide which posts are the same, in journals of before, too.
TEST(EncodePost, GivesTheBytesOfTheLibrary) {
    v1::Post post;
    EXPECT_EQ(encode_post(post), "");
    for (const std::size_t length : {1, 127, 128, 20'000}) {
        post.set_text(std::string(length, 'a') + "슬프다 🎉");
        EXPECT_EQ(encode_post(post), post.SerializeAsString());
    }
    post.set_post_id("p1");
    EXPECT_EQ(encode_post(post), post.SerializeAsString());
    post.set_lang("ko");
    post.set_tenant("default");
    post.mutable_created_at()->set_seconds(7);
    post.mutable_options()->set_tracks(3);
    post.add_assets()->set_uri("file:a");
    EXPECT_EQ(encode_post(post), post.SerializeAsString());
    EXPECT_TRUE(post.text().ends_with("🎉")) << "the post is as it was";
    // What the library does not know, or knows as something else, comes last.
    v1::Post strange;
    const std::string unknown = std::string("\x08\x01\x20\x02", 4) + wire_string(15, "new");
    for (const std::string& bytes :
         {unknown + wire_string(4, "a"),
          wire_string(1, "p") + unknown + wire_string(4, "a") + wire_string(3, "t"),
          wire_string(4, "a") + wire_string(1, "p") + std::string("\x10\x01", 2)}) {
        ASSERT_TRUE(strange.ParseFromString(bytes));
        EXPECT_EQ(encode_post(strange), strange.SerializeAsString());
    }
}

v1::Ack rejected_ack() {
    v1::Ack ack;
    ack.set_post_id("p\"1");
    ack.set_status(v1::Ack::REJECTED);
    ack.mutable_error()->set_code("too_large");
    ack.mutable_error()->set_field("text");
    ack.mutable_error()->set_message("is long");
    return ack;
}

TEST(AnAck, IsTheseBytesAsJson) {
    v1::Ack accepted;
    accepted.set_post_id("p1");
    accepted.set_status(v1::Ack::ACCEPTED);
    accepted.set_revision(2);
    EXPECT_EQ(encode_ack(WireFormat::json, accepted), R"({"post_id":"p1","status":"ACCEPTED","revision":2})");
    EXPECT_EQ(
        encode_ack(WireFormat::json, rejected_ack()),
        R"({"post_id":"p\"1","status":"REJECTED","error":{"code":"too_large","field":"text","message":"is long"}})");
    v1::Ack busy;
    busy.set_post_id("p1");
    busy.set_status(v1::Ack::BUSY);
    busy.set_retry_after_ms(250);
    EXPECT_EQ(encode_ack(WireFormat::json, busy), R"({"post_id":"p1","status":"BUSY","retry_after_ms":250})");
}

TEST(AnAck, IsTheseBytesAsProtobuf) {
    v1::Ack ack;
    ack.set_post_id("p1");
    ack.set_status(v1::Ack::BUSY);
    ack.set_revision(2);
    ack.set_retry_after_ms(250);
    EXPECT_EQ(encode_ack(WireFormat::protobuf, ack), std::string("\x0A\x02p1\x10\x04\x18\x02\x28\xFA\x01"));
}

TEST(APost, IsTheSameFromSnakeCaseCamelCaseAndProtobuf) {
    const std::string snake = R"({"post_id":"p1","user_id":"u","created_at":"2026-01-02T03:04:05Z",
        "priority":"BACKFILL","assets":[{"asset_id":"x","kind":"IMAGE","frame":0}],
        "context":{"local_hour":0},"options":{"exclude_explicit":true,"max_duration_ms":9}})";
    const std::string camel = R"({"postId":"p1","userId":"u","createdAt":"2026-01-02T03:04:05Z",
        "priority":1,"assets":[{"assetId":"x","kind":1,"frame":0}],
        "context":{"localHour":0},"options":{"excludeExplicit":true,"maxDurationMs":9}})";
    const auto from_snake = decode_post(WireFormat::json, snake);
    const auto from_camel = decode_post(WireFormat::json, camel);
    ASSERT_TRUE(from_snake) << from_snake.error().to_string();
    ASSERT_TRUE(from_camel) << from_camel.error().to_string();
    const auto from_protobuf = decode_post(WireFormat::protobuf, from_snake->SerializeAsString());
    ASSERT_TRUE(from_protobuf);
    using google::protobuf::util::MessageDifferencer;
    EXPECT_TRUE(MessageDifferencer::Equals(*from_snake, *from_camel));
    EXPECT_TRUE(MessageDifferencer::Equals(*from_snake, *from_protobuf));
    EXPECT_EQ(from_snake->priority(), v1::BACKFILL);
    EXPECT_TRUE(from_snake->assets(0).has_frame()) << "frame 0 is not the same as no frame";
    EXPECT_TRUE(from_snake->context().has_local_hour());
    EXPECT_EQ(from_snake->created_at().seconds(), 1767323045);
}

TEST(APost, MayHaveProtobufFieldsOfALaterVersion) {
    const auto post =
        decode_post(WireFormat::protobuf, wire_string(1, "p1") + std::string("\xF8\x7F\x05", 3));
    ASSERT_TRUE(post);
    EXPECT_EQ(post->post_id(), "p1");
}

struct BadJson {
    std::string json;
    std::string field;
};

TEST(AJsonPost, ThatCannotBeReadIsRefusedWithTheFieldsName) {
    const std::vector<BadJson> cases{
        {"", "post"},
        {"null", "post"},
        {"[]", "post"},
        {"7", "post"},
        {"\"post\"", "post"},
        {"{", "post"},
        {R"({"post_id":"p")", "post"},
        {R"({"post_id":"p"} {})", "post"},
        {R"({"postid":"p"})", "postid"},
        {R"({"context":{"wether":"rain"}})", "context.wether"},
        {R"({"assets":[{"kind":"IMAGE"},{"kind":"SMELL"}]})", "assets[1].kind"},
        {R"({"priority":"URGENT"})", "priority"},
        {R"({"options":{"tracks":-1}})", "options.tracks"},
        {R"({"options":{"tracks":4294967296}})", "options.tracks"},
        {R"({"created_at":"yesterday"})", "created_at"},
        {R"({"text":{"a":1}})", "text"},
        {R"({"text":5})", "text"},
        {R"({"":1})", "\"\""},
        {R"({"assets":[7]})", "assets[0]"},
        {R"({"assets":[{},{"uri":[]}]})", "assets[1].uri"},
        {R"({"options":{"genres":["a",7]}})", "options.genres[1]"},
        {R"({text:5})", "text"},  // read leniently, and wrong even so
    };
    for (const BadJson& bad : cases) {
        SCOPED_TRACE(bad.json);
        const auto post = decode_post(WireFormat::json, bad.json);
        if (post.ok()) {
            ADD_FAILURE() << "was read: " << post->ShortDebugString();
            continue;
        }
        EXPECT_EQ(post.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(post.error().field, bad.field) << post.error().to_string();
        EXPECT_FALSE(post.error().message.empty());
    }
}

// The answer goes back over the wire and into the log: it must be text itself, short, and not an echo.
TEST(TheReasonOfARefusal, IsShortAndWellFormedWhateverWasSent) {
    for (const std::string& json :
         {R"({")" + std::string(100'000, 'k') + R"(":1})",
          R"({"priority":")" + std::string(100'000, 'v') + R"("})", "{" + std::string(100'000, ' ') + "!",
          std::string(R"({"한한한":1})"), std::string("\xFF\xFE{}")}) {
        const auto post = decode_post(WireFormat::json, json);
        ASSERT_FALSE(post);
        EXPECT_LE(post.error().message.size(), 300U);
        EXPECT_LE(post.error().field.size(), 300U);
        EXPECT_TRUE(valid_utf8(post.error().message));
        EXPECT_TRUE(valid_utf8(post.error().field));
    }
}

TEST(TextThatIsNotUtf8, IsRefusedInTheFieldThatHoldsIt) {
    struct Case {
        WireFormat format;
        std::string bytes;
        std::string field;
    };
    const std::string asset_with_bad_uri = wire_string(4, "file:\xC0\xAF");
    const std::string good_asset = wire_string(1, "x");
    const std::vector<Case> cases{
        {WireFormat::json, "{\"post_id\":\"p\",\"text\":\"a\xFF\"}", "text"},
        {WireFormat::json, "{\"text\":\"한\",\"user_id\":\"\xED\xA0\x80\"}", "user_id"},
        {WireFormat::json, "{\"assets\":[{},{\"uri\":\"\xC0\xAF\"}]}", "assets[1].uri"},
        {WireFormat::json, "{\"options\":{\"genres\":[\"a\",\"b\xE2\x82\"]}}", "options.genres[1]"},
        {WireFormat::json, "{\"po\xFFst\":1}", "post"},
        {WireFormat::json, "\xFF", "post"},
        {WireFormat::json, "{\"text\":\"cut off\xE2\x82", "post"},
        {WireFormat::protobuf, wire_string(1, "p") + wire_string(4, "a\xFF"), "text"},
        {WireFormat::protobuf, wire_string(8, good_asset) + wire_string(8, asset_with_bad_uri),
         "assets[1].uri"},
        {WireFormat::protobuf, wire_string(9, wire_string(3, "\xED\xA0\x80")), "context.place"},
        {WireFormat::protobuf, wire_string(10, wire_string(2, "ok") + wire_string(2, "\xFE")),
         "options.genres[1]"},
    };
    for (const Case& bad : cases) {
        SCOPED_TRACE(bad.field);
        const auto post = decode_post(bad.format, bad.bytes);
        ASSERT_FALSE(post);
        EXPECT_EQ(post.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(post.error().field, bad.field);
        EXPECT_THAT(post.error().message, HasSubstr("not valid UTF-8"));
    }
}

// A stack frame per bracket would end the daemon.
TEST(DeepNesting, IsRefused) {
    for (const char* bracket : {"[", "{\"a\":", "{\"context\":", "{\"assets\":["}) {
        std::string json;
        for (int i = 0; i < 200'000; ++i)
            json += bracket;
        EXPECT_FALSE(decode_post(WireFormat::json, json)) << bracket;
    }
    std::string groups(200'000, '\x0B');  // group number 1 opens, again and again
    EXPECT_FALSE(decode_post(WireFormat::protobuf, groups));
}

TEST(AProtobufPost, IsRefusedAtEveryLengthThatCutsAField) {
    v1::Post whole;
    whole.set_post_id("p-1");
    whole.mutable_context()->set_weather("rain");
    const std::string bytes = whole.SerializeAsString();
    const std::size_t first_field = 2 + whole.post_id().size();
    for (std::size_t length = 1; length < bytes.size(); ++length) {
        const auto post = decode_post(WireFormat::protobuf, std::string_view(bytes).substr(0, length));
        EXPECT_EQ(post.ok(), length == first_field) << length;
        if (!post) {
            EXPECT_EQ(post.error().field, "post");
        }
    }
}

TEST(Garbage, IsNoPost) {
    const std::string garbage("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12);
    EXPECT_FALSE(decode_post(WireFormat::protobuf, garbage));
    EXPECT_FALSE(decode_post(WireFormat::json, garbage));
    // A length that promises 2 GB is not believed.
    EXPECT_FALSE(decode_post(WireFormat::protobuf, std::string("\x22\xFF\xFF\xFF\xFF\x07", 6)));
}

// Readers of events need no defaults: zeros are written out, in snake_case, and lead back to the message.
TEST(JsonOfAMessage, WritesZerosAndReadsBack) {
    v1::Pick pick;
    pick.set_post_id("p1");
    pick.add_tracks()->set_track_id("t1");
    const std::string json = to_json(pick);
    const auto object = nlohmann::json::parse(json);
    EXPECT_EQ(object["post_id"], "p1");
    EXPECT_EQ(object["ambiguous"], false);
    EXPECT_EQ(object["confidence"], 0.0);
    EXPECT_EQ(object["tracks"][0]["start_ms"], 0);
    EXPECT_EQ(json.find('\n'), std::string::npos);
    v1::Pick again;
    ASSERT_TRUE(from_json(json, again));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(pick, again));
    EXPECT_THAT(from_json("{\"x\":1}", again).error().field, StartsWith("x"));
}

}  // namespace
}  // namespace bgm
