// Stable 64-bit hashes of strings: the source of every "random" choice, so that the same post gets the same
// picks on every machine and in every version of the standard library (std::hash promises neither).
//
// Not for secrets and not against an adversary who searches for collisions.
#pragma once

#include <cstdint>
#include <string_view>

namespace bgm {

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection in which every input bit reaches every
/// output bit.
constexpr std::uint64_t mix64(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
}

inline constexpr std::uint64_t kFnvOffset = 0xCBF29CE484222325U;

/// FNV-1a, 64 bits. `state` continues an earlier hash.
constexpr std::uint64_t fnv1a64(std::string_view bytes, std::uint64_t state = kFnvOffset) {
    for (char byte : bytes)
        state = (state ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
    return state;
}

/// FNV-1a, then mix64: FNV alone leaves its high bits nearly alike for short strings that differ at their
/// end.
constexpr std::uint64_t stable_hash(std::string_view bytes) {
    return mix64(fnv1a64(bytes));
}

/// The seed of one post. The tenant's length separates the two, so ("ab", "c") and ("a", "bc") differ.
constexpr std::uint64_t post_seed(std::string_view tenant, std::string_view post_id) {
    return mix64(fnv1a64(post_id, mix64(fnv1a64(tenant) + tenant.size())));
}

}  // namespace bgm
