#include "ops/lab/train/whole_file.hpp"

#include <fstream>
#include <string>

namespace bgm::train {

Status write_whole_file(const std::filesystem::path& file, std::string_view bytes) {
    const auto failure = [](const std::string& message) {
        return Error{.code = ErrorCode::unavailable, .message = message};
    };
    std::error_code ignored;
    if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
    auto partial = file;
    partial += ".partial";
    {
        std::ofstream stream(partial, std::ios::binary);
        stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (!stream.flush()) return failure("cannot write " + partial.string());
    }
    std::error_code failed;
    std::filesystem::rename(partial, file, failed);
    if (failed) return failure(file.string() + ": " + failed.message());
    return ok_status();
}

}  // namespace bgm::train
