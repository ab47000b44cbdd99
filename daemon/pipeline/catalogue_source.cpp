#include "daemon/pipeline/catalogue_source.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/base/log.hpp"
#include "daemon/store/heard_tracks.hpp"
#include "daemon/store/mysql_options.hpp"
#include "daemon/store/pick_table.hpp"
#include "fusion/catalogue/catalogue_builder.hpp"
#include "fusion/catalogue/catalogue_reader.hpp"
#include "fusion/catalogue/text_encoding.hpp"
#include "fusion/catalogue/track_row.hpp"
#include "schemas/track_model.hpp"

namespace bgm {
namespace {

std::string cache_file(const Config& config) {
    return config.data_dir + "/catalogue.jsonl";
}

std::string file_version(const std::string& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    const auto time = std::filesystem::last_write_time(file, error).time_since_epoch().count();
    return error ? "" : std::to_string(size) + "@" + std::to_string(time);
}

}  // namespace

struct CatalogueSource::Store {
    Store(const Config& config, ReplicaSites* replicas, StaleReads::OnOutcome on_replica_read)
        : connection(mysql_options(config)), reads(connection, replicas, std::move(on_replica_read)) {}
    MySqlConnection connection;
    HeardTracks tracks{connection};
    StaleReads reads;
};

CatalogueSource::CatalogueSource(const Config& config, EventLoop& loop, OnCatalogue on_catalogue,
                                 ReplicaSites* replicas, StaleReads::OnOutcome on_replica_read)
    : config_(config),
      loop_(loop),
      on_catalogue_(std::move(on_catalogue)),
      replicas_(replicas),
      on_replica_read_(std::move(on_replica_read)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

CatalogueSource::~CatalogueSource() {
    thread_.request_stop();
    thread_.join();
}

void CatalogueSource::reload(OnReloaded done) {
    questions_.push([this, done = std::move(done)](Store* store) {
        loop_.post([done, status = load(store)] { done(status); });
    });
}

void CatalogueSource::find_pick(std::string tenant, std::string post_id, std::uint32_t revision_min,
                                OnPick done) {
    using Found = std::optional<v1::Pick>;
    questions_.push([this, tenant = std::move(tenant), post_id = std::move(post_id), revision_min,
                     done = std::move(done)](Store* store) {
        Result<Found> pick = Found();
        if (store != nullptr)
            pick = store->reads.ask<Found>(
                [&](MySqlConnection& at) { return PickTable(at).find(tenant, post_id); },
                [&](const Found& found) { return found && found->revision() >= revision_min; });
        loop_.post([done, pick] { done(pick); });
    });
}

void CatalogueSource::run(const std::stop_token& stop) {
    std::unique_ptr<Store> store;
    if (config_.mysql.enabled()) store = std::make_unique<Store>(config_, replicas_, on_replica_read_);
    bool failing = false;
    auto due = std::chrono::steady_clock::now();
    while (!stop.stop_requested()) {
        if (std::chrono::steady_clock::now() >= due) {
            const Status loaded = load(store.get());
            if (!loaded && !failing)
                log_warn("catalogue cannot be read", {{"error", loaded.error().to_string()}});
            failing = !loaded;
            // Without any catalogue nothing can be picked: then it is looked for more often.
            const auto period = std::chrono::milliseconds(config_.catalogue.refresh_ms);
            due = std::chrono::steady_clock::now() +
                  (loaded_version_.empty() ? std::min(period, std::chrono::milliseconds(250)) : period);
        }
        if (const auto question = questions_.next(stop, due)) (*question)(store.get());
    }
}

Status CatalogueSource::load(Store* store) {
    if (store == nullptr) return load_file(config_.catalogue.file);
    const Status loaded = load_mysql(*store);
    if (!loaded && loaded_version_.empty() && std::filesystem::exists(cache_file(config_))) {
        log_warn("MySQL is away: the catalogue of the last run is used",
                 {{"error", loaded.error().to_string()}});
        if (auto cached = load_file(cache_file(config_)); !cached) return cached;
    }
    return loaded;
}

Status CatalogueSource::load_file(const std::string& file) {
    const std::string version = file_version(file);
    if (version.empty())
        return Error{.code = ErrorCode::not_found, .message = "cannot be read", .field = file};
    if (version == loaded_version_) return ok_status();
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(stream), {});
    const auto decoded = decode_text(bytes);
    if (!decoded)
        return Error{.code = decoded.error().code, .message = decoded.error().message, .field = file};
    if (decoded->encoding != "UTF-8")
        log_info("the catalogue file is not UTF-8", {{"file", file}, {"encoding", decoded->encoding}});
    CatalogueBuilder builder;
    Status added = ok_status();
    auto report = read_tracks(decoded->text(), CatalogueFormat::jsonl, own_columns(), [&](Track&& track) {
        if (auto done = builder.add(track); !done) added = done;
    });
    if (!report) return report.error();
    if (!added) return added;
    return hand_over(builder, version);
}

Status CatalogueSource::load_mysql(Store& store) {
    auto version = store.tracks.version();
    if (!version) return version.error();
    if (*version == loaded_version_) return ok_status();
    CatalogueBuilder builder;
    Status added = ok_status();
    const std::string cache = cache_file(config_);
    std::ofstream copy(cache + ".new", std::ios::binary);
    const auto take = [&](Track&& track, const TrackSound* sound, const std::string& model) {
        copy << to_json_line(track) << '\n';
        if (auto done = builder.add(track, sound); !done) added = done;
        if (sound == nullptr && !model.empty()) builder.ignore_analysis(track.track_id, model);
    };
    const Status read = store.tracks.for_each(kTrackModel, take);
    if (!read) return read;
    if (!added) return added;
    copy.close();
    std::error_code error;
    if (copy) std::filesystem::rename(cache + ".new", cache, error);
    if (!copy || error) log_warn("the copy of the catalogue cannot be written", {{"file", cache}});
    return hand_over(builder, *version);
}

Status CatalogueSource::hand_over(CatalogueBuilder& builder, const std::string& version) {
    auto built = builder.finish();
    if (!built) return built.error();
    auto catalogue = std::make_shared<const Catalogue>(std::move(*built));
    loaded_version_ = version;
    const HeardCounts& heard = catalogue->heard();
    log_info("catalogue loaded", {{"tracks", std::to_string(catalogue->size())},
                                  {"heard", std::to_string(heard.used)},
                                  {"version", catalogue->version()}});
    if (heard.other_model > 0) {
        log_warn("analyses by another model are not used: run bgmctl catalogue analyse",
                 {{"tracks", std::to_string(heard.other_model)},
                  {"example", heard.other_model_example},
                  {"model", std::string(kTrackModel)}});
    }
    if (heard.other_space > 0) {
        log_warn("tracks cannot be compared by ear: their embeddings are not of the catalogue's space",
                 {{"tracks", std::to_string(heard.other_space)},
                  {"example", heard.other_space_example},
                  {"space", catalogue->sounds().model()},
                  {"numbers", std::to_string(catalogue->sounds().width())}});
    }
    const std::string& space = catalogue->sounds().model();
    const bool builtin = config_.models.preset == "builtin";
    if (!space.empty() && builtin != space.starts_with(kBuiltinModels)) {
        log_warn("posts cannot be compared with tracks by ear: run bgmctl catalogue analyse for this preset",
                 {{"preset", config_.models.preset}, {"space", space}});
    }
    loop_.post([this, catalogue] { on_catalogue_(catalogue); });
    return ok_status();
}

}  // namespace bgm
