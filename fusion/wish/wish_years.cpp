#include "fusion/wish/wish_years.hpp"

#include <algorithm>

namespace bgm {

void WishYears::ask(std::uint32_t from, std::uint32_t to) {
    if (to == 0) to = kLast;
    if (asked_) {
        from = std::min(from, asked_->from);
        to = std::max(to, asked_->to);
    }
    asked_ = Years{from, to};
}

void WishYears::deny(std::uint32_t from, std::uint32_t to) {
    denied_.push_back({from, to == 0 ? kLast : to});
}

std::vector<WishYears::Years> WishYears::denied() const {
    std::vector<Years> sorted = denied_, all;
    std::ranges::sort(sorted, {}, &Years::from);
    for (const Years& years : sorted) {
        if (!all.empty() && years.from <= all.back().to + 1)
            all.back().to = std::max(all.back().to, years.to);
        else
            all.push_back(years);
    }
    return all;
}

WishYears::Settled WishYears::settle() const {
    Settled settled;
    Years left = asked_.value_or(Years{0, kLast});
    std::vector<Years> holes;
    for (const Years& years : denied()) {
        if (years.to < left.from || years.from > left.to) continue;
        if (years.from <= left.from && years.to >= left.to) {
            settled.unmet.emplace_back("the years that are asked for are those to be left out");
        } else if (years.from <= left.from) {
            left.from = years.to + 1;
        } else if (years.to >= left.to) {
            left.to = years.from - 1;
        } else {
            holes.push_back(years);
        }
    }
    if (holes.size() == 1 && left.from == 0 && left.to == kLast) {
        settled.from = holes.front().to + 1;
        settled.to = holes.front().from - 1;
        return settled;
    }
    for (const Years& hole : holes) {
        settled.unmet.push_back("the years " + std::to_string(hole.from) + " to " + std::to_string(hole.to) +
                                " cannot be left out from among those that are asked for");
    }
    settled.from = left.from;
    settled.to = left.to == kLast ? 0 : left.to;
    return settled;
}

}  // namespace bgm
