// What people call the columns of a catalogue, in Korean, English and the languages of Europe and East Asia.
//
// Only names that say one thing: "번호" may be an id or a row's number, "tempo" a word. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "fusion/catalogue/column_mapping.hpp"

namespace bgm {

/// The field that a header names, whatever its case, spaces, underscores and brackets; a field's own name,
/// too.
std::optional<TrackField> field_of_header(std::string_view header);

/// Headers as they stand in files, in several languages: a text that holds some of them is a catalogue, which
/// tells the encodings of a short one apart.
std::span<const std::string_view> foreign_header_names();

}  // namespace bgm
