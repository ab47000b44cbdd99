// A small image_preprocess directory made here: what agrees passes, what differs by one level does not, and
// what cannot be compared never passes. Then the reference's own, where it is there.
#include "ops/lab/parity/image_cases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>

#include "tests/ops/lab/parity/npy_file.hpp"
#include "tests/shared_folder.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"

namespace bgm {
namespace {

using namespace test;
using testing::HasSubstr;

// One picture of 4 x 4 in one colour, seen by CLIP at 2 x 2 and by BLIP at 3 x 3.
class ImageCasesTest : public testing::Test {
 protected:
    void SetUp() override {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        write("photo.png", encode(draw_flat(4, 4, 10, 20, 30), ".png"));
        write("preprocessor_config.json",
              R"({"size": 2, "crop_size": 2, "do_rescale": false, "image_mean": 0, "image_std": 10})");
        write("blip_preprocessor_config.json", R"({"size": {"height": 3, "width": 3}})");
        write("crop.npy", npy(header_of("|u1", "(2, 2, 3)"), flat(4)));
        write("blip.npy", npy(header_of("|u1", "(3, 3, 3)"), flat(9)));
        write("values.npy",
              npy(header_of("<f4", "(3, 2, 2)"), raw<float>({1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3})));
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& name, std::string_view content) {
        std::ofstream(folder_ / name, std::ios::binary) << content;
    }
    void write(const std::string& name, const Bytes& content) {
        write(name, std::string_view(reinterpret_cast<const char*>(content.data()), content.size()));
    }

    static std::string flat(int pixels) {
        std::string bytes;
        for (int i = 0; i < pixels; ++i)
            bytes += "\x0A\x14\x1E";
        return bytes;
    }

    Result<std::vector<ParityLine>> check(const std::string& keys) {
        write("manifest.json", R"({"cases": [{"file": "photo.png", )" + keys + "}]}");
        return check_image_preprocess(folder_);
    }

    ParityLine only_line(const std::string& keys) {
        const auto lines = check(keys);
        EXPECT_TRUE(lines.ok() && lines->size() == 1);
        return lines.ok() && !lines->empty() ? lines->front() : ParityLine{};
    }

