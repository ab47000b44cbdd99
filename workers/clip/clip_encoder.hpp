// The encoder of the clip preset: an image, a text and an audio tower, as many as the worker's modalities
// need.
//
// Preparing belongs to one thread and encoding to another: the stages (decoders, tokeniser) and the towers
// share nothing. Photos and video frames go through the image tower in the same batches.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "workers/clip/clip_task.hpp"
#include "workers/clip/picture_stage.hpp"
#include "workers/clip/sound_stage.hpp"
#include "workers/clip/sound_words.hpp"
#include "workers/clip/text_stage.hpp"
#include "workers/encoders/audio_tower.hpp"
#include "workers/encoders/captioner.hpp"
#include "workers/encoders/image_tower.hpp"
#include "workers/encoders/text_tower.hpp"
#include "workers/process/staged_encoder.hpp"

namespace bgm {

/// What a modality's embeddings are called ("clip-vit-base-patch32@1a2b3c4d"), and the head that reads them.
struct LoadedModel {
    std::string name;
    std::string fingerprint;
    std::string head;  // empty: bgmd has one as a file
};

struct ClipParts {
    std::vector<Modality> modalities;
    std::size_t rows_max = 16;
    GraveReader grave;  // of captions; texts have the text stage's
    // Null, or empty, where no modality needs it.
    std::unique_ptr<SoundWords> sound_words;  // the text stage borrows it
    std::unique_ptr<TextStage> text_stage;
    std::unique_ptr<TextTower> text_tower;
    std::unique_ptr<PictureStage> picture_stage;
    std::unique_ptr<ImageTower> image_tower;
    std::unique_ptr<Captioner> captioner;
    std::unique_ptr<SoundStage> sound_stage;
    std::unique_ptr<AudioTower> audio_tower;
    std::map<Modality, LoadedModel> models;  // video: the image tower's
};

class ClipEncoder final : public StagedEncoder {
 public:
    explicit ClipEncoder(ClipParts parts);

    std::vector<Modality> modalities() const override { return parts_.modalities; }
    std::string model(Modality modality) const override;
    std::string model_version() const override;
    std::vector<std::string> heads() const override;
    std::size_t rows_max() const override { return parts_.rows_max; }
    Result<std::unique_ptr<PreparedTask>> prepare(Modality modality, const EncodeTask& task) override;
    std::vector<EncodeResult> encode(std::span<const std::unique_ptr<PreparedTask>> tasks) override;

 private:
    Status prepare_image(const EncodeTask& task, ClipTask& prepared);
    Status prepare_video(const EncodeTask& task, ClipTask& prepared);
    Status encode_texts(std::span<ClipTask* const> tasks);
    Status encode_pictures(std::span<ClipTask* const> tasks);
    Status encode_sounds(std::span<ClipTask* const> tasks);
    Status add_captions(std::span<ClipTask* const> tasks);
    Status place_words(std::span<ClipTask* const> tasks);

    using EmbedRows = std::function<Result<std::vector<float>>(std::span<const float>, std::int64_t)>;
    /// Encodes one part of all tasks together, and averages what belongs to one task.
    Status encode_rows(std::span<ClipTask* const> tasks, std::optional<ClipTask::Rows> ClipTask::*part,
                       const EmbedRows& embed);

    ClipParts parts_;
    std::vector<float> values_;  // the inputs of one call; kept for its memory
};

}  // namespace bgm
