// What goes with a picture of a HEIF file, said as libheif 1.15 understands it.
//
// Opacity, depth and gain maps ("auxl"), thumbnails ("thmb") and descriptions ("cdsc") name the picture that
// they go with. Phones since iOS 18 name several: the picture and its tone-mapped twin ("tmap", a kind that
// this libheif does not know). It then refuses the whole file.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bgm {

/// The file with each such relation naming one picture: the primary one where it is among them, or else the
/// first that libheif knows; a relation to none of these is left out. What a picture is made of ("dimg") and
/// all else stays as it is. Nothing moves: the directory of boxes is written anew behind the file, so that
/// every place that it names still holds. Empty where nothing needs to change, or the boxes make no sense,
/// which is libheif's to say.
std::vector<std::byte> with_plain_relations(std::span<const std::byte> file);

}  // namespace bgm
