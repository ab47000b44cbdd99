#include "ops/lab/encoder-bench/weight_file.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>

namespace bgm::bench {
namespace {

constexpr float kBiasSpread = 0.1F;

// SplitMix64 (Steele, Lea and Flood 2014): two numbers a step.
class Numbers {
 public:
    explicit Numbers(std::uint64_t seed) : state_(seed) {}

    void fill(std::vector<float>& values, float spread, float centre) {
        for (std::size_t i = 0; i < values.size(); i += 2) {
            const std::uint64_t bits = next();
            values[i] = centre + spread * unit(static_cast<std::uint32_t>(bits));
            if (i + 1 < values.size())
                values[i + 1] = centre + spread * unit(static_cast<std::uint32_t>(bits >> 32U));
        }
    }

 private:
    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t bits = state_;
        bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
        bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
        return bits ^ (bits >> 31U);
    }
    static float unit(std::uint32_t bits) { return static_cast<float>(bits) * 0x1p-31F - 1.0F; }

    std::uint64_t state_;
};

Error failed(const std::filesystem::path& file) {
    return {.code = ErrorCode::resource_exhausted, .message = "cannot write " + file.string()};
}

}  // namespace

void WeightFile::add(const std::string& name, const std::vector<std::int64_t>& shape, float spread,
                     float centre) {
    const auto elements = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    tensors_.push_back({name, shape, static_cast<std::uint64_t>(elements), spread, centre});
}

void WeightFile::add_linear(const std::string& prefix, std::int64_t in, std::int64_t out, bool bias) {
    add(prefix + ".weight", {out, in}, std::sqrt(3.0F / static_cast<float>(in)));
    if (bias) add(prefix + ".bias", {out}, kBiasSpread);
}

void WeightFile::add_norm(const std::string& prefix, std::int64_t width) {
    add(prefix + ".weight", {width}, kBiasSpread, 1);
    add(prefix + ".bias", {width}, kBiasSpread);
}

Status WeightFile::write(const std::filesystem::path& file) const {
    nlohmann::json header{{"__metadata__", {{"format", "pt"}}}};
    std::uint64_t offset = 0;
    for (const Tensor& tensor : tensors_) {
        const std::uint64_t end = offset + tensor.elements * sizeof(float);
        header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = header.dump();
    constexpr std::size_t kAlignment = 64;
    text.resize((text.size() + 8 + kAlignment - 1) / kAlignment * kAlignment - 8, ' ');

    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    std::ofstream stream(file, std::ios::binary);
    const std::uint64_t length = text.size();
    stream.write(reinterpret_cast<const char*>(&length), sizeof length);
    stream << text;
    constexpr std::uint64_t kAtATime = 1U << 20U;
    std::vector<float> values;
    for (const Tensor& tensor : tensors_) {
        Numbers numbers(std::hash<std::string>()(tensor.name));
        for (std::uint64_t done = 0; done < tensor.elements; done += values.size()) {
            values.resize(std::min(kAtATime, tensor.elements - done));
            numbers.fill(values, tensor.spread, tensor.centre);
            stream.write(reinterpret_cast<const char*>(values.data()),
                         static_cast<std::streamsize>(values.size() * sizeof(float)));
        }
    }
    if (!stream.flush()) return failed(file);
    return ok_status();
}

Status write_text(const std::filesystem::path& file, const std::string& text) {
    std::error_code failure;
    std::filesystem::create_directories(file.parent_path(), failure);
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    if (!stream.flush()) return failed(file);
    return ok_status();
}

}  // namespace bgm::bench
