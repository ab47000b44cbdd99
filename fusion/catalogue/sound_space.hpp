// How alike the catalogue's tracks sound to something: unit vectors, and a short code of each for a first
// look.
//
// The code is RaBitQ's (Gao and Long 2024): the vector is turned by a fixed random rotation, and of each
// number its sign is kept, one bit. A scan of the codes reads a thirtieth of the vectors' memory and
// estimates every cosine to about 0.07; what looks best is then compared exactly. Codes lie in the order of
// a scan, which sees a track's moods, its filters and its code together; nothing has to be trained, linked
// or rebuilt. Sums of codes are whole numbers: the same on every processor.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bgm {

/// Immutable once built; share it between threads.
class SoundSpace {
 public:
    static constexpr std::size_t kBlock = 64;  // tracks

    SoundSpace() = default;
    /// Room for `tracks`, of which none has a sound yet.
    SoundSpace(std::string model, std::size_t width, std::size_t tracks);

    void reserve(std::size_t sounds) { vectors_.reserve(sounds * width_); }
    /// Scaled to length 1; its code lies at `position`, each track's at another below tracks(). False, and
    /// the track stays without one, where the length is 0 or not finite.
    bool set(std::uint32_t track_index, std::uint32_t position, std::span<const float> embedding);

    /// What made the embeddings; empty where there are none.
    const std::string& model() const { return model_; }
    std::size_t width() const { return width_; }
    /// Those of the catalogue, with and without a sound.
    std::size_t tracks() const { return slots_.size(); }
    /// Tracks that have a sound.
    std::size_t size() const { return vectors_.size() / std::max<std::size_t>(width_, 1); }
    bool has(std::uint32_t track_index) const {
        return track_index < slots_.size() && slots_[track_index] != kNone;
    }
    /// Of length 1; the track has a sound.
    std::span<const float> vector(std::uint32_t track_index) const {
        return {vectors_.data() + std::size_t{slots_[track_index]} * width_, width_};
    }
    /// Bytes of memory, without the vectors themselves.
    std::size_t overhead_bytes() const;
    std::size_t vector_bytes() const { return vectors_.capacity() * sizeof(float); }

    /// What is looked for, made ready once for all tracks.
    class Query {
     public:
        const std::vector<float>& unit() const { return unit_; }

     private:
        friend class SoundSpace;
        std::vector<float> unit_;
        std::vector<std::uint8_t> table_;  // by nibble of the code: the sum of its four numbers, 0..255
        float scale_ = 0;  // from a sum of entries to the cosine, before the track's own factor
        float offset_ = 0;
    };
    /// A query of the space's width; its length is not 0.
    Query query(std::span<const float> embedding) const;

    /// The cosine; the track has a sound.
    float cosine(std::uint32_t track_index, const Query& query) const;
    /// What no estimated cosine of the tracks from position 64 * block on exceeds; below 0 where none has a
    /// sound.
    float most(std::size_t block, const Query& query) const;
    /// Whether each track of the block has a sound.
    bool all_heard(std::size_t block) const {
        return best_factors_[block].heard == std::min(kBlock, tracks() - block * kBlock);
    }
    /// Gives the tracks from position 64 * block on, where they have a sound, `share` of their estimated
    /// cosine (not below 0) and the rest of their score.
    void blend(std::size_t block, const Query& query, float share, std::array<float, kBlock>& scores) const;

    /// Has them read from memory ahead: the codes of a block, the vector of a track that has a sound.
    void fetch_codes(std::size_t block) const;
    void fetch_vector(std::uint32_t track_index) const;

 private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;

    std::vector<float> rotated(std::span<const float> unit) const;

    std::string model_;
    std::size_t width_ = 0;
    std::size_t bits_ = 0;              // of a code: a power of two
    std::vector<std::uint32_t> slots_;  // by track: which vector
    std::vector<float> vectors_;        // in the order in which they were set
    std::vector<std::uint8_t> codes_;   // by block: a row of 32 bytes for each nibble; two tracks a byte
    struct BestFactor {
        float factor = 0;         // the largest of a block
        std::uint32_t heard = 0;  // how many it has
    };
    std::vector<BestFactor> best_factors_;
    std::vector<float> factors_;  // by position: what a code's sum is to be multiplied with
};

/// Of two vectors of the same size; added in a fixed order.
float dot(std::span<const float> a, std::span<const float> b);

}  // namespace bgm
