// What heads of one model are fitted to: embeddings, each with the mood that its teacher gives it.
//
// Rows of one person (of one artist, for tracks) share a group. Whoever splits the rows splits the groups:
// nobody's posts are on both sides.
//
// Plain values. An embedding of d numbers takes 2 d + 72 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "fusion/mood/mood.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {

struct SeedLabel {
    MoodDistribution moods{};  // sums to 1
    Affect affect{};
    float weight = 1;  // above 0
    std::uint32_t group = 0;
};

class SeedRows {
 public:
    explicit SeedRows(std::size_t width) : width_(width), table_(1 << 16) { fill_table(); }

    /// `embedding` is of binary16 numbers. False, and nothing is added, where it has another width or a
    /// number that is not finite, or the label is none.
    bool add(std::span<const std::uint16_t> embedding, const SeedLabel& label);

    std::size_t size() const { return labels_.size(); }
    std::size_t width() const { return width_; }
    const SeedLabel& label(std::size_t row) const { return labels_[row]; }
    /// Into `width()` numbers.
    void embedding(std::size_t row, float* into) const;
    /// How many groups there are.
    std::size_t groups() const;
    /// Of all rows: the same for the same rows in the same order.
    std::uint64_t digest() const { return digest_; }

 private:
    void fill_table();

    std::size_t width_;
    std::vector<float> table_;  // of all 65,536 halves
    std::vector<std::uint16_t> embeddings_;
    std::vector<SeedLabel> labels_;
    std::uint64_t digest_ = kFnvOffset;
};

inline constexpr std::uint32_t kSeedFolds = 5;
using Folds = std::array<bool, kSeedFolds>;  // which of them
/// Rows done so far; called now and then. False gives up.
using SeedProgress = std::function<bool(std::size_t rows)>;
/// Which part of the rows a group is in.
inline std::uint32_t fold_of(std::uint32_t group) {
    return group % kSeedFolds;
}

}  // namespace bgm
