// The judge of posts, rule by rule: each row spoils a good post in one place, and names the field, the code
// and the words that the sender must be told.
#include "schemas/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace bgm {
namespace {

using testing::HasSubstr;

v1::Post good_post() {
    v1::Post post;
    post.set_post_id("p-1");
    post.set_user_id("u-1");
    post.set_tenant("acme_KR-1");
    post.set_text("a quiet evening");
    post.set_lang("en");
    auto& image = *post.add_assets();
    image.set_asset_id("photo");
    image.set_kind(v1::Asset::IMAGE);
    image.set_frame(0);
    auto& video = *post.add_assets();
    video.set_kind(v1::Asset::VIDEO);
    video.set_uri("file:clips/one.mp4");
    video.set_sha256(std::string(64, 'a'));
    return post;
}

const PostLimits kSmall{.text_bytes_max = 100,
                        .assets_max = 3,
                        .inline_bytes_max = 1000,
                        .image_bytes_max = 400,
                        .audio_bytes_max = 300,
                        .video_bytes_max = 500,
                        .tracks_max = 7};

TEST(Validation, TakesAGoodPostAndFillsInWhatIsLeftOut) {
    v1::Post post = good_post();
    post.clear_tenant();
    const std::vector<std::size_t> media{400};
    const auto status = validate_post(post, media, kSmall);
    ASSERT_TRUE(status) << status.error().to_string();
    EXPECT_EQ(post.tenant(), "default");
    EXPECT_EQ(post.assets(0).asset_id(), "photo");
    EXPECT_EQ(post.assets(1).asset_id(), "a1");
    // What is made up is never what another asset is called.
    post.mutable_assets(0)->set_asset_id("a1");
    post.mutable_assets(1)->clear_asset_id();
    EXPECT_TRUE(validate_post(post, media, {}));
    EXPECT_EQ(post.assets(1).asset_id(), "a1-2");
}

// Idea: what is said of playlists holds where the operator says nothing: from 5 to 100 tracks.
TEST(Validation, TakesTheLongestPlaylistByDefault) {
    v1::Post post = good_post();
    post.mutable_options()->set_tracks(100);
    post.mutable_options()->set_arc(v1::RISE);
    const std::vector<std::size_t> media{400};
    const auto status = validate_post(post, media, {});
    EXPECT_TRUE(status) << status.error().to_string();
    post.mutable_options()->set_tracks(101);
    EXPECT_FALSE(validate_post(post, media, {}));
}

TEST(Validation, TakesTextAloneAndAnAssetAlone) {
    v1::Post text;
    text.set_post_id("p");
    text.set_text("hi");
    EXPECT_TRUE(validate_post(text, {}, PostLimits{}));
    v1::Post asset;
    asset.set_post_id("p");
    asset.add_assets()->set_kind(v1::Asset::AUDIO);
    asset.mutable_assets(0)->set_uri("file:a.ogg");
    EXPECT_TRUE(validate_post(asset, {}, PostLimits{}));
}

TEST(Validation, TakesValuesThatLieExactlyOnTheirLimits) {
    v1::Post post = good_post();
    post.set_post_id(std::string(128, 'p'));
    post.set_user_id(std::string(128, 'u'));
    post.set_tenant(std::string(64, 't'));
    post.set_lang(std::string(35, 'l'));
    post.set_text(std::string(100, 'x'));
    post.mutable_assets(0)->set_asset_id(std::string(64, 'a'));
    post.mutable_assets(1)->set_uri("file:" + std::string(2043, 'f'));
    post.add_assets()->set_kind(v1::Asset::AUDIO);
    post.mutable_assets(2)->set_uri("https://example.org/a.mp3");
    post.mutable_context()->set_local_hour(23);
    post.mutable_context()->set_weather(std::string(64, 'w'));
    post.mutable_options()->set_tracks(7);
    for (int i = 0; i < 16; ++i)
        post.mutable_options()->add_genres(std::string(64, 'g'));
    post.mutable_created_at()->set_seconds(253402300799);
    const std::vector<std::size_t> media{400};
    const auto status = validate_post(post, media, kSmall);
    EXPECT_TRUE(status) << status.error().to_string();
}

TEST(Validation, TakesAWishToItsEndOrNotAtAll) {
    v1::Post post = good_post();
    post.set_kind(v1::WISH);
    post.set_text(std::string(kWishBytesMax, 'x'));
    const std::vector<std::size_t> media{1};
    EXPECT_TRUE(validate_post(post, media, PostLimits()));
    post.set_text(std::string(64 * 1024, 'x'));
    const auto status = validate_post(post, media, PostLimits());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::too_large);
    EXPECT_EQ(status.error().field, "text");
    EXPECT_NE(status.error().message.find("the limit of a wish, 2048"), std::string::npos);
}

