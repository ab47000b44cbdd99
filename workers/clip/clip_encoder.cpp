#include "workers/clip/clip_encoder.hpp"

#include <algorithm>
#include <set>

#include "workers/clip/pooled_rows.hpp"
#include "workers/clip/row_buckets.hpp"
#include "workers/clip/text_batches.hpp"
#include "workers/media/animation/animation.hpp"
#include "workers/media/av/av_warm.hpp"
#include "workers/media/av/half_of_a_film.hpp"

namespace bgm {
namespace {

std::span<const float> row_span(const std::vector<float>& values, std::size_t first, std::size_t count,
                                std::size_t width) {
    return std::span(values).subspan(first * width, count * width);
}

}  // namespace

ClipEncoder::ClipEncoder(ClipParts parts) : parts_(std::move(parts)) {
    warm_media_libraries();
}

std::string ClipEncoder::model(Modality modality) const {
    const auto found = parts_.models.find(modality);
    return found != parts_.models.end() ? found->second.name : std::string();
}

std::string ClipEncoder::model_version() const {
    std::set<std::string> fingerprints;
    for (const auto& [modality, model] : parts_.models)
        fingerprints.insert(model.fingerprint);
    std::string version;
    for (const std::string& fingerprint : fingerprints)
        version += (version.empty() ? "" : "+") + fingerprint;
    return version;
}

std::vector<std::string> ClipEncoder::heads() const {
    std::map<std::string, std::string> by_model;
    for (const auto& [modality, model] : parts_.models) {
        if (!model.head.empty()) by_model.emplace(model.name, model.head);
    }
    std::vector<std::string> heads;
    heads.reserve(by_model.size());
    for (auto& [model, head] : by_model)
        heads.push_back(std::move(head));
    return heads;
}

Result<std::unique_ptr<PreparedTask>> ClipEncoder::prepare(Modality modality, const EncodeTask& task) {
    auto prepared = std::make_unique<ClipTask>();
    Status status = ok_status();
    const auto keep = [&status](auto part, auto& place) {
        if (part) {
            place = *std::move(part);
        } else {
            status = part.error();
        }
    };
    switch (modality) {
        case Modality::text:
            keep(parts_.text_stage->prepare(task), prepared->text);
            break;
        case Modality::image:
            status = prepare_image(task, *prepared);
            break;
        case Modality::audio:
            keep(parts_.sound_stage->prepare(task.media, Modality::audio), prepared->sound);
            break;
        case Modality::video:
            status = prepare_video(task, *prepared);
            break;
        case Modality::context:  // nothing that workers read
            break;
    }
    if (!status) return status.error();
    if (prepared->text) prepared->text->encoding.model = model(Modality::text);
    if (prepared->pictures) {
        // An animation is a video, whatever it was posted as.
        Encoding& encoding = prepared->pictures->encoding;
        encoding.modality = prepared->pictures->moving ? Modality::video : Modality::image;
        encoding.model = model(encoding.modality);
    }
    if (prepared->sound) prepared->sound->encoding.model = model(Modality::audio);
    return std::unique_ptr<PreparedTask>(std::move(prepared));
}

Status ClipEncoder::prepare_image(const EncodeTask& task, ClipTask& prepared) {
    if (is_animation(task.media)) {
        auto frames = parts_.picture_stage->prepare_animation(task.media, Modality::image);
        if (!frames) return frames.error();
        if (frames->weights.size() > 1) {
            prepared.pictures = *std::move(frames);
            return ok_status();
        }
    }
    return parts_.picture_stage->prepare_photo(task.media, prepared);
}

Status ClipEncoder::prepare_video(const EncodeTask& task, ClipTask& prepared) {
    if (is_animation(task.media)) {  // these formats have no sound, which is worth no note
        auto frames = parts_.picture_stage->prepare_animation(task.media, Modality::video);
        if (!frames) return frames.error();
        prepared.pictures = *std::move(frames);
        return ok_status();
    }
    auto pictures = parts_.picture_stage->prepare_video(task.media);
    if (!parts_.sound_stage) {  // the operator's choice, not the film's loss
        if (!pictures) return pictures.error();
        pictures->encoding.notes.emplace_back("no sound used: no audio model is loaded for sound tracks");
        prepared.pictures = *std::move(pictures);
        return ok_status();
    }
    auto sound = parts_.sound_stage->prepare(task.media, Modality::video);
    if (!pictures && !sound) return error_of_both(pictures.error(), sound.error());
    if (!pictures) say_sound_only(sound->encoding, pictures.error());
    if (!sound) say_pictures_only(pictures->encoding, sound.error());
    if (pictures) prepared.pictures = *std::move(pictures);
    if (sound) prepared.sound = *std::move(sound);
    return ok_status();
}

std::vector<EncodeResult> ClipEncoder::encode(std::span<const std::unique_ptr<PreparedTask>> tasks) {
    std::vector<ClipTask*> own;
    own.reserve(tasks.size());
    for (const auto& task : tasks)
        own.push_back(static_cast<ClipTask*>(task.get()));
    for (const auto part :
         {&ClipEncoder::encode_texts, &ClipEncoder::encode_pictures, &ClipEncoder::encode_sounds,
          &ClipEncoder::add_captions, &ClipEncoder::place_words}) {
        if (const Status status = (this->*part)(own); !status) return {tasks.size(), status.error()};
    }
    std::vector<EncodeResult> results;
    results.reserve(tasks.size());
    for (ClipTask* task : own) {
        std::vector<Encoding> encodings;
        if (task->text) encodings.push_back(std::move(task->text->encoding));
        if (task->pictures) encodings.push_back(std::move(task->pictures->encoding));
        if (task->sound) encodings.push_back(std::move(task->sound->encoding));
        results.emplace_back(std::move(encodings));
    }
    return results;
}

Status ClipEncoder::encode_texts(std::span<ClipTask* const> tasks) {
    std::vector<ClipTask::Text*> texts;
    std::vector<std::vector<std::int64_t>> ids;
    for (ClipTask* task : tasks) {
        if (!task->text) continue;
        texts.push_back(&*task->text);
        ids.push_back(std::move(task->text->ids));
    }
    if (texts.empty()) return ok_status();
    auto embeddings = embed_texts(*parts_.text_tower, ids, parts_.rows_max);
    if (!embeddings) return embeddings.error();
    for (std::size_t i = 0; i < texts.size(); ++i)
        texts[i]->encoding.embedding = std::move((*embeddings)[i]);
    return ok_status();
}

Status ClipEncoder::encode_pictures(std::span<ClipTask* const> tasks) {
    return encode_rows(tasks, &ClipTask::pictures, [this](std::span<const float> values, std::int64_t count) {
        return parts_.image_tower->embed(values, count);
    });
}

Status ClipEncoder::encode_sounds(std::span<ClipTask* const> tasks) {
    return encode_rows(tasks, &ClipTask::sound, [this](std::span<const float> values, std::int64_t count) {
        return parts_.audio_tower->embed(values, count);
    });
}

Status ClipEncoder::encode_rows(std::span<ClipTask* const> tasks,
                                std::optional<ClipTask::Rows> ClipTask::*part, const EmbedRows& embed) {
    values_.clear();
    std::size_t count = 0;
    for (const ClipTask* task : tasks) {
        const auto& rows = task->*part;
        if (!rows) continue;
        values_.insert(values_.end(), rows->values.begin(), rows->values.end());
        count += rows->weights.size();
    }
    if (count == 0) return ok_status();
    const std::size_t size = values_.size() / count;
    std::vector<float> embeddings;
    Status status = ok_status();
    for_each_bucket(count, parts_.rows_max, [&](std::size_t first, std::size_t rows) {
        if (!status) return;
        const auto embedded = embed(row_span(values_, first, rows, size), static_cast<std::int64_t>(rows));
        if (!embedded) {
            status = embedded.error();
            return;
        }
        embeddings.insert(embeddings.end(), embedded->begin(), embedded->end());
    });
    if (!status) return status;
    const std::size_t width = embeddings.size() / count;
    std::size_t first = 0;
    for (ClipTask* task : tasks) {
        auto& rows = task->*part;
        if (!rows) continue;
        const std::size_t own = rows->weights.size();
        rows->encoding.embedding = pooled(row_span(embeddings, first, own, width), width, rows->weights);
        first += own;
    }
    return ok_status();
}

// One photo at a time: its 577 patches fill the processor by themselves.
Status ClipEncoder::add_captions(std::span<ClipTask* const> tasks) {
    if (!parts_.captioner) return ok_status();
    for (ClipTask* task : tasks) {
        if (!task->pictures || task->caption_pixels.empty()) continue;
        auto captions = parts_.captioner->caption(task->caption_pixels, 1);
        if (!captions) return captions.error();
        if (captions->empty()) continue;
        Encoding& encoding = task->pictures->encoding;
        encoding.caption = captions->front();
        parts_.grave.add_facts(normalise(encoding.caption), encoding.facts);
    }
    return ok_status();
}

// What the mood is made of is there already: without this the post is matched by less, and not lost.
Status ClipEncoder::place_words(std::span<ClipTask* const> tasks) {
    if (!parts_.sound_words) return ok_status();
    std::vector<SoundWords::Wish> wishes;
    for (ClipTask* task : tasks) {
        if (task->text && !task->text->sound_words.empty())
            wishes.push_back({std::move(task->text->sound_words), &task->text->encoding});
        if (task->pictures && !task->pictures->encoding.caption.empty()) {
            wishes.push_back(
                {parts_.sound_words->words(task->pictures->encoding.caption), &task->pictures->encoding});
        }
    }
    if (const Status placed = parts_.sound_words->place(wishes, parts_.rows_max); !placed) {
        for (const SoundWords::Wish& wish : wishes)
            wish.encoding->notes.emplace_back("not compared with sounds");
    }
    return ok_status();
}

}  // namespace bgm
