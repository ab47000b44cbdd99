#include "fusion/catalogue/scan_order.hpp"

#include <algorithm>
#include <cstddef>

#include "fusion/catalogue/catalogue_block.hpp"
#include "fusion/catalogue/scan.hpp"

namespace bgm {
namespace {

constexpr std::size_t kLeaf = CatalogueBlock::kTracks;
constexpr std::size_t kKinds = std::tuple_size_v<FeltPoint>;

struct Place {
    FeltPoint point;
    std::uint32_t track;
};

// What a step of each kind changes of a score, at most, squared.
double weight(std::size_t kind) {
    const double step = kind < kMoodCount
                            ? double{kMoodShare} / double{QuickBlock::kMoodUnit}
                            : double{kAffectShare} * kAffectSteepest / double{QuickBlock::kAffectUnit};
    return step * step;
}

struct Cut {
    std::size_t kind = 0;
    std::size_t left = 0;  // how many places: whole blocks
};

using Counts = std::array<std::uint32_t, 256>;

/// Where to cut so that both sides vary least: the most variance between them (Otsu 1979), in any kind of
/// number. No side is smaller than an eighth, which keeps the tree low.
Cut best_cut(std::span<const Place> places) {
    std::array<Counts, kKinds> counts{};
    for (const Place& place : places) {
        for (std::size_t kind = 0; kind < kKinds; ++kind)
            ++counts[kind][place.point[kind]];
    }
    const std::size_t blocks = (places.size() + kLeaf - 1) / kLeaf;
    const std::size_t least = std::max<std::size_t>(blocks / 8, 1);
    Cut best{.kind = 0, .left = blocks / 2 * kLeaf};
    double most = 0;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
        std::uint64_t sum = 0;
        for (std::size_t number = 0; number < 256; ++number)
            sum += number * counts[kind][number];
        std::uint64_t below = 0;
        std::uint64_t sum_below = 0;
        for (std::size_t number = 0; number < 256; ++number) {
            if (counts[kind][number] == 0) continue;
            below += counts[kind][number];
            sum_below += number * counts[kind][number];
            const std::size_t left = std::clamp((below + kLeaf / 2) / kLeaf, least, blocks - least) * kLeaf;
            if (below == places.size()) break;
            const auto here = static_cast<double>(below);
            const auto there = static_cast<double>(places.size() - below);
            const double apart =
                static_cast<double>(sum_below) / here - static_cast<double>(sum - sum_below) / there;
            const double between = weight(kind) * here * there * apart * apart;
            if (between <= most) continue;
            most = between;
            best = {.kind = kind, .left = left};
        }
    }
    return best;
}

/// The least `left` places by that kind of number to the left; alike ones, and each side, stay in their
/// order.
void part(std::span<Place> places, Cut cut, std::vector<Place>& others) {
    Counts counts{};
    for (const Place& place : places)
        ++counts[place.point[cut.kind]];
    std::size_t below = 0;
    std::size_t middle = 0;
    while (below + counts[middle] < cut.left)
        below += counts[middle++];
    std::size_t room = cut.left - below;  // for those in the middle
    others.clear();
    auto end = places.begin();
    for (const Place& place : places) {
        const std::size_t number = place.point[cut.kind];
        if (number < middle || (number == middle && room > 0)) {
            if (number == middle) --room;
            *end++ = place;
        } else {
            others.push_back(place);
        }
    }
    std::copy(others.begin(), others.end(), end);
}

}  // namespace

std::vector<std::uint32_t> scan_order(std::span<const FeltPoint> points) {
    std::vector<Place> places;
    places.reserve(points.size());
    for (const FeltPoint& point : points)
        places.push_back({point, static_cast<std::uint32_t>(places.size())});
    std::vector<Place> others;
    others.reserve(places.size());
    std::vector<std::span<Place>> parts{places};
    while (!parts.empty()) {
        const std::span<Place> all = parts.back();
        parts.pop_back();
        if (all.size() <= kLeaf) continue;
        const Cut cut = best_cut(all);
        part(all, cut, others);
        parts.push_back(all.first(cut.left));
        parts.push_back(all.subspan(cut.left));
    }
    std::vector<std::uint32_t> order;
    order.reserve(places.size());
    for (const Place& place : places)
        order.push_back(place.track);
    return order;
}

}  // namespace bgm
