// A post as it is put together from a command line: the message and the media files that travel with it.
#pragma once

#include <string>
#include <vector>

#include "ops/bgmctl/post/pick_view.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

struct MediaArgument {
    v1::Asset::Kind kind = v1::Asset::IMAGE;
    std::string path;  // a file, or a URI (file:, http:, https:) that the daemon fetches itself
};

struct PostDraft {
    v1::Post post;
    std::vector<std::string> media;  // frames, in the order that the assets' `frame` counts
    AssetNames asset_names;
};

/// Reads the files. Sizes are checked before anything is read; the error's field is the file's name.
Status attach_media(PostDraft& draft, const std::vector<MediaArgument>& arguments);

/// A post id that nobody else has: "bgmctl-" and 96 random bits.
std::string random_post_id();

}  // namespace bgm
