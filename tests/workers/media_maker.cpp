// The encoding half of media_maker.hpp: muxes into memory, one video and one audio stream at most.
#include "tests/workers/media_maker.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>

#include "tests/workers/media_muxer.hpp"

// x265 keeps a few tables for the life of the process; the leak sanitiser would fail every test that uses it.
// NOLINTBEGIN(bugprone-reserved-identifier): the sanitiser's own name for the question.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libx265";
}
// NOLINTEND(bugprone-reserved-identifier)

namespace bgm::test {
namespace {

// Feeds mono samples to an audio encoder in frames of the size and format that it wants.
class AudioTrack {
 public:
    AudioTrack(Muxer& muxer, const char* codec, int sample_rate_hz) : muxer_(muxer) {
        const int rate = std::string_view(codec) == "libopus" ? 48'000 : sample_rate_hz;
        codec_ = muxer.open(codec, [&](AVCodecContext& context) {
            context.sample_rate = rate;
            context.sample_fmt =
                context.codec->sample_fmts != nullptr ? context.codec->sample_fmts[0] : AV_SAMPLE_FMT_S16;
            context.ch_layout = AV_CHANNEL_LAYOUT_STEREO;
            context.bit_rate = 128'000;
            context.time_base = {1, rate};
        });
        stream_ = static_cast<int>(muxer.format()->nb_streams) - 1;
        AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
        check(swr_alloc_set_opts2(&resampler_, &codec_->ch_layout, codec_->sample_fmt, rate, &mono,
                                  AV_SAMPLE_FMT_FLT, sample_rate_hz, 0, nullptr),
              "resampler");
        check(swr_init(resampler_), "resampler");
    }
    AudioTrack(const AudioTrack&) = delete;
    AudioTrack& operator=(const AudioTrack&) = delete;
    ~AudioTrack() { swr_free(&resampler_); }

    void add(std::span<const float> mono) {
        const auto* data = reinterpret_cast<const std::uint8_t*>(mono.data());
        check(swr_convert(resampler_, nullptr, 0, &data, static_cast<int>(mono.size())), "resample");
        const int wanted = codec_->frame_size > 0 ? codec_->frame_size : 1024;
        while (swr_get_out_samples(resampler_, 0) > wanted + 64)
            send(wanted);
    }

    void finish() {
        while (send(codec_->frame_size > 0 ? codec_->frame_size : 1024)) {
        }
        muxer_.encode(*codec_, stream_, nullptr);
    }

 private:
    bool send(int wanted) {
        const Frame frame(check(av_frame_alloc(), "frame"));
        frame->nb_samples = wanted;
        frame->format = codec_->sample_fmt;
        frame->sample_rate = codec_->sample_rate;
        check(av_channel_layout_copy(&frame->ch_layout, &codec_->ch_layout), "layout");
        check(av_frame_get_buffer(frame.get(), 0), "frame");
        const int made = check(swr_convert(resampler_, frame->extended_data, wanted, nullptr, 0), "resample");
        if (made == 0) return false;
        frame->nb_samples = made;
        frame->pts = next_pts_;
        next_pts_ += made;
        muxer_.encode(*codec_, stream_, frame.get());
        return made == wanted;
    }

