#include "ops/lab/train/trained_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "ops/lab/train/whole_file.hpp"
#include "schemas/safetensors.hpp"

namespace bgm::train {
namespace {

std::string bytes_of(const auto& values) {
    std::string bytes(values.size() * sizeof values[0], '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

TensorToWrite floats(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values) {
    return {.name = std::move(name), .dtype = "F32", .shape = std::move(shape), .data = bytes_of(values)};
}

void append_layer(std::vector<TensorToWrite>& tensors, const std::string& name, const TrainedLayer& layer) {
    const auto outputs = static_cast<std::int64_t>(layer.outputs);
    tensors.push_back(
        floats(name + ".weight", {outputs, static_cast<std::int64_t>(layer.inputs)}, layer.weight));
    tensors.push_back(floats(name + ".bias", {outputs}, layer.bias));
}

void append_table(std::vector<TensorToWrite>& tensors, const std::string& group, const TrainedTable& table) {
    const std::size_t count = table.features.size();
    std::vector<std::int8_t> rounded(table.rows.size());
    std::vector<std::uint16_t> scales(count);
    for (std::size_t row = 0; row < count; ++row) {
        const float* values = table.rows.data() + row * table.width;
        float largest = 0;
        for (std::size_t i = 0; i < table.width; ++i)
            largest = std::max(largest, std::fabs(values[i]));
        scales[row] = float_to_half(largest / 127.0F);
        const float scale = half_to_float(scales[row]);
        for (std::size_t i = 0; i < table.width; ++i) {
            const float value = scale > 0 ? std::nearbyint(values[i] / scale) : 0.0F;
            rounded[row * table.width + i] = static_cast<std::int8_t>(std::clamp(value, -127.0F, 127.0F));
        }
    }
    const auto n = static_cast<std::int64_t>(count);
    tensors.push_back(
        {.name = group + ".features", .dtype = "U32", .shape = {n}, .data = bytes_of(table.features)});
    tensors.push_back({.name = group + ".rows",
                       .dtype = "I8",
                       .shape = {n, static_cast<std::int64_t>(table.width)},
                       .data = bytes_of(rounded)});
    tensors.push_back({.name = group + ".scales", .dtype = "F16", .shape = {n}, .data = bytes_of(scales)});
}

constexpr const char* kLicence = "CC-BY-SA-4.0";

Status write_network(std::vector<TensorToWrite> tensors, std::map<std::string, std::string> metadata,
                     const std::filesystem::path& file) {
    // Tensors that are read in place come first, so that they lie on even addresses.
    std::stable_sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
        const auto alignment = [](const TensorToWrite& tensor) {
            return tensor.dtype == "I8" ? 1 : tensor.dtype == "F16" ? 2 : 4;
        };
        return alignment(a) > alignment(b);
    });
    metadata.emplace("format", "bgm-text-1");
    metadata.emplace("modality", "text");
    return write_whole_file(file, write_safetensors(tensors, metadata));
}

}  // namespace

Status write_text_weights(const TrainedText& trained, const std::filesystem::path& file) {
    std::vector<TensorToWrite> tensors;
    append_table(tensors, "words", trained.words);
    append_table(tensors, "characters", trained.characters);
    append_layer(tensors, "hidden", trained.hidden);
    return write_network(std::move(tensors), {{"model", kTextModel}, {"licence", kLicence}}, file);
}

Status write_grave_weights(const TrainedGrave& trained, const std::filesystem::path& file) {
    std::vector<TensorToWrite> tensors;
    append_table(tensors, "words", trained.words);
    append_table(tensors, "characters", trained.characters);
    append_layer(tensors, "hidden", trained.hidden);
    append_layer(tensors, "grave", trained.grave);
    tensors.push_back(
        floats("grave.probe", {static_cast<std::int64_t>(trained.probe.size())}, trained.probe));
    return write_network(std::move(tensors),
                         {{"model", kGraveModel}, {"licence", kLicence}, {"phrases", trained.phrases}}, file);
}

Status write_text_head(const TrainedText& trained, float temperature, const std::string& lexicon,
                       const std::filesystem::path& file) {
    std::vector<TensorToWrite> tensors;
    append_layer(tensors, "mood", trained.mood);
    append_layer(tensors, "affect", trained.affect);
    append_layer(tensors, "felt", trained.felt);
    append_layer(tensors, "five_moods", trained.five_moods);
    return write_whole_file(file, write_safetensors(tensors, {{"model", kTextModel},
                                                              {"modality", "text"},
                                                              {"temperature", std::to_string(temperature)},
                                                              {"lexicon", lexicon},
                                                              {"precision", "1.0"},
                                                              {"licence", kLicence}}));
}

}  // namespace bgm::train
