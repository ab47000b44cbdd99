// CLAP's audio tower once more, from the papers' formulas, in double precision and one number at a time: no
// windows are laid out, every token looks for those that it may see.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/workers/encoders/naive_transformer.hpp"

namespace bgm::naive {

struct AudioTower {
    std::int64_t bands = 8;
    std::int64_t side = 16;
    std::int64_t patch[2] = {2, 2};
    std::int64_t stride[2] = {2, 2};
    std::int64_t width = 12;
    std::int64_t window = 4;
    std::vector<std::int64_t> depths = {2, 2};
    std::vector<std::int64_t> heads = {2, 3};
    double mlp_ratio = 4;
    bool patch_norm = true;
    bool projection_bias = true;
    double epsilon = 1e-5;
    std::string activation = "gelu";
    std::string projection_activation = "relu";
    std::int64_t dimensions = 5;
    std::string dtype = "F32";

    std::int64_t folds() const { return side / bands; }
    std::int64_t width_out() const { return width << (depths.size() - 1); }
    /// The tensors that a checkpoint of this shape has.
    RandomCheckpoint checkpoint() const;
    /// Its "audio_config", as JSON.
    std::string section() const;

    /// spectrum: a row of bands for each frame. Gives the projection, not of length 1.
    Row features(const RandomCheckpoint& weights, const Rows& spectrum) const;
};

}  // namespace bgm::naive
