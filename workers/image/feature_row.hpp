// How one measurement enters the embedding. Every group of features has one array of these rows, in the order
// in which its function returns the values; the documentation and the head's fit go by the names.
#pragma once

#include <string_view>

namespace bgm {

struct FeatureRow {
    std::string_view name;
    float center;  // in the measurement's own unit: what an ordinary photo has
    float spread;  // the embedding holds (value - center) / spread, cut at -1 and 1
};

}  // namespace bgm
