#include "workers/clip/model_loader.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "schemas/model_fingerprint.hpp"
#include "schemas/model_lock.hpp"
#include "workers/audio/track_analyser.hpp"
#include "workers/clip/row_buckets.hpp"
#include "workers/clip/text_batches.hpp"
#include "workers/clip/track_listener.hpp"
#include "workers/prompts/prompt_head.hpp"

namespace bgm {
namespace {

// Whatever a tower is asked to encode, once, so that the first post does not pay for what libraries set up.
constexpr std::size_t kWarmTokens = 16;

Result<std::string> checked_fingerprint(const std::filesystem::path& folder) {
    if (const Status whole = check_model_folder(folder); !whole) return whole.error();
    return model_fingerprint(folder);
}

TowerOptions tower_options(const ModelOptions& options) {
    return {.precision = options.precision == "fp32"   ? PrecisionChoice::fp32
                         : options.precision == "bf16" ? PrecisionChoice::bf16
                                                       : PrecisionChoice::automatic,
            .device = options.device,
            .threads = options.threads};
}

void say_loaded(std::string_view what, const LoadedModel& model, const TowerArithmetic& arithmetic) {
    std::cerr << "bgm-worker: " << what << " model " << model.name << " in " << arithmetic.precision;
    if (arithmetic.precision == "bf16") std::cerr << " (cosine with fp32 " << arithmetic.probe_cosine << ")";
    if (!arithmetic.note.empty()) std::cerr << "; " << arithmetic.note;
    std::cerr << '\n';
}

Result<std::unique_ptr<PixelReader>> open_pixels(const std::filesystem::path& folder, PixelFamily family,
                                                 std::int64_t side, const ImageLimits& limits) {
    auto reader = PixelReader::open(folder, family, Fidelity::product, limits);
    if (reader && ((*reader)->width() != side || (*reader)->height() != side)) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = folder.string() + ": its preprocessing gives " +
                                std::to_string((*reader)->width()) + " x " +
                                std::to_string((*reader)->height()) + " pixels, its model takes " +
                                std::to_string(side) + " on a side"};
    }
    return reader;
}

Result<PromptEmbeddings> embed_sentences(std::span<const std::string> sentences, const Tokenizer& tokenizer,
                                         TextTower& tower) {
    const std::size_t tokens_max =
        std::min(tokenizer.length_max(), static_cast<std::size_t>(tower.tokens_max()));
    std::vector<std::vector<std::int64_t>> ids;
    for (const std::string& sentence : sentences)
        ids.push_back(tokenizer.encode(sentence, tokens_max));
    return embed_texts(tower, ids, kRowBuckets.front());
}

struct Ear {
    LoadedModel model;  // without a head
    std::unique_ptr<AudioTower> tower;
    ClapMel mel;
};

// Loads what one modality needs after the other; the first failure ends it.
class Loader {
 public:
    explicit Loader(const ModelOptions& options) : options_(options), cache_(options.head_cache) {}

    Status load_text(ClipParts& parts);
    Status load_pictures(ClipParts& parts);
    Status load_sound(ClipParts& parts);
    Result<Ear> open_ear() const;
    /// The audio model's text tower. Without one the worker does its work.
    void load_sound_words(ClipParts& parts) const;

 private:
    Result<std::unique_ptr<SoundWords>> open_sound_words() const;
    Result<LoadedModel> name_model(const std::filesystem::path& folder, std::string_view option) const;
    /// Fills in the head from the prompts, through the text tower of `folder`, which is only loaded where the
    /// cache does not know the head.
    Status add_head(Modality modality, const std::filesystem::path& folder, std::int64_t dimensions,
                    LoadedModel& model);
    /// Whose text tower encodes the prompts for photos: the image model's own; where it came without a
    /// tokeniser, that of the text model, which is aligned with it.
    std::filesystem::path folder_for_photo_prompts() const;

    const ModelOptions& options_;
    HeadCache cache_;
    std::optional<PromptSet> prompts_;
};

Result<LoadedModel> Loader::name_model(const std::filesystem::path& folder, std::string_view option) const {
    if (folder.empty()) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "no model folder was given",
                     .field = std::string(option)};
    }
    auto fingerprint = checked_fingerprint(folder);
    if (!fingerprint) return fingerprint.error();
    return LoadedModel{.name = model_name(folder, *fingerprint), .fingerprint = *fingerprint, .head = {}};
}

