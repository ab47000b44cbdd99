#include "fusion/catalogue/sound_groups.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fusion/catalogue/scan.hpp"
#include "fusion/catalogue/sign_codes.hpp"
#include "fusion/catalogue/sound_space.hpp"
#include "fusion/stable_hash.hpp"

namespace bgm {
namespace {

// Groups of so many, unless that would be more groups than this, or than 4 sqrt(n).
constexpr std::size_t kMembers = 32;
constexpr std::size_t kGroups = 4'096;
constexpr std::size_t kGroupsMax = 16'384;
constexpr std::size_t kSampledPerGroup = 12;
// How far an estimated cosine may be below the best estimate, for its centre to be compared exactly.
constexpr float kEstimateMargin = 0.15F;
constexpr std::uint64_t kSeed = 0x50D5;  // which sample: any, but always the same

using Vector = std::vector<float>;

/// Of length 1.
void make_unit(Vector& vector) {
    const float length = length_of(vector);
    for (float& number : vector)
        number /= length;
}

struct Nearest {
    std::uint32_t centre = 0;
    float cosine = -1;
};

/// The vectors that are to be grouped, as they are given.
class Vectors {
 public:
    Vectors(std::span<const float> numbers, std::size_t width) : numbers_(numbers), width_(width) {}
    std::size_t size() const { return numbers_.size() / width_; }
    std::size_t width() const { return width_; }
    void read(std::size_t index, Vector& unit) const {
        const auto from = numbers_.subspan(index * width_, width_);
        unit.assign(from.begin(), from.end());
        make_unit(unit);
    }

 private:
    std::span<const float> numbers_;
    std::size_t width_;
};

class Centres {
 public:
    explicit Centres(std::size_t width) : width_(width), codes_(width) {}

    void add(std::span<const float> unit) {
        numbers_.insert(numbers_.end(), unit.begin(), unit.end());
        codes_.add(unit);
    }
    std::size_t size() const { return codes_.size(); }
    std::span<const float> at(std::size_t centre) const {
        return std::span(numbers_).subspan(centre * width_, width_);
    }
    const Vector& numbers() const { return numbers_; }

    Nearest nearest(std::span<const float> unit) {
        const SignCodes::Query query = codes_.query(unit);
        estimates_.resize(codes_.blocks());
        best_.resize(codes_.blocks());
        for (std::size_t block = 0; block < codes_.blocks(); ++block) {
            estimates_[block] = codes_.cosines(block, query);
            best_[block] = largest(estimates_[block]);
        }
        const float enough = *std::max_element(best_.begin(), best_.end()) - kEstimateMargin;
        Nearest nearest;
        for (std::size_t block = 0; block < codes_.blocks(); ++block) {
            if (best_[block] < enough) continue;
            const std::size_t first = block * SignCodes::kBlock;
            for (std::size_t lane = 0; lane < std::min(SignCodes::kBlock, size() - first); ++lane) {
                if (estimates_[block][lane] < enough) continue;
                const float cosine = dot(at(first + lane), unit);
                if (cosine > nearest.cosine)
                    nearest = {.centre = static_cast<std::uint32_t>(first + lane), .cosine = cosine};
            }
        }
        return nearest;
    }

