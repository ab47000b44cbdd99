// Whether the parts of a HEIF file can be followed to an end.
//
// A picture may be made of others ("dimg": a grid of tiles, an overlay; "auxl": the opacity of a picture).
// libheif follows these references by recursion and does not look for circles, so a picture that is part of
// itself, or its own opacity, would end the process.
#pragma once

#include <cstddef>
#include <span>

#include "schemas/result.hpp"

namespace bgm {

/// `corrupt` where a picture is made of itself, over however many steps, or the chain is longer than any real
/// one; `too_large` where there are more references than any real file has. What else may be wrong with the
/// boxes is libheif's to say.
Status check_heif_references(std::span<const std::byte> file);

}  // namespace bgm
