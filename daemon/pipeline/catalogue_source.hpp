// Where the catalogue comes from: the `tracks` table where there is MySQL, else a JSONL file.
//
// With MySQL, what was heard in a track (`track_analysis`) comes with it. A thread looks for changes of both,
// builds the new index beside the one in use and hands it over. What was last read from MySQL is kept in
// data_dir/catalogue.jsonl, so that a start without MySQL still has the platform's own tracks, as written.
// The same thread, and its connection, answers questions about picks that have left the journal.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/question_queue.hpp"
#include "daemon/config.hpp"
#include "daemon/store/stale_reads.hpp"
#include "fusion/catalogue/catalogue.hpp"
#include "schemas/bgm.pb.h"
#include "schemas/result.hpp"

namespace bgm {

class CatalogueBuilder;

class CatalogueSource {
 public:
    using OnCatalogue = std::function<void(std::shared_ptr<const Catalogue>)>;
    using OnReloaded = std::function<void(Status)>;
    using OnPick = std::function<void(Result<std::optional<v1::Pick>>)>;

    /// Every callback runs on the loop's thread, but `on_replica_read`: see StaleReads. `replicas` may be
    /// null.
    CatalogueSource(const Config& config, EventLoop& loop, OnCatalogue on_catalogue,
                    ReplicaSites* replicas = nullptr, StaleReads::OnOutcome on_replica_read = {});
    ~CatalogueSource();
    CatalogueSource(const CatalogueSource&) = delete;
    CatalogueSource& operator=(const CatalogueSource&) = delete;

    /// Looks for changes now.
    void reload(OnReloaded done);
    /// Asks MySQL, or a replica where that has this revision at least; always nothing where there is none.
    void find_pick(std::string tenant, std::string post_id, std::uint32_t revision_min, OnPick done);

 private:
    struct Store;

    void run(const std::stop_token& stop);
    Status load(Store* store);
    Status load_file(const std::string& file);
    Status load_mysql(Store& store);
    Status hand_over(CatalogueBuilder& builder, const std::string& version);

    const Config& config_;
    EventLoop& loop_;
    const OnCatalogue on_catalogue_;
    ReplicaSites* const replicas_;
    const StaleReads::OnOutcome on_replica_read_;
    std::string loaded_version_;  // of the source; the thread's own
    QuestionQueue<Store*> questions_;
    std::jthread thread_;
};

}  // namespace bgm
