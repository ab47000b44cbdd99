// make-demo-media FOLDER: draws the photos and synthesises the sounds that the demo posts.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ops/demo/scenes.hpp"
#include "tests/workers/media_maker.hpp"

namespace {

using Folder = std::filesystem::path;

void write_file(const Folder& path, const std::string& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path.string());
}

std::string jpeg(const cv::Mat& picture) {
    std::vector<unsigned char> bytes;
    cv::imencode(".jpg", picture, bytes, {cv::IMWRITE_JPEG_QUALITY, 90});
    return {bytes.begin(), bytes.end()};
}

void write_photos(const Folder& folder) {
    const cv::Size size(1280, 853);
    write_file(folder / "sunset.jpg", jpeg(bgm::demo::sunset_beach(size, 0)));
    const std::string rain = jpeg(bgm::demo::rainy_night(size, 0.3));
    write_file(folder / "rain.jpg", rain);
    // A photo that was named like one but never was: what a failed upload leaves behind.
    write_file(folder / "broken.jpg", "PK\x03\x04" + rain.substr(rain.size() / 2, 20'000));
}

void write_sounds(const Folder& folder) {
    bgm::test::MusicSpec slow{.minor = true, .tempo_bpm = 66, .loudness_db = -16, .brightness = 0.15};
    slow.staccato = false;
    slow.seconds = 12;
    slow.format = bgm::test::AudioFormat::ogg_vorbis;
    write_file(folder / "humming.ogg", bgm::test::make_music_clip(slow));
}

void write_clip(const Folder& folder) {
    bgm::test::VideoSpec festival;
    festival.width = 640;
    festival.height = 360;
    festival.frames_per_s = 15;
    festival.seconds = 6;
    festival.picture = [&](double seconds) {
        cv::Mat rgb;
        cv::cvtColor(bgm::demo::fireworks({festival.width, festival.height}, seconds), rgb,
                     cv::COLOR_BGR2RGB);
        return std::vector<std::uint8_t>(rgb.datastart, rgb.dataend);
    };
    festival.sound = bgm::test::MusicSpec{.tempo_bpm = 150, .loudness_db = -3, .brightness = 0.9};
    write_file(folder / "fireworks.mp4", bgm::test::make_video_clip(festival));
}

}  // namespace

int main(int count, char** arguments) {
    const std::string_view argument = count == 2 ? arguments[1] : "";
    const bool asks = argument == "--help" || argument == "-h";
    if (asks || argument.empty() || argument.front() == '-') {
        (asks ? std::cout : std::cerr) << "usage: make-demo-media FOLDER\n";
        return asks ? EXIT_SUCCESS : 2;
    }
    try {
        const Folder folder = arguments[1];
        std::filesystem::create_directories(folder);
        write_photos(folder);
        write_sounds(folder);
        write_clip(folder);
    } catch (const std::exception& error) {
        std::cerr << "make-demo-media: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
