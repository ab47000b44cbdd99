// An array in NumPy's file format (.npy, versions 1 to 3: NEP 1 and numpy.lib.format), read into memory.
//
// Plain values: copy, move and read them from any thread. The file is not trusted: its header is read as the
// restricted Python literal that it is, and the shape must account for every byte before memory is taken.
// Little-endian C order of five types only; everything else is an error that names the file and the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "schemas/result.hpp"

namespace bgm {

enum class NpyType { f4, f8, i8, u1, b1 };

struct NpyArray {
    NpyType type = NpyType::f4;
    std::vector<std::int64_t> shape;  // empty for a single number
    std::variant<std::vector<float>, std::vector<double>, std::vector<std::int64_t>,
                 std::vector<std::uint8_t>>
        data;  // in C order; b1 lies in uint8 as 0 and 1

    std::size_t size() const;
    /// "3x224x224", "scalar".
    std::string shape_text() const;

    /// The numbers themselves; empty where T is not what the file holds.
    template <typename T>
    std::span<const T> values() const {
        const auto* held = std::get_if<std::vector<T>>(&data);
        return held != nullptr ? std::span<const T>(*held) : std::span<const T>();
    }

    /// Every number as a float (f8 and i8 are rounded).
    std::vector<float> to_float() const;
    /// Every number as an integer; `invalid_argument` for f4 and f8, which are never ids.
    Result<std::vector<std::int64_t>> to_int64() const;
};

/// `name` stands in the error messages. Errors: `corrupt`, `unsupported` (another type, byte order or
/// layout).
Result<NpyArray> parse_npy(std::span<const std::byte> file, const std::string& name);

/// The same from a file, and `not_found` where there is none.
Result<NpyArray> read_npy(const std::filesystem::path& path);

}  // namespace bgm
