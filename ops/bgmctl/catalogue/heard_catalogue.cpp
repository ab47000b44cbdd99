#include "ops/bgmctl/catalogue/heard_catalogue.hpp"

#include "daemon/store/heard_tracks.hpp"
#include "fusion/catalogue/catalogue_builder.hpp"
#include "ops/bgmctl/catalogue/catalogue_store.hpp"
#include "ops/bgmctl/catalogue/database.hpp"
#include "schemas/track_model.hpp"

namespace bgm {

Result<Catalogue> heard_catalogue(const BgmctlContext& context) {
    MySqlConnection connection = reading_connection(context);
    CatalogueBuilder builder;
    Status added = ok_status();
    const Status read =
        HeardTracks(connection)
            .for_each(kTrackModel, [&](Track&& track, const TrackSound* sound, std::string_view) {
                if (Status done = builder.add(track, sound); !done) added = std::move(done);
            });
    if (!read) return with_mysql_advice(context, read.error());
    if (!added) return added.error();
    return builder.finish();
}

Result<Catalogue> any_catalogue(const BgmctlContext& context) {
    if (context.settings.mysql.configured()) return heard_catalogue(context);
    auto store = open_catalogue_store(context, CatalogueUse::read);
    if (!store) return store.error();
    CatalogueBuilder builder;
    Status added = ok_status();
    const Status read = (*store)->for_each({}, [&](Track&& track) {
        if (Status done = builder.add(track); !done) added = std::move(done);
    });
    if (!read) return read.error();
    if (!added) return added.error();
    return builder.finish();
}

Result<std::uint32_t> find_active(const Catalogue& catalogue, const std::string& track_id) {
    const auto index = catalogue.find(track_id);
    if (index) return *index;
    return Error{
        .code = ErrorCode::not_found, .message = "is no active track of the catalogue", .field = track_id};
}

}  // namespace bgm
