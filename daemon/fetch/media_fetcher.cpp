#include "daemon/fetch/media_fetcher.hpp"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <thread>

#include "daemon/fetch/transfer.hpp"
#include "schemas/mutex.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kResolverThreads = 4;
constexpr std::chrono::milliseconds kPollMax{1'000};  // a wake-up ends the wait in any case
constexpr std::chrono::milliseconds kMemoryPoll{20};  // nobody wakes us when a body is let go

struct Job {
    FetchRequest request;
    MediaFetcher::Done done;
    WebUrl url;
    std::vector<IpAddress> addresses;
    int redirects = 0;
    int attempts = 0;
    FetchReport report;
    Clock::time_point asked;
    Clock::time_point deadline;  // of the whole, from its first transfer on
    Clock::time_point not_before;
    std::unique_ptr<Transfer> transfer;  // while one is under way
};
using Jobs = std::list<Job>;

struct Resolved {
    Jobs job;  // one
    Result<std::vector<IpAddress>> addresses;
};

}  // namespace

class MediaFetcher::Loop {
 public:
    Loop(FetchRules rules, FetchLimits limits, std::unique_ptr<Resolver> resolver,
         std::unique_ptr<Connector> connector, OnFetchEnded on_ended);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void add(FetchRequest request, Done done);
    FetchCounts counts() const;

 private:
    void run(const std::stop_token& stop);
    void run_resolver(const std::stop_token& stop);
    void take_new();
    void take_resolved();
    void begin(Jobs job, const std::string& url);
    void start_due();
    void start(Jobs::iterator job);
    void collect();
    void conclude(Jobs::iterator job, CURLcode code);
    void refuse(Jobs job, FetchRefusal refusal, Error error);
    void finish(Jobs job, Result<FetchedBytes> result);
    int wait_ms() const;
    /// Half of the memory is left to what is under way, whose sizes nobody knows.
    bool memory_short() const { return memory_->used() > limits_.memory_bytes_max / 2; }
    bool room() const { return running_.size() < limits_.transfers_max && !memory_short(); }

    const FetchRules rules_;
    const FetchLimits limits_;
    const std::unique_ptr<Resolver> resolver_;
    const std::unique_ptr<Connector> connector_;
    const OnFetchEnded on_ended_;
    const std::shared_ptr<MemoryBudget> memory_;
    CurlMulti multi_;

    mutable Mutex mutex_;
    std::condition_variable_any to_resolve_;
    Jobs new_ BGM_GUARDED_BY(mutex_);
    Jobs unresolved_ BGM_GUARDED_BY(mutex_);
    std::vector<Resolved> resolved_ BGM_GUARDED_BY(mutex_);
    std::size_t held_ BGM_GUARDED_BY(mutex_) = 0;       // not yet answered
    std::size_t transfers_ BGM_GUARDED_BY(mutex_) = 0;  // of these, under way

    Jobs due_;      // the loop's own: wait for their turn or for another try
    Jobs running_;  // the loop's own
    std::vector<std::jthread> resolvers_;
    std::jthread thread_;
};

MediaFetcher::Loop::Loop(FetchRules rules, FetchLimits limits, std::unique_ptr<Resolver> resolver,
                         std::unique_ptr<Connector> connector, OnFetchEnded on_ended)
    : rules_(std::move(rules)),
      limits_(limits),
      resolver_(std::move(resolver)),
      connector_(std::move(connector)),
      on_ended_(std::move(on_ended)),
      memory_(std::make_shared<MemoryBudget>(limits.memory_bytes_max)) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_.reset(curl_multi_init());
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(limits_.transfers_per_host_max));
    for (int i = 0; i < kResolverThreads; ++i)
        resolvers_.emplace_back([this](const std::stop_token& stop) { run_resolver(stop); });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

MediaFetcher::Loop::~Loop() {
    for (std::jthread& resolver : resolvers_)
        resolver.request_stop();
    resolvers_.clear();
    thread_.request_stop();
    curl_multi_wakeup(multi_.get());
    thread_.join();
    const Error given_up{.code = ErrorCode::unavailable, .message = "bgmd is stopping"};
    for (Resolved& resolved : resolved_)
        resolved.job.front().done(given_up);
    for (Job& job : running_)
        curl_multi_remove_handle(multi_.get(), job.transfer->handle());
    for (Jobs* jobs : {&new_, &unresolved_, &due_, &running_}) {
        for (Job& job : *jobs)
            job.done(given_up);
    }
    running_.clear();
    multi_.reset();
    curl_global_cleanup();
}

