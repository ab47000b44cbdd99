#include "schemas/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

namespace bgm {
namespace {

constexpr std::uint64_t kHeaderMax = 100'000'000;  // the limit of the reference implementation
constexpr std::size_t kAlignment = 64;

std::optional<std::uint64_t> element_size(std::string_view dtype) {
    if (dtype == "F64" || dtype == "I64" || dtype == "U64") return 8;
    if (dtype == "F32" || dtype == "I32" || dtype == "U32") return 4;
    if (dtype == "F16" || dtype == "BF16" || dtype == "I16" || dtype == "U16") return 2;
    if (dtype == "I8" || dtype == "U8" || dtype == "BOOL") return 1;
    return std::nullopt;
}

Error corrupt(std::string message) {
    return Error{.code = ErrorCode::corrupt, .message = "safetensors: " + std::move(message)};
}

Result<TensorView> parse_tensor(const std::string& name, const nlohmann::json& entry,
                                std::span<const std::byte> data) {
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() ||
        !entry.contains("shape") || !entry["shape"].is_array() || !entry.contains("data_offsets") ||
        !entry["data_offsets"].is_array() || entry["data_offsets"].size() != 2) {
        return corrupt("tensor '" + name + "' lacks dtype, shape or data_offsets");
    }
    TensorView view;
    view.dtype = entry["dtype"].get<std::string>();
    const auto size = element_size(view.dtype);
    if (!size) return corrupt("tensor '" + name + "' has the unknown dtype '" + view.dtype + "'");
    std::uint64_t bytes = *size;
    for (const auto& dimension : entry["shape"]) {
        if (!dimension.is_number_unsigned()) return corrupt("tensor '" + name + "' has a bad shape");
        const auto extent = dimension.get<std::uint64_t>();
        std::uint64_t product = 0;
        if (__builtin_mul_overflow(bytes, extent, &product) || extent > (std::uint64_t{1} << 40)) {
            return corrupt("the shape of tensor '" + name + "' overflows");
        }
        bytes = product;
        view.shape.push_back(static_cast<std::int64_t>(extent));
    }
    const auto& offsets = entry["data_offsets"];
    if (!offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
        return corrupt("tensor '" + name + "' has bad data_offsets");
    }
    const auto begin = offsets[0].get<std::uint64_t>();
    const auto end = offsets[1].get<std::uint64_t>();
    if (begin > end || end > data.size()) return corrupt("tensor '" + name + "' lies outside the file");
    if (end - begin != bytes) return corrupt("tensor '" + name + "' has a shape that does not fit its bytes");
    view.data = data.subspan(begin, bytes);
    return view;
}

}  // namespace

std::int64_t TensorView::elements() const {
    std::int64_t count = 1;
    for (std::int64_t extent : shape)
        count *= extent;
    return count;
}

Result<SafeTensors> SafeTensors::parse(std::span<const std::byte> file) {
    std::uint64_t header_bytes = 0;
    if (file.size() < sizeof header_bytes) return corrupt("the file is shorter than its length field");
    std::memcpy(&header_bytes, file.data(), sizeof header_bytes);
    if (header_bytes > kHeaderMax) {
        return Error{.code = ErrorCode::too_large,
                     .message = "safetensors: the header claims too many bytes"};
    }
    if (header_bytes > file.size() - sizeof header_bytes) return corrupt("the header ends after the file");
    const auto* text = reinterpret_cast<const char*>(file.data()) + sizeof header_bytes;
    const auto header = nlohmann::json::parse(text, text + header_bytes, nullptr, /*allow_exceptions=*/false);
    if (!header.is_object()) return corrupt("the header is not a JSON object");
    const auto data = file.subspan(sizeof header_bytes + header_bytes);

    SafeTensors index;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") {
            if (!entry.is_object()) return corrupt("__metadata__ is not an object");
            for (const auto& [key, value] : entry.items()) {
                if (!value.is_string()) return corrupt("__metadata__ holds something that is not a string");
                index.metadata_[key] = value.get<std::string>();
            }
            continue;
        }
        auto tensor = parse_tensor(name, entry, data);
        if (!tensor) return tensor.error();
        index.tensors_.emplace(name, std::move(*tensor));
    }
    std::vector<std::span<const std::byte>> ranges;
    for (const auto& [name, tensor] : index.tensors_) {
        if (!tensor.data.empty()) ranges.push_back(tensor.data);
    }
    std::sort(ranges.begin(), ranges.end(), [](auto a, auto b) { return a.data() < b.data(); });
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        if (ranges[i].data() < ranges[i - 1].data() + ranges[i - 1].size())
            return corrupt("two tensors overlap");
    }
    return index;
}

