// Takes tracks one at a time, so that loading a large catalogue never holds all of it twice.
#pragma once

#include <cstdint>
#include <memory>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/catalogue/track.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// For one thread; a fresh builder for each catalogue.
///
/// What a track lacks is filled in, so that every track can be compared in both ways:
///   - no moods (all weights 0): moods from valence and arousal, p(k) in proportion to exp(-distance^2 / (2 *
///   0.3^2)) from
///     the place of mood k on the plane;
///   - no affect (both exactly 0, or not finite), but moods: the mean place of its moods;
///   - neither: all moods alike, affect 0, which matches everything badly.
/// Weights that are negative or not finite count as 0; affect is cut to -1..1, a tempo that is not finite or
/// negative is unknown.
class CatalogueBuilder {
 public:
    CatalogueBuilder();
    ~CatalogueBuilder();
    CatalogueBuilder(CatalogueBuilder&&) noexcept;
    CatalogueBuilder& operator=(CatalogueBuilder&&) noexcept;

    /// Inactive tracks are passed over. `invalid_argument` for an unusable track_id, `too_large` past 4 GiB
    /// of text; the builder stays usable and the track is left out.
    Status add(const Track& track);

    /// Sorts, hashes and hands over; the builder is empty afterwards. `invalid_argument` names a track_id
    /// that came twice.
    Result<Catalogue> finish();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace bgm
