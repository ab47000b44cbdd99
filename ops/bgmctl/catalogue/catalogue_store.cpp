#include "ops/bgmctl/catalogue/catalogue_store.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "daemon/store/track_table.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "schemas/ascii.hpp"

namespace bgm {
namespace {

class TableStore : public CatalogueStore {
 public:
    TableStore(const BgmctlContext& context, CatalogueUse use)
        : context_(context),
          connection_(use == CatalogueUse::read ? reading_connection(context)
                                                : MySqlConnection(mysql_options(context))) {}

    std::string description() const override {
        return "the table tracks of database " + context_.settings.mysql.database;
    }

    Status for_each(const TrackSearch& filter, const std::function<void(Track&&)>& on_track) override {
        return advised(tracks_.for_each({.text = filter.text, .genre = filter.genre}, on_track));
    }

    Status put(std::span<const Track> tracks) override {
        for (const Track& track : tracks)
            put_ids_.insert(track.track_id);
        return advised(tracks_.upsert(tracks));
    }

    Result<std::uint64_t> commit(bool replace) override {
        if (!replace) return std::uint64_t{0};
        std::vector<Track> retired;
        auto listed = tracks_.for_each({.active_only = true}, [&](Track&& track) {
            if (put_ids_.contains(track.track_id)) return;
            track.active = false;
            retired.push_back(std::move(track));
        });
        if (!listed) return advised(listed).error();
        if (auto written = tracks_.upsert(retired); !written) return advised(written).error();
        return std::uint64_t{retired.size()};
    }

 private:
    Status advised(Status status) const {
        if (status) return status;
        return with_mysql_advice(context_, status.error());
    }

    const BgmctlContext& context_;
    MySqlConnection connection_;
    TrackTable tracks_{connection_};
    std::unordered_set<std::string> put_ids_;
};

}  // namespace

bool TrackSearch::matches(const Track& track) const {
    if (!genre.empty() && track.genre != genre) return false;
    if (text.empty()) return true;
    const std::string wanted = ascii_lower(text);
    const std::string* const places[] = {&track.title, &track.artist, &track.album, &track.track_id};
    return std::any_of(std::begin(places), std::end(places), [&](const std::string* place) {
        return ascii_lower(*place).find(wanted) != std::string::npos;
    });
}

Result<std::unique_ptr<CatalogueStore>> open_catalogue_store(const BgmctlContext& context, CatalogueUse use) {
    if (context.settings.mysql.configured())
        return std::unique_ptr<CatalogueStore>(new TableStore(context, use));
    if (!context.settings.catalogue_file.empty())
        return catalogue_file_store(context.settings.catalogue_file);
    return Error{ErrorCode::invalid_argument,
                 "where is the catalogue? Name the daemon's bgmd.toml with --config, a database with "
                 "--mysql-socket or "
                 "--mysql-host, or a file with --catalogue-file",
                 ""};
}

}  // namespace bgm
