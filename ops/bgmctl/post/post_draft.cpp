#include "ops/bgmctl/post/post_draft.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "schemas/validate.hpp"

namespace bgm {
namespace {

bool is_uri(const std::string& path) {
    return path.starts_with("file:") || path.starts_with("http:") || path.starts_with("https:");
}

Result<std::string> read_media_file(const std::string& path, std::uintmax_t bytes_max,
                                    std::uintmax_t bytes_left) {
    std::error_code failure;
    const auto status = std::filesystem::status(path, failure);
    if (!std::filesystem::exists(status)) return Error{ErrorCode::not_found, "there is no such file", path};
    if (!std::filesystem::is_regular_file(status))
        return Error{ErrorCode::invalid_argument, "is not a file", path};
    const std::uintmax_t size = std::filesystem::file_size(path, failure);
    if (failure) return Error{ErrorCode::not_found, failure.message(), path};
    if (size > bytes_max || size > bytes_left) {
        return Error{ErrorCode::too_large,
                     "has " + std::to_string(size) + " bytes, and only " +
                         std::to_string(std::min(bytes_max, bytes_left)) +
                         " can be sent with a post; put it below the media root and give it as file:NAME",
                     path};
    }
    std::ifstream file(path, std::ios::binary);
    std::string bytes(size, '\0');
    if (!file || !file.read(bytes.data(), static_cast<std::streamsize>(size))) {
        return Error{ErrorCode::not_found, "cannot be read", path};
    }
    return bytes;
}

}  // namespace

Status attach_media(PostDraft& draft, const std::vector<MediaArgument>& arguments) {
    const PostLimits limits;
    std::uintmax_t bytes_left = limits.inline_bytes_max;
    for (const MediaArgument& argument : arguments) {
        v1::Asset* asset = draft.post.add_assets();
        asset->set_asset_id("a" + std::to_string(draft.post.assets_size() - 1));
        asset->set_kind(argument.kind);
        draft.asset_names[asset->asset_id()] = argument.path;
        if (is_uri(argument.path)) {
            asset->set_uri(argument.path);
            continue;
        }
        auto bytes = read_media_file(argument.path, asset_bytes_max(argument.kind, limits), bytes_left);
        if (!bytes) return bytes.error();
        bytes_left -= bytes->size();
        asset->set_frame(static_cast<std::uint32_t>(draft.media.size()));
        draft.media.push_back(std::move(*bytes));
    }
    return ok_status();
}

std::string random_post_id() {
    std::random_device random;
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "bgmctl-%08x%08x%08x", random(), random(), random());
    return text.data();
}

}  // namespace bgm
