// The daemon's own file of tracks, in whatever encoding somebody's editor or shell left it: the tracks are
// there, and a file that none can be read of is an error that says why, with the tracks of before still in
// service.
#include "daemon/pipeline/catalogue_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "tests/daemon/base/running_loop.hpp"

namespace bgm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class CatalogueFile : public ::testing::Test {
 protected:
    void SetUp() override {
        std::string folder = (fs::temp_directory_path() / "bgm-catalogue-XXXXXX").string();
        ASSERT_NE(::mkdtemp(folder.data()), nullptr);
        folder_ = folder;
        config_.catalogue.file = (folder_ / "tracks.jsonl").string();
    }
    void TearDown() override { fs::remove_all(folder_); }

    void write(std::string_view bytes) { std::ofstream(config_.catalogue.file, std::ios::binary) << bytes; }

    fs::path folder_;
    Config config_;
};

constexpr std::string_view kRow = R"({"track_id": "a", "title": "x", "artist": "y", "moods": {"sad": 1}})";

TEST_F(CatalogueFile, IsReadInOtherEncodingsToo) {
    std::string wide = "\xFF\xFE";
    for (const char c : std::string(kRow) + "\r\n")
        wide.append(1, c).append(1, '\0');
    for (const std::string& bytes : {std::string(kRow) + "\n", "\xEF\xBB\xBF" + std::string(kRow) + "\r\n",
                                     wide, std::string(kRow) + "\r"}) {
        write(bytes);
        testing::RunningLoop running;
        std::size_t track_count = 0;
        const CatalogueSource source(
            config_, running.loop(),
            [&](std::shared_ptr<const Catalogue> catalogue) { track_count = catalogue->size(); });
        running.start();
        EXPECT_TRUE(running.eventually([&] { return track_count == 1; })) << bytes;
        running.stop();
    }
}

TEST_F(CatalogueFile, ThatIsNoneIsAnErrorAndTheTracksOfBeforeStay) {
    write(std::string(kRow) + "\n");
    testing::RunningLoop running;
    int catalogues = 0;
    CatalogueSource source(config_, running.loop(), [&](std::shared_ptr<const Catalogue>) { ++catalogues; });
    running.start();
    ASSERT_TRUE(running.eventually([&] { return catalogues == 1; }));
    const std::pair<std::string, const char*> files[] = {
        {std::string("\0\1\2\0\0\3", 6), "no text"},
        {"title,artist\nx,y\n", "none of 2 rows could be read"},
    };
    for (const auto& [bytes, cause] : files) {
        write(bytes);
        std::promise<Status> answered;
        source.reload([&](Status status) { answered.set_value(std::move(status)); });
        const Status status = answered.get_future().get();
        ASSERT_FALSE(status.ok()) << cause;
        EXPECT_THAT(status.error().to_string(), HasSubstr(cause));
    }
    EXPECT_EQ(running.on_loop([&] { return catalogues; }), 1);
    running.stop();
}

}  // namespace
}  // namespace bgm