Status Loader::add_head(Modality modality, const std::filesystem::path& folder, std::int64_t dimensions,
                        LoadedModel& model) {
    if (options_.prompts.empty()) return ok_status();
    if (!prompts_) {
        auto prompts = PromptSet::load(options_.prompts);
        if (!prompts) return prompts.error();
        prompts_ = *std::move(prompts);
    }
    const auto encode = [&](std::span<const std::string> sentences) -> Result<PromptEmbeddings> {
        auto tokenizer = open_tokenizer(folder);
        if (!tokenizer) return tokenizer.error();
        auto tower = open_text_tower(folder, tower_options(options_));
        if (!tower) return tower.error();
        if ((*tower)->dimensions() != dimensions) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "its text tower gives embeddings of another width",
                         .field = folder.string()};
        }
        return embed_sentences(sentences, **tokenizer, **tower);
    };
    const auto tower_version = checked_fingerprint(folder);
    if (!tower_version) return tower_version.error();
    auto head = make_prompt_head(*prompts_,
                                 {.model = model.name, .modality = modality, .tower_version = *tower_version},
                                 cache_, encode);
    if (!head) return head.error();
    model.head = *std::move(head);
    return ok_status();
}

std::filesystem::path Loader::folder_for_photo_prompts() const {
    const bool own = options_.text.empty() || open_tokenizer(options_.image).ok();
    return own ? options_.image : options_.text;
}

Status Loader::load_text(ClipParts& parts) {
    auto model = name_model(options_.text, "--text-model");
    if (!model) return model.error();
    auto tokenizer = open_tokenizer(options_.text);
    if (!tokenizer) return tokenizer.error();
    auto tower = open_text_tower(options_.text, tower_options(options_));
    if (!tower) return tower.error();
    if (const Status head = add_head(Modality::text, options_.text, (*tower)->dimensions(), *model); !head)
        return head;
    say_loaded("text", *model, (*tower)->arithmetic());
    const std::vector<std::vector<std::int64_t>> words{
        std::vector<std::int64_t>(kWarmTokens, (*tokenizer)->end_id())};
    if (const auto warm = (*tower)->embed(words); !warm) return warm.error();
    parts.text_stage =
        std::make_unique<TextStage>(*std::move(tokenizer), static_cast<std::size_t>((*tower)->tokens_max()),
                                    parts.sound_words.get(), parts.grave);
    parts.text_tower = *std::move(tower);
    parts.models[Modality::text] = *std::move(model);
    return ok_status();
}

Status Loader::load_pictures(ClipParts& parts) {
    auto model = name_model(options_.image, "--image-model");
    if (!model) return model.error();
    auto tower = open_image_tower(options_.image, tower_options(options_));
    if (!tower) return tower.error();
    auto pixels =
        open_pixels(options_.image, PixelFamily::clip, (*tower)->image_size(), options_.limits.image);
    if (!pixels) return pixels.error();
    const Status head = add_head(Modality::image, folder_for_photo_prompts(), (*tower)->dimensions(), *model);
    if (!head) return head;
    say_loaded("image", *model, (*tower)->arithmetic());
    std::unique_ptr<PixelReader> caption_pixels;
    if (!options_.caption.empty()) {
        auto caption = name_model(options_.caption, "--caption-model");
        if (!caption) return caption.error();
        auto captioner = open_captioner(options_.caption, tower_options(options_));
        if (!captioner) return captioner.error();
        auto reader = open_pixels(options_.caption, PixelFamily::blip, (*captioner)->image_size(),
                                  options_.limits.image);
        if (!reader) return reader.error();
        say_loaded("caption", *caption, (*captioner)->arithmetic());
        parts.captioner = *std::move(captioner);
        caption_pixels = *std::move(reader);
    }
    const auto side = static_cast<std::size_t>((*tower)->image_size());
    if (const auto warm = (*tower)->embed(std::vector<float>(3 * side * side), 1); !warm) return warm.error();
    parts.picture_stage =
        std::make_unique<PictureStage>(*std::move(pixels), std::move(caption_pixels), options_.limits);
    parts.image_tower = *std::move(tower);
    parts.models[Modality::image] = *model;
    parts.models[Modality::video] = *std::move(model);
    return ok_status();
}

