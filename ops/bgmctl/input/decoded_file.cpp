#include "ops/bgmctl/input/decoded_file.hpp"

#include "fusion/catalogue/header_names.hpp"
#include "ops/bgmctl/input/file_kind.hpp"

namespace bgm {

Status file_kind_of(const std::string& path) {
    const auto mapped = MappedFile::open(path);
    if (!mapped) return mapped.error();
    const std::string kind = packed_file_kind(mapped->text().substr(0, kFileKindBytes));
    if (kind.empty()) return ok_status();
    return Error{ErrorCode::unsupported, "this is " + kind, path};
}

Result<DecodedFile> DecodedFile::open(const std::string& path, const std::string& encoding) {
    auto mapped = MappedFile::open(path);
    if (!mapped) return mapped.error();
    if (const std::string kind = packed_file_kind(mapped->text().substr(0, kFileKindBytes)); !kind.empty())
        return Error{ErrorCode::unsupported, "this is " + kind, path};
    auto decoded = decode_text(mapped->text(), encoding, foreign_header_names());
    if (!decoded) {
        Error error = decoded.error();
        if (encoding.empty() && error.code == ErrorCode::corrupt) error.message += " (--encoding NAME)";
        if (error.code == ErrorCode::corrupt) error.field = path;
        return error;
    }
    return DecodedFile(*std::move(mapped), *std::move(decoded));
}

}  // namespace bgm
