// A picture of every layout that is read, decoded inside the sandbox in a process that has decoded nothing
// before: a library that opens something only when it first needs it is seen here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/heif_files.hpp"
#include "tests/workers/image/picture_files.hpp"
#include "tests/workers/sandbox/in_a_child.hpp"
#include "workers/media/animation/animation.hpp"
#include "workers/media/picture/image_decoder.hpp"

namespace bgm::test {
namespace {

constexpr int kWidth = 64;
constexpr int kHeight = 48;

// Name, a NUL, length, a NUL, bytes: they are made in another process, which has used every library then.
std::vector<PictureFile> made() {
    const std::string all = made_elsewhere([] {
        std::string text;
        const RgbImage scene = draw_sunset(kWidth, kHeight);
        std::vector<PictureFile> files = pictures_of_every_layout(scene);
        const Bytes still = encode(scene, ".webp");
        const GifFrame frame{.width = 8, .height = 8, .indices = Bytes(64, 1)};
        files.push_back({"moving.webp",
                         animate_webp({still, encode(draw_sky(kWidth, kHeight), ".webp")}, kWidth, kHeight)});
        files.push_back({"moving.gif", make_gif(8, 8, {250, 10, 10, 10, 250, 10}, {frame, frame})});
        for (const auto& [name, file] : files)
            text += name + '\0' + std::to_string(file.size()) + '\0' + std::string(file.begin(), file.end());
        return text;
    });
    std::vector<PictureFile> files;
    for (std::size_t at = 0; at < all.size();) {
        const std::string name = all.c_str() + at;
        at += name.size() + 1;
        const std::string length = all.c_str() + at;
        at += length.size() + 1;
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
        files.push_back({name, Bytes(begin, begin + std::stol(length))});
        at += std::stoul(length);
    }
    return files;
}

TEST(ConfinedPictures, OfEveryLayoutAreDecodedWithoutOpeningAnything) {
    const std::vector<PictureFile> files = made();
    ASSERT_GT(files.size(), 200U);
    for (const auto& [name, file] : files) {
        const Ended ended = confined([] { return std::make_unique<ImageDecoder>(); },
                                     [&, &bytes = file](const std::unique_ptr<ImageDecoder>& decoder) {
                                         if (is_animation(as_media(bytes))) {
                                             const auto sample =
                                                 sample_animation(as_media(bytes), {}, CpuBudget(20));
                                             return sample ? std::string() : sample.error().to_string();
                                         }
                                         const auto image = decoder->decode(as_media(bytes));
                                         return image ? std::string() : image.error().to_string();
                                     });
        EXPECT_TRUE(ended.well()) << name << ": " << ended.status;
        EXPECT_EQ(ended.said, "") << name;
    }
}

}  // namespace
}  // namespace bgm::test
