// Picks, dead letters and tracks with every column filled, in characters that are easily broken on the way.
#pragma once

#include <string>
#include <vector>

#include "fusion/catalogue/track.hpp"
#include "schemas/bgm.pb.h"

namespace bgm::test {

// Quotes, backslashes, control characters, NUL, Ctrl-Z, LIKE's wildcards, Korean, a four-byte emoji with a
// joiner.
inline const std::string kAwkward = std::string("it's \"q\" \\ \\' % _ ; -- /* \n\r\t\x1a") +
                                    std::string(1, '\0') + "오늘 바다 🌊👩‍👩‍👧 é\xcc\x81";

inline google::protobuf::Timestamp time_of(std::int64_t seconds, std::int32_t microseconds = 0) {
    google::protobuf::Timestamp time;
    time.set_seconds(seconds);
    time.set_nanos(microseconds * 1000);
    return time;
}

/// Two tracks, "t-1" and "t-2 🎹".
inline std::vector<Track> sample_tracks() {
    Track first;
    first.track_id = "t-1";
    first.title = "달빛 🌙 '" + kAwkward;
    first.artist = "Claude Debussy";
    first.album = "Suite bergamasque";
    first.genre = "classical";
    first.language = "zxx";
    first.duration_ms = 300'000;
    first.tempo_bpm = 66.5F;
    first.year = 1905;
    first.uri = "https://music.example/1?a=b&c='d'";
    first.license = "public domain";
    first.moods[static_cast<std::size_t>(Mood::calm)] = 0.7F;
    first.moods[static_cast<std::size_t>(Mood::dreamy)] = 0.1F;
    first.affect = {.valence = 0.3F, .arousal = -0.6F};
    first.source = "starter";
    Track second = first;
    second.track_id = "t-2 🎹";
    second.title = "100% energy_now";
    second.artist = "밴드";
    second.genre = "kpop";
    second.language = "ko";
    second.is_explicit = true;
    second.moods = {};
    second.moods[static_cast<std::size_t>(Mood::energizing)] = 1.0F / 3;
    second.affect = {.valence = -1, .arousal = 1};
    return {first, second};
}

/// With the two sample tracks.
inline v1::Pick sample_pick(const std::string& tenant, const std::string& post_id, std::uint32_t revision = 1,
                            std::int64_t picked_at = 1'790'000'000) {
    v1::Pick pick;
    pick.set_tenant(tenant);
    pick.set_post_id(post_id);
    pick.set_revision(revision);
    pick.set_user_id("u-'7' 🙂");
    pick.set_mood("calm");
    pick.set_confidence(0.7F);
    pick.set_ambiguous(true);
    pick.set_valence(0.1F);
    pick.set_arousal(-1.0F / 3);
    for (std::size_t at = 0; at < kMoodCount; ++at) {
        (*pick.mutable_moods())[std::string(name(static_cast<Mood>(at)))] = 1.0F / static_cast<float>(at + 3);
    }
    (*pick.mutable_modalities())["text"] = 0.75F;
    (*pick.mutable_modalities())["video"] = 0.25F;
    v1::Degraded* degraded = pick.add_degraded();
    degraded->set_modality("image");
    degraded->set_asset_id("a0");
    degraded->set_code("corrupt");
    degraded->set_message("not a JPEG: " + kAwkward);
    pick.set_model("builtin/1 '한'");
    *pick.mutable_created_at() = time_of(1'789'999'999, 123'456);
    *pick.mutable_picked_at() = time_of(picked_at, 654'321);
    pick.set_language("ko");
    pick.add_likely_moods("calm");
    pick.add_likely_moods("dreamy");
    v1::Caption* caption = pick.add_captions();
    caption->set_asset_id("a1");
    caption->set_text("a photo of '" + kAwkward);
    v1::Facts* facts = pick.add_facts();
    facts->set_asset_id("a1");
    facts->set_modality("image");
    facts->set_model("faces/1 '한'");
    (*facts->mutable_values())["faces"] = 2;
    (*facts->mutable_values())["smiling"] = 1.0F / 3;
    facts->set_text("오늘 '" + kAwkward);
    facts->set_summary("2 faces, text read");
    for (const char* modality : {"text", "image"}) {
        v1::Evidence* evidence = pick.add_evidence();
        evidence->set_modality(modality);
        evidence->set_asset_id(std::string(modality) == "text" ? "" : "a1");
        evidence->set_model("head/1 '한'");
        (*evidence->mutable_moods())["calm"] = 0.75F;
        (*evidence->mutable_moods())["sad"] = 0.25F;
        evidence->set_valence(-1.0F / 3);
        evidence->set_arousal(0.125F);
        evidence->set_precision(1.5F);
        evidence->set_felt(0.5F);
    }
    const std::vector<Track> tracks = sample_tracks();
    for (std::size_t at = 0; at < tracks.size(); ++at) {
        v1::PickTrack* track = pick.add_tracks();
        track->set_position(static_cast<std::uint32_t>(at) + 1);
        track->set_track_id(tracks[at].track_id);
        track->set_title(tracks[at].title);
        track->set_artist(tracks[at].artist);
        track->set_uri(tracks[at].uri);
        track->set_score(0.9F / static_cast<float>(at + 1));
        track->set_start_ms(30'000);
        track->mutable_reason()->set_text("both calm 🌊 '" + kAwkward);
        track->mutable_reason()->add_moods("calm");
        track->mutable_reason()->set_mood_match(0.8F);
        track->mutable_reason()->set_affect_match(0.1F);
    }
    return pick;
}

inline v1::DeadLetter sample_dead(const std::string& tenant, const std::string& post_id,
                                  std::uint32_t revision = 1, std::int64_t died_at = 1'790'000'000) {
    v1::DeadLetter dead;
    dead.set_tenant(tenant);
    dead.set_post_id(post_id);
    dead.set_revision(revision);
    dead.set_stage("analyse");
    dead.set_code("corrupt");
    dead.set_message("no usable modality: " + kAwkward);
    dead.set_attempts(3);
    *dead.mutable_died_at() = time_of(died_at, 1);
    dead.mutable_post()->set_post_id(post_id);
    dead.mutable_post()->set_text(kAwkward);
    return dead;
}

/// As the tables are given them.
template <typename Message>
std::vector<const Message*> pointers_to(const std::vector<Message>& messages) {
    std::vector<const Message*> pointers;
    for (const Message& message : messages)
        pointers.push_back(&message);
    return pointers;
}

}  // namespace bgm::test
