// What a file is, told by its first bytes, where that is something other than the text that was asked for.
//
// Only for saying so: whoever is handed an .xlsx or an xz file should read its name and the way out, not that
// every line is no JSON. Pure.
#pragma once

#include <string>
#include <string_view>

namespace bgm {

/// How much of a file the answer needs.
inline constexpr std::size_t kFileKindBytes = 512;

/// "xz-compressed; unpack it first" or the like; empty where the bytes may well be text in UTF-8, gzip or
/// zstd. With `unpacked` gzip and zstd are named, too: one inside the other is not unpacked.
std::string foreign_file_kind(std::string_view head, bool unpacked = false);

/// The same for a file that must be text, in whatever encoding: names every compression, archive and
/// workbook.
std::string packed_file_kind(std::string_view head);

}  // namespace bgm
