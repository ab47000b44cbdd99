// bgm-bench-media: what is saved by decoding no more than is looked at, and what the sandbox costs.
//
// Only ratios within one run mean anything on a machine that others use too: both sides of each are measured
// in turns, and the smallest time of each side counts. Files are made here; nothing is read.
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <opencv2/imgcodecs.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/demo/scenes.hpp"
#include "tests/workers/media_maker.hpp"
#include "workers/image/image_encoder.hpp"
#include "workers/media/av/av_input.hpp"
#include "workers/media/av/av_video.hpp"
#include "workers/media/picture/image_decoder.hpp"
#include "workers/reading/text_gate.hpp"
#include "workers/sandbox/sandbox.hpp"

extern "C" {
#include <libavutil/frame.h>
}

namespace bgm {
namespace {

double seconds_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "bgm-bench-media: %s\n", what.c_str());
    std::exit(1);
}

void compare(const char* what, int rounds, const std::function<void()>& all,
             const std::function<void()>& needed) {
    double all_s = 1e9, needed_s = 1e9;
    for (int i = 0; i < rounds; ++i) {
        all_s = std::min(all_s, seconds_of(all));
        needed_s = std::min(needed_s, seconds_of(needed));
    }
    std::printf("%s: all of it %.1f ms, what is needed %.1f ms: %.1f times faster\n", what, all_s * 1e3,
                needed_s * 1e3, all_s / needed_s);
}

std::vector<unsigned char> jpeg_of(cv::Size size) {
    std::vector<unsigned char> file;
    cv::imencode(".jpg", demo::sunset_beach(size, 0), file, {cv::IMWRITE_JPEG_QUALITY, 90});
    return file;
}

void bench_jpeg() {
    const auto file = jpeg_of({4'000, 3'000});
    const ImageDecoder decoder;
    const auto decode = [&](const DecodeOptions& options) {
        return [&, options] {
            if (!decoder.decode(std::as_bytes(std::span(file)), options)) fail("the JPEG does not decode");
        };
    };
    compare("JPEG of 12 megapixels for 224 pixels", 5, decode({}), decode({.shorter_side_min = 224}));
}

// Every frame, by the same decoder with one thread, without scaling or keeping any.
int decode_every_frame(std::span<const std::byte> file) {
    const CpuBudget budget(600);
    auto input = av::Input::open(file, budget, "a video");
    if (!input) fail(input.error().to_string());
    const AVStream* stream = (*input)->choose(AVMEDIA_TYPE_VIDEO);
    if (stream == nullptr) fail("no pictures");
    auto decoder = (*input)->decoder_for(*stream);
    if (!decoder) fail(decoder.error().to_string());
    const av::Packet packet(av_packet_alloc());
    const av::Frame frame(av_frame_alloc());
    int frames = 0;
    for (bool more = true; more;) {
        more = av_read_frame((*input)->format(), packet.get()) >= 0;
        if (!more || packet->stream_index == stream->index)
            avcodec_send_packet(decoder->get(), more ? packet.get() : nullptr);
        while (avcodec_receive_frame(decoder->get(), frame.get()) == 0)
            ++frames;
        av_packet_unref(packet.get());
    }
    return frames;
}

