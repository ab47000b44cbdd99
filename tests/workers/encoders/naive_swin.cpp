#include "tests/workers/encoders/naive_swin.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace bgm::naive {
namespace {

const std::string kEncoder = "audio_model.audio_encoder.";

std::string block_name(std::size_t stage, std::int64_t block) {
    return kEncoder + "layers." + std::to_string(stage) + ".blocks." + std::to_string(block) + ".";
}

// Keys' cubic with a = -0.75, ends on ends, the border repeated.
Row stretch(const Row& values, std::int64_t count) {
    const auto last = static_cast<std::int64_t>(values.size()) - 1;
    if (count == last + 1) return values;
    const auto weight = [](double x) {
        constexpr double a = -0.75;
        x = std::abs(x);
        if (x <= 1) return (a + 2) * x * x * x - (a + 3) * x * x + 1;
        return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
    };
    Row out;
    for (std::int64_t i = 0; i < count; ++i) {
        const double at = static_cast<double>(i * last) / static_cast<double>(count - 1);
        const auto below = static_cast<std::int64_t>(std::floor(at));
        double sum = 0;
        for (std::int64_t j = below - 1; j <= below + 2; ++j)
            sum += weight(at - static_cast<double>(j)) *
                   values[static_cast<std::size_t>(std::clamp<std::int64_t>(j, 0, last))];
        out.push_back(sum);
    }
    return out;
}

Rows transposed(const Rows& rows) {
    Rows out(rows[0].size(), Row(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < rows[i].size(); ++j)
            out[j][i] = rows[i][j];
    }
    return out;
}

Rows stretch_each(Rows rows, std::int64_t count) {
    for (Row& row : rows)
        row = stretch(row, count);
    return rows;
}

// One place of the grid that windows fill, as the windows see it after their shift.
struct Place {
    std::int64_t y, x;        // shifted
    bool down, right;         // came round from the other side
    std::int64_t token = -1;  // none: padding
};

struct Grid {
    std::int64_t height, width, window, shift;
    std::vector<Place> places() const {
        const auto up = [this](std::int64_t value) { return (value + window - 1) / window * window; };
        std::vector<Place> found;
        for (std::int64_t y = 0; y < up(height); ++y) {
            for (std::int64_t x = 0; x < up(width); ++x)
                found.push_back({.y = (y - shift + up(height)) % up(height),
                                 .x = (x - shift + up(width)) % up(width),
                                 .down = y < shift,
                                 .right = x < shift,
                                 .token = y < height && x < width ? y * width + x : -1});
        }
        return found;
    }
};

struct Block {
    const AudioTower& tower;
    const RandomCheckpoint& weights;
    std::string name;
    std::int64_t heads;

