// The mood head of a model, from its own embeddings of the prompts, or from the cache where it was made
// before.
//
// Used at the start of a worker, by one thread.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "fusion/mood/zero_shot_head.hpp"
#include "workers/prompts/head_cache.hpp"
#include "workers/prompts/prompt_set.hpp"

namespace bgm {

/// Embeds sentences with the model's text tower: one embedding for each, in order, of any length.
using EncodePrompts = std::function<Result<PromptEmbeddings>(std::span<const std::string> prompts)>;

struct PromptHeadRequest {
    std::string model;  // what the worker calls the embeddings that the head is to read
    Modality modality = Modality::text;
    std::string tower_version;  // hash of the text tower's files: another tower makes another head
};

/// The bytes of a head file. The prompts are encoded only where the cache does not know them. A cache that
/// cannot be written is no error. The error names the tower's own reason, or the mood whose prompts cannot be
/// used.
Result<std::string> make_prompt_head(const PromptSet& prompts, const PromptHeadRequest& request,
                                     const HeadCache& cache, const EncodePrompts& encode);

}  // namespace bgm
