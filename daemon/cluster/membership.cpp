#include "daemon/cluster/membership.hpp"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "daemon/base/log.hpp"
#include "daemon/base/this_thread.hpp"
#include "daemon/store/migrations.hpp"

namespace bgm {
namespace {

constexpr std::chrono::microseconds kSkewMax = std::chrono::seconds(2);
// After MySQL was away everybody has to be seen again before anybody is missed.
constexpr std::chrono::seconds kGrace = kLiveWithin + std::chrono::seconds(1);

std::int64_t clock_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Status check_clock(HostTable& table) {
    // The first answer may hold a connection's making.
    if (const auto first = table.clock_us(); !first) return first.error();
    const std::int64_t before = clock_us();
    const auto server = table.clock_us();
    if (!server) return server.error();
    const std::int64_t after = clock_us();
    const std::int64_t ahead = (before + after) / 2 - *server;
    if (std::abs(ahead) - (after - before) / 2 <= kSkewMax.count()) return ok_status();
    const std::string by = std::to_string(std::abs(ahead) / 1'000'000) + " s";
    return Error{
        ErrorCode::invalid_argument,
        "this host's clock is " + by + (ahead > 0 ? " ahead of" : " behind") +
            " MySQL's: let an NTP client keep the clocks of all hosts (timedatectl set-ntp true), and "
            "start bgmd again",
        "queue.kind"};
}

// Of this host, not of MySQL's account, which an operator may mend while bgmd runs.
bool refused(const Status& status) {
    return !status && status.error().code == ErrorCode::invalid_argument &&
           status.error().field.starts_with("queue.");
}

bool same_hosts(const std::vector<HostRow>& left, const std::vector<HostRow>& right) {
    return std::ranges::equal(left, right, [](const HostRow& one, const HostRow& other) {
        return one.name == other.name && one.instance == other.instance && one.draining == other.draining;
    });
}

}  // namespace

Membership::Membership(Options options, EventLoop& loop, Hooks hooks)
    : options_(std::move(options)), loop_(loop), hooks_(std::move(hooks)), connection_(options_.mysql) {}

Result<std::unique_ptr<Membership>> Membership::open(Options options, EventLoop& loop, Hooks hooks) {
    std::unique_ptr<Membership> membership(new Membership(std::move(options), loop, std::move(hooks)));
    const Status prepared = membership->prepare();
    if (refused(prepared)) return prepared.error();
    if (!prepared)
        log_warn("MySQL does not say who else is there; nothing is taken from the queue until it does",
                 {{"error", prepared.error().to_string()}});
    membership->failing_ = !prepared.ok();
    if (!prepared) membership->error_ = prepared.error().to_string();
    loop.every(membership->options_.period, [raw = membership.get()] {
        std::string status = raw->hooks_.status ? raw->hooks_.status() : "{}";
        // The column takes nothing else, and a beat must not fail for it.
        if (status.size() > kHostStatusBytesMax || !nlohmann::json::accept(status)) status = "{}";
        const MutexLock lock(raw->mutex_);
        raw->status_ = std::move(status);
    });
    membership->thread_ =
        std::jthread([raw = membership.get()](const std::stop_token& stop) { raw->run(stop); });
    return membership;
}

Membership::~Membership() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

void Membership::drain() {
    {
        const MutexLock lock(mutex_);
        draining_ = beat_now_ = true;
    }
    changed_.notify_one();
}

Status Membership::prepare() {
    if (Status fine = check_clock(table_); !fine) return fine;
    if (options_.migrate) {
        if (const auto migrated = migrate(options_.mysql); !migrated) return migrated.error();
    }
    const std::string own = std::to_string(options_.partitions);
    const auto partitions = table_.setting("partitions", own);
    if (!partitions) return partitions.error();
    if (*partitions != own)
        return Error{
            ErrorCode::invalid_argument,
            "is " + own + " here and " + *partitions +
                " on the other hosts: posts would lose their order. Set it to " + *partitions +
                ", or stop every bgmd with the queues empty, DELETE FROM cluster_settings, and start them "
                "all with the new number",
            "queue.partitions"};
    prepared_ = true;
    return ok_status();
}

Status Membership::beat() {
    HostBeat own{.run = options_.run, .announced_over = hooks_.announced_over ? hooks_.announced_over() : 0};
    {
        const MutexLock lock(mutex_);
        own.draining = draining_;
        own.status = status_;
        beat_now_ = false;
    }
    if (Status beaten = table_.beat(own); !beaten) return beaten;
    auto hosts = table_.all();
    if (!hosts) return hosts.error();
    Status withdrawn = withdraw_lost(*hosts);
    look(*std::move(hosts));
    return withdrawn;
}

Status Membership::withdraw_lost(const std::vector<HostRow>& hosts) {
    for (const HostRow& host : hosts) {
        if (host.announced == 0 || host.seen()) continue;
        const auto withdrawn = table_.withdraw(host);
        if (!withdrawn) return withdrawn.error();
        if (*withdrawn) log_info("events no longer wait for a host that is lost", {{"host", host.name}});
    }
    return ok_status();
}

void Membership::look(std::vector<HostRow> hosts) {
    std::vector<HostRow> there;
    const auto now = Clock::now();
    // It was away, or so slow that nobody could beat.
    if (now - looked_ > kLiveWithin / 2) well_since_ = now;
    looked_ = now;
    const bool soon = now - well_since_ < kGrace;
    for (const HostRow& host : hosts) {
        const bool was_there = std::ranges::any_of(there_, [&](const HostRow& each) {
            return each.name == host.name && each.instance == host.instance;
        });
        if (host.live() || (soon && was_there && !host.gone)) there.push_back(host);
    }
    const bool changed = !same_hosts(there, there_);
    there_ = there;
    loop_.post([this, hosts = std::move(hosts), there = std::move(there), changed, now] {
        hosts_ = hosts;
        hosts_at_ = now;
        if (changed) hooks_.on_hosts(there);
    });
}

HostsSeen Membership::seen() const {
    return {.hosts = hosts_,
            .ago = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - hosts_at_),
            .error = error_};
}

void Membership::run(const std::stop_token& stop) {
    name_this_thread("membership");
    while (!stop.stop_requested()) {
        Status done = prepared_ ? ok_status() : prepare();
        if (refused(done)) {
            loop_.post([this, error = done.error()] {
                if (hooks_.on_refused) hooks_.on_refused(error);
            });
            return;
        }
        const auto begun = Clock::now();
        if (done) done = beat();
        if (done && failing_) log_info("MySQL says again who else is there");
        if (!done && !failing_)
            log_warn("MySQL does not say who else is there; whoever was there is taken to be there still",
                     {{"error", done.error().to_string()}});
        failing_ = !done.ok();
        loop_.post([this, error = done ? "" : done.error().to_string()] { error_ = error; });
        MutexLock lock(mutex_);
        changed_.wait_until(lock, stop, begun + options_.period,
                            [this]() BGM_REQUIRES(mutex_) { return beat_now_; });
    }
    if (!prepared_) return;
    if (Status left = table_.leave(options_.run); !left)
        log_warn("the other hosts will miss this one before they go on without it",
                 {{"error", left.error().to_string()}});
}

}  // namespace bgm
