// What a file is by its first bytes, in words for an error message ("a zip archive"). Never trusts names.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace bgm {

/// A noun with its article for well-known files that hold neither sound nor moving pictures; empty where
/// unknown.
std::string_view name_of_other_content(std::span<const std::byte> file);

/// The name of a container that does hold sound or moving pictures and is not read ("Windows Media (WMA, WMV,
/// ASF)"); empty where it is none of those known here.
std::string_view name_of_unread_container(std::span<const std::byte> file);

}  // namespace bgm
