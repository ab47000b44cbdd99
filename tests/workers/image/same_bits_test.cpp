// A picture depends on its file alone. Whatever the process held in memory before (another post's photo), and
// wherever a file leaves pixels out, the same bits come out, or the same refusal.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <random>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/picture_files.hpp"
#include "workers/media/picture/image_decoder.hpp"

namespace bgm {
namespace {

using namespace test;

struct Outcome {
    int error = -1;
    RgbImage image;
    bool operator==(const Outcome& other) const {
        return error == other.error && image.width == other.image.width &&
               image.height == other.image.height && image.pixels == other.image.pixels;
    }
};

// What has gone through the process before: pictures of that kind, and what the C library fills memory with
// that it hands out (all but what is asked for as zeros).
struct Past {
    RgbImage picture;
    int fill;
};

RgbImage noisy(int width, int height) {
    RgbImage image = draw_flat(width, height, 0, 0, 0);
    std::mt19937 random(5);
    for (std::uint8_t& value : image.pixels)
        value = static_cast<std::uint8_t>(random());
    return image;
}

class SameBits : public testing::Test {
 protected:
    ~SameBits() override { mallopt(M_PERTURB, 0); }

    Outcome decode_behind(const Past& past, const Bytes& file, AlphaRule alpha) {
        mallopt(M_PERTURB, ~past.fill & 0xFF);
        for (const char* extension : {".png", ".jpg"})
            (void)decoder_.decode(as_media(encode(past.picture, extension)));
        auto decoded = decoder_.decode(as_media(file), {.alpha = alpha});
        mallopt(M_PERTURB, 0);
        if (!decoded.ok()) return {.error = static_cast<int>(decoded.error().code), .image = {}};
        return {.error = -1, .image = std::move(decoded->image)};
    }

    Outcome expect_same_bits(const Bytes& file, const std::string& name) {
        Outcome first;
        for (const AlphaRule alpha : {AlphaRule::dropped, AlphaRule::on_white}) {
            first = decode_behind(black_, file, alpha);
            EXPECT_TRUE(first == decode_behind(noise_, file, alpha)) << name;
        }
        return first;
    }

    static constexpr int kWidth = 83;
    static constexpr int kHeight = 61;
    ImageDecoder decoder_;
    Past black_{.picture = draw_flat(kWidth, kHeight, 0, 0, 0), .fill = 0xFF};
    Past noise_{.picture = noisy(kWidth, kHeight), .fill = 0x55};
};

TEST_F(SameBits, ComeOutOfEveryLayoutOfEveryFormat) {
    int layouts = 0;
    for (const auto& [name, file] : pictures_of_every_layout(draw_sunset(kWidth, kHeight))) {
        const Outcome outcome = expect_same_bits(file, name);
        EXPECT_EQ(outcome.error, -1) << name;
        ++layouts;
    }
    std::cout << layouts << " layouts\n";
    EXPECT_GT(layouts, 200);
}

TEST_F(SameBits, ComeOutOfFilesThatAreDamagedOrBreakOff) {
    std::mt19937 random(11);
    int shown = 0;
    for (const auto& [name, file] : pictures_of_every_layout(draw_sunset(kWidth, kHeight))) {
        for (int round = 0; round < 8; ++round) {
            Bytes damaged = file;
            const std::size_t at = file.size() / 5 + random() % (file.size() - file.size() / 5);
            if (round < 2) {
                damaged.resize(at);
            } else if (round < 5) {
                const std::size_t end = std::min(file.size(), at + 1 + random() % 64);
                std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(at),
                          damaged.begin() + static_cast<std::ptrdiff_t>(end), 0);
            } else {
                damaged[at] ^= static_cast<std::uint8_t>(1U << (random() % 8));
            }
            if (expect_same_bits(damaged, name + ", damaged in way " + std::to_string(round)).error == -1)
                ++shown;
        }
    }
    std::cout << shown << " damaged files are shown\n";
}

}  // namespace
}  // namespace bgm
