#include "ops/lab/parity/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace bgm {

double limit_of(std::string_view array) {
    static constexpr std::array kIntermediates = {std::string_view("hidden"), std::string_view("stage"),
                                                  std::string_view("pool"), std::string_view("mel"),
                                                  std::string_view("input_features")};
    const bool intermediate =
        std::any_of(kIntermediates.begin(), kIntermediates.end(),
                    [array](std::string_view part) { return array.find(part) != std::string_view::npos; });
    return intermediate ? kIntermediateLimit : kFinalLimit;
}

ParityLine compare(std::string name, std::span<const float> ours, std::span<const float> expected,
                   double limit) {
    ParityLine line{.name = std::move(name),
                    .difference = std::numeric_limits<double>::infinity(),
                    .limit = limit,
                    .detail = {}};
    if (ours.size() != expected.size()) {
        line.detail =
            std::to_string(ours.size()) + " values, the reference has " + std::to_string(expected.size());
        return line;
    }
    if (expected.empty()) {
        line.detail = "the reference holds no values";
        return line;
    }
    double largest = 0;
    double largest_difference = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!std::isfinite(ours[i]) || !std::isfinite(expected[i])) {
            line.detail = std::string(std::isfinite(ours[i]) ? "the reference" : "ours") +
                          " is not finite at value " + std::to_string(i);
            return line;
        }
        largest = std::max(largest, std::abs(double{expected[i]}));
        largest_difference = std::max(largest_difference, std::abs(double{ours[i]} - double{expected[i]}));
    }
    // An array of zeros has no scale of its own: then the difference itself counts.
    line.difference = largest > 0 ? largest_difference / largest : largest_difference;
    line.ok = line.difference <= limit;
    return line;
}

ParityLine compare_ids(std::string name, std::span<const std::vector<std::int64_t>> ours,
                       std::span<const std::vector<std::int64_t>> expected) {
    if (ours.size() != expected.size() || expected.empty()) {
        return not_checked(std::move(name), std::to_string(ours.size()) + " rows, the reference has " +
                                                std::to_string(expected.size()));
    }
    std::size_t differing = 0;
    std::string first;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (ours[i] == expected[i]) continue;
        if (++differing == 1) first = "row " + std::to_string(i) + " is the first that differs";
    }
    return {.name = std::move(name),
            .difference = static_cast<double>(differing) / static_cast<double>(expected.size()),
            .limit = 0,
            .ok = differing == 0,
            .detail = std::move(first)};
}

ParityLine not_checked(std::string name, std::string why) {
    return {.name = std::move(name),
            .difference = std::numeric_limits<double>::infinity(),
            .detail = "not checked: " + std::move(why)};
}

}  // namespace bgm
