// Token ids to embeddings, whatever the model family. Free of libtorch: this is what a worker includes.
//
// A tower owns its weights (mapped, where their type allows) and its workspaces, and belongs to one thread.
// It keeps nothing of a text. It never throws.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "schemas/result.hpp"
#include "workers/encoders/tower_options.hpp"

namespace bgm {

class TextTower {
 public:
    virtual ~TextTower() = default;
    /// The most ids that a text may have, special ones included: what the tokeniser is to cut to.
    virtual std::int64_t tokens_max() const = 0;
    /// Numbers in an embedding.
    virtual std::int64_t dimensions() const = 0;
    virtual const TowerArithmetic& arithmetic() const = 0;

    /// Each text as its tokeniser gave it, not padded; 1 to tokens_max() ids. Gives [texts, dimensions],
    /// every row of length 1. Texts are padded to the longest of the call, so texts of like length belong in
    /// one call. `invalid_argument` for an id that the vocabulary does not have, or a text of another length.
    virtual Result<std::vector<float>> embed(std::span<const std::vector<std::int64_t>> texts) = 0;
};

/// The family is chosen by the directory's config.json: "clip", "clip_text_model", "clap", "clap_text_model"
/// or "distilbert" (with what its modules.json puts on top). `not_found` or `corrupt`, with the file and the
/// key or tensor, where the directory does not hold such a model; `unsupported` for another family, device or
/// precision.
Result<std::unique_ptr<TextTower>> open_text_tower(const std::filesystem::path& directory,
                                                   const TowerOptions& options);

}  // namespace bgm