 private:
    std::size_t width_;
    Vector numbers_;
    SignCodes codes_;
    std::vector<SignCodes::Cosines> estimates_;  // room to work in
    std::vector<float> best_;                    // of a block
};

template <typename Indices>
std::vector<Nearest> nearest_of(const Vectors& vectors, const Indices& indices, Centres& centres) {
    std::vector<Nearest> all;
    all.reserve(indices.size());
    Vector unit;
    for (const std::uint32_t index : indices) {
        vectors.read(index, unit);
        all.push_back(centres.nearest(unit));
    }
    return all;
}

/// The means of what is nearest to each; one to which nothing is stays.
template <typename Indices>
Centres means_of(const Vectors& vectors, const Indices& indices, const std::vector<Nearest>& nearest,
                 const Centres& centres) {
    std::vector<Vector> sums(centres.size(), Vector(vectors.width(), 0));
    Vector unit;
    std::size_t at = 0;
    for (const std::uint32_t index : indices) {
        vectors.read(index, unit);
        Vector& sum = sums[nearest[at++].centre];
        for (std::size_t i = 0; i < unit.size(); ++i)
            sum[i] += unit[i];
    }
    Centres means(vectors.width());
    for (std::size_t centre = 0; centre < sums.size(); ++centre) {
        if (has_direction(sums[centre])) {
            make_unit(sums[centre]);
            means.add(sums[centre]);
        } else {
            means.add(centres.at(centre));
        }
    }
    return means;
}

/// `more` centres of those of the sample that lie farthest from all there are: of the farthest quarter, for
/// the very farthest may be like nothing at all.
void add_far_ones(const Vectors& vectors, const std::vector<std::uint32_t>& sample, std::size_t more,
                  Centres& centres) {
    const std::vector<Nearest> nearest = nearest_of(vectors, sample, centres);
    std::vector<std::uint32_t> far(sample.size());
    std::iota(far.begin(), far.end(), 0U);
    const auto end = far.begin() + static_cast<std::ptrdiff_t>(std::max(sample.size() / 4, more));
    std::nth_element(far.begin(), end - 1, far.end(), [&](std::uint32_t a, std::uint32_t b) {
        return nearest[a].cosine != nearest[b].cosine ? nearest[a].cosine < nearest[b].cosine : a < b;
    });
    far.erase(end, far.end());
    std::sort(far.begin(), far.end());
    Vector unit;
    for (std::size_t i = 0; i < more; ++i) {
        vectors.read(sample[far[i * far.size() / more]], unit);
        centres.add(unit);
    }
}

Centres find_centres(const Vectors& vectors) {
    const auto root = static_cast<std::size_t>(4 * std::sqrt(static_cast<double>(vectors.size())));
    const std::size_t wanted =
        std::clamp<std::size_t>(vectors.size() / kMembers, 1, std::clamp(root, kGroups, kGroupsMax));
    std::vector<std::uint32_t> sample(std::min(vectors.size(), kSampledPerGroup * wanted));
    for (std::size_t i = 0; i < sample.size(); ++i)
        sample[i] = static_cast<std::uint32_t>(mix64(kSeed + i) % vectors.size());
    Centres centres(vectors.width());
    Vector unit;
    for (std::size_t i = 0; i < (wanted + 1) / 2; ++i) {
        vectors.read(sample[i], unit);
        centres.add(unit);
    }
    for (const std::size_t size : {(3 * wanted + 3) / 4, wanted})
        add_far_ones(vectors, sample, size - centres.size(), centres);
    for (int round = 0; round < 2; ++round)
        centres = means_of(vectors, sample, nearest_of(vectors, sample, centres), centres);
    return centres;
}

/// The r of many pairs.
std::vector<float> what_is_left(const Vectors& vectors, const std::vector<Nearest>& nearest,
                                const Centres& centres) {
    constexpr std::size_t kQueries = 64;
    constexpr std::size_t kOthers = 4096;
    std::vector<float> all;
    all.reserve(kQueries * kOthers);
    Vector query;
    Vector other;
    for (std::size_t q = 0; q < kQueries; ++q) {
        const std::size_t one = mix64(kSeed - 1 - q) % vectors.size();
        vectors.read(one, query);
        for (std::size_t i = 0; i < std::min(kOthers, vectors.size()); ++i) {
            const std::size_t index = mix64(kSeed + q * kOthers + i) % vectors.size();
            vectors.read(index, other);
            const std::span<const float> centre = centres.at(nearest[index].centre);
            const float a = dot(centre, other);
            const float t = dot(centre, query);
            const float sides = std::sqrt(std::max(1 - a * a, 0.0F) * std::max(1 - t * t, 0.0F));
            if (index != one && sides > 1e-3F) all.push_back((dot(query, other) - a * t) / sides);
        }
    }
    return all;
}

/// The r that nine of ten members of a group do not exceed with the one of some others that it has most of:
/// large where the group is made of several kinds of sound. The tenth may be the same recording twice.
float left_within(const Vectors& vectors, std::span<const std::uint32_t> members,
                  std::span<const float> centre) {
    constexpr std::size_t kOthers = 24;
    const std::size_t size = std::min(kOthers, members.size());
    std::vector<Vector> units(size);
    std::vector<float> cosines(size);
    for (std::size_t i = 0; i < size; ++i) {
        vectors.read(members[i * members.size() / size], units[i]);
        cosines[i] = dot(units[i], centre);
    }
    std::vector<float> most(size, 0);
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const float a = cosines[i];
            const float b = cosines[j];
            const float sides = std::sqrt(std::max(1 - a * a, 0.0F) * std::max(1 - b * b, 0.0F));
            if (!(sides > 1e-3F)) continue;
            const float r = (dot(units[i], units[j]) - a * b) / sides;
            most[i] = std::max(most[i], r);
            most[j] = std::max(most[j], r);
        }
    }
    if (size == 0) return 0;
    const auto usual = most.end() - 1 - static_cast<std::ptrdiff_t>(size / 10);
    std::nth_element(most.begin(), usual, most.end());
    return std::clamp(*usual, 0.0F, 1.0F);
}

}  // namespace

