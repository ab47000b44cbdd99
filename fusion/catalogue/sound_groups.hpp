// Tracks of a large catalogue that sound alike, in groups, so that a bound on a group's cosines with
// something rules it out as a whole.
//
// The groups are those of k-means (Lloyd 1982) on a sample, begun with vectors by chance and then with such
// as lie far from all centres (Bahmani et al. 2012), about 4 sqrt(n) of them.
//
// A member's cosine with a query is a t + sqrt(1 - a^2) sqrt(1 - t^2) r, where a and t are the cosines of
// member and query with the centre, and r is that of what is left of each at right angles to it. Of r nothing
// is known but how it is distributed: it is measured between tracks of the catalogue itself, once, and
// between the members of each group, so that the bound fits spaces of few real dimensions as well, and groups
// of several kinds of sound.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bgm {

/// Immutable once built; the same vectors give the same groups.
class SoundGroups {
 public:
    /// Of a track without a sound.
    static constexpr std::uint16_t kNone = 0xFFFF;

    SoundGroups() = default;
    /// Of vectors with a direction, one after the other. `order` becomes that in which they are to lie: by
    /// group.
    SoundGroups(std::span<const float> vectors, std::size_t width, std::vector<std::uint32_t>& order);

    std::size_t size() const { return reaches_.size(); }
    /// Where in the order the members of a group are: from begin(group) to before begin(group + 1).
    std::uint32_t begin(std::size_t group) const { return begins_[group]; }
    /// The group of each place in the order.
    std::vector<std::uint16_t> by_place() const;

    /// How sure a bound is: one cosine of a thousand is above `hardly`; of a quarter of a million that were
    /// looked at none was above `never`.
    enum class Sure : std::uint8_t { hardly, never };
    /// By group: what products of its members, scaled to length 1, do not exceed. `vector` has a direction.
    std::vector<float> most(std::span<const float> vector, Sure sure) const;

    std::size_t memory_bytes() const;

 private:
    struct Reach {
        float least = 1;  // of its members' cosines with the centre
        float most = -1;
        float left = 0;  // of r, between them
    };

    std::size_t width_ = 0;
    std::vector<float> centres_;  // of length 1
    std::vector<std::uint32_t> begins_;
    std::vector<Reach> reaches_;
    float hardly_ = 1;  // of r, see above
    float never_ = 1;
};

}  // namespace bgm
