// What an encoder implements whose work has two halves: one for each task alone (decoding, tokenising), and
// one for many tasks together (the network). StagedPipeline runs both halves at the same time.
//
// prepare() and encode() are called by one thread each; they share nothing that changes. Neither throws, and
// nothing of a task is kept after its answer.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "workers/process/encoder.hpp"

namespace bgm {

/// What prepare() made of a task. Each staged encoder derives its own.
struct PreparedTask {
    virtual ~PreparedTask() = default;
    /// How much of a batch it fills: 1 for a photo, 16 for a video of 16 frames.
    virtual std::size_t rows() const = 0;
};

class StagedEncoder {
 public:
    virtual ~StagedEncoder() = default;
    virtual std::vector<Modality> modalities() const = 0;
    /// As Encoder::model(), for one of its modalities.
    virtual std::string model(Modality modality) const = 0;
    virtual std::string model_version() const { return {}; }
    virtual std::vector<std::string> heads() const { return {}; }
    /// How many rows encode() takes at most; a task that has more comes alone.
    virtual std::size_t rows_max() const = 0;

    virtual Result<std::unique_ptr<PreparedTask>> prepare(Modality modality, const EncodeTask& task) = 0;
    /// One result per task, in order.
    virtual std::vector<EncodeResult> encode(std::span<const std::unique_ptr<PreparedTask>> tasks) = 0;
};

}  // namespace bgm