// A photo that moves sideways. Under noise as a sensor makes it, at the rate of a phone, every frame is work
// for the decoder; without it nearly half of the bytes are key frames, and there is little to save.
std::string film(bool with_noise) {
    constexpr int kWidth = 1'920, kHeight = 1'080;
    const cv::Mat scene = demo::sunset_beach({kWidth, kHeight}, 0);
    test::VideoSpec spec{.width = kWidth, .height = kHeight, .seconds = 60};
    spec.key_frame_every = 50;
    spec.preset = "superfast";
    spec.bits_per_s = with_noise ? 12'000'000 : 2'000'000;
    std::vector<std::uint8_t> noise(std::size_t{kWidth} * kHeight * 6, 0);
    std::uint32_t state = 1;
    for (std::uint8_t& step : noise) {
        state = state * 1'664'525U + 1'013'904'223U;  // Numerical Recipes' generator
        step = with_noise ? static_cast<std::uint8_t>(state >> 29U) : 0;
    }
    spec.picture = [&](double time_s) {
        const std::size_t shift = static_cast<std::size_t>(time_s * 40) % kWidth * 3;
        const std::size_t row_bytes = std::size_t{kWidth} * 3;
        std::vector<std::uint8_t> rgb(row_bytes * kHeight);
        for (int y = 0; y < kHeight; ++y) {
            std::uint8_t* to = rgb.data() + static_cast<std::size_t>(y) * row_bytes;
            std::memcpy(to, scene.ptr(y) + shift, row_bytes - shift);
            std::memcpy(to + row_bytes - shift, scene.ptr(y), shift);
        }
        const auto first = static_cast<std::size_t>(time_s * 999'983) % rgb.size();
        for (std::size_t i = 0; i < rgb.size(); ++i)
            rgb[i] = static_cast<std::uint8_t>(rgb[i] - rgb[i] / 32 + noise[first + i]);
        return rgb;
    };
    return test::make_video_clip(spec);
}

void bench_video(bool with_noise) {
    const std::string file = film(with_noise);
    const auto bytes = test::as_bytes(file);
    int frames = 0;
    std::size_t sampled = 0;
    compare(
        with_noise ? "H.264 of 60 s at 1920 x 1080, 12 Mbit/s, with a sensor's noise"
                   : "H.264 of 60 s at 1920 x 1080, 2 Mbit/s, without noise",
        2, [&] { frames = decode_every_frame(bytes); },
        [&] {
            const auto sample = sample_video(bytes, VideoLimits{}, CpuBudget(600));
            if (!sample) fail(sample.error().to_string());
            sampled = sample->frames.size();
        });
    std::printf("  (%d frames, %zu MB; %zu sampled)\n", frames, file.size() / 1'000'000, sampled);
    std::fflush(stdout);
}

double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The least processor time of `work`: others on the machine make it dearer, and nothing makes it cheaper.
double least_ms(int rounds, const std::function<void()>& work) {
    double least = 1e9;
    for (int i = 0; i < rounds; ++i) {
        const double begin = processor_seconds();
        work();
        least = std::min(least, processor_seconds() - begin);
    }
    return least * 1e3;
}

void bench_photo() {
    const std::filesystem::path packages = BGM_SOURCE_DIR "/data/packages/node_modules";
    const auto encoder = make_image_encoder(
        {.models = BGM_SOURCE_DIR "/data/builtin",
         .packages = std::filesystem::exists(packages) ? packages : std::filesystem::path("none"),
         .reading = "/usr/share/tesseract-ocr/5/tessdata"},
        MediaLimits{});
    if (!encoder) fail(encoder.error().to_string());
    for (const cv::Size size : {cv::Size(960, 640), cv::Size(1'600, 1'200), cv::Size(4'000, 3'000)}) {
        const auto file = jpeg_of(size);
        const EncodeTask task{.text = {}, .lang = {}, .media = std::as_bytes(std::span(file))};
        const double ms = least_ms(15, [&] {
            if (!(*encoder)->encode(std::span(&task, 1)).at(0)) fail("the photo is not encoded");
        });
        std::printf("photo of %d x %d, no face, bytes to embeddings: %.1f ms of one processor\n", size.width,
                    size.height, ms);
    }
    const auto file = jpeg_of({960, 640});
    const auto decoded = ImageDecoder().decode(std::as_bytes(std::span(file)), {});
    if (!decoded) fail("the JPEG does not decode");
    bool writing = false;
    const double ms = least_ms(15, [&] { writing = may_hold_writing(decoded->image); });
    std::printf("whether a picture of 960 x 640 may hold writing: %.1f ms\n", ms);
    if (writing) fail("a beach without words is taken for writing");
}

// A process with the image encoder that encodes one batch each time it is told to, confined or not.
class EncoderProcess {
 public:
    explicit EncoderProcess(SandboxMode mode) {
        std::array<int, 2> go{}, done{};
        if (::pipe(go.data()) != 0 || ::pipe(done.data()) != 0) fail("no pipe");
        pid_ = ::fork();
        if (pid_ < 0) fail("no process");
        if (pid_ == 0) {
            ::close(go[1]);
            serve(mode, go[0], done[1]);
        }
        ::close(go[0]);
        ::close(done[1]);
        go_ = go[1];
        done_ = done[0];
    }
    ~EncoderProcess() {
        ::close(go_);
        ::close(done_);
        ::waitpid(pid_, nullptr, 0);
    }
    EncoderProcess(const EncoderProcess&) = delete;
    EncoderProcess& operator=(const EncoderProcess&) = delete;

    double batch_s() {
        double seconds = 0;
        if (::write(go_, "g", 1) != 1 || ::read(done_, &seconds, sizeof seconds) != sizeof seconds)
            fail("the encoder's process has ended");
        return seconds;
    }

 private:
    [[noreturn]] static void serve(SandboxMode mode, int go, int done) {
        const auto file = jpeg_of({1'600, 1'200});
        auto encoder = make_image_encoder({});
        if (!encoder) fail(encoder.error().to_string());
        if (auto entered = enter_sandbox({.mode = mode, .task_memory_bytes = 1'610'612'736}); !entered)
            fail(entered.error().to_string());
        const EncodeTask task{.text = {}, .lang = {}, .media = std::as_bytes(std::span(file))};
        for (char byte = 0; ::read(go, &byte, 1) == 1;) {
            const double seconds = seconds_of([&] {
                for (int i = 0; i < 8; ++i) {
                    if (!(*encoder)->encode(std::span(&task, 1)).at(0)) fail("the photo is not encoded");
                }
            });
            if (::write(done, &seconds, sizeof seconds) != sizeof seconds) break;
        }
        ::_exit(0);
    }

    pid_t pid_ = -1;
    int go_ = -1;
    int done_ = -1;
};

void bench_sandbox() {
    EncoderProcess open(SandboxMode::off);
    EncoderProcess confined(SandboxMode::required);
    std::vector<double> ratios;
    double open_s = 1e9, confined_s = 1e9;
    for (int round = 0; round < 25; ++round) {
        const bool open_first = round % 2 == 0;
        double one = open_first ? open.batch_s() : confined.batch_s();
        double other = open_first ? confined.batch_s() : open.batch_s();
        if (!open_first) std::swap(one, other);
        ratios.push_back(one / other);
        open_s = std::min(open_s, one);
        confined_s = std::min(confined_s, other);
    }
    std::sort(ratios.begin(), ratios.end());
    std::printf(
        "image encoder, 8 photos: %.1f ms outside the sandbox, %.1f ms inside: throughput x %.3f "
        "(median of the rounds %.3f)\n",
        open_s * 1e3, confined_s * 1e3, open_s / confined_s, ratios[ratios.size() / 2]);
}

}  // namespace
}  // namespace bgm

int main(int argc, char** argv) {
    bgm::bench_photo();
    std::fflush(stdout);
    if (argc > 1 && std::string_view(argv[1]) == "photo") return 0;
    bgm::bench_sandbox();
    bgm::bench_jpeg();
    std::fflush(stdout);
    bgm::bench_video(true);
    bgm::bench_video(false);
    return 0;
}
