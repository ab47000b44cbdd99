// Where the platform's catalogue lies: the `tracks` table, or, where there is no database, the JSONL file
// that the daemon reads.
//
// Not thread-safe. Writing is idempotent: after an error the same import can simply be run again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "fusion/catalogue/track.hpp"
#include "ops/bgmctl/console/context.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// Which tracks: all conditions must hold, an empty one always does.
struct TrackSearch {
    std::string text;   // contained in title, artist, album or track_id, whatever the case
    std::string genre;  // exactly this one
    bool matches(const Track& track) const;
};

class CatalogueStore {
 public:
    virtual ~CatalogueStore() = default;

    /// "the table tracks of database bgmd", "the file /etc/bgmd/catalogue.jsonl"
    virtual std::string description() const = 0;

    virtual Status for_each(const TrackSearch& filter, const std::function<void(Track&&)>& on_track) = 0;

    /// Inserts or replaces by track_id; later ones win. Nothing is certain before commit().
    virtual Status put(std::span<const Track> tracks) = 0;

    /// Makes what was put durable. With `replace`, tracks that were not put since the store was opened are
    /// taken out of service: inactive in the table, since picks go on naming them; gone from the file. The
    /// number of those.
    virtual Result<std::uint64_t> commit(bool replace) = 0;
};

enum class CatalogueUse { change, read };

/// MySQL where a database is configured, else the file; `invalid_argument` where neither is named. Whoever
/// only reads may be given a replica.
Result<std::unique_ptr<CatalogueStore>> open_catalogue_store(const BgmctlContext& context,
                                                             CatalogueUse use = CatalogueUse::change);

/// The file alone; what opening a store gives without a database. A file that does not exist yet is an empty
/// catalogue.
std::unique_ptr<CatalogueStore> catalogue_file_store(std::string path);

}  // namespace bgm