SoundGroups::SoundGroups(std::span<const float> vectors, std::size_t width, std::vector<std::uint32_t>& order)
    : width_(width) {
    const Vectors all(vectors, width);
    order.resize(all.size());
    std::iota(order.begin(), order.end(), 0U);
    if (order.empty()) return;
    Centres centres = find_centres(all);
    const std::vector<Nearest> nearest = nearest_of(all, order, centres);
    centres = means_of(all, order, nearest, centres);
    begins_.assign(centres.size() + 1, 0);
    for (const Nearest& one : nearest)
        ++begins_[one.centre + 1];
    std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
    std::vector<std::uint32_t> next = begins_;
    for (std::uint32_t index = 0; index < nearest.size(); ++index)
        order[next[nearest[index].centre]++] = index;
    reaches_.resize(centres.size());
    Vector unit;
    for (std::uint32_t index = 0; index < nearest.size(); ++index) {
        all.read(index, unit);
        const float cosine = dot(unit, centres.at(nearest[index].centre));
        Reach& reach = reaches_[nearest[index].centre];
        reach.least = std::min(reach.least, cosine);
        reach.most = std::max(reach.most, cosine);
    }
    for (std::size_t group = 0; group < size(); ++group)
        reaches_[group].left =
            left_within(all, std::span(order).subspan(begins_[group], begins_[group + 1] - begins_[group]),
                        centres.at(group));
    std::vector<float> left = what_is_left(all, nearest, centres);
    if (!left.empty()) {
        const auto usual = left.end() - 1 - static_cast<std::ptrdiff_t>(left.size() / 1000);
        std::nth_element(left.begin(), usual, left.end());
        hardly_ = std::clamp(*usual, 0.0F, 1.0F);
        never_ = std::clamp(*std::max_element(usual, left.end()), 0.0F, 1.0F);
    }
    centres_ = centres.numbers();
}

std::vector<std::uint16_t> SoundGroups::by_place() const {
    std::vector<std::uint16_t> all;
    if (begins_.empty()) return all;
    all.reserve(begins_.back());
    for (std::size_t group = 0; group < size(); ++group)
        all.resize(begins_[group + 1], static_cast<std::uint16_t>(group));
    return all;
}

std::vector<float> SoundGroups::most(std::span<const float> vector, Sure sure) const {
    const float length = length_of(vector);
    const float between = sure == Sure::hardly ? hardly_ : never_;
    constexpr float kRounding = 1e-5F;
    std::vector<float> all;
    all.reserve(size());
    for (std::size_t group = 0; group < size(); ++group) {
        const float t = dot(std::span(centres_).subspan(group * width_, width_), vector) / length;
        const float left = std::max(between, reaches_[group].left);
        const float side = left * std::sqrt(std::max(1 - t * t, 0.0F));
        // Where a t + side sqrt(1 - a^2) is largest.
        const float steepest = std::sqrt(t * t + side * side);
        const float a = std::clamp(steepest > 0 ? t / steepest : 0, reaches_[group].least,
                                   std::max(reaches_[group].least, reaches_[group].most));
        const float cosine = a * t + side * std::sqrt(std::max(1 - a * a, 0.0F));
        all.push_back(length * (std::min(cosine, 1.0F) + kRounding));
    }
    return all;
}

std::size_t SoundGroups::memory_bytes() const {
    return centres_.capacity() * sizeof(float) + begins_.capacity() * sizeof(std::uint32_t) +
           reaches_.capacity() * sizeof(Reach);
}

}  // namespace bgm