void MediaFetcher::Loop::add(FetchRequest request, Done done) {
    Jobs job;
    job.emplace_back();
    job.front().request = std::move(request);
    job.front().done = std::move(done);
    job.front().asked = Clock::now();
    {
        const MutexLock lock(mutex_);
        new_.splice(new_.end(), job);
        ++held_;
    }
    curl_multi_wakeup(multi_.get());
}

FetchCounts MediaFetcher::Loop::counts() const {
    const MutexLock lock(mutex_);
    return {.running = transfers_, .waiting = held_ - transfers_, .memory_bytes = memory_->used()};
}

void MediaFetcher::Loop::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        take_new();
        take_resolved();
        start_due();
        int active = 0;
        curl_multi_perform(multi_.get(), &active);
        collect();
        curl_multi_poll(multi_.get(), nullptr, 0, wait_ms(), nullptr);
    }
}

void MediaFetcher::Loop::run_resolver(const std::stop_token& stop) {
    while (true) {
        Jobs job;
        {
            MutexLock lock(mutex_);
            if (!to_resolve_.wait(lock, stop, [this]() BGM_REQUIRES(mutex_) { return !unresolved_.empty(); }))
                return;
            job.splice(job.end(), unresolved_, unresolved_.begin());
        }
        auto addresses = resolver_->resolve(job.front().url.host);
        {
            const MutexLock lock(mutex_);
            resolved_.push_back({std::move(job), std::move(addresses)});
        }
        curl_multi_wakeup(multi_.get());
    }
}

void MediaFetcher::Loop::take_new() {
    Jobs added;
    {
        const MutexLock lock(mutex_);
        added.swap(new_);
    }
    while (!added.empty()) {
        Jobs job;
        job.splice(job.end(), added, added.begin());
        const std::string uri = job.front().request.uri;
        if (const Status is_signed = rules_.check_signature(uri); !is_signed)
            refuse(std::move(job), FetchRefusal::signature, is_signed.error());
        else
            begin(std::move(job), uri);
    }
}

// A post's URI, or where it was redirected to: the same checks.
void MediaFetcher::Loop::begin(Jobs job, const std::string& url) {
    auto parsed = WebUrl::parse(url);
    if (!parsed) return refuse(std::move(job), FetchRefusal::url, parsed.error());
    if (const Status allowed = rules_.allow(*parsed, job.front().request.tenant); !allowed)
        return refuse(std::move(job), FetchRefusal::host, allowed.error());
    job.front().url = *std::move(parsed);
    job.front().addresses.clear();
    job.front().attempts = 0;
    const auto literal = IpAddress::parse(job.front().url.host);
    const MutexLock lock(mutex_);
    if (literal) {
        resolved_.push_back({std::move(job), std::vector{*literal}});
    } else {
        unresolved_.splice(unresolved_.end(), job);
        to_resolve_.notify_one();
    }
}

void MediaFetcher::Loop::take_resolved() {
    std::vector<Resolved> resolved;
    {
        const MutexLock lock(mutex_);
        resolved.swap(resolved_);
    }
    for (auto& [job, addresses] : resolved) {
        if (!addresses) {
            finish(std::move(job), addresses.error());
            continue;
        }
        // One address that is refused spoils the name: who controls it would choose among them.
        std::string_view refused;
        for (const IpAddress& address : *addresses) {
            if (refused.empty())
                refused = rules_.refused(job.front().url, job.front().request.tenant, address);
        }
        if (addresses->empty()) {
            finish(std::move(job), Error{.code = ErrorCode::not_found, .message = "the host has no address"});
        } else if (!refused.empty()) {
            refuse(std::move(job), FetchRefusal::address,
                   {.code = ErrorCode::unsupported,
                    .message = "the host is not public: " + std::string(refused)});
        } else {
            job.front().addresses = *std::move(addresses);
            due_.splice(due_.end(), job);
        }
    }
}

void MediaFetcher::Loop::start_due() {
    const auto now = Clock::now();
    for (auto job = due_.begin(); job != due_.end() && room();) {
        const auto next = std::next(job);
        if (job->not_before <= now) start(job);
        job = next;
    }
}

