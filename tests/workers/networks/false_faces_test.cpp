// What no person would call a face is not called one: test cards, charts, textures, noise and cards with
// words, as stills and through a film's eyes. Faces in photos are found all the same. The patterns are drawn
// here from fixed seeds; photos are those that packages show, where they are installed. Both counts are
// printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>

#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/networks/packages.hpp"
#include "tests/workers/reading/cards.hpp"
#include "workers/networks/face_detector.hpp"
#include "workers/networks/face_plausibility.hpp"

namespace {

using namespace bgm;
using namespace bgm::test;

constexpr std::size_t kMost = 16;
constexpr std::array<int, 2> kExtents{640, 360};

using Colour = std::array<int, 3>;

RgbImage painted(int width, int height, const std::function<Colour(double x, double y)>& colour) {
    RgbImage image = draw_flat(width, height, 0, 0, 0);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const Colour at = colour((x + 0.5) / width, (y + 0.5) / height);
            for (int channel = 0; channel < 3; ++channel)
                image.pixels[3 * (static_cast<std::size_t>(y) * width + x) + channel] =
                    static_cast<std::uint8_t>(std::clamp(at[channel], 0, 255));
        }
    }
    return image;
}

Colour bar(int number) {
    number &= 7;
    return {(number & 1) * 235, (number >> 1 & 1) * 235, (number >> 2 & 1) * 235};
}

// As the test sources of video tools are: bars, discs, a wedge that turns, a ramp below.
RgbImage test_card(unsigned seed) {
    std::mt19937 random(seed);
    const auto share = [&] { return static_cast<double>(random() % 1000) / 1000; };
    struct Disc {
        double x, y, radius;
        int colour;
    };
    std::vector<Disc> discs(3 + seed % 6);
    for (Disc& disc : discs)
        disc = {share(), share(), 0.03 + 0.2 * share(), static_cast<int>(random() % 8)};
    const int bars = 4 + static_cast<int>(seed % 9), shift = static_cast<int>(random() % 8);
    const double turned = share() * 6.283;
    return painted(kExtents[0], kExtents[1], [&](double x, double y) -> Colour {
        for (const Disc& disc : discs) {
            const double away = std::hypot((x - disc.x) * 16 / 9, y - disc.y);
            if (away < disc.radius / 3) return bar(disc.colour + 3);
            if (away < disc.radius) return bar(disc.colour);
        }
        if (y > 0.85)
            return {static_cast<int>(x * 255), static_cast<int>(x * 255), static_cast<int>(x * 255)};
        const double angle = std::atan2(y - 0.45, (x - 0.5) * 16 / 9) - turned;
        if (std::hypot((x - 0.5) * 16 / 9, y - 0.45) < 0.3)
            return bar(static_cast<int>(std::floor(angle * 8 / 6.283)) + shift);
        return bar(static_cast<int>(x * bars) + shift);
    });
}

std::vector<RgbImage> patterns() {
    std::vector<RgbImage> all;
    for (unsigned seed = 1; seed <= 60; ++seed)
        all.push_back(test_card(seed));
    for (const double cells : {3., 5., 9., 17., 40., 90.}) {
        all.push_back(painted(640, 480, [&](double x, double y) {
            const int on = (static_cast<int>(x * cells) + static_cast<int>(y * cells)) % 2 * 255;
            return Colour{on, on, on};
        }));
        all.push_back(painted(640, 480, [&](double x, double y) {
            const int wave = static_cast<int>(127 + 120 * std::sin(x * cells * 6) * std::sin(y * cells * 5));
            return Colour{wave, wave * 3 / 4, wave / 2};
        }));
        all.push_back(painted(640, 480, [&](double x, double y) {
            const double away = std::hypot(x - 0.5, y - 0.5);
            const int ring = static_cast<int>(127 + 127 * std::sin(away * cells * 12));
            return Colour{ring, ring, ring};
        }));
        all.push_back(painted(640, 480, [&](double x, double y) {
            return Colour{static_cast<int>(x * 255), static_cast<int>(y * 255),
                          static_cast<int>(128 + 127 * std::cos(cells * x))};
        }));
    }
    std::mt19937 random(5);
    for (const int grain : {1, 2, 4, 8, 16, 32, 64}) {
        std::vector<int> noise(640 * 480);
        for (int& value : noise)
            value = static_cast<int>(random() % 256);
        all.push_back(painted(640, 480, [&](double x, double y) {
            const int at = static_cast<int>(y * 480) / grain * 640 + static_cast<int>(x * 640) / grain;
            return Colour{noise[at], noise[at], noise[at]};
        }));
    }
    for (const int height : {16, 30, 60, 90})
        all.push_back(write_on(draw_flat(800, 400, 245, 245, 240),
                               {.text = "We are open again\nfrom nine to five", .height = height}));
    for (const auto& scene : {draw_sunset, draw_forest, draw_night, draw_gloom, draw_sky, draw_quarters})
        all.push_back(scene(640, 480));
    return all;
}

