// The same recording under two ids, by its acoustic fingerprint: whatever file it is in, and where it is cut.
//
// A fingerprint is Chromaprint's: one word of 32 bits each eighth of a second, of the first two minutes. Two
// of them are laid over each other at the places where they have words in common, and the share of bits that
// differ there is counted (Haitsma and Kalker 2002). Where both stand still (silence, a held note) they say
// nothing, and are left out. A recording that is encoded anew differs in 1 to 9 % of the bits, another piece
// of music in 38 % or more: docs/catalogue.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bgm {

/// Of one word of a fingerprint: 1,365 samples of 11,025 a second.
inline constexpr double kFingerprintStep_s = 1365.0 / 11'025;

/// How two fingerprints lie over each other.
struct Overlap {
    int offset = 0;        // in words: where in the first one the second begins
    float difference = 0;  // the share of bits that differ, 0..1

    double offset_s() const { return offset * kFingerprintStep_s; }
};

/// Nothing where they are two recordings: they differ in more than a fifth of the bits, or have less than
/// half of the shorter one, or less than 5 s, in common. Words past the 2,000th are not looked at.
std::optional<Overlap> same_recording(std::span<const std::uint32_t> first,
                                      std::span<const std::uint32_t> second);

/// Whether a fingerprint says enough to be told from others: 5 s of sound that is not all alike.
bool tells(std::span<const std::uint32_t> fingerprint);

/// One of several that are the same recording.
struct SameTrack {
    std::size_t index = 0;  // in the list that was searched
    std::size_t like =
        0;            // the one that it was laid over: the group's first, where they have enough in common
    Overlap overlap;  // of `like` and it
};

/// The groups of two or more fingerprints that are the same recording, each in the order of the list; its
/// first is like itself. Not all pairs are compared: only those that have a word in common, and agree around
/// it. Words that many have cost no more than others, so the time grows with the list, not with its square.
std::vector<std::vector<SameTrack>> find_same_recordings(
    std::span<const std::vector<std::uint32_t>> fingerprints);

}  // namespace bgm
