// The tracks that one listener had not long ago: what MySQL knows of, and what this process has picked for
// him and MySQL may not know yet.
//
// Kept by their place in the catalogue, which is looked up once for each reading of MySQL and each catalogue:
// a post reads numbers. Of one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/taste_table.hpp"
#include "fusion/catalogue/catalogue.hpp"
#include "schemas/bgm.pb.h"

namespace bgm {

class HadTracks {
 public:
    using Recent = std::shared_ptr<const std::vector<RecentTrack>>;

    /// As Listener::not_again wants it: those that he had after `since_ms` with another post than this one,
    /// of which another revision takes its own place. `recent` is what MySQL knows, or null.
    std::vector<std::uint32_t> not_again(const Catalogue& catalogue, const Recent& recent,
                                         std::string_view post_id, std::int64_t since_ms);
    /// What has been picked. Of many posts before the next reading of MySQL the newest kRecentTracksMax
    /// tracks are kept.
    void add(const Catalogue& catalogue, const v1::Pick& pick, std::int64_t at_ms);

    /// How many are kept, each post's track once.
    std::size_t kept() const { return places_.size(); }

 private:
    struct Place {
        std::uint32_t track = 0;
        bool given = false;  // picked by this process
        std::uint64_t post_key = 0;
        std::int64_t at_ms = 0;
    };
    static bool by_track(const Place& a, const Place& b);
    void look_up(const Catalogue& catalogue);

    Recent recent_{};
    std::string version_{};             // of the catalogue that the places are in
    std::vector<RecentTrack> given_{};  // by this process, the oldest first
    std::vector<Place> places_{};       // of both, by track and post
};

}  // namespace bgm
