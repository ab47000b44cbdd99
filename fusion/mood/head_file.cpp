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
    return write_safetensors(
        {tensor("affect.bias", {2}, weights.affect_bias), tensor("affect.weight", {2, width}, weights.affect),
         tensor("mood.bias", {moods}, weights.mood_bias),
         tensor("mood.weight", {moods, width}, weights.mood)},
        metadata);
}

}  // namespace bgm
