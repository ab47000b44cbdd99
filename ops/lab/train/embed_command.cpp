#include "ops/lab/train/embed_command.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "ops/evaluation/labelled_embeddings.hpp"
#include "ops/lab/train/corpus_format.hpp"
#include "ops/lab/train/whole_file.hpp"
#include "schemas/mapped_file.hpp"
#include "workers/clip/model_loader.hpp"

namespace bgm::train {
namespace {

Error usage(std::string message, std::string field) {
    return Error{
        .code = ErrorCode::invalid_argument, .message = std::move(message), .field = std::move(field)};
}

LabelledEmbedding labelled(const Example& example, std::vector<float> embedding) {
    LabelledEmbedding row{.embedding = std::move(embedding)};
    const auto count = std::count(example.moods.begin(), example.moods.end(), true);
    for (std::size_t i = 0; i < kMoodCount && count > 0; ++i)
        row.moods[i] = example.moods[i] ? 1.0F / static_cast<float>(count) : 0.0F;
    if (example.has_affect) {
        row.affect = Affect{.valence = std::clamp(example.affect.valence, -1.0F, 1.0F),
                            .arousal = std::clamp(example.affect.arousal, -1.0F, 1.0F)};
    }
    return row;
}

// Collects prepared tasks to a batch of the encoder's size.
class Batches {
 public:
    using Say = std::function<void(const std::string&)>;

    Batches(StagedEncoder& encoder, Modality modality, const Say& line, const Say& left_out)
        : encoder_(encoder),
          modality_(modality),
          model_(encoder.model(modality)),
          line_(line),
          left_out_(left_out) {}

    void leave_out(const Example& example, const std::string& reason) {
        ++report_.left_out;
        left_out_(example.text.substr(0, 80) + ": " + reason);
    }
    void add(const Example& example, const EncodeTask& task) {
        if (!example.has_affect && std::count(example.moods.begin(), example.moods.end(), true) == 0) {
            leave_out(example, "it has no label");
            return;
        }
        auto prepared = encoder_.prepare(modality_, task);
        if (!prepared) {
            leave_out(example, prepared.error().message);
            return;
        }
        const std::size_t rows = (*prepared)->rows();
        if (rows_ + rows > encoder_.rows_max()) finish();
        rows_ += rows;
        tasks_.push_back(*std::move(prepared));
        examples_.push_back(&example);
    }
    void finish() {
        if (tasks_.empty()) return;
        const auto results = encoder_.encode(tasks_);
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i]) {
                leave_out(*examples_[i], results[i].error().message);
                continue;
            }
            const auto own =
                std::find_if(results[i]->begin(), results[i]->end(),
                             [this](const auto& encoding) { return encoding.modality == modality_; });
            if (own == results[i]->end() || own->quality <= 0) {
                leave_out(*examples_[i], "nothing to go by");
                continue;
            }
            line_(to_line(labelled(*examples_[i], own->embedding), model_, modality_));
            ++report_.written;
        }
        tasks_.clear();
        examples_.clear();
        rows_ = 0;
    }
    const EmbedReport& report() const { return report_; }

 private:
    StagedEncoder& encoder_;
    const Modality modality_;
    const std::string model_;
    const Say& line_;
    const Say& left_out_;
    std::vector<std::unique_ptr<PreparedTask>> tasks_;
    std::vector<const Example*> examples_;
    std::size_t rows_ = 0;
    EmbedReport report_;
};

Result<std::unique_ptr<StagedEncoder>> open_encoder(const EmbedOptions& options) {
    ModelOptions models;
    (options.modality == "text"    ? models.text
     : options.modality == "image" ? models.image
                                   : models.audio) = options.model_dir;
    models.prompts = options.prompts;
    models.precision = options.precision;
    models.threads = options.threads;
    return load_clip_encoder({options.modality}, models);
}

}  // namespace

EmbedReport embed_examples(StagedEncoder& encoder, Modality modality, std::span<const Example> examples,
                           const std::filesystem::path& folder,
                           const std::function<void(const std::string&)>& line,
                           const std::function<void(const std::string&)>& left_out) {
    Batches batches(encoder, modality, line, left_out);
    for (const Example& example : examples) {
        if (modality == Modality::text) {
            batches.add(example, {.text = example.text, .lang = {}, .media = {}});
        } else if (const auto file = MappedFile::open(folder / example.text)) {
            batches.add(example, {.text = {}, .lang = {}, .media = file->bytes()});
        } else {
            batches.leave_out(example, file.error().message);
        }
    }
    batches.finish();
    return batches.report();
}

Status run_embed(const EmbedOptions& options) {
    const auto modality = modality_from_name(options.modality);
    if (!modality) return usage("there is no modality '" + options.modality + "'", "--modality");
    if (*modality != Modality::text && options.format != "list")
        return usage("only lists name files", "--format");
    if (options.prompts.empty() != options.zero_shot_head.empty())
        return usage("--prompts and --zero-shot-head come together", "--prompts");
    const auto encoder = open_encoder(options);
    if (!encoder) return encoder.error();
    if (!options.zero_shot_head.empty()) {
        const auto heads = (*encoder)->heads();
        if (heads.empty()) return usage("no head was made of the prompts", "--prompts");
        if (auto status = write_whole_file(options.zero_shot_head, heads.front()); !status) return status;
    }
    std::ofstream out(options.out, std::ios::binary);
    const auto line = [&out](const std::string& text) { out << text; };
    const auto left_out = [](const std::string& what) {
        std::fprintf(stderr, "left out: %s\n", what.c_str());
    };
    EmbedReport all;
    for (const auto& file : options.data) {
        LabelMeanings meanings;
        if (needs_meanings(options.format)) {
            auto found = find_meanings(file, options.meanings);
            if (!found) return found.error();
            meanings = *std::move(found);
        }
        const auto examples = read_corpus(options.format, file, meanings);
        if (!examples) return examples.error();
        const EmbedReport report =
            embed_examples(**encoder, *modality, *examples, file.parent_path(), line, left_out);
        all.written += report.written;
        all.left_out += report.left_out;
    }
    if (!out.flush())
        return Error{.code = ErrorCode::unavailable, .message = "cannot write " + options.out.string()};
    std::printf("%zu rows written, %zu left out; model %s\n", all.written, all.left_out,
                (*encoder)->model(*modality).c_str());
    if (all.written == 0)
        return Error{.code = ErrorCode::invalid_argument, .message = "nothing could be encoded"};
    return ok_status();
}

}  // namespace bgm::train