    Rows run(const Rows& rows, const Grid& grid) const {
        const std::vector<Place> places = grid.places();
        Rows query, key, value;
        for (const Place& place : places) {
            const Row none(rows[0].size(), 0.0);
            const Row in =
                place.token < 0 ? none : norm(rows[static_cast<std::size_t>(place.token)], "before");
            const auto project = [&](const char* part) {
                return linear(in, weights, name + "attention.self." + part, tower.projection_bias);
            };
            query.push_back(project("query"));
            key.push_back(project("key"));
            value.push_back(project("value"));
        }
        Rows out = rows;
        for (std::size_t q = 0; q < places.size(); ++q) {
            if (places[q].token < 0) continue;
            Row& row = out[static_cast<std::size_t>(places[q].token)];
            row = sum(row, linear(attend(places, q, grid, query[q], key, value), weights,
                                  name + "attention.output.dense"));
            Row inner = linear(norm(row, "after"), weights, name + "intermediate.dense");
            for (double& number : inner)
                number = activate(number, tower.activation);
            row = sum(row, linear(inner, weights, name + "output.dense"));
        }
        return out;
    }
    Row norm(const Row& row, const std::string& which) const {
        return layer_norm(row, weights, name + "layernorm_" + which, tower.epsilon);
    }
    Row attend(const std::vector<Place>& places, std::size_t q, const Grid& grid, const Row& query,
               const Rows& key, const Rows& value) const {
        const auto& table = weights[name + "attention.self.relative_position_bias_table"];
        const std::size_t head_width = query.size() / static_cast<std::size_t>(heads);
        Row mixed(query.size(), 0);
        for (std::size_t head = 0; head < static_cast<std::size_t>(heads); ++head) {
            double total = 0;
            Row sums(head_width, 0);
            for (std::size_t k = 0; k < places.size(); ++k) {
                const Place &from = places[q], &to = places[k];
                if (from.y / grid.window != to.y / grid.window || from.x / grid.window != to.x / grid.window)
                    continue;
                const std::int64_t down = from.y - to.y + grid.window - 1;
                const std::int64_t right = from.x - to.x + grid.window - 1;
                double score =
                    table[static_cast<std::size_t>((down * (2 * grid.window - 1) + right) * heads) + head];
                if (from.down != to.down || from.right != to.right) score -= 100;
                for (std::size_t i = head * head_width; i < (head + 1) * head_width; ++i)
                    score += query[i] * key[k][i] / std::sqrt(static_cast<double>(head_width));
                total += std::exp(score);
                for (std::size_t i = 0; i < head_width; ++i)
                    sums[i] += std::exp(score) * value[k][head * head_width + i];
            }
            for (std::size_t i = 0; i < head_width; ++i)
                mixed[head * head_width + i] = sums[i] / total;
        }
        return mixed;
    }
};

Rows merge(const Rows& rows, std::int64_t height, std::int64_t width, const RandomCheckpoint& weights,
           const std::string& name) {
    Rows out;
    for (std::int64_t y = 0; y < height; y += 2) {
        for (std::int64_t x = 0; x < width; x += 2) {
            Row four;
            for (const auto& [down, right] : {std::pair{0, 0}, {1, 0}, {0, 1}, {1, 1}}) {
                const Row& one = rows[static_cast<std::size_t>((y + down) * width + x + right)];
                four.insert(four.end(), one.begin(), one.end());
            }
            out.push_back(
                linear(layer_norm(four, weights, name + "norm", 1e-5), weights, name + "reduction", false));
        }
    }
    return out;
}

Rows image(const AudioTower& tower, const RandomCheckpoint& weights, Rows spectrum) {
    for (Row& frame : spectrum) {
        for (std::size_t band = 0; band < frame.size(); ++band) {
            const auto of = [&](const char* name) { return weights[kEncoder + "batch_norm." + name][band]; };
            frame[band] =
                (frame[band] - of("running_mean")) / std::sqrt(of("running_var") + 1e-5) * of("weight") +
                of("bias");
        }
    }
    const std::int64_t bands = tower.side / tower.folds();
    const Rows by_band = stretch_each(transposed(stretch_each(spectrum, bands)), tower.side * tower.folds());
    Rows out;
    for (std::int64_t row = 0; row < tower.side; ++row) {
        const auto first = by_band[static_cast<std::size_t>(row % bands)].begin() + row / bands * tower.side;
        out.emplace_back(first, first + tower.side);
    }
    return out;
}

Rows patches(const AudioTower& tower, const RandomCheckpoint& weights, const Rows& pixels) {
    Rows out;
    const auto at = [&](std::int64_t y, std::int64_t x) {
        const bool inside = y >= 0 && x >= 0 && y < tower.side && x < tower.side;
        return inside ? pixels[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] : 0.0;
    };
    const std::int64_t margin[2] = {(tower.patch[0] - tower.stride[0]) / 2,
                                    (tower.patch[1] - tower.stride[1]) / 2};
    for (std::int64_t y = -margin[0]; y + tower.patch[0] <= tower.side + margin[0]; y += tower.stride[0]) {
        for (std::int64_t x = -margin[1]; x + tower.patch[1] <= tower.side + margin[1];
             x += tower.stride[1]) {
            Row patch;
            for (std::int64_t i = 0; i < tower.patch[0] * tower.patch[1]; ++i)
                patch.push_back(at(y + i / tower.patch[1], x + i % tower.patch[1]));
            const Row row = linear(patch, weights, kEncoder + "patch_embed.proj");
            out.push_back(tower.patch_norm ? layer_norm(row, weights, kEncoder + "patch_embed.norm", 1e-5)
                                           : row);
        }
    }
    return out;
}

}  // namespace

