// The networks give what the published runtime gives: TensorFlow.js, in the bundle that a package brings, is
// run by Node.js over the same pixels. Noise and a picture, since noise alone would leave most of a network
// at rest.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <span>
#include <string>

#include "tests/workers/networks/packages.hpp"
#include "workers/media/picture/image_decoder.hpp"
#include "workers/networks/face_detector.hpp"
#include "workers/networks/face_expressions.hpp"
#include "workers/networks/picture_input.hpp"
#include "workers/networks/picture_kinds.hpp"

namespace {

using namespace bgm;
namespace fs = std::filesystem;

constexpr float kTolerance = 1e-4F;

std::vector<float> noise(int side) {
    std::mt19937 random(static_cast<unsigned>(side));
    std::vector<float> pixels(static_cast<std::size_t>(side) * side * 3);
    for (float& value : pixels)
        value = static_cast<float>(random() % 256);
    return pixels;
}

class Parity : public testing::TestWithParam<std::string> {
 protected:
    void SetUp() override {
        BGM_NEEDS_PACKAGES();
        if (std::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no Node.js";
        folder_ = fs::temp_directory_path() / ("bgm-parity-" + std::to_string(getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override {
        if (!folder_.empty()) fs::remove_all(folder_);
    }

    std::vector<float> pixels(int side) const {
        if (GetParam() == "noise") return noise(side);
        std::ifstream stream(installed_packages() / "@vladmandic/face-api/demo" / GetParam(),
                             std::ios::binary);
        const std::string file(std::istreambuf_iterator<char>(stream), {});
        const auto decoded = ImageDecoder().decode(std::as_bytes(std::span(file)));
        std::vector<float> pixels(static_cast<std::size_t>(side) * side * 3);
        fit_into_square(decoded->image, side, SquarePlace::centre, pixels);
        return pixels;
    }

    void write(const std::string& name, const std::vector<float>& numbers) const {
        std::ofstream(folder_ / (name + ".in"), std::ios::binary)
            .write(reinterpret_cast<const char*>(numbers.data()),
                   static_cast<std::streamsize>(numbers.size() * sizeof(float)));
    }

    std::vector<float> published(const std::string& name) const {
        std::ifstream stream(folder_ / (name + ".out"), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(stream), {});
        std::vector<float> numbers(bytes.size() / sizeof(float));
        std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(float));
        return numbers;
    }

    void expect_published(const std::string& name, std::span<const float> ours) const {
        const std::vector<float> theirs = published(name);
        ASSERT_EQ(ours.size(), theirs.size()) << name;
        float worst = 0;
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const float scale = std::max(1.0F, std::abs(theirs[i]));
            worst = std::max(worst, std::abs(ours[i] - theirs[i]) / scale);
        }
        EXPECT_LE(worst, kTolerance) << name;
        std::cout << GetParam() << ", " << name << ": " << worst << " apart at most\n";
    }

    fs::path folder_;
};

TEST_P(Parity, OfEveryNetwork) {
    const auto faces_in = pixels(FaceDetector::kSide);
    const auto expressions_in = pixels(FaceExpressionNet::kSide);
    const auto kinds_in = pixels(PictureKindNet::kSide);
    write("faces", faces_in);
    write("expressions", expressions_in);
    write("kinds", kinds_in);
    const std::string command = "node '" BGM_SOURCE_DIR "/tests/workers/networks/reference.mjs' '" +
                                installed_packages().string() + "' '" + folder_.string() +
                                "' >/dev/null 2>'" + (folder_ / "error").string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << std::ifstream(folder_ / "error").rdbuf();

    auto detector = FaceDetector::open(installed_packages());
    ASSERT_TRUE(detector) << detector.error().to_string();
    expect_published("faces", detector->run(faces_in));
    auto expressions = FaceExpressionNet::open(installed_packages());
    ASSERT_TRUE(expressions) << expressions.error().to_string();
    expect_published("expressions", expressions->run(expressions_in));
    auto kinds = PictureKindNet::open(installed_packages());
    ASSERT_TRUE(kinds) << kinds.error().to_string();
    expect_published("kinds", kinds->run(kinds_in));
}

// oneDNN lays numbers out otherwise on other processors, and chooses for good when it first runs: so in a
// process of its own for each.
TEST(OlderProcessors, GiveTheSame) {
    BGM_NEEDS_PACKAGES();
    const std::string self = fs::read_symlink("/proc/self/exe").string();
    for (const char* level : {"SSE41", "AVX", "AVX2", "AVX512_CORE"}) {
        const std::string command = std::string("DNNL_MAX_CPU_ISA=") + level + " '" + self +
                                    "' --gtest_filter='Faces.*:PictureKinds.*:*Parity*noise' >/dev/null";
        EXPECT_EQ(std::system(command.c_str()), 0) << level;
    }
}

INSTANTIATE_TEST_SUITE_P(Pictures, Parity, testing::Values("noise", "sample1.jpg", "sample4.jpg"),
                         [](const auto& picture) {
                             return picture.param.substr(0, picture.param.find('.'));
                         });

}  // namespace
