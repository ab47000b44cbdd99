#include "daemon/cluster/replica_watch.hpp"

#include <algorithm>
#include <utility>

#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/store/mark_table.hpp"

namespace bgm {
namespace {

// A reader may rely on a mark for what is left of the time.
constexpr int kMarksInLag = 4;
constexpr std::chrono::milliseconds kHurriedPeriod{10};
// What is not read from is asked at least this often, however long a lag is forgiven.
constexpr std::chrono::milliseconds kPeriodUnlessFresh{500};

double seconds_since(Replica::Clock::time_point then) {
    return std::chrono::duration<double>(Replica::Clock::now() - then).count();
}

}  // namespace

std::unique_ptr<ReplicaWatch> ReplicaWatch::open(const MySqlOptions& primary,
                                                 const std::vector<MySqlOptions>& replicas,
                                                 std::chrono::milliseconds lag_max, EventLoop& loop,
                                                 Metrics& metrics) {
    if (replicas.empty()) return nullptr;
    return std::make_unique<ReplicaWatch>(primary, replicas, lag_max, loop, metrics);
}

ReplicaWatch::ReplicaWatch(const MySqlOptions& primary, const std::vector<MySqlOptions>& replicas,
                           std::chrono::milliseconds lag_max, EventLoop& loop, Metrics& metrics)
    : primary_(primary),
      period_(lag_max / kMarksInLag),
      loop_(loop),
      metrics_(metrics),
      sites_(replicas, lag_max) {
    for (const MySqlOptions& replica : replicas)
        reports_.push_back({.endpoint = HostPort{replica.host, replica.port}.text()});
    loop_.every(kHurriedPeriod, [this] { finish_settled(); });
    threads_.emplace_back([this](const std::stop_token& stop) { mark(stop); });
    for (std::size_t at = 0; at < replicas.size(); ++at)
        threads_.emplace_back([this, at](const std::stop_token& stop) { look(stop, at); });
}

ReplicaWatch::~ReplicaWatch() {
    for (std::jthread& thread : threads_)
        thread.request_stop();
}

std::vector<ReplicaWatch::Report> ReplicaWatch::reports() const {
    const MutexLock lock(mutex_);
    return reports_;
}

void ReplicaWatch::pause(const std::stop_token& stop, bool well) {
    const auto begun = Clock::now();
    MutexLock lock(mutex_);
    const auto hurried = [this]() BGM_REQUIRES(mutex_) { return hurry_; };
    if (hurried_.wait_until(lock, stop, begun + kHurriedPeriod, [] { return false; })) return;
    hurried_.wait_until(lock, stop, begun + (well ? period_ : std::min(period_, kPeriodUnlessFresh)),
                        hurried);
}

void ReplicaWatch::mark(const std::stop_token& stop) {
    name_this_thread("replicas");
    MySqlConnection connection(primary_);
    bool failing = false;
    while (!stop.stop_requested()) {
        const Status marked = MarkTable(connection).write(sites_.book.instance(), sites_.book.begin());
        if (!marked && !std::exchange(failing, true))
            log_warn("MySQL takes no mark: replicas are not read from",
                     {{"error", marked.error().to_string()}});
        failing = !marked.ok();
        pause(stop, marked.ok());
    }
}

void ReplicaWatch::look(const std::stop_token& stop, std::size_t at) {
    name_this_thread("replica");
    ReplicaSites::Site& site = sites_.sites[at];
    Replica replica(site.options, sites_.book, sites_.lag_max);
    const auto begun = Clock::now();
    while (!stop.stop_requested()) {
        const ReplicaState state = replica.look_anew();
        site.answers = state != ReplicaState::down;
        Report before;
        {
            const MutexLock lock(mutex_);
            Report& report = reports_[at];
            before = report;
            report.state = state;
            report.error = replica.error();
            report.holds = replica.holds();
        }
        metrics_.set_replica(before.endpoint, state == ReplicaState::fresh,
                             seconds_since(replica.holds().value_or(begun)));
        if (state != before.state && state == ReplicaState::fresh)
            log_info("a replica of MySQL is read from", {{"replica", before.endpoint}});
        if (state != before.state && state != ReplicaState::fresh)
            log_warn("a replica of MySQL is not read from", {{"replica", before.endpoint},
                                                             {"state", std::string(name(state))},
                                                             {"error", replica.error()}});
        pause(stop, state == ReplicaState::fresh);
    }
}

void ReplicaWatch::settle(std::function<void()> done) {
    settling_.push_back({.since = Clock::now(), .done = std::move(done)});
    {
        const MutexLock lock(mutex_);
        hurry_ = true;
    }
    hurried_.notify_all();
}

void ReplicaWatch::finish_settled() {
    if (settling_.empty()) return;
    const std::vector<Report> seen = reports();
    const auto now = Clock::now();
    std::vector<Settling> still;
    for (Settling& one : std::exchange(settling_, {})) {
        const bool everywhere = std::ranges::all_of(
            seen, [&](const Report& report) { return report.holds && *report.holds > one.since; });
        if (everywhere || now >= one.since + sites_.lag_max) {
            one.done();
        } else {
            still.push_back(std::move(one));
        }
    }
    settling_.insert(settling_.begin(), std::make_move_iterator(still.begin()),
                     std::make_move_iterator(still.end()));
    const MutexLock lock(mutex_);
    hurry_ = !settling_.empty();
}

}  // namespace bgm