Result<Ear> Loader::open_ear() const {
    auto model = name_model(options_.audio, "--audio-model");
    if (!model) return model.error();
    auto tower = open_audio_tower(options_.audio, tower_options(options_));
    if (!tower) return tower.error();
    auto mel = ClapMel::open(options_.audio);
    if (!mel) return mel.error();
    if (static_cast<std::int64_t>(mel->bands()) != (*tower)->bands() ||
        static_cast<std::int64_t>(mel->frames()) > (*tower)->frames_max()) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = options_.audio.string() + ": its feature extractor gives " +
                                std::to_string(mel->frames()) + " x " + std::to_string(mel->bands()) +
                                " numbers, its model takes at most " +
                                std::to_string((*tower)->frames_max()) + " x " +
                                std::to_string((*tower)->bands())};
    }
    say_loaded("audio", *model, (*tower)->arithmetic());
    if (const auto warm = (*tower)->embed(std::vector<float>(mel->values()), 1); !warm) return warm.error();
    return Ear{.model = *std::move(model), .tower = *std::move(tower), .mel = *std::move(mel)};
}

Result<std::unique_ptr<SoundWords>> Loader::open_sound_words() const {
    auto model = name_model(options_.audio, "--audio-model");
    if (!model) return model.error();
    auto tokenizer = open_tokenizer(options_.audio);
    if (!tokenizer) return tokenizer.error();
    auto tower = open_text_tower(options_.audio, tower_options(options_));
    if (!tower) return tower.error();
    say_loaded("words among sounds", *model, (*tower)->arithmetic());
    const std::vector<std::vector<std::int64_t>> words{{(*tokenizer)->start_id(), (*tokenizer)->end_id()}};
    if (const auto warm = (*tower)->embed(words); !warm) return warm.error();
    return std::make_unique<SoundWords>(*std::move(tokenizer), *std::move(tower), model->name);
}

void Loader::load_sound_words(ClipParts& parts) const {
    auto words = open_sound_words();
    if (words) {
        parts.sound_words = *std::move(words);
    } else {
        std::cerr << "bgm-worker: words are not compared with sounds: " << words.error().to_string() << '\n';
    }
}

Status Loader::load_sound(ClipParts& parts) {
    auto ear = open_ear();
    if (!ear) return ear.error();
    if (const Status head = add_head(Modality::audio, options_.audio, ear->tower->dimensions(), ear->model);
        !head)
        return head;
    parts.sound_stage = std::make_unique<SoundStage>(std::move(ear->mel), options_.limits);
    parts.audio_tower = std::move(ear->tower);
    parts.models[Modality::audio] = std::move(ear->model);
    return ok_status();
}

}  // namespace

Result<std::unique_ptr<StagedEncoder>> load_clip_encoder(const std::vector<std::string>& modalities,
                                                         const ModelOptions& options) {
    ClipParts parts;
    parts.rows_max = options.batch_max;
    for (const std::string& word : modalities) {
        const auto modality = modality_from_name(word);
        if (!modality) return Error{.code = ErrorCode::invalid_argument, .message = "no modality: " + word};
        parts.modalities.push_back(*modality);
    }
    const auto serves = [&](Modality modality) {
        return std::find(parts.modalities.begin(), parts.modalities.end(), modality) !=
               parts.modalities.end();
    };
    Loader loader(options);
    Status status = ok_status();
    if (!options.builtin.empty()) {
        auto grave = GraveReader::open(options.builtin);
        if (!grave) return grave.error();
        parts.grave = *std::move(grave);
    }
    const bool captions = serves(Modality::image) && !options.caption.empty();
    if (options.sound_words && (serves(Modality::text) || captions)) loader.load_sound_words(parts);
    if (serves(Modality::text)) status = loader.load_text(parts);
    if (status && (serves(Modality::image) || serves(Modality::video))) status = loader.load_pictures(parts);
    // A video's sound is worth hearing, but a worker for photos and videos does its work without.
    const bool sound_of_videos = serves(Modality::video) && !options.audio.empty();
    if (status && (serves(Modality::audio) || sound_of_videos)) status = loader.load_sound(parts);
    if (!status) return status.error();
    return std::unique_ptr<StagedEncoder>(std::make_unique<ClipEncoder>(std::move(parts)));
}

Result<std::unique_ptr<Encoder>> load_track_listener(const ModelOptions& options,
                                                     const std::filesystem::path& packages) {
    auto ear = Loader(options).open_ear();
    if (!ear) return ear.error();
    return make_track_listener(
        {.analyser = make_track_analyser({options.builtin, packages}, options.limits.audio.bytes_max),
         .mel = std::move(ear->mel),
         .tower = std::move(ear->tower),
         .model = ear->model.name,
         .version = ear->model.fingerprint,
         .rows_max = options.batch_max,
         .bytes_max = options.limits.audio.bytes_max});
}

}  // namespace bgm
