#include "tests/workers/encoders/random_checkpoint.hpp"

#include <stdlib.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>
#include <stdexcept>

#include "schemas/safetensors.hpp"

namespace bgm {
namespace {

template <typename Stored>
void append(std::string& bytes, Stored value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes.append(raw, sizeof value);
}

// Writes a number as the type keeps it; gives what it keeps.
double store(std::string& bytes, double number, const std::string& dtype) {
    const auto value = static_cast<float>(number);
    if (dtype == "F16") {
        const std::uint16_t half = float_to_half(value);
        append(bytes, half);
        return double{half_to_float(half)};
    }
    if (dtype == "BF16") {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        append(bytes, static_cast<std::uint16_t>(bits >> 16U));
        bits &= 0xFFFF0000U;
        float kept = 0;
        std::memcpy(&kept, &bits, sizeof kept);
        return double{kept};
    }
    append(bytes, value);
    return double{value};
}

}  // namespace

void RandomCheckpoint::add(const std::string& name, const std::vector<std::int64_t>& shape, double spread,
                           double centre, const std::string& dtype) {
    Tensor tensor{.dtype = dtype, .shape = shape, .bytes = {}, .values = {}};
    const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    for (std::int64_t i = 0; i < count; ++i) {
        const double unit = static_cast<double>(random_()) / 2147483648.0 - 1;
        tensor.values.push_back(store(tensor.bytes, centre + spread * unit, dtype));
    }
    tensors_[name] = std::move(tensor);
}

void RandomCheckpoint::add_linear(const std::string& prefix, std::int64_t in, std::int64_t out, bool bias,
                                  const std::string& dtype) {
    add(prefix + ".weight", {out, in}, std::sqrt(3.0 / static_cast<double>(in)), 0, dtype);
    if (bias) add(prefix + ".bias", {out}, 0.3, 0, dtype);
}

void RandomCheckpoint::add_norm(const std::string& prefix, std::int64_t width, const std::string& dtype) {
    add(prefix + ".weight", {width}, 0.5, 1, dtype);
    add(prefix + ".bias", {width}, 0.3, 0, dtype);
}

void RandomCheckpoint::add_blocks(const std::string& prefix, std::int64_t count, std::int64_t width,
                                  std::int64_t mlp_width, const std::vector<std::string>& parts,
                                  const std::string& dtype) {
    for (std::int64_t i = 0; i < count; ++i) {
        const std::string block = prefix + "." + std::to_string(i) + ".";
        for (std::size_t part = 0; part < 4; ++part)
            add_linear(block + parts[part], width, width, true, dtype);
        add_norm(block + parts[4], width, dtype);
        add_linear(block + parts[5], width, mlp_width, true, dtype);
        add_linear(block + parts[6], mlp_width, width, true, dtype);
        add_norm(block + parts[7], width, dtype);
    }
}

std::vector<std::string> RandomCheckpoint::names() const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_)
        names.push_back(name);
    return names;
}

void RandomCheckpoint::write(const std::filesystem::path& file) const {
    std::vector<TensorToWrite> tensors;
    for (const auto& [name, tensor] : tensors_)
        tensors.push_back({name, tensor.dtype, tensor.shape, tensor.bytes});
    write_file(file, write_safetensors(tensors, {{"format", "pt"}}));
}

void write_file(const std::filesystem::path& file, const std::string& bytes) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    stream << bytes;
    if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

ScratchFolder::ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bgm-encoders-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace bgm