RgbImage photo(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    const std::string file(std::istreambuf_iterator<char>(stream), {});
    auto decoded = ImageDecoder().decode(std::as_bytes(std::span(file)), {.pixels_min = 173'056});
    return decoded ? std::move(decoded->image) : RgbImage{};
}

class FalseFaces : public testing::Test {
 protected:
    void SetUp() override {
        BGM_NEEDS_PACKAGES();
        detector_.emplace(FaceDetector::open(installed_packages()).value());
    }
    std::size_t faces_in(const RgbImage& picture) { return detector_->find(picture, kMost).size(); }

    std::optional<FaceDetector> detector_;
};

TEST_F(FalseFaces, AreNotSeenInWhatIsDrawn) {
    const std::vector<RgbImage> all = patterns();
    std::size_t with_face = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (faces_in(all[i]) == 0) continue;
        ++with_face;
        std::cout << "a face in pattern " << i << '\n';
    }
    std::cout << with_face << " of " << all.size() << " drawn patterns have a face\n";
    EXPECT_LE(100 * with_face, all.size()) << "a regular pattern of brown spots has two eyes as well";
}

TEST_F(FalseFaces, AreNotSeenInPhotosOfOtherThings) {
    const std::filesystem::path folder = "/usr/lib/python3/dist-packages/skimage/data";
    std::size_t looked_at = 0, with_face = 0;
    for (const char* name : {"brick.png",
                             "cell.png",
                             "chelsea.png",
                             "clock_motion.png",
                             "coffee.png",
                             "coins.png",
                             "color.png",
                             "grass.png",
                             "gravel.png",
                             "horse.png",
                             "hubble_deep_field.jpg",
                             "ihc.png",
                             "logo.png",
                             "microaneurysms.png",
                             "moon.png",
                             "motorcycle_left.png",
                             "page.png",
                             "retina.jpg",
                             "rocket.jpg",
                             "text.png"}) {
        const RgbImage picture = photo(folder / name);
        if (picture.empty()) continue;
        ++looked_at;
        with_face += faces_in(picture) > 0 ? 1 : 0;
        EXPECT_EQ(faces_in(picture), 0) << name;
    }
    if (looked_at == 0) GTEST_SKIP() << "python3-skimage is not installed";
    std::cout << with_face << " of " << looked_at << " photos without a face have one\n";
    EXPECT_EQ(faces_in(photo(folder / "astronaut.png")), 1);
}

TEST_F(FalseFaces, DoNotCostTrueOnes) {
    std::size_t found = 0;
    for (int number = 1; number <= 6; ++number)
        found += faces_in(sample_picture(number));
    std::cout << found << " of 20 faces in six photos are found\n";
    EXPECT_EQ(found, 20);
}

// The bounds one by one, without a network.
TEST(FacePlausibility, WantsShadesColourShapeAndPlace) {
    const auto skin = [](Colour tone) {
        return painted(400, 400, [tone](double x, double y) {
            const auto shade = static_cast<int>(40 * std::sin(60 * x + 40 * y));
            return Colour{tone[0] + shade, tone[1] + shade * 4 / 5, tone[2] + shade * 3 / 5};
        });
    };
    const Face face{.left = 0.3F, .top = 0.3F, .width = 0.4F, .height = 0.4F, .score = 1};
    for (const Colour tone : {Colour{230, 190, 170}, {180, 120, 90}, {90, 58, 45}, {128, 128, 128}})
        EXPECT_TRUE(can_be_a_face(skin(tone), face)) << tone[0];
    EXPECT_FALSE(can_be_a_face(skin({60, 180, 70}), face)) << "green";
    EXPECT_FALSE(can_be_a_face(skin({60, 80, 200}), face)) << "blue";
    EXPECT_FALSE(can_be_a_face(draw_flat(400, 400, 230, 190, 170), face)) << "no shades";
    Face other = face;
    other.height = 0.8F;
    EXPECT_FALSE(can_be_a_face(skin({230, 190, 170}), other)) << "twice as high as wide";
    other = face;
    other.top = -0.2F;
    EXPECT_FALSE(can_be_a_face(skin({230, 190, 170}), other)) << "half outside";
    for (const float number : {0.0F, -1.0F, 1e30F, std::nanf("")})
        EXPECT_FALSE(can_be_a_face(skin({230, 190, 170}), Face{number, number, number, number, 1}));
}

}  // namespace
