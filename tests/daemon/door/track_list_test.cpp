// The catalogue seen through filters, page by page: nothing twice, nothing left out, and a wrong filter is
// named.
#include "daemon/door/track_list.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "fusion/catalogue/catalogue_builder.hpp"

namespace bgm {
namespace {

using nlohmann::json;

Catalogue catalogue() {
    std::vector<Track> tracks;
    for (int i = 0; i < 250; ++i) {
        Track track;
        track.track_id = "t-" + std::to_string(1000 + i);
        track.title = i % 2 == 0 ? "Clair de Lune" : "달빛";
        track.artist = "Artist " + std::to_string(i);
        track.genre = i % 5 == 0 ? "kpop" : "classical";
        track.language = i % 2 == 0 ? "zxx" : "ko";
        track.moods[static_cast<std::size_t>(i % 3 == 0 ? Mood::calm : Mood::joyful)] = 1;
        track.affect = {.valence = static_cast<float>(i - 125) / 125, .arousal = -0.5F};
        tracks.push_back(track);
    }
    return std::move(*Catalogue::build(std::move(tracks)));
}

std::size_t total(const json& request) {
    static const Catalogue tracks = catalogue();
    const auto list = list_tracks(tracks, request);
    EXPECT_TRUE(list) << list.error().to_string();
    return list ? (*list)["total"].get<std::size_t>() : 0;
}

TEST(TrackList, GivesEachTrackOnceOverAllPages) {
    const Catalogue tracks = catalogue();
    std::set<std::string> seen;
    json request{{"limit", 60}, {"genre", "classical"}};
    int pages = 0;
    for (json after; pages == 0 || !after.is_null(); ++pages) {
        request["after"] = after;
        const auto list = list_tracks(tracks, request);
        ASSERT_TRUE(list) << list.error().to_string();
        EXPECT_EQ((*list)["total"], 200);
        for (const json& item : (*list)["items"])
            EXPECT_TRUE(seen.insert(item["track_id"]).second) << item;
        after = (*list)["next"];
        ASSERT_LT(pages, 10);
    }
    EXPECT_EQ(pages, 4);
    EXPECT_EQ(seen.size(), 200U);
}

TEST(TrackList, PrintsNumbersAsThePicksDo) {
    Track track;
    track.track_id = "t";
    track.tempo_bpm = 92.3F;
    track.moods[static_cast<std::size_t>(Mood::calm)] = 0.7F;
    track.moods[static_cast<std::size_t>(Mood::sad)] = 0.3F;
    track.affect = {.valence = 0.1F, .arousal = -0.6F};
    const Catalogue tracks = std::move(*Catalogue::build({track}));
    const json item = list_tracks(tracks, json::object()).value()["items"][0];
    EXPECT_EQ(item["tempo_bpm"].dump(), "92.3");
    EXPECT_EQ(item["moods"]["calm"].dump(), "0.7");
    EXPECT_EQ(item["moods"]["sad"].dump(), "0.3");
    EXPECT_EQ(item["moods"]["scary"].dump(), "0.0");
    EXPECT_EQ(item["valence"].dump(), "0.1");
    EXPECT_EQ(item["arousal"].dump(), "-0.6");
}

TEST(TrackList, Filters) {
    EXPECT_EQ(total(json::object()), 250U);
    EXPECT_EQ(total({{"genre", "kpop"}}), 50U);
    EXPECT_EQ(total({{"language", "ko"}}), 125U);
    EXPECT_EQ(total({{"mood", "calm"}}), 84U);
    EXPECT_EQ(total({{"text", "clair DE"}}), 125U);
    EXPECT_EQ(total({{"text", "달빛"}}), 125U);
    EXPECT_EQ(total({{"text", "artist 249"}}), 1U);
    EXPECT_EQ(total({{"text", "T-1007"}}), 1U);
    EXPECT_EQ(total({{"valence_min", 0}, {"valence_max", 0.0}}), 1U);
    EXPECT_EQ(total({{"arousal_min", 0.1}}), 0U);
    EXPECT_EQ(total({{"genre", "kpop"}, {"language", "ko"}, {"mood", "calm"}, {"text", "달빛"}}), 8U);
}

TEST(TrackList, NamesTheFilterThatIsWrong) {
    const Catalogue tracks = catalogue();
    for (const auto& [field, value] :
         std::vector<std::pair<std::string, json>>{{"mood", "happy"},
                                                   {"mood", 3},
                                                   {"text", json::array()},
                                                   {"text", std::string(600, 'a')},
                                                   {"valence_min", 2},
                                                   {"arousal_max", "1"},
                                                   {"limit", 0},
                                                   {"limit", 1001},
                                                   {"limit", -1},
                                                   {"after", 7}}) {
        const auto list = list_tracks(tracks, {{field, value}});
        ASSERT_FALSE(list) << field << " = " << value;
        EXPECT_EQ(list.error().field, field);
        EXPECT_EQ(list.error().code, ErrorCode::invalid_argument);
    }
}

// Three that were listened to, b nearer to a than c is, and one that was not.
Catalogue heard_catalogue() {
    CatalogueBuilder builder;
    const auto add = [&](const char* id, std::vector<float> embedding) {
        Track track;
        track.track_id = id;
        track.moods[static_cast<std::size_t>(Mood::calm)] = 1;
        TrackSound sound;
        sound.loudness_lufs = -14;
        sound.moment_ms = 61'000;
        sound.embedding_model = "m";
        sound.embedding = std::move(embedding);
        EXPECT_TRUE(builder.add(track, sound.embedding.empty() ? nullptr : &sound));
    };
    add("a", {1, 0, 0});
    add("b", {0.8F, 0.6F, 0});
    add("c", {0, 0, 1});
    add("silent", {});
    return std::move(*builder.finish());
}

TEST(SimilarList, GoesByEarWhereATrackWasListenedTo) {
    const Catalogue tracks = heard_catalogue();
    const auto list = list_similar(tracks, {{"track_id", "a"}});
    ASSERT_TRUE(list) << list.error().to_string();
    EXPECT_EQ((*list)["by"], "ear");
    ASSERT_EQ((*list)["items"].size(), 2U) << "neither itself nor what nobody listened to";
    EXPECT_EQ((*list)["items"][0]["track_id"], "b");
    EXPECT_EQ((*list)["items"][0]["similarity"], 0.8);
    EXPECT_EQ((*list)["items"][0]["start_ms"], 61'000);
    EXPECT_EQ((*list)["items"][1]["track_id"], "c");
}

TEST(SimilarList, GoesByMoodElse) {
    const Catalogue tracks = heard_catalogue();
    const auto list = list_similar(tracks, {{"track_id", "silent"}, {"limit", 2}});
    ASSERT_TRUE(list) << list.error().to_string();
    EXPECT_EQ((*list)["by"], "mood");
    EXPECT_EQ((*list)["items"].size(), 2U);
    const Catalogue many = catalogue();
    const auto calm = list_similar(many, {{"track_id", "t-1000"}, {"limit", 1000}});
    ASSERT_TRUE(calm);
    EXPECT_EQ((*calm)["items"].size(), 249U) << "all but itself";
    EXPECT_EQ((*calm)["items"][0]["track_id"], "t-1003") << "the nearest place of the same mood";
}

TEST(SimilarList, NamesWhatIsWrong) {
    const Catalogue tracks = heard_catalogue();
    EXPECT_EQ(list_similar(tracks, {{"track_id", "d"}}).error().code, ErrorCode::not_found);
    EXPECT_EQ(list_similar(tracks, {{"track_id", 7}}).error().field, "track_id");
    EXPECT_EQ(list_similar(tracks, {{"track_id", "a"}, {"limit", 1001}}).error().field, "limit");
    EXPECT_EQ(list_similar(Catalogue(*Catalogue::build({})), {{"track_id", ""}}).error().code,
              ErrorCode::not_found);
}

TEST(TrackList, FindsWhatWordsAskFor) {
    const Catalogue tracks = catalogue();
    const auto list = list_tracks(tracks, {{"q", "차분한 달빛"}, {"limit", 5}});
    ASSERT_TRUE(list) << list.error().to_string();
    ASSERT_EQ((*list)["items"].size(), 5U);
    EXPECT_TRUE((*list)["next"].is_null());
    EXPECT_EQ((*list)["total"], 250) << "what lacks the word may feel so";
    const json& first = (*list)["items"][0];
    EXPECT_EQ(first["title"], "달빛");
    EXPECT_GT(first["moods"]["calm"], 0.9);
    EXPECT_EQ(first["reason"].get<std::string>().rfind("달빛 in title; calm, beautiful ", 0), 0U) << first;
    EXPECT_EQ((*list)["by"], "words");
    const Catalogue heard = heard_catalogue();
    const SoundWish place{.model = heard.sounds().model(),
                          .embedding = {heard.sounds().vector(0).begin(), heard.sounds().vector(0).end()}};
    const auto by_ear = list_tracks(heard, {{"q", "hammers"}}, place);
    ASSERT_TRUE(by_ear) << by_ear.error().to_string();
    EXPECT_EQ((*by_ear)["by"], "ear");
    EXPECT_EQ((*by_ear)["items"][0]["reason"], "sounds like it 100 %");
    const auto filtered = list_tracks(tracks, {{"q", "달빛"}, {"language", "zxx"}});
    ASSERT_TRUE(filtered);
    EXPECT_EQ((*filtered)["total"], 0) << "filters are asked, too";
    EXPECT_EQ(list_tracks(tracks, {{"q", "x"}, {"after", "y"}}).error().field, "after");
    EXPECT_EQ(list_tracks(tracks, {{"q", std::string(513, 'x')}}).error().field, "q");
}

TEST(PathList, GoesFromOneTrackToAnother) {
    const Catalogue tracks = heard_catalogue();
    const auto list = list_path(tracks, {{"track_id", "a"}, {"to", "c"}});
    ASSERT_TRUE(list) << list.error().to_string();
    ASSERT_EQ((*list)["items"].size(), 3U) << "there is no more between them";
    EXPECT_EQ((*list)["items"][0]["track_id"], "a");
    EXPECT_EQ((*list)["items"][1]["track_id"], "b");
    EXPECT_EQ((*list)["items"][2]["track_id"], "c");
    EXPECT_EQ((*list)["items"][1]["similarity"], 0.8);
    EXPECT_TRUE((*list)["items"][1].contains("jump"));
    const auto field = [&](const json& request) { return list_path(tracks, request).error().field; };
    EXPECT_EQ(field({{"track_id", "nobody"}, {"to", "c"}}), "track_id");
    EXPECT_EQ(field({{"track_id", "a"}, {"to", "nobody"}}), "to");
    EXPECT_EQ(field({{"track_id", "a"}}), "to");
    EXPECT_EQ(field({{"track_id", "a"}, {"to", "a"}}), "to");
    EXPECT_EQ(field({{"track_id", "silent"}, {"to", "a"}}), "track_id");
    EXPECT_EQ(field({{"track_id", "a"}, {"to", "c"}, {"length", 2}}), "length");
    EXPECT_EQ(field({{"track_id", "a"}, {"to", "c"}, {"length", 31}}), "length");
}

TEST(TrackList, TellsWhereATrackLiesByEar) {
    const Catalogue tracks = heard_catalogue();
    const auto list = list_tracks(tracks, json::object());
    ASSERT_TRUE(list);
    EXPECT_EQ((*list)["items"][0]["ear"].size(), 2U);
    EXPECT_FALSE((*list)["items"][3].contains("ear"));
}

}  // namespace
}  // namespace bgm
