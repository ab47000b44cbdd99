// The safetensors format: named tensors behind a JSON header, usable in place from a memory-mapped file.
//
// Layout: u64 little-endian header length, JSON header {name: {dtype, shape, data_offsets}, "__metadata__":
// {...}}, data. The bytes are untrusted: every length, offset, overlap and shape is checked before anything
// is looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

struct TensorView {
    std::string dtype;                // "F32", "F16", "BF16", "I8", "U8", "I64" ...
    std::vector<std::int64_t> shape;  // row-major
    std::span<const std::byte> data;  // borrowed from the file; not necessarily aligned

    std::int64_t elements() const;
};

/// The index of one file. Borrows the bytes: they must outlive it and every view taken from it.
class SafeTensors {
 public:
    /// Fails with `corrupt` (and says where) on anything that is not a well-formed file, `too_large` past 100
    /// MB of header.
    static Result<SafeTensors> parse(std::span<const std::byte> file);

    /// `not_found` where there is no such tensor.
    Result<TensorView> find(std::string_view name) const;
    const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
    const std::map<std::string, std::string, std::less<>>& metadata() const { return metadata_; }

 private:
    std::map<std::string, TensorView, std::less<>> tensors_;
    std::map<std::string, std::string, std::less<>> metadata_;
};

/// Widens F32, F16 or BF16 to float; `unsupported` for every other dtype.
Result<std::vector<float>> to_floats(const TensorView& tensor);

float half_to_float(std::uint16_t half);   // IEEE 754 binary16
std::uint16_t float_to_half(float value);  // rounds to nearest even; out of range becomes infinity

struct TensorToWrite {
    std::string name;
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::string data;  // little-endian, row-major
};

/// The bytes of a file with these tensors (data 64-byte aligned), byte for byte the same for the same input.
std::string write_safetensors(const std::vector<TensorToWrite>& tensors,
                              const std::map<std::string, std::string>& metadata);

}  // namespace bgm
