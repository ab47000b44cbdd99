// The parts of a multipart/form-data body (RFC 7578), as views into it. Pure.
//
// The whole body lies in one buffer that has been paid for before, and a part of it goes on to bgmd without
// being copied; so this reads what is there and takes no memory of its own but for names.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/result.hpp"

namespace bgm::gateway {

struct MultipartLimits {
    std::size_t parts_max = 64;
    std::size_t part_header_bytes_max = 4096;
    std::size_t boundary_bytes_max = 70;  // of RFC 2046
};

struct Part {
    std::string name;
    std::optional<std::string> file_name;
    std::string type;  // small letters, without parameters; empty where none is given
    std::string_view bytes;
};

/// The boundary of "multipart/form-data; boundary=...". `invalid_argument`, with the field "Content-Type".
Result<std::string> multipart_boundary(std::string_view content_type, const MultipartLimits& limits = {});

/// All parts, in their order; at least one. An error names the part: "part 2", or by its name.
Result<std::vector<Part>> read_multipart(std::string_view body, std::string_view boundary,
                                         const MultipartLimits& limits = {});

/// "application/json; charset=utf-8" is "application/json".
std::string media_type(std::string_view content_type);

}  // namespace bgm::gateway