TEST(Validation, LetsALabelBeInAnyScript) {
    v1::Post post = good_post();
    post.set_post_id("글-1");
    post.mutable_context()->set_place("서울 강남");
    const std::vector<std::size_t> media{1};
    EXPECT_TRUE(validate_post(post, media, kSmall));
}

struct Rule {
    const char* title;
    ErrorCode code;
    std::string field;
    std::string reason;
    std::function<void(v1::Post&, std::vector<std::size_t>&)> spoil;
};

std::vector<Rule> rules() {
    const auto invalid = ErrorCode::invalid_argument;
    const auto large = ErrorCode::too_large;
    using Media = std::vector<std::size_t>;
    std::vector<Rule> rules{
        {"post_id missing", invalid, "post_id", "missing", [](auto& p, Media&) { p.clear_post_id(); }},
        {"post_id long", large, "post_id", "128",
         [](auto& p, Media&) { p.set_post_id(std::string(129, 'x')); }},
        {"post_id control", invalid, "post_id", "control", [](auto& p, Media&) { p.set_post_id("a\nb"); }},
        {"post_id NUL", invalid, "post_id", "control",
         [](auto& p, Media&) { p.set_post_id(std::string("a\0b", 3)); }},
        {"post_id DEL", invalid, "post_id", "control", [](auto& p, Media&) { p.set_post_id("a\x7F"); }},
        {"post_id padded left", invalid, "post_id", "space", [](auto& p, Media&) { p.set_post_id(" a"); }},
        {"post_id padded right", invalid, "post_id", "space", [](auto& p, Media&) { p.set_post_id("a "); }},
        {"user_id long", large, "user_id", "128",
         [](auto& p, Media&) { p.set_user_id(std::string(129, 'x')); }},
        {"user_id control", invalid, "user_id", "control", [](auto& p, Media&) { p.set_user_id("\t"); }},
        {"tenant long", invalid, "tenant", "64", [](auto& p, Media&) { p.set_tenant(std::string(65, 'x')); }},
        {"tenant dot", invalid, "tenant", "letters", [](auto& p, Media&) { p.set_tenant("a.b"); }},
        {"tenant slash", invalid, "tenant", "letters", [](auto& p, Media&) { p.set_tenant("../b"); }},
        {"tenant not ASCII", invalid, "tenant", "letters", [](auto& p, Media&) { p.set_tenant("é"); }},
        {"text long", large, "text", "101 bytes", [](auto& p, Media&) { p.set_text(std::string(101, 'x')); }},
        {"lang long", invalid, "lang", "language tag",
         [](auto& p, Media&) { p.set_lang(std::string(36, 'x')); }},
        {"lang no tag", invalid, "lang", "language tag", [](auto& p, Media&) { p.set_lang("en US"); }},
        {"priority", invalid, "priority", "LIVE or BACKFILL",
         [](auto& p, Media&) { p.set_priority(static_cast<v1::Priority>(7)); }},
        {"created_at late", invalid, "created_at", "9999",
         [](auto& p, Media&) { p.mutable_created_at()->set_seconds(253402300800); }},
        {"created_at early", invalid, "created_at", "9999",
         [](auto& p, Media&) { p.mutable_created_at()->set_seconds(-62135596801); }},
        {"created_at nanos negative", invalid, "created_at", "time",
         [](auto& p, Media&) { p.mutable_created_at()->set_nanos(-1); }},
        {"created_at nanos large", invalid, "created_at", "time",
         [](auto& p, Media&) { p.mutable_created_at()->set_nanos(1'000'000'000); }},
        {"nothing in it", invalid, "text", "at least one asset",
         [](auto& p, Media& media) {
             p.clear_text();
             p.clear_assets();
             media.clear();
         }},
        {"assets many", large, "assets", "more than 3",
         [](auto& p, Media&) {
             p.add_assets();
             p.add_assets();
         }},
        {"inline total", large, "assets", "1001 bytes",
         [](auto&, Media& media) {
             media = {400, 601};
         }},
        {"asset_id long", large, "assets[0].asset_id", "64",
         [](auto& p, Media&) { p.mutable_assets(0)->set_asset_id(std::string(65, 'x')); }},
        {"asset_id control", invalid, "assets[1].asset_id", "control",
         [](auto& p, Media&) { p.mutable_assets(1)->set_asset_id("\x01"); }},
        {"asset_id twice", invalid, "assets[1].asset_id", "twice",
         [](auto& p, Media&) { p.mutable_assets(1)->set_asset_id("photo"); }},
        {"kind missing", invalid, "assets[0].kind", "IMAGE, AUDIO or VIDEO",
         [](auto& p, Media&) { p.mutable_assets(0)->clear_kind(); }},
        {"kind unknown", invalid, "assets[0].kind", "IMAGE, AUDIO or VIDEO",
         [](auto& p, Media&) { p.mutable_assets(0)->set_kind(static_cast<v1::Asset::Kind>(9)); }},
        {"two sources", invalid, "assets[0]", "both",
         [](auto& p, Media&) { p.mutable_assets(0)->set_uri("file:x"); }},
        {"no source", invalid, "assets[1]", "needs",
         [](auto& p, Media&) { p.mutable_assets(1)->clear_uri(); }},
        {"uri long", large, "assets[1].uri", "2048",
         [](auto& p, Media&) { p.mutable_assets(1)->set_uri("file:" + std::string(2044, 'x')); }},
        {"uri scheme", invalid, "assets[1].uri", "must start with",
         [](auto& p, Media&) { p.mutable_assets(1)->set_uri("ftp://a/b"); }},
        {"uri leads out", invalid, "assets[1].uri", "out of the media root",
         [](auto& p, Media&) { p.mutable_assets(1)->set_uri("file:a/../../b"); }},
        {"frame absent", invalid, "assets[0].frame", "media frame 1, but the message has 1",
         [](auto& p, Media&) { p.mutable_assets(0)->set_frame(1); }},
        {"frame far away", invalid, "assets[0].frame", "4294967295",
         [](auto& p, Media&) { p.mutable_assets(0)->set_frame(0xFFFFFFFFU); }},
        {"frame shared", invalid, "assets[1].frame", "assets[0]",
         [](auto& p, Media&) {
             p.mutable_assets(1)->clear_uri();
             p.mutable_assets(1)->set_frame(0);
         }},
        {"frame empty", invalid, "assets[0].frame", "empty", [](auto&, Media& media) { media = {0}; }},
        {"image large", large, "assets[0].frame", "401 bytes, more than the limit of 400",
         [](auto&, Media& media) { media = {401}; }},
        {"audio large", large, "assets[0].frame", "limit of 300",
         [](auto& p, Media& media) {
             p.mutable_assets(0)->set_kind(v1::Asset::AUDIO);
             media = {301};
         }},
        {"video large", large, "assets[0].frame", "limit of 500",
         [](auto& p, Media& media) {
             p.mutable_assets(0)->set_kind(v1::Asset::VIDEO);
             media = {501};
         }},
        {"frame of nobody", invalid, "assets", "media frame 1 belongs to no asset",
         [](auto&, Media& media) {
             media = {10, 10};
         }},
        {"sha256 short", invalid, "assets[1].sha256", "64 hex",
         [](auto& p, Media&) { p.mutable_assets(1)->set_sha256(std::string(63, 'a')); }},
        {"sha256 not hex", invalid, "assets[1].sha256", "64 hex",
         [](auto& p, Media&) { p.mutable_assets(1)->set_sha256(std::string(64, 'g')); }},
        {"hour", invalid, "context.local_hour", "0 to 23",
         [](auto& p, Media&) { p.mutable_context()->set_local_hour(24); }},
        {"weather long", large, "context.weather", "64",
         [](auto& p, Media&) { p.mutable_context()->set_weather(std::string(65, 'x')); }},
        {"place control", invalid, "context.place", "control",
         [](auto& p, Media&) { p.mutable_context()->set_place("a\rb"); }},
        {"activity padded", invalid, "context.activity", "space",
         [](auto& p, Media&) { p.mutable_context()->set_activity(" run"); }},
        {"tracks", large, "options.tracks", "limit of 7",
         [](auto& p, Media&) { p.mutable_options()->set_tracks(8); }},
        {"genres many", large, "options.genres", "16",
         [](auto& p, Media&) {
             for (int i = 0; i < 17; ++i)
                 p.mutable_options()->add_genres("g");
         }},
        {"genre long", large, "options.genres[1]", "64",
         [](auto& p, Media&) {
             p.mutable_options()->add_genres("g");
             p.mutable_options()->add_genres(std::string(65, 'x'));
         }},
        {"language control", invalid, "options.languages[0]", "control",
         [](auto& p, Media&) { p.mutable_options()->add_languages("\n"); }},
        {"avoided mood", invalid, "options.avoid_moods[1]", "none of the 13",
         [](auto& p, Media&) {
             p.mutable_options()->add_avoid_moods("sad");
             p.mutable_options()->add_avoid_moods("Sad");
         }},
        {"avoided moods many", large, "options.avoid_moods", "16",
         [](auto& p, Media&) {
             for (int i = 0; i < 17; ++i)
                 p.mutable_options()->add_avoid_moods("sad");
         }},
        {"tempo backwards", invalid, "options.max_tempo", "less than options.min_tempo, 120",
         [](auto& p, Media&) {
             p.mutable_options()->set_min_tempo(120);
             p.mutable_options()->set_max_tempo(119);
         }},
        {"tempo out of reach", invalid, "options.min_tempo", "more than 1000",
         [](auto& p, Media&) { p.mutable_options()->set_min_tempo(1001); }},
        {"era backwards", invalid, "options.era.to_year", "less than options.era.from_year, 1990",
         [](auto& p, Media&) {
             p.mutable_options()->mutable_era()->set_from_year(1990);
             p.mutable_options()->mutable_era()->set_to_year(1989);
         }},
        {"era far away", invalid, "options.era.to_year", "more than 2999",
         [](auto& p, Media&) { p.mutable_options()->mutable_era()->set_to_year(3000); }},
        {"avoided genres many", large, "options.avoid_genres", "16",
         [](auto& p, Media&) {
             for (int i = 0; i < 17; ++i)
                 p.mutable_options()->add_avoid_genres("g");
         }},
        {"avoided language control", invalid, "options.avoid_languages[0]", "control",
         [](auto& p, Media&) { p.mutable_options()->add_avoid_languages("\n"); }},
        {"kind of nobody", invalid, "kind", "POST or WISH",
         [](auto& p, Media&) { p.set_kind(static_cast<v1::PostKind>(9)); }},
        {"wish of nothing", invalid, "text", "a wish needs a text",
         [](auto& p, Media&) {
             p.set_kind(v1::WISH);
             p.clear_text();
         }},
        {"arc of nobody", invalid, "options.arc", "RISE, FALL or LEVEL",
         [](auto& p, Media&) { p.mutable_options()->set_arc(static_cast<v1::Arc>(9)); }},
    };
    return rules;
}

TEST(Validation, NamesTheFieldAndTheReasonOfEveryRule) {
    for (const Rule& rule : rules()) {
        SCOPED_TRACE(rule.title);
        v1::Post post = good_post();
        std::vector<std::size_t> media{100};
        rule.spoil(post, media);
        const auto status = validate_post(post, media, kSmall);
        if (status.ok()) {
            ADD_FAILURE() << "was taken";
            continue;
        }
        EXPECT_EQ(name(status.error().code), name(rule.code));
        EXPECT_EQ(status.error().field, rule.field);
        EXPECT_THAT(status.error().message, HasSubstr(rule.reason));
    }
}

struct Uri {
    std::string uri;
    std::string path;    // where it is one
    std::string reason;  // where it is none
};

// What a file: URI names, after its percent escapes are undone: an escape must not smuggle anything past.
TEST(AMediaPath, LiesBelowTheRootHoweverItIsWritten) {
    const std::vector<Uri> uris{
        {"file:a.jpg", "a.jpg", ""},
        {"file:a/b/c.mp4", "a/b/c.mp4", ""},
        {"file:a%20b.jpg", "a b.jpg", ""},
        {"file:%ED%95%9C.jpg", "한.jpg", ""},
        {"file:a..b/...", "a..b/...", ""},
        {"file:./a", "./a", ""},
        {"file:%41", "A", ""},
        {"file:", "", "names no file"},
        {"", "", "must start with"},
        {"FILE:a", "", "must start with"},
        {"a.jpg", "", "must start with"},
        {"data:,x", "", "must start with"},
        {"http://a/b", "", "must start with"},
        {"file:/etc/passwd", "", "relative"},
        {"file:///etc/passwd", "", "relative"},
        {"file:%2Fetc/passwd", "", "relative"},
        {"file:..", "", "out of the media root"},
        {"file:../a", "", "out of the media root"},
        {"file:a/..", "", "out of the media root"},
        {"file:a/../b", "", "out of the media root"},
        {"file:%2e%2e/a", "", "out of the media root"},
        {"file:a%2f..%2fb", "", "out of the media root"},
        {"file:.%2E/a", "", "out of the media root"},
        {"file:a%00b", "", "NUL"},
        {std::string("file:a\0b", 8), "", "NUL"},
        {"file:a%", "", "broken percent escape"},
        {"file:a%2", "", "broken percent escape"},
        {"file:a%zz", "", "broken percent escape"},
        {"file:a%2g", "", "broken percent escape"},
        {"file:%252e%252e/a", "%2e%2e/a", ""},
    };
    for (const Uri& uri : uris) {
        SCOPED_TRACE(uri.uri);
        const auto path = media_path(uri.uri);
        ASSERT_EQ(path.ok(), uri.reason.empty());
        if (path) {
            EXPECT_EQ(*path, uri.path);
        } else {
            EXPECT_EQ(path.error().code, ErrorCode::invalid_argument);
            EXPECT_THAT(path.error().message, HasSubstr(uri.reason));
        }
    }
}

TEST(FeedbackValidation, NamesTheFieldOfEveryRule) {
    v1::Feedback good;
    good.set_post_id("p");
    for (int i = 0; i < 128; ++i)
        *good.mutable_track_id() += "곡";
    good.set_action(v1::Feedback::LIKED);
    good.mutable_happened_at()->set_seconds(1'790'000'000);
    EXPECT_TRUE(validate_feedback(good, "items[0]"));
    struct Case {
        std::string field;
        std::function<void(v1::Feedback&)> spoil;
    };
    const std::vector<Case> cases{
        {"post_id", [](auto& f) { f.clear_post_id(); }},
        {"track_id", [](auto& f) { f.clear_track_id(); }},
        {"track_id", [](auto& f) { *f.mutable_track_id() += "곡"; }},
        {"post_id", [](auto& f) { f.set_post_id("a\r\nb"); }},
        {"post_id", [](auto& f) { f.set_post_id(" a"); }},
        {"track_id", [](auto& f) { f.set_track_id("a "); }},
        {"user_id", [](auto& f) { f.set_user_id("\t"); }},
        {"user_id", [](auto& f) { f.set_user_id("\xFF"); }},
        {"action", [](auto& f) { f.clear_action(); }},
        {"action", [](auto& f) { f.set_action(static_cast<v1::Feedback::Action>(9)); }},
        {"happened_at", [](auto& f) { f.clear_happened_at(); }},
        {"happened_at", [](auto& f) { f.mutable_happened_at()->set_seconds(253402300800); }},
        {"happened_at", [](auto& f) { f.mutable_happened_at()->set_nanos(-1); }},
    };
    for (const Case& each : cases) {
        v1::Feedback bad = good;
        each.spoil(bad);
        const Status judged = validate_feedback(bad, "items[3]");
        ASSERT_FALSE(judged) << each.field;
        EXPECT_EQ(judged.error().field, "items[3]." + each.field);
        EXPECT_EQ(judged.error().code, ErrorCode::invalid_argument);
    }
}

}  // namespace
}  // namespace bgm
