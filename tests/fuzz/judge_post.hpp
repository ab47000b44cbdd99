// What holds for every post that was decoded, whatever its bytes were.
#pragma once

#include <array>
#include <string>

#include "schemas/codec.hpp"
#include "schemas/utf8.hpp"
#include "schemas/validate.hpp"
#include "tests/fuzz/promise.hpp"

namespace bgm::fuzz {

inline void judge_post(Result<v1::Post> post) {
    if (!post) {
        require(!post.error().message.empty(), "a refused post has a reason");
        require(valid_utf8(post.error().to_string()), "a reason is UTF-8");
        return;
    }
    constexpr std::array<std::size_t, 2> kMedia{1000, 0};
    const PostLimits limits;
    if (const auto judged = validate_post(*post, kMedia, limits); !judged) {
        require(!judged.error().field.empty(), "an invalid post names its field");
        require(valid_utf8(judged.error().to_string()), "a reason is UTF-8");
        return;
    }
    require(!post->post_id().empty() && !post->tenant().empty(), "an accepted post has its keys");
    require(post->text().size() <= limits.text_bytes_max && valid_utf8(post->text()), "its text is bounded");
    for (const v1::Asset& asset : post->assets()) {
        require(asset.has_frame() != !asset.uri().empty(), "an asset is a frame or a URI");
        if (asset.has_frame()) require(asset.frame() < kMedia.size(), "a frame is there");
        if (asset.has_frame() || is_web_uri(asset.uri())) continue;
        const auto path = media_path(asset.uri());
        require(path.ok() && !path->empty() && path->front() != '/', "a file lies below the media root");
    }
    v1::Post again;
    require(from_json(to_json(*post), again).ok(), "an accepted post can be written and read again");
}

}  // namespace bgm::fuzz
