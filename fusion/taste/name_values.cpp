#include "fusion/taste/name_values.hpp"

#include <algorithm>

#include "fusion/stable_hash.hpp"

namespace bgm {

NameValues::NameValues(std::span<const std::pair<std::uint32_t, float>> values) {
    constexpr std::uint64_t kTries = 16;
    // So many places for each that a few tries do. At the latest 2^32 of them have no two in one.
    for (auto bits = static_cast<unsigned>(std::bit_width(8 * values.size() + 1));; ++bits) {
        slots_.resize(std::size_t{1} << bits);
        shift_ = 32 - bits;
        for (std::uint64_t i = 0; i < kTries; ++i) {
            factor_ = static_cast<std::uint32_t>(mix64(i)) | 1U;
            if (fit(values)) return;
        }
    }
}

bool NameValues::fit(std::span<const std::pair<std::uint32_t, float>> values) {
    std::ranges::fill(slots_, Slot());
    return std::ranges::all_of(values, [&](const auto& one) {
        Slot& slot = slots_[place(one.first)];
        if (slot.number != kNobody && slot.number != one.first) return false;
        slot = {.number = one.first, .bits = std::bit_cast<std::uint32_t>(one.second)};
        return true;
    });
}

void NameValues::add_to(BlockScores& sums,
                        std::span<const std::uint32_t, CatalogueBlock::kTracks> numbers) const {
    for (std::size_t lane = 0; lane < numbers.size(); ++lane)
        sums[lane] += of(numbers[lane]);
}

}  // namespace bgm