RandomCheckpoint AudioTower::checkpoint() const {
    RandomCheckpoint weights(static_cast<std::uint32_t>(side * 100 + window));
    const std::string norm = kEncoder + "batch_norm.";
    weights.add(norm + "weight", {bands}, 0.3, 1, dtype);
    weights.add(norm + "bias", {bands}, 0.3, 0, dtype);
    weights.add(norm + "running_mean", {bands}, 5, -30, dtype);
    weights.add(norm + "running_var", {bands}, 100, 200, dtype);
    weights.add(kEncoder + "patch_embed.proj.weight", {width, 1, patch[0], patch[1]}, 0.5, 0, dtype);
    weights.add(kEncoder + "patch_embed.proj.bias", {width}, 0.3, 0, dtype);
    if (patch_norm) weights.add_norm(kEncoder + "patch_embed.norm", width, dtype);
    for (std::size_t stage = 0; stage < depths.size(); ++stage) {
        const std::int64_t wide = width << stage;
        const auto inner = static_cast<std::int64_t>(mlp_ratio * static_cast<double>(wide));
        for (std::int64_t i = 0; i < depths[stage]; ++i) {
            const std::string block = block_name(stage, i);
            for (const char* part : {"query", "key", "value"})
                weights.add_linear(block + "attention.self." + part, wide, wide, projection_bias, dtype);
            weights.add(block + "attention.self.relative_position_bias_table",
                        {(2 * window - 1) * (2 * window - 1), heads[stage]}, 1, 0, dtype);
            weights.add_linear(block + "attention.output.dense", wide, wide, true, dtype);
            weights.add_norm(block + "layernorm_before", wide, dtype);
            weights.add_norm(block + "layernorm_after", wide, dtype);
            weights.add_linear(block + "intermediate.dense", wide, inner, true, dtype);
            weights.add_linear(block + "output.dense", inner, wide, true, dtype);
        }
        if (stage + 1 == depths.size()) break;
        const std::string merging = kEncoder + "layers." + std::to_string(stage) + ".downsample.";
        weights.add_norm(merging + "norm", 4 * wide, dtype);
        weights.add_linear(merging + "reduction", 4 * wide, 2 * wide, false, dtype);
    }
    weights.add_norm(kEncoder + "norm", width_out(), dtype);
    weights.add_linear("audio_projection.linear1", width_out(), dimensions, true, dtype);
    weights.add_linear("audio_projection.linear2", dimensions, dimensions, true, dtype);
    weights.add("logit_scale_a", {}, 0, 1.5, dtype);
    return weights;
}

std::string AudioTower::section() const {
    return nlohmann::json{{"num_mel_bins", bands},
                          {"spec_size", side},
                          {"patch_size", patch},
                          {"patch_stride", stride},
                          {"patch_embeds_hidden_size", width},
                          {"hidden_size", width_out()},
                          {"window_size", window},
                          {"depths", depths},
                          {"num_attention_heads", heads},
                          {"mlp_ratio", mlp_ratio},
                          {"enable_patch_layer_norm", patch_norm},
                          {"qkv_bias", projection_bias},
                          {"layer_norm_eps", epsilon},
                          {"hidden_act", activation}}
        .dump();
}

Row AudioTower::features(const RandomCheckpoint& weights, const Rows& spectrum) const {
    Rows rows = patches(*this, weights, image(*this, weights, spectrum));
    std::int64_t height = side / stride[0], across = side / stride[1];
    for (std::size_t stage = 0; stage < depths.size(); ++stage) {
        for (std::int64_t i = 0; i < depths[stage]; ++i) {
            const bool shifted = i % 2 == 1 && height > window && across > window;
            const Block block{*this, weights, block_name(stage, i), heads[stage]};
            rows = block.run(rows, {height, across, window, shifted ? window / 2 : 0});
        }
        if (stage + 1 == depths.size()) break;
        rows = merge(rows, height, across, weights,
                     kEncoder + "layers." + std::to_string(stage) + ".downsample.");
        height /= 2;
        across /= 2;
    }
    Row mean(rows[0].size(), 0);
    for (const Row& row : rows)
        mean = sum(mean, layer_norm(row, weights, kEncoder + "norm", 1e-5));
    for (double& value : mean)
        value /= static_cast<double>(rows.size());
    Row inner = linear(mean, weights, "audio_projection.linear1");
    for (double& value : inner)
        value = activate(value, projection_activation);
    return linear(inner, weights, "audio_projection.linear2");
}

}  // namespace bgm::naive
