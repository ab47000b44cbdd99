// A file that is cut short, altered or missing is named, and its network is not loaded; the others are.
#include "workers/networks/network_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/workers/networks/packages.hpp"
#include "workers/image/picture_networks.hpp"
#include "workers/networks/face_detector.hpp"
#include "workers/networks/face_expressions.hpp"
#include "workers/networks/picture_kinds.hpp"

namespace {

using namespace bgm;
namespace fs = std::filesystem;
using testing::HasSubstr;

class NetworkFiles : public testing::Test {
 protected:
    void SetUp() override {
        BGM_NEEDS_PACKAGES();
        folder_ = fs::temp_directory_path() / ("bgm-network-files-" + std::to_string(getpid()));
        for (const NetworkPackage& package : network_packages()) {
            for (const NetworkFile& file : package.files) {
                fs::create_directories((folder_ / file.path).parent_path());
                fs::copy_file(installed_packages() / file.path, folder_ / file.path,
                              fs::copy_options::overwrite_existing);
            }
        }
    }
    void TearDown() override {
        if (!folder_.empty()) fs::remove_all(folder_);
    }

    Error opening(std::string_view path) const {
        if (path.starts_with("nsfwjs")) return PictureKindNet::open(folder_).error();
        if (path.find("expression") != std::string_view::npos)
            return FaceExpressionNet::open(folder_).error();
        return FaceDetector::open(folder_).error();
    }

    fs::path folder_;
};

TEST_F(NetworkFiles, AreNamedWhereTheyAreWrong) {
    for (const NetworkPackage& package : network_packages()) {
        if (package.name == "@ricky0123/vad-web") continue;
        for (const NetworkFile& file : package.files) {
            const fs::path place = folder_ / file.path;
            fs::resize_file(place, file.bytes / 2);
            EXPECT_EQ(opening(file.path).code, ErrorCode::corrupt);
            EXPECT_EQ(opening(file.path).field, place.string());
            EXPECT_THAT(opening(file.path).message, HasSubstr("bytes"));
            fs::copy_file(installed_packages() / file.path, place, fs::copy_options::overwrite_existing);
            std::fstream stream(place, std::ios::binary | std::ios::in | std::ios::out);
            stream.seekp(static_cast<std::streamoff>(file.bytes / 2));
            stream.put('~');
            stream.close();
            EXPECT_EQ(opening(file.path).field, place.string());
            EXPECT_THAT(opening(file.path).message, HasSubstr("SHA-256"));
            fs::remove(place);
            EXPECT_EQ(opening(file.path).code, ErrorCode::not_found);
            EXPECT_EQ(opening(file.path).field, place.string());
            fs::copy_file(installed_packages() / file.path, place);
        }
    }
}

TEST_F(NetworkFiles, OfOneNetworkDoNotConcernAnother) {
    EXPECT_EQ(PictureNetworks::open(folder_).heads().size(), 2);
    fs::resize_file(folder_ / "nsfwjs/dist/models/mobilenet_v2_mid/model.min.js", 100);
    testing::internal::CaptureStderr();
    const PictureNetworks networks = PictureNetworks::open(folder_);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("mobilenet_v2_mid/model.min.js"));
    EXPECT_TRUE(networks.any());
    EXPECT_EQ(networks.heads().size(), 1);
}

TEST(NoNetworkFiles, AreNoNews) {
    for (const char* folder : {"", "none", "/nowhere"}) {
        testing::internal::CaptureStderr();
        EXPECT_FALSE(PictureNetworks::open(folder).any());
        EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    }
}

}  // namespace
