// The values of some of a catalogue's numbers of names, asked of many: all others have none.
//
// A table without collisions (a perfect hash, found by trying), so that a look-up is one place, and many in a
// row have no branch.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "fusion/catalogue/catalogue_block.hpp"
#include "fusion/catalogue/scan.hpp"

namespace bgm {

class NameValues {
 public:
    NameValues() = default;
    /// By number; of one that comes twice the last counts. Numbers are below 2^32 - 1.
    explicit NameValues(std::span<const std::pair<std::uint32_t, float>> values);

    /// 0 of a number without one.
    float of(std::uint32_t number) const {
        const Slot& slot = slots_[place(number)];
        return std::bit_cast<float>(slot.bits & (0U - static_cast<std::uint32_t>(slot.number == number)));
    }
    /// Adds each one's.
    void add_to(BlockScores& sums, std::span<const std::uint32_t, CatalogueBlock::kTracks> numbers) const;

 private:
    static constexpr std::uint32_t kNobody = 0xFFFFFFFFU;
    struct Slot {
        std::uint32_t number = kNobody;
        std::uint32_t bits = 0;  // of the value
    };
    std::uint32_t place(std::uint32_t number) const { return number * factor_ >> shift_; }
    bool fit(std::span<const std::pair<std::uint32_t, float>> values);

    std::vector<Slot> slots_ = std::vector<Slot>(2);
    std::uint32_t factor_ = 1;  // odd
    unsigned shift_ = 31;
};

}  // namespace bgm
