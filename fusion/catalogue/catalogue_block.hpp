// The numbers of 64 tracks, in the order in which a scan reads them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fusion/mood/mood.hpp"

namespace bgm {

/// 64 tracks (the last block is padded with zeros).
struct alignas(64) CatalogueBlock {
    static constexpr std::size_t kTracks = 64;
    std::array<std::array<float, kTracks>, kMoodCount> root_mood{};  // square roots of the mood probabilities
    std::array<float, kTracks> valence{};
    std::array<float, kTracks> arousal{};
};

/// The same in bytes, for a first look: 16 a track.
struct alignas(64) QuickBlock {
    static constexpr std::size_t kPairs = (kMoodCount + 1) / 2;
    static constexpr float kMoodUnit = 255;
    static constexpr float kAffectUnit = 127;
    // Two moods of a track side by side: one instruction multiplies both and adds.
    std::array<std::array<std::uint8_t, 2 * CatalogueBlock::kTracks>, kPairs> root_mood{};
    std::array<std::int8_t, CatalogueBlock::kTracks> valence{};
    std::array<std::int8_t, CatalogueBlock::kTracks> arousal{};
};

/// Between what the numbers of 64 quick blocks lie: a lane is a block.
struct alignas(64) QuickBounds {
    static constexpr std::size_t kBlocks = CatalogueBlock::kTracks;
    decltype(QuickBlock::root_mood) root_mood{};  // the largest
    std::array<std::int8_t, kBlocks> valence_least{};
    std::array<std::int8_t, kBlocks> valence_most{};
    std::array<std::int8_t, kBlocks> arousal_least{};
    std::array<std::int8_t, kBlocks> arousal_most{};
};

}  // namespace bgm
