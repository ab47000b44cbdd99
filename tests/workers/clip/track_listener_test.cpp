// A track under the clip preset, with a tower that answers by rule: the analyser's answer stays as it is, and
// beside it the track's place is the mean of the windows that sound.
#include "workers/clip/track_listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/workers/av_maker.hpp"
#include "tests/workers/media_maker.hpp"

namespace bgm {
namespace {

using namespace test;

// (1, 0) for the first window that it ever sees, and (0, 1) for those after.
class CountingTower final : public AudioTower {
 public:
    explicit CountingTower(std::size_t& seen) : seen_(seen) {}
    std::int64_t bands() const override { return 64; }
    std::int64_t frames_max() const override { return 1024; }
    std::int64_t dimensions() const override { return 2; }
    double logit_scale() const override { return 100; }
    const TowerArithmetic& arithmetic() const override { return arithmetic_; }
    Result<std::vector<float>> embed(std::span<const float> spectra, std::int64_t count) override {
        EXPECT_EQ(spectra.size(), static_cast<std::size_t>(count) * ClapMel(ClapMelLayout()).values());
        std::vector<float> rows;
        for (std::int64_t i = 0; i < count; ++i) {
            const bool first = seen_++ == 0;
            rows.insert(rows.end(), {first ? 1.0F : 0.0F, first ? 0.0F : 1.0F});
        }
        return rows;
    }

 private:
    std::size_t& seen_;
    TowerArithmetic arithmetic_;
};

class Analyser final : public Encoder {
 public:
    Modality modality() const override { return Modality::audio; }
    std::string model() const override { return "measured"; }
    std::string model_version() const override { return "track-1"; }
    std::vector<std::string> heads() const override { return {"head"}; }
    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results;
        for (const EncodeTask& task : tasks) {
            if (task.media.size() < 100) {
                results.emplace_back(Error{.code = ErrorCode::corrupt, .message = "is none"});
                continue;
            }
            Encoding whole{.modality = Modality::audio, .embedding = {7}, .model = "measured"};
            whole.track = TrackParts{};
            results.emplace_back(std::vector{whole});
        }
        return results;
    }
};

struct Heard {
    EncodeResult result;
    std::size_t windows = 0;
};

Heard hear(std::span<const std::byte> file) {
    Heard heard{Error{}, 0};
    const auto listener = make_track_listener({.analyser = std::make_unique<Analyser>(),
                                               .mel = ClapMel(ClapMelLayout()),
                                               .tower = std::make_unique<CountingTower>(heard.windows),
                                               .model = "ear@1",
                                               .version = "12ab",
                                               .rows_max = 2,
                                               .bytes_max = 64 << 20});
    EXPECT_EQ(listener->model(), "measured");
    EXPECT_EQ(listener->model_version(), "track-1+12ab");
    EXPECT_THAT(listener->heads(), testing::ElementsAre("head"));
    const EncodeTask task{.text = {}, .lang = {}, .media = file};
    heard.result = listener->encode(std::span(&task, 1)).front();
    return heard;
}

TEST(TrackListener, PlacesATrackWhereItsWindowsAre) {
    const std::string clip = make_music_clip({.seconds = 38, .format = AudioFormat::ogg_vorbis});
    const Heard heard = hear(as_bytes(clip));
    ASSERT_TRUE(heard.result) << heard.result.error().to_string();
    EXPECT_EQ(heard.windows, 4U) << "three of 10 s, and a rest that is longer than half of one";
    ASSERT_EQ(heard.result->size(), 2U);
    EXPECT_EQ(heard.result->at(0).model, "measured");
    EXPECT_TRUE(heard.result->at(0).track);
    const Encoding& place = heard.result->at(1);
    EXPECT_EQ(place.modality, Modality::audio);
    EXPECT_EQ(place.model, "ear@1");
    EXPECT_FALSE(place.track);
    EXPECT_EQ(place.quality, 1);
    // The mean of (1, 0) and three times (0, 1), of length 1.
    ASSERT_EQ(place.embedding.size(), 2U);
    EXPECT_NEAR(place.embedding[0], 1 / std::sqrt(10.0), 1e-6);
    EXPECT_NEAR(place.embedding[1], 3 / std::sqrt(10.0), 1e-6);
    EXPECT_EQ(hear(as_bytes(make_music_clip({.seconds = 14}))).windows, 1U) << "the rest is too short";
}

TEST(TrackListener, LeavesOutWhatIsSilent) {
    const Heard silent = hear(as_bytes(make_music_clip({.loudness_db = -120, .seconds = 25})));
    ASSERT_TRUE(silent.result) << silent.result.error().to_string();
    EXPECT_EQ(silent.windows, 0U);
    EXPECT_EQ(silent.result->at(1).quality, 0);
    EXPECT_THAT(silent.result->at(1).embedding, testing::ElementsAre(0, 0));
}

TEST(TrackListener, SaysWhatTheAnalyserSaysOfAFileThatIsNone) {
    const Heard none = hear(as_bytes("nothing"));
    ASSERT_FALSE(none.result);
    EXPECT_EQ(none.result.error().message, "is none");
    EXPECT_EQ(none.windows, 0U);
    const std::string noise(5000, 'x');
    EXPECT_FALSE(hear(as_bytes(noise)).result) << "where only the second look finds that it is none";
}

}  // namespace
}  // namespace bgm
