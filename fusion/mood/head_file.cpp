#include "fusion/mood/head_file.hpp"

#include <cstdint>

#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

TensorToWrite tensor(const char* name, std::vector<std::int64_t> shape, const std::vector<float>& values) {
    return {.name = name,
            .dtype = "F32",
            .shape = std::move(shape),
            .data = {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}};
}

}  // namespace

std::string write_head(const HeadWeights& weights, const std::map<std::string, std::string>& metadata) {
    const auto moods = static_cast<std::int64_t>(weights.mood_bias.size());
    const auto width = static_cast<std::int64_t>(weights.affect.size() / 2);
    std::vector<TensorToWrite> tensors{
        tensor("affect.bias", {2}, weights.affect_bias), tensor("affect.weight", {2, width}, weights.affect),
        tensor("mood.bias", {moods}, weights.mood_bias), tensor("mood.weight", {moods, width}, weights.mood)};
    if (!weights.felt.empty()) {
        tensors.push_back(tensor("felt.bias", {1}, {weights.felt_bias}));
        tensors.push_back(tensor("felt.weight", {1, width}, weights.felt));
    }
    return write_safetensors(tensors, metadata);
}

}  // namespace bgm