    const std::filesystem::path folder_ =
        std::filesystem::path(testing::TempDir()) /
        (std::string("image_cases_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(ImageCasesTest, PassesWhatAgrees) {
    const auto lines = check(R"("crop_u8": "crop.npy", "pixel_values": "values.npy", "blip384_u8": "blip.npy",
        "decoded_rgb": null, "size": [4, 4])");
    ASSERT_TRUE(lines.ok()) << lines.error().message;
    ASSERT_EQ(lines->size(), 3U);
    for (const ParityLine& line : *lines) {
        EXPECT_TRUE(line.ok) << line.name << line.detail;
        EXPECT_EQ(line.difference, 0);
    }
    EXPECT_EQ((*lines)[0].name, folder_.filename().string() + "/photo_png.crop_u8");
}

TEST_F(ImageCasesTest, LetsNoByteDiffer) {
    std::string bytes = flat(4);
    bytes[7] += 1;
    write("crop.npy", npy(header_of("|u1", "(2, 2, 3)"), bytes));
    const ParityLine line = only_line(R"("crop_u8": "crop.npy")");
    EXPECT_FALSE(line.ok);
    EXPECT_THAT(line.detail, HasSubstr("1 of 12 values differ"));
}

TEST_F(ImageCasesTest, LetsNumbersDifferByAMillionth) {
    write("values.npy",
          npy(header_of("<f4", "(3, 2, 2)"), raw<float>({1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3.000001F})));
    EXPECT_TRUE(only_line(R"("pixel_values": "values.npy")").ok);
    write("values.npy",
          npy(header_of("<f4", "(3, 2, 2)"), raw<float>({1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3.00001F})));
    EXPECT_FALSE(only_line(R"("pixel_values": "values.npy")").ok);
}

TEST_F(ImageCasesTest, StartsFromTheReferencesPixelsWhereOursDiffer) {
    write("photo.png", encode(draw_flat(4, 4, 11, 20, 30), ".png"));
    write("theirs.png", encode(draw_flat(4, 4, 10, 20, 30), ".png"));
    const ParityLine theirs =
        only_line(R"("crop_u8": "crop.npy", "decoded_sha256": "00", "decoded_rgb": "theirs.png")");
    EXPECT_TRUE(theirs.ok);
    EXPECT_THAT(theirs.detail, HasSubstr("ours differ"));
    EXPECT_FALSE(only_line(R"("crop_u8": "crop.npy", "decoded_sha256": "00", "decoded_rgb": null)").ok);

    // The sum of these sixteen pixels is what it should be, so nobody asks for the other file.
    write("photo.png", encode(draw_flat(4, 4, 10, 20, 30), ".png"));
    const ParityLine ours = only_line(
        R"("crop_u8": "crop.npy", "decoded_rgb": "absent.png",
           "decoded_sha256": "485eaf0f784f56ac4e9c3a7f253eed1fb34c3afa664b940fb1b178f4703e23db")");
    EXPECT_TRUE(ours.ok);
    EXPECT_EQ(ours.detail, "");
}

// Four pixels that the file declares to stand upside down.
TEST_F(ImageCasesTest, TurnsByTheFilesOrientationOnlyWhereAsked) {
    const Bytes rows{0, 1, 1, 1, 2, 2, 2, 0, 3, 3, 3, 4, 4, 4};
    write("photo.png", make_png(2, 2, 8, 2, {{"eXIf", exif_block(3, true)}}, rows));
    const std::string header = header_of("|u1", "(2, 2, 3)");
    write("stored.npy", npy(header, raw<std::uint8_t>({1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4})));
    write("shown.npy", npy(header, raw<std::uint8_t>({4, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1})));
    const auto lines = check(R"("crop_u8": "stored.npy", "crop_u8_transposed": "shown.npy")");
    ASSERT_TRUE(lines.ok());
    ASSERT_EQ(lines->size(), 2U);
    EXPECT_TRUE((*lines)[0].ok);
    EXPECT_TRUE((*lines)[1].ok);
}

TEST_F(ImageCasesTest, PassesNothingThatItCouldNotCompare) {
    EXPECT_THAT(only_line(R"("crop_u8": "absent.npy")").detail, HasSubstr("absent.npy"));
    EXPECT_THAT(only_line(R"("crop_u8": "blip.npy")").detail, HasSubstr("3x3x3"));
    EXPECT_THAT(only_line(R"("crop_u8": 3)").detail, HasSubstr("not checked"));
    EXPECT_THAT(only_line(R"("size": [4, 4])").detail, HasSubstr("expects nothing known"));
    EXPECT_THAT(only_line(R"("other_u8": "crop.npy")").detail, HasSubstr("nothing of ours"));
    EXPECT_FALSE(only_line(R"("other_u8": "crop.npy")").ok);
    std::filesystem::remove(folder_ / "preprocessor_config.json");
    EXPECT_THAT(only_line(R"("crop_u8": "crop.npy")").detail, HasSubstr("preprocessor_config.json"));
    std::filesystem::remove(folder_ / "photo.png");
    EXPECT_THAT(only_line(R"("crop_u8": "crop.npy")").detail, HasSubstr("photo.png"));

    write("manifest.json", R"({"cases": [7]})");
    EXPECT_FALSE(check_image_preprocess(folder_)->front().ok);
    write("manifest.json", R"({"cases": []})");
    EXPECT_FALSE(check_image_preprocess(folder_).ok());
    EXPECT_FALSE(check_image_preprocess(folder_ / "absent").ok());
}

TEST(ImageCases, AgreesWithTheReference) {
    const auto folder = shared_folder() / "parity" / "image_preprocess";
    if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no reference images at " << folder;
    const auto lines = check_image_preprocess(folder);
    ASSERT_TRUE(lines.ok()) << lines.error().message;
    EXPECT_GE(lines->size(), 30U);
    for (const ParityLine& line : *lines)
        EXPECT_TRUE(line.ok) << line.name << ": " << line.detail;
}

}  // namespace
}  // namespace bgm