Result<TensorView> SafeTensors::find(std::string_view name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) {
        return Error{.code = ErrorCode::not_found,
                     .message = "safetensors: no tensor named '" + std::string(name) + "'"};
    }
    return found->second;
}

float half_to_float(std::uint16_t half) {
    const std::uint32_t sign = (half & 0x8000U) << 16U;
    const std::uint32_t exponent = (half >> 10U) & 0x1FU;
    const std::uint32_t mantissa = half & 0x3FFU;
    if (exponent == 0) {  // zero or subnormal
        const float magnitude = std::ldexp(static_cast<float>(mantissa), -24);
        return sign != 0 ? -magnitude : magnitude;
    }
    const std::uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
    return std::bit_cast<float>(sign | (wide << 23U) | (mantissa << 13U));
}

std::uint16_t float_to_half(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16U) & 0x8000U);
    const float magnitude = std::fabs(value);
    if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00U);
    if (magnitude >= 65520.0F) return static_cast<std::uint16_t>(sign | 0x7C00U);
    if (magnitude < 6.103515625e-05F) {  // subnormal: a multiple of 2^-24
        return static_cast<std::uint16_t>(
            sign | static_cast<std::uint16_t>(std::nearbyint(std::ldexp(magnitude, 24))));
    }
    std::uint32_t rounded = (bits & 0x7FFFFFFFU) + 0xFFFU + ((bits >> 13U) & 1U);
    rounded -= 112U << 23U;
    return static_cast<std::uint16_t>(sign | (rounded >> 13U));
}

Result<std::vector<float>> to_floats(const TensorView& tensor) {
    const auto count = static_cast<std::size_t>(tensor.elements());
    std::vector<float> values(count);
    if (tensor.dtype == "F32") {
        std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
        return values;
    }
    if (tensor.dtype != "F16" && tensor.dtype != "BF16") {
        return Error{.code = ErrorCode::unsupported,
                     .message = "safetensors: dtype " + tensor.dtype + " is not a float"};
    }
    for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t raw = 0;
        std::memcpy(&raw, tensor.data.data() + 2 * i, sizeof raw);
        values[i] = tensor.dtype == "F16" ? half_to_float(raw)
                                          : std::bit_cast<float>(static_cast<std::uint32_t>(raw) << 16U);
    }
    return values;
}

std::string write_safetensors(const std::vector<TensorToWrite>& tensors,
                              const std::map<std::string, std::string>& metadata) {
    nlohmann::json header = nlohmann::json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const auto& tensor : tensors) {
        header[tensor.name] = {{"dtype", tensor.dtype},
                               {"shape", tensor.shape},
                               {"data_offsets", {offset, offset + tensor.data.size()}}};
        offset += tensor.data.size();
    }
    std::string text = header.dump();
    text.resize((text.size() + sizeof(std::uint64_t) + kAlignment - 1) / kAlignment * kAlignment -
                    sizeof(std::uint64_t),
                ' ');
    const std::uint64_t header_bytes = text.size();
    std::string file(reinterpret_cast<const char*>(&header_bytes), sizeof header_bytes);
    file += text;
    for (const auto& tensor : tensors)
        file += tensor.data;
    return file;
}

}  // namespace bgm