void MediaFetcher::Loop::start(Jobs::iterator job) {
    const auto now = Clock::now();
    if (job->deadline == Clock::time_point()) job->deadline = now + limits_.whole;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(job->deadline - now);
    const auto turn = static_cast<std::size_t>(job->attempts) % job->addresses.size();
    if (++job->attempts > 1) ++job->report.retries;
    job->transfer = std::make_unique<Transfer>(Transfer::Plan{.url = job->url,
                                                              .tenant = job->request.tenant,
                                                              .address = job->addresses[turn],
                                                              .bytes_max = job->request.bytes_max,
                                                              .time_left = left},
                                               rules_, limits_, *connector_, memory_);
    running_.splice(running_.end(), due_, job);
    {
        const MutexLock lock(mutex_);
        ++transfers_;
    }
    curl_multi_add_handle(multi_.get(), job->transfer->handle());
}

void MediaFetcher::Loop::collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        const auto job = std::find_if(running_.begin(), running_.end(), [&](const Job& candidate) {
            return candidate.transfer->handle() == message->easy_handle;
        });
        if (job != running_.end()) conclude(job, code);
    }
}

void MediaFetcher::Loop::conclude(Jobs::iterator finished, CURLcode code) {
    Jobs job;
    job.splice(job.end(), running_, finished);
    std::unique_ptr<Transfer> transfer = std::move(job.front().transfer);
    curl_multi_remove_handle(multi_.get(), transfer->handle());
    {
        const MutexLock lock(mutex_);
        --transfers_;
    }
    const Transfer::Outcome outcome = transfer->conclude(code);
    const std::string location = transfer->location();
    const Error error = transfer->error();
    FetchReport& report = job.front().report;
    report.bytes += transfer->bytes_received();
    report.connections_opened += transfer->connections_opened();
    report.connections_reused += transfer->reused_a_connection() ? 1 : 0;
    FetchedBytes body = outcome == Transfer::Outcome::done ? transfer->take_body() : nullptr;
    transfer.reset();  // its memory is free before anybody hears of it
    if (body) return finish(std::move(job), std::move(body));
    if (outcome == Transfer::Outcome::redirected) {
        if (++job.front().redirects <= limits_.redirects_max) return begin(std::move(job), location);
        return refuse(std::move(job), FetchRefusal::redirects,
                      {.code = ErrorCode::unsupported,
                       .message = "more than " + std::to_string(limits_.redirects_max) + " redirects"});
    }
    const bool heals = error.code == ErrorCode::unavailable || error.code == ErrorCode::resource_exhausted;
    const auto pause = limits_.first_pause * (1 << std::min(job.front().attempts - 1, 10));
    const auto again = Clock::now() + pause;
    if (!heals || job.front().attempts >= limits_.attempts_max || again >= job.front().deadline)
        return finish(std::move(job), error);
    job.front().not_before = again;
    due_.splice(due_.end(), job);
}

void MediaFetcher::Loop::refuse(Jobs job, FetchRefusal refusal, Error error) {
    job.front().report.refusal = refusal;
    finish(std::move(job), std::move(error));
}

void MediaFetcher::Loop::finish(Jobs job, Result<FetchedBytes> result) {
    {
        const MutexLock lock(mutex_);
        --held_;
    }
    FetchReport& report = job.front().report;
    if (!result) report.failure = result.error().code;
    report.seconds = std::chrono::duration<double>(Clock::now() - job.front().asked).count();
    if (on_ended_) on_ended_(report);
    job.front().done(std::move(result));
}

int MediaFetcher::Loop::wait_ms() const {
    auto until = Clock::now() + kPollMax;
    {
        const MutexLock lock(mutex_);
        if (!new_.empty() || !resolved_.empty()) return 0;
    }
    if (room()) {
        for (const Job& job : due_)
            until = std::min(until, job.not_before);
    }
    if (!due_.empty() && memory_short()) until = std::min(until, Clock::now() + kMemoryPoll);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(wait.count(), 0));
}

MediaFetcher::MediaFetcher(FetchRules rules, FetchLimits limits, std::unique_ptr<Resolver> resolver,
                           std::unique_ptr<Connector> connector, OnFetchEnded on_ended)
    : loop_(std::make_unique<Loop>(std::move(rules), limits, std::move(resolver), std::move(connector),
                                   std::move(on_ended))) {}

MediaFetcher::~MediaFetcher() = default;

void MediaFetcher::fetch(FetchRequest request, Done done) {
    loop_->add(std::move(request), std::move(done));
}

FetchCounts MediaFetcher::counts() const {
    return loop_->counts();
}

}  // namespace bgm
