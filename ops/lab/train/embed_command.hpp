// `bgm-train embed`: labelled texts or photos through a public model, as a worker runs it, to lines of
// embeddings and labels that `bgm-train head` reads.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ops/evaluation/corpus.hpp"
#include "schemas/result.hpp"
#include "workers/process/staged_encoder.hpp"

namespace bgm::train {

struct EmbedOptions {
    std::filesystem::path model_dir;
    std::string modality;  // text, image, audio
    std::vector<std::filesystem::path> data;
    std::string format;              // corpus_format.hpp
    std::filesystem::path meanings;  // label_to_mood13.tsv; empty = the one beside or above the data
    std::filesystem::path out;
    std::string precision = "auto";
    int threads = 0;
    std::filesystem::path prompts;         // with these, what the zero-shot head is made of
    std::filesystem::path zero_shot_head;  // and where that goes; both or none
};

/// Prints how many rows were written; what could not be encoded is named on stderr and left out.
Status run_embed(const EmbedOptions& options);

struct EmbedReport {
    std::size_t written = 0;
    std::size_t left_out = 0;
};

/// One line (labelled_embeddings.hpp) for each example, in order. For every modality but text an example's
/// text is the name of a file in `folder`. An example without a label, or that cannot be read, or gives
/// nothing to go by (quality 0), is told to `left_out`, with the reason.
EmbedReport embed_examples(StagedEncoder& encoder, Modality modality, std::span<const Example> examples,
                           const std::filesystem::path& folder,
                           const std::function<void(const std::string&)>& line,
                           const std::function<void(const std::string&)>& left_out);

}  // namespace bgm::train
