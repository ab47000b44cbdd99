// What kind of picture it is, as a guard and as evidence: whether it is safe for work, or erotic.
//
// Used by one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/result.hpp"
#include "workers/media/picture/rgb_image.hpp"
#include "workers/networks/picture_kinds.hpp"
#include "workers/process/encoder.hpp"

namespace bgm {

/// Names the five shares, in the order of kPictureKinds.
inline constexpr std::string_view kKindsModel = "picture-kinds-1";

class KindReader {
 public:
    /// Errors as PictureKindNet::open().
    static Result<KindReader> open(const std::filesystem::path& packages);

    /// Of one more picture, which is consistent and not empty.
    KindShares look(const RgbImage& picture) { return net_.read(picture); }

    /// Puts the fact `not_safe_for_work` into what is known of the asset; gives evidence of its own where it
    /// is likely enough to be of that kind. `shares`: of a photo, or the mean of a film's pictures.
    static std::optional<Encoding> encoding(const KindShares& shares, Encoding& known);

    /// The mood head that reads the encoding.
    static std::string head();

 private:
    explicit KindReader(PictureKindNet net) : net_(std::move(net)) {}

    PictureKindNet net_;
};

}  // namespace bgm
