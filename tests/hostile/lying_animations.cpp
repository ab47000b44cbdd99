// Animations that cost more than they look like, or whose frames contradict their canvas or each other.
#include <algorithm>

#include "tests/hostile/byte_writing.hpp"
#include "tests/hostile/corpus.hpp"
#include "tests/workers/image/drawn_scenes.hpp"
#include "tests/workers/image/image_files.hpp"

namespace bgm::test {
namespace {

const std::string kControl("\x21\xF9\x04", 3);  // begins what stands before each frame of a GIF

GifFrame gif_frame(int side, int disposal = 0) {
    return {.width = side,
            .height = side,
            .disposal = disposal,
            .indices = Bytes(static_cast<std::size_t>(side) * static_cast<std::size_t>(side), 1)};
}

std::string gif(int side, const std::vector<GifFrame>& frames) {
    return text_of(make_gif(side, side, {9, 9, 9, 200, 0, 0}, frames));
}

// A GIF of `count` times the same frame, which is compressed once.
std::string same_frames(int side, const GifFrame& frame, std::size_t count) {
    const std::string one = gif(side, {frame});
    const std::size_t begin = one.find(kControl);
    return one.substr(0, begin) +
           repeated(std::string_view(one).substr(begin, one.size() - 1 - begin), count) + ";";
}

void add_gif(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes, const char* kind = "IMAGE") {
        files.push_back({std::move(name) + ".gif", kind, std::move(bytes)});
    };
    add("10,000 frames of all of it", same_frames(64, gif_frame(64), 10'000));
    add("10,000 frames as a video", same_frames(64, gif_frame(64), 10'000), "VIDEO");
    add("8,000 x 8,000, 1,000 frames of one pixel", same_frames(8'000, gif_frame(1), 1'000));
    add("8,000 x 8,000, restored 1,000 times", same_frames(8'000, gif_frame(1, 2), 1'000));
    add("2,000 x 2,000, all of it restored 40 times", same_frames(2'000, gif_frame(2'000, 3), 40));
    add("640 x 640, 2,000 frames", same_frames(640, gif_frame(640), 2'000));
    add("60,000 x 60,000, two frames", same_frames(60'000, gif_frame(1), 2));
    add("100,000 heads of frames", [] {
        const std::string one = gif(8, {gif_frame(1)});
        const std::size_t begin = one.find(kControl);
        return one.substr(0, begin) + repeated(one.substr(begin, one.find(',', begin) + 11 - begin), 100'000);
    }());

    const std::string four = gif(8, {gif_frame(8), gif_frame(4, 3), gif_frame(2, 2), gif_frame(1)});
    for (const unsigned disposal : {0x10U, 0x1CU, 0xFFU})
        add("disposal " + std::to_string(disposal), patched_after(four, kControl, 3, little(disposal, 1)));
    add("frames of 10 minutes", patched_after(four, kControl, 4, "\xFF\xFF"));
    add("frames of no time", patched_after(four, kControl, 4, zeros(2)));
    GifFrame outside = gif_frame(2, 3);
    outside.left = outside.top = 65'535;
    add("frames outside, restored", gif(8, {gif_frame(8), outside, outside, gif_frame(1, 3)}));
    GifFrame across = gif_frame(8, 3);
    across.left = across.top = 7;
    add("frames over the edge, restored", gif(8, {gif_frame(8), across, across, gif_frame(8, 2)}));
    const std::size_t last = four.rfind(',');
    add("a last frame of 65,535 x 65,535", patched(four, last + 5, "\xFF\xFF\xFF\xFF"));
    add("a last frame of 8,000 x 8,000", patched(four, last + 5, little(8'000, 2) + little(8'000, 2)));
    add("a last frame of nothing", patched(four, last + 5, zeros(4)));
    for (std::size_t length = four.find(kControl); length < four.size(); length += 7)
        add("four frames cut at " + std::to_string(length), four.substr(0, length));
}

MovingWebpFrame webp_frame(int side, bool replaces = false, bool to_background = false) {
    return {.still = encode_with_alpha(draw_sky(side, side), ".webp", 90),
            .width = side,
            .height = side,
            .replaces = replaces,
            .to_background = to_background};
}

void add_webp(std::vector<HostileFile>& files) {
    const auto add = [&](std::string name, std::string bytes, const char* kind = "IMAGE") {
        files.push_back({std::move(name) + ".webp", kind, std::move(bytes)});
    };
    const auto webp = [](int side, const std::vector<MovingWebpFrame>& frames) {
        return text_of(make_moving_webp(side, side, frames));
    };
    const MovingWebpFrame dot = webp_frame(2);
    add("10,000 frames", webp(64, std::vector<MovingWebpFrame>(10'000, dot)));
    add("10,000 frames as a video", webp(64, std::vector<MovingWebpFrame>(10'000, dot)), "VIDEO");
    add("8,000 x 8,000, 1,000 frames of two pixels", webp(8'000, std::vector<MovingWebpFrame>(1'000, dot)));
    add("16,777,216 each way, two frames", webp(1 << 24, {dot, dot}));
    add("600 x 600, 200 frames", webp(600, std::vector<MovingWebpFrame>(200, webp_frame(600, false, true))));

    const std::vector<MovingWebpFrame> layers{webp_frame(64), webp_frame(32, true),
                                              webp_frame(16, false, true), webp_frame(8, true, true)};
    const std::string four = webp(64, layers);
    add("frames of 4 hours", patched_after(four, "ANMF", 20, "\xFF\xFF\xFF"));
    add("frames of no time", patched_after(four, "ANMF", 20, zeros(3)));
    add("frames far outside", patched_after(four, "ANMF", 8, "\xFF\xFF\xFF\xFF\xFF\xFF"));
    add("frames of 16,777,216 each way", patched_after(four, "ANMF", 14, "\xFF\xFF\xFF\xFF\xFF\xFF"));
    add("all flags of frames", patched_after(four, "ANMF", 23, "\xFF"));
    add("frames of 4 GB", patched_after(four, "ANMF", 4, "\xFE\xFF\xFF\xFF"));
    add("pictures of 4 GB", patched_after(four, "VP8L", 4, "\xFE\xFF\xFF\xFF"));
    add("pictures of 16,383 x 16,383", patched_after(four, "VP8L", 9, "\xFF\xFF\xFF\x0F"));
    std::vector<MovingWebpFrame> wrong = layers;
    wrong[1].width = 33;
    add("a frame of another size than its picture", webp(64, wrong));
    for (std::size_t length = four.find("ANMF"); length < four.size();
         length += std::max<std::size_t>(four.size() / 20, 1))
        add("four frames cut at " + std::to_string(length), four.substr(0, length));
}

}  // namespace

std::vector<HostileFile> lying_animations() {
    std::vector<HostileFile> files;
    add_gif(files);
    add_webp(files);
    return files;
}

}  // namespace bgm::test
