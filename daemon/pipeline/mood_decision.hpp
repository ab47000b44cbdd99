// From what the workers found to a mood: heads and the opinion pool.
//
// Pure: the same post, findings and heads give the same mood. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/fleet/head_set.hpp"
#include "daemon/pipeline/wish_reading.hpp"
#include "fusion/mood/opinion_pool.hpp"
#include "fusion/recommend/match_request.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"
#include "schemas/worker.pb.h"

namespace bgm {

/// What one text or asset gave.
struct Finding {
    std::string modality;
    std::string asset_id;  // empty for the text
    Result<std::vector<v1::Output>> outputs;
    std::shared_ptr<const HeadSet> heads;  // of the worker that answered
};

struct DecidedMood {
    v1::Pick pick;  // complete but for its tracks and the time
    FusedMood mood;
    std::vector<SoundWish> sounds = {};  // how the post's own music sounds, by model
    std::vector<SoundWish> words = {};   // where its text and captions lie among sounds
};

/// The mood, or why there can be none: where every finding failed, the error that promises most of another
/// try. A wish's text is read in place of its head's word, and says so even where no worker could read it.
Result<DecidedMood> decide_mood(const v1::Post& post, std::uint32_t revision,
                                const std::vector<Finding>& findings, const PoolOptions& options = {},
                                const WishReading* wish = nullptr);

/// Says in the pick what could not be used.
void add_degraded(v1::Pick& pick, const std::string& modality, const std::string& asset_id, ErrorCode code,
                  const std::string& message);

}  // namespace bgm
