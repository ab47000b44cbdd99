#include "ops/lab/train/vocabulary.hpp"

#include <algorithm>

namespace bgm::train {

void Vocabulary::count(std::vector<std::uint32_t>& features) {
    std::sort(features.begin(), features.end());
    features.erase(std::unique(features.begin(), features.end()), features.end());
    for (std::uint32_t feature : features)
        ++counts_[feature];
}

void Vocabulary::close(std::uint32_t minimum) {
    features_.clear();
    for (const auto& [feature, count] : counts_) {
        if (count >= minimum) features_.push_back(feature);
    }
    std::sort(features_.begin(), features_.end());
    row_of_.clear();
    row_of_.reserve(features_.size());
    for (std::uint32_t row = 0; row < features_.size(); ++row)
        row_of_.emplace(features_[row], row);
    counts_ = {};
}

std::optional<std::uint32_t> Vocabulary::row(std::uint32_t feature) const {
    const auto found = row_of_.find(feature);
    return found == row_of_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace bgm::train
