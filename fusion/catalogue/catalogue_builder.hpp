// Takes tracks one at a time, so that loading a large catalogue never holds all of it twice.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "fusion/catalogue/catalogue.hpp"
#include "fusion/catalogue/track.hpp"
#include "fusion/catalogue/track_sound.hpp"
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
///
/// What was heard fills in what is not written: moods, affect, tempo, length. Where both are there, moods and
/// affect are their means, weighted by kWrittenWeight and kHeardWeight; a written tempo and length stay.
///
/// Embeddings can be compared within one space. It is that of most of the tracks; those of another model or
/// length are left out and counted, as are such that hold no direction (zeros, or not finite).
class CatalogueBuilder {
 public:
    CatalogueBuilder();
    ~CatalogueBuilder();
    CatalogueBuilder(CatalogueBuilder&&) noexcept;
    CatalogueBuilder& operator=(CatalogueBuilder&&) noexcept;

    /// Inactive tracks are passed over. `invalid_argument` for an unusable track_id, `too_large` past 4 GiB
    /// of text; the builder stays usable and the track is left out.
    Status add(const Track& track, const TrackSound* sound = nullptr);

    /// Counts an analysis that is of no use, as `model` is not the one that is read.
    void ignore_analysis(std::string_view track_id, std::string_view model);

    /// Sorts, hashes and hands over; the builder is empty afterwards. `invalid_argument` names a track_id
    /// that came twice.
    Result<Catalogue> finish();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace bgm
