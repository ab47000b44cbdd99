#include "workers/networks/network_file.hpp"

#include <fstream>
#include <string>

#include "schemas/network_packages.hpp"
#include "schemas/sha256.hpp"

namespace bgm {

Result<std::vector<std::byte>> read_network_file(const std::filesystem::path& packages,
                                                 std::string_view path) {
    const NetworkFile& file = network_file(path);
    const std::filesystem::path place = packages / path;
    const auto wrong = [&](ErrorCode code, std::string message) {
        return Error{.code = code, .message = std::move(message), .field = place.string()};
    };
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(place, error);
    if (error) return wrong(ErrorCode::not_found, "is not there");
    if (bytes != file.bytes) {
        return wrong(ErrorCode::corrupt, "has " + std::to_string(bytes) + " bytes, not " +
                                             std::to_string(file.bytes) + ": it is not loaded");
    }
    std::vector<std::byte> content(file.bytes);
    std::ifstream stream(place, std::ios::binary);
    stream.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
    if (!stream) return wrong(ErrorCode::not_found, "cannot be read");
    if (sha256_hex({reinterpret_cast<const char*>(content.data()), content.size()}) != file.sha256)
        return wrong(ErrorCode::corrupt, "has another SHA-256 than it must have: it is not loaded");
    return content;
}

}  // namespace bgm