    Muxer& muxer_;
    Codec codec_;
    int stream_ = 0;
    SwrContext* resampler_ = nullptr;
    std::int64_t next_pts_ = 0;
};

struct AudioNames {
    const char* container;
    const char* codec;
};

AudioNames names(AudioFormat format) {
    switch (format) {
        case AudioFormat::wav:
            return {"wav", "pcm_s16le"};
        case AudioFormat::flac:
            return {"flac", "flac"};
        case AudioFormat::ogg_vorbis:
            return {"ogg", "libvorbis"};
        case AudioFormat::ogg_opus:
            return {"ogg", "libopus"};
        case AudioFormat::mp3:
            return {"mp3", "libmp3lame"};
        case AudioFormat::m4a_aac:
            return {"ipod", "aac"};
        case AudioFormat::adts_aac:
            return {"adts", "aac"};
    }
    throw std::runtime_error("media_maker: no such audio format");
}

struct VideoNames {
    const char* container;
    const char* codec;
    const char* sound;
};

VideoNames names(VideoFormat format) {
    switch (format) {
        case VideoFormat::mp4_h264:
            return {"mp4", "libx264", "aac"};
        case VideoFormat::mp4_hevc:
            return {"mp4", "libx265", "aac"};
        case VideoFormat::mp4_mpeg4:
            return {"mp4", "mpeg4", "aac"};
        case VideoFormat::mp4_av1:
            return {"mp4", "libaom-av1", "aac"};
        case VideoFormat::mov_h264:
            return {"mov", "libx264", "aac"};
        case VideoFormat::webm_vp8:
            return {"webm", "libvpx", "libopus"};
        case VideoFormat::webm_vp9:
            return {"webm", "libvpx-vp9", "libopus"};
        case VideoFormat::webm_av1:
            return {"webm", "libaom-av1", "libopus"};
        case VideoFormat::mkv_h264:
            return {"matroska", "libx264", "flac"};
        case VideoFormat::avi_mpeg4:
            return {"avi", "mpeg4", "libmp3lame"};
    }
    throw std::runtime_error("media_maker: no such video format");
}

Colour background_at(const VideoSpec& spec, double time_s) {
    if (spec.scene == Scene::black) return {};
    if (spec.scene != Scene::cuts) return spec.background;
    constexpr std::array<Colour, 4> kColours{Colour{200, 40, 40}, Colour{40, 40, 200}, Colour{220, 220, 60},
                                             Colour{30, 160, 60}};
    return kColours[static_cast<std::size_t>(time_s * 2) % kColours.size()];
}

std::vector<std::uint8_t> draw(const VideoSpec& spec, double time_s) {
    std::vector<std::uint8_t> rgb(static_cast<std::size_t>(spec.width) *
                                  static_cast<std::size_t>(spec.height) * 3);
    const Colour background = background_at(spec, time_s);
    const bool disc = spec.scene == Scene::still || spec.scene == Scene::moving;
    const double travel = spec.scene == Scene::moving ? time_s * 2 - std::floor(time_s * 2) : 0.5;
    const double centre_x = travel * spec.width;
    const double centre_y = spec.height * 0.5;
    const double radius = spec.height * 0.2;
    for (int y = 0; y < spec.height; ++y) {
        for (int x = 0; x < spec.width; ++x) {
            Colour colour = background;
            if (spec.scene == Scene::marked)
                colour = y < spec.height / 2 ? Colour{220, 20, 20} : Colour{20, 20, 220};
            const double dx = x - centre_x, dy = y - centre_y;
            if (disc && dx * dx + dy * dy < radius * radius) colour = {250, 240, 180};
            auto* pixel = rgb.data() + (static_cast<std::size_t>(y) * static_cast<std::size_t>(spec.width) +
                                        static_cast<std::size_t>(x)) *
                                           3;
            pixel[0] = colour.red;
            pixel[1] = colour.green;
            pixel[2] = colour.blue;
        }
    }
    return rgb;
}

Codec open_video(Muxer& muxer, const VideoSpec& spec) {
    const char* codec = names(spec.format).codec;
    return muxer.open(codec, [&](AVCodecContext& context) {
        context.width = spec.width;
        context.height = spec.height;
        context.pix_fmt = AV_PIX_FMT_YUV420P;
        context.time_base = {1, spec.frames_per_s};
        context.framerate = {spec.frames_per_s, 1};
        context.gop_size = spec.key_frame_every;
        context.bit_rate = spec.bits_per_s;
        if (std::string_view(codec) == "libx264") context.max_b_frames = spec.b_frames;
        const std::string_view name = codec;
        if (name == "libx264" || name == "libx265") av_opt_set(context.priv_data, "preset", spec.preset, 0);
        // Of a clip with fewer frames than it may reorder, x265 makes up decoding times.
        if (name == "libx265") {
            av_opt_set(context.priv_data, "x265-params", "log-level=none:pools=none:bframes=0", 0);
        }
        if (name == "libaom-av1") {
            av_opt_set(context.priv_data, "usage", "realtime", 0);
            av_opt_set(context.priv_data, "cpu-used", "8", 0);
        }
        if (name.starts_with("libvpx")) {
            av_opt_set(context.priv_data, "deadline", "realtime", 0);
            av_opt_set(context.priv_data, "cpu-used", "8", 0);
        }
    });
}

}  // namespace

std::string encode_audio(std::span<const float> mono, int sample_rate_hz, AudioFormat format) {
    Muxer muxer(names(format).container);
    AudioTrack track(muxer, names(format).codec, sample_rate_hz);
    check(avformat_write_header(muxer.format(), nullptr), "header");
    track.add(mono);
    track.finish();
    return muxer.finish();
}

std::string make_video_clip(const VideoSpec& spec) {
    Muxer muxer(names(spec.format).container);
    Codec video;
    if (spec.pictures) {
        video = open_video(muxer, spec);
        muxer.lose_pictures(spec.packets_lost);
        if (spec.rotation_degrees != 0) {
            auto* matrix =
                check(av_stream_new_side_data(muxer.format()->streams[0], AV_PKT_DATA_DISPLAYMATRIX, 9 * 4),
                      "matrix");
            av_display_rotation_set(reinterpret_cast<std::int32_t*>(matrix), spec.rotation_degrees);
        }
    }
    std::unique_ptr<AudioTrack> sound;
    std::vector<float> samples;
    if (spec.sound) {
        MusicSpec music = *spec.sound;
        music.seconds = spec.seconds;
        samples = music_samples(music);
        sound = std::make_unique<AudioTrack>(muxer, names(spec.format).sound, music.sample_rate_hz);
    }
    check(avformat_write_header(muxer.format(), nullptr), "header");

    struct ScalerFree {
        void operator()(SwsContext* context) const { sws_freeContext(context); }
    };
    const std::unique_ptr<SwsContext, ScalerFree> scaler(
        check(sws_getContext(spec.width, spec.height, AV_PIX_FMT_RGB24, spec.width, spec.height,
                             AV_PIX_FMT_YUV420P, SWS_BILINEAR, nullptr, nullptr, nullptr),
              "scaler"));
    const auto frames = static_cast<std::int64_t>(std::llround(spec.seconds * spec.frames_per_s));
    std::size_t sample = 0;
    for (std::int64_t i = 0; i < frames; ++i) {
        const double time_s = static_cast<double>(i) / spec.frames_per_s;
        if (video && !(spec.variable_rate && i % 3 == 2)) {
            const std::vector<std::uint8_t> rgb = spec.picture ? spec.picture(time_s) : draw(spec, time_s);
            const Frame frame(check(av_frame_alloc(), "frame"));
            frame->width = spec.width;
            frame->height = spec.height;
            frame->format = AV_PIX_FMT_YUV420P;
            frame->pts = i;
            check(av_frame_get_buffer(frame.get(), 0), "frame");
            const std::array source{rgb.data()};
            const std::array stride{spec.width * 3};
            sws_scale(scaler.get(), source.data(), stride.data(), 0, spec.height, frame->data,
                      frame->linesize);
            muxer.encode(*video, 0, frame.get());
        }
        if (sound) {
            const auto until = std::min(
                samples.size(),
                static_cast<std::size_t>((time_s + 1.0 / spec.frames_per_s) * spec.sound->sample_rate_hz));
            if (until > sample) sound->add(std::span(samples).subspan(sample, until - sample));
            sample = std::max(sample, until);
        }
    }
    if (video) muxer.encode(*video, 0, nullptr);
    if (sound) sound->finish();
    return muxer.finish();
}

}  // namespace bgm::test
