// Which features get a vector: those that enough different training texts have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace bgm::train {

class Vocabulary {
 public:
    /// Counts each feature of one text once. `features` is sorted in place.
    void count(std::vector<std::uint32_t>& features);

    /// Keeps what at least `minimum` texts have, and forgets the counts.
    void close(std::uint32_t minimum);

    /// Ascending; the position of a feature is its row.
    const std::vector<std::uint32_t>& features() const { return features_; }

    /// The row of a feature that is kept.
    std::optional<std::uint32_t> row(std::uint32_t feature) const;

 private:
    std::unordered_map<std::uint32_t, std::uint32_t> counts_;
    std::unordered_map<std::uint32_t, std::uint32_t> row_of_;
    std::vector<std::uint32_t> features_;
};

}  // namespace bgm::train
