// Feedback becomes taste: a thread with a connection of its own looks for rows that nobody has learnt from,
// once a second and whenever it is told of some.
//
// Tracks are those of the catalogue that serves the tenant; before there is one, feedback waits. Belongs to
// the loop's thread, where every callback runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/event_loop.hpp"
#include "daemon/base/metrics.hpp"
#include "daemon/base/question_queue.hpp"
#include "daemon/config.hpp"
#include "daemon/store/taste_table.hpp"
#include "fusion/catalogue/catalogue_set.hpp"

namespace bgm {

class TasteLearner {
 public:
    using OnChanged = std::function<void(const std::vector<ListenerKey>&)>;

    TasteLearner(const Config& config, EventLoop& loop, Metrics& metrics, OnChanged on_changed);
    /// Ends after the rows in hand; calls nothing any more.
    ~TasteLearner();
    TasteLearner(const TasteLearner&) = delete;
    TasteLearner& operator=(const TasteLearner&) = delete;

    void set_catalogues(std::shared_ptr<const CatalogueSet> catalogues);
    /// Feedback has been stored.
    void wake();

    struct Rebuilt {
        std::size_t listeners = 0;  // that have a taste now
        std::string next{};         // behind whom to go on; empty: that was all
    };
    /// Of one listener, or of the tenant's next some behind `after` where `user_id` is empty.
    void rebuild(ListenerKey listener, std::string after, std::function<void(Result<Rebuilt>)> done);
    void show(ListenerKey listener, std::function<void(Result<StoredListener>)> done);

 private:
    struct Store;

    void run(const std::stop_token& stop);
    void learn_all(Store& store, const std::stop_token& stop);
    Result<Rebuilt> rebuild_some(Store& store, const ListenerKey& listener, const std::string& after);

    const Config& config_;
    EventLoop& loop_;
    Metrics& metrics_;
    const OnChanged on_changed_;
    bool failing_ = false;                            // the thread's own
    std::shared_ptr<const CatalogueSet> catalogues_;  // the same
    QuestionQueue<Store&> questions_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace bgm
