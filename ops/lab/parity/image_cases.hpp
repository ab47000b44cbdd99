// An image_preprocess directory of the parity format against our decoders, resize and crop: manifest.json,
// preprocessor_config.json, blip_preprocessor_config.json where a case needs it, images/ and expected/.
//
// A case is an image file and what the reference makes of it: `crop_u8` (resized and cropped),
// `crop_u8_transposed` (the same after its Exif orientation), `pixel_values` and `blip384_u8`. Where our
// decoder gives other pixels than the reference's (`decoded_sha256`), the case starts from the reference's
// (`decoded_rgb`) and its lines say so. Free functions; any thread.
#pragma once

#include <filesystem>
#include <vector>

#include "ops/lab/parity/parity_line.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// "NAME/photo_jpg.crop_u8" and so on. Bytes may not differ at all, pixel_values by a millionth. An error
/// where the directory cannot be read.
Result<std::vector<ParityLine>> check_image_preprocess(const std::filesystem::path& directory);

}  // namespace bgm
