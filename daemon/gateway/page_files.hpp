// The page's files, which are part of the program: it opens nothing by name.
#pragma once

#include <span>
#include <string_view>

namespace bgm::gateway {

struct PageFile {
    std::string_view name;  // "app.js"; the page itself is "index.html"
    std::string_view type;
    std::string_view tag;  // an ETag: the beginning of its digest, in quotes
    std::string_view bytes;
};

/// As embed_page.cmake found them in page/.
std::span<const PageFile> page_files();

}  // namespace bgm::gateway
