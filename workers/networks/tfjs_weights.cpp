#include "workers/networks/tfjs_weights.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

namespace bgm {

static_assert(std::endian::native == std::endian::little, "weights are little-endian");

namespace {

using nlohmann::json;

constexpr std::size_t kTensorsMax = 1'024;
constexpr std::uint64_t kNumbersMax = 32'000'000;
constexpr std::size_t kDimensionsMax = 4;

Error wrong(ErrorCode code, std::string message, std::string field = {}) {
    return {.code = code, .message = "weights: " + std::move(message), .field = std::move(field)};
}

const json* member(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

std::string text_of(const json& object, const char* key) {
    const json* value = member(object, key);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::optional<double> number_of(const json& object, const char* key) {
    const json* value = member(object, key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const double number = value->get<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

/// Nothing where it is no shape of at most four dimensions; `numbers` is their product.
std::optional<std::vector<std::int64_t>> shape_of(const json& entry, std::uint64_t& numbers) {
    const json* list = member(entry, "shape");
    std::vector<std::int64_t> shape;
    if (list == nullptr || !list->is_array() || list->size() > kDimensionsMax) return std::nullopt;
    numbers = 1;
    for (const json& item : *list) {
        if (!item.is_number_unsigned()) return std::nullopt;
        const auto extent = item.get<std::uint64_t>();
        if (extent == 0 || extent > kNumbersMax) return std::nullopt;
        numbers *= extent;
        if (numbers > kNumbersMax) return std::nullopt;
        shape.push_back(static_cast<std::int64_t>(extent));
    }
    return shape;
}

template <typename Stored>
void spread(std::span<const std::byte> data, double scale, double least, std::vector<float>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        Stored stored{};
        std::memcpy(&stored, &data[i * sizeof(Stored)], sizeof(Stored));
        values[i] = static_cast<float>(static_cast<double>(stored) * scale + least);
    }
}

struct Kind {
    std::size_t bytes = 0;  // of one number; 0: not known
    double scale = 1;
    double least = 0;
    bool quantised = false;
};

Result<Kind> kind_of(const json& entry, const std::string& name) {
    const json* quantised = member(entry, "quantization");
    if (text_of(entry, "dtype") != "float32") return wrong(ErrorCode::unsupported, "not float32", name);
    if (quantised == nullptr) return Kind{.bytes = sizeof(float)};
    const std::string type = text_of(*quantised, "dtype");
    const auto scale = number_of(*quantised, "scale");
    const auto least = number_of(*quantised, "min");
    if (type != "uint8" && type != "uint16")
        return wrong(ErrorCode::unsupported, "quantised to another type than uint8 and uint16", name);
    if (!scale || !least) return wrong(ErrorCode::corrupt, "quantised without scale and min", name);
    return Kind{.bytes = type == "uint8" ? sizeof(std::uint8_t) : sizeof(std::uint16_t),
                .scale = *scale,
                .least = *least,
                .quantised = true};
}

Result<Tensor> read_tensor(const json& entry, const std::string& name, std::uint64_t& total,
                           std::span<const std::byte>& rest) {
    std::uint64_t numbers = 0;
    auto shape = shape_of(entry, numbers);
    if (!shape) return wrong(ErrorCode::corrupt, "no shape of at most 4 dimensions", name);
    Tensor tensor{.shape = std::move(*shape), .values = {}};
    const auto kind = kind_of(entry, name);
    if (!kind) return kind.error();
    const std::uint64_t bytes = numbers * kind->bytes;
    total += numbers;
    if (total > kNumbersMax) return wrong(ErrorCode::too_large, "too many numbers", name);
    if (bytes > rest.size()) return wrong(ErrorCode::corrupt, "the data ends before this tensor", name);
    tensor.values.resize(numbers);
    const auto data = rest.first(bytes);
    if (!kind->quantised) {
        std::memcpy(tensor.values.data(), data.data(), bytes);
    } else if (kind->bytes == sizeof(std::uint8_t)) {
        spread<std::uint8_t>(data, kind->scale, kind->least, tensor.values);
    } else {
        spread<std::uint16_t>(data, kind->scale, kind->least, tensor.values);
    }
    for (const float value : tensor.values) {
        if (!std::isfinite(value))
            return wrong(ErrorCode::corrupt, "holds a number that is not finite", name);
    }
    rest = rest.subspan(bytes);
    return tensor;
}

}  // namespace

Result<TensorMap> read_tfjs_weights(std::string_view manifest_json, std::span<const std::byte> data) {
    const json manifest = json::parse(manifest_json, nullptr, false);
    if (!manifest.is_array()) return wrong(ErrorCode::corrupt, "the manifest is no list of groups");
    TensorMap tensors;
    std::uint64_t total = 0;
    for (const json& group : manifest) {
        const json* entries = member(group, "weights");
        if (entries == nullptr || !entries->is_array())
            return wrong(ErrorCode::corrupt, "a group has no list of weights");
        for (const json& entry : *entries) {
            const std::string name = text_of(entry, "name");
            if (name.empty()) return wrong(ErrorCode::corrupt, "a tensor has no name");
            if (tensors.size() == kTensorsMax) return wrong(ErrorCode::too_large, "too many tensors");
            auto tensor = read_tensor(entry, name, total, data);
            if (!tensor) return tensor.error();
            if (!tensors.emplace(name, std::move(*tensor)).second)
                return wrong(ErrorCode::corrupt, "is named twice", name);
        }
    }
    if (!data.empty()) return wrong(ErrorCode::corrupt, "there is more data than the manifest names");
    return tensors;
}

}  // namespace bgm
