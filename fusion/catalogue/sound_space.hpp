// How alike the catalogue's tracks sound to something: their embeddings as unit vectors, in an order of their
// own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bgm {

/// Immutable once built; share it between threads.
class SoundSpace {
 public:
    SoundSpace() = default;
    /// Room for `tracks`, of which none has a sound yet.
    SoundSpace(std::string model, std::size_t width, std::size_t tracks);

    void reserve(std::size_t sounds) { vectors_.reserve(sounds * width_); }
    /// Scaled to length 1, and put behind the others. False, and the track stays without one, where it has no
    /// direction.
    bool set(std::uint32_t track_index, std::span<const float> embedding);

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
    /// Which of the vectors it is, in the order in which they were set; the track has a sound.
    std::uint32_t slot(std::uint32_t track_index) const { return slots_[track_index]; }
    /// Bytes of memory, without the vectors themselves.
    std::size_t overhead_bytes() const { return slots_.capacity() * sizeof(std::uint32_t); }
    std::size_t vector_bytes() const { return vectors_.capacity() * sizeof(float); }

    /// What is looked for, of length 1.
    using Query = std::vector<float>;
    /// An embedding of the space's width that has a direction.
    Query query(std::span<const float> embedding) const;
    /// The cosine; the track has a sound.
    float cosine(std::uint32_t track_index, const Query& query) const;

    /// Has it read from memory ahead; the track has a sound.
    void fetch_vector(std::uint32_t track_index) const;

 private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;

    std::string model_;
    std::size_t width_ = 0;
    std::vector<std::uint32_t> slots_;  // by track: which vector
    std::vector<float> vectors_;        // in the order in which they were set
};

/// Of two vectors of the same size; added in a fixed order.
float dot(std::span<const float> a, std::span<const float> b);
/// Euclid's.
float length_of(std::span<const float> vector);
/// Its length is neither 0 nor without end.
bool has_direction(std::span<const float> vector);

}  // namespace bgm
