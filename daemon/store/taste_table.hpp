// What is learnt of listeners, in MySQL: rows of `feedback` become rows of `user_taste`.
//
// A row of feedback is marked as learnt in the transaction that writes what was learnt from it: it counts
// once, whoever wrote it and whatever dies in between. Belongs to the thread of its connection, and connects
// by itself where that is not connected. Errors are those of connection.hpp.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/store/connection.hpp"
#include "fusion/catalogue/catalogue.hpp"
#include "fusion/taste/taste.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct ListenerKey {
    std::string tenant;
    std::string user_id;

    auto operator<=>(const ListenerKey&) const = default;
};

/// A track that a listener had not long ago, and with which post.
struct RecentTrack {
    std::string track_id;
    std::uint64_t post_key = 0;  // stable_hash() of the post's id
    std::int64_t at_ms = 0;
};

struct StoredListener {
    std::string user_id;
    std::optional<Taste> taste{};       // none: nothing is known
    std::vector<RecentTrack> recent{};  // at most kRecentTracksMax of his picks, and of his plays
};
inline constexpr std::size_t kRecentTracksMax = 500;

class TasteTable {
 public:
    /// Null: nothing is loaded for this tenant, and what it would teach waits.
    using CatalogueOf = std::function<const Catalogue*(const std::string& tenant)>;

    explicit TasteTable(MySqlConnection& connection) : connection_(connection) {}

    /// What is known of each user of a tenant, in the order of `user_ids`; what he had since `since_ms`. A
    /// taste that cannot be read is none.
    Result<std::vector<StoredListener>> read(const std::string& tenant, std::span<const std::string> user_ids,
                                             std::int64_t since_ms);

    struct Learnt {
        std::vector<ListenerKey> listeners{};  // whose taste has changed
        std::uint64_t counted = 0;
        std::uint64_t nothing = 0;  // weighs nothing: docs/taste.md says what does
    };
    /// One transaction of at most kLearntTogether rows; none left where both counts are 0.
    Result<Learnt> learn(const CatalogueOf& catalogue_of, std::int64_t now_ms);

    /// Learns again what has counted, with the tracks as they are now. False where there is no such listener.
    Result<bool> rebuild(const ListenerKey& listener, const CatalogueOf& catalogue_of);
    /// Whoever gave feedback or has a taste, in the order of their ids, behind `after`.
    Result<std::vector<std::string>> listeners(const std::string& tenant, const std::string& after,
                                               std::size_t limit);

 private:
    struct Reacted;
    Result<std::vector<Reacted>> waiting();
    Result<std::optional<Taste>> lock(const ListenerKey& listener, const CatalogueOf& catalogue_of);
    Result<std::optional<Taste>> replay(const ListenerKey& listener, const CatalogueOf& catalogue_of);
    Status write(const ListenerKey& listener, const Taste& taste);
    Status learn_once(const CatalogueOf& catalogue_of, std::int64_t now_ms, Learnt& learnt);

    MySqlConnection& connection_;
};

inline constexpr std::size_t kLearntTogether = 500;
/// So far ahead the clock of whoever tells may be.
inline constexpr std::int64_t kClockAheadMs = 5 * 60 * 1000;

}  // namespace bgm
