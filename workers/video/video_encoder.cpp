#include "workers/video/video_encoder.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "workers/audio/audio_encoder.hpp"
#include "workers/media/animation/animation.hpp"
#include "workers/media/av/av_audio.hpp"
#include "workers/media/av/av_video.hpp"
#include "workers/media/av/av_warm.hpp"
#include "workers/media/av/half_of_a_film.hpp"
#include "workers/video/sample_encoding.hpp"
#include "workers/video/video_embedding.hpp"

namespace bgm {
namespace {

// Together well within the 20 s that a task may take, so that a slow file ends with a message of ours.
constexpr double kPicturesCpuSecondsMax = 10;
constexpr double kSoundCpuSecondsMax = 5;

EncodeResult encode_pictures(std::span<const std::byte> file, bool animation, const VideoLimits& limits,
                             PictureNetworks& networks) {
    const CpuBudget budget(kPicturesCpuSecondsMax);
    const auto sample =
        animation ? sample_animation(file, limits, budget) : sample_video(file, limits, budget);
    if (!sample) return sample.error();
    return encode_sample(*sample, networks);
}

Result<Encoding> encode_sound(std::span<const std::byte> file, const AudioLimits& limits,
                              const SpeechGate* gate) {
    const auto waveform = decode_audio(file, limits, CpuBudget(kSoundCpuSecondsMax));
    if (!waveform) return waveform.error();
    return encode_waveform(*waveform, gate);
}

class VideoEncoder final : public Encoder {
 public:
    VideoEncoder(const EncoderFiles& files, const MediaLimits& limits)
        : limits_(limits),
          networks_(PictureNetworks::open(files.packages)),
          gate_(open_speech_gate(files.packages)),
          heads_(networks_.heads()) {
        for (std::string& head : sound_heads(files.models))
            heads_.push_back(std::move(head));
        limits_.audio.bytes_max = limits.video.bytes_max;  // its sound is in the same file
    }

    Modality modality() const override { return Modality::video; }
    std::string model() const override { return std::string(kVideoModel); }
    std::vector<std::string> heads() const override { return heads_; }

    std::vector<EncodeResult> encode(std::span<const EncodeTask> tasks) override {
        std::vector<EncodeResult> results;
        results.reserve(tasks.size());
        for (const EncodeTask& task : tasks)
            results.push_back(encode_one(task.media));
        return results;
    }

 private:
    EncodeResult encode_one(std::span<const std::byte> file) {
        const bool animation = is_animation(file);
        EncodeResult pictures = encode_pictures(file, animation, limits_.video, networks_);
        if (animation) return pictures;  // these formats have no sound, which is worth no note
        Result<Encoding> sound = encode_sound(file, limits_.audio, gate_.get());
        if (!pictures && !sound) return error_of_both(pictures.error(), sound.error());
        if (!pictures) say_sound_only(*sound, pictures.error());
        if (!sound) say_pictures_only(pictures->front(), sound.error());
        std::vector<Encoding> encodings;
        if (pictures) encodings = *std::move(pictures);
        if (sound) encodings.push_back(*std::move(sound));
        return encodings;
    }

    MediaLimits limits_;
    PictureNetworks networks_;
    std::shared_ptr<const SpeechGate> gate_;
    std::vector<std::string> heads_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> make_video_encoder(const EncoderFiles& files, const MediaLimits& limits) {
    warm_media_libraries();
    return std::unique_ptr<Encoder>(std::make_unique<VideoEncoder>(files, limits));
}

}  // namespace bgm
