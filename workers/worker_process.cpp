#include "workers/worker_process.hpp"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <new>
#include <thread>

#include "workers/daemon_link.hpp"

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;

// A text takes microseconds, so the pipe must not run dry; but a live post waits behind all that is in it.
constexpr std::size_t kTextCredits = 64;
constexpr std::size_t kMediaCredits = 2;  // one at work, one ready

struct QueuedTask {
    v1::Task task;
    std::shared_ptr<const std::string_view> media;
    Clock::time_point arrived;
};

std::uint32_t microseconds(Clock::duration duration) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

std::uint64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    statm >> size >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void fill(v1::TaskResult& result, EncodeResult encoded) {
    if (!encoded) {
        result.set_error_code(std::string(name(encoded.error().code)));
        result.set_error_message(encoded.error().message);
        return;
    }
    for (const Encoding& encoding : *encoded) {
        auto& output = *result.add_outputs();
        output.set_modality(std::string(name(encoding.modality)));
        output.mutable_embedding()->Assign(encoding.embedding.begin(), encoding.embedding.end());
        output.set_model(encoding.model);
        output.set_quality(encoding.quality);
        output.set_language(encoding.language);
        for (const auto& [fact, value] : encoding.facts)
            (*output.mutable_facts())[fact] = value;
        for (const std::string& note : encoding.notes)
            output.add_notes(note);
        output.set_caption(encoding.caption);
    }
}

// The thread that decodes and encodes. Tasks go in, results come out; ready_fd() is readable while results
// wait.
class EncodeThread {
 public:
    explicit EncodeThread(std::vector<std::unique_ptr<Encoder>> encoders)
        : ready_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        for (auto& encoder : encoders) {
            const std::string key(name(encoder->modality()));
            encoders_[key] = std::move(encoder);
        }
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    ~EncodeThread() {
        thread_.request_stop();
        thread_.join();
        close(ready_fd_);
    }
    EncodeThread(const EncodeThread&) = delete;
    EncodeThread& operator=(const EncodeThread&) = delete;

    int ready_fd() const { return ready_fd_; }

    void add(QueuedTask task) {
        {
            const std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
            ++held_;
        }
        arrived_.notify_one();
    }

    std::vector<v1::TaskResult> take_results() {
        std::uint64_t count = 0;
        (void)!read(ready_fd_, &count, sizeof count);
        const std::lock_guard lock(mutex_);
        held_ -= results_.size();
        return std::exchange(results_, {});
    }

    /// Tasks without an answer yet.
    std::size_t held() const {
        const std::lock_guard lock(mutex_);
        return held_;
    }

 private:
    // The next tasks of one modality, as many as its encoder takes at once.
    std::vector<QueuedTask> take_batch(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, stop, [this] { return !tasks_.empty(); });
        std::vector<QueuedTask> batch;
        if (tasks_.empty()) return batch;
        const std::string modality = tasks_.front().task.modality();
        const auto encoder = encoders_.find(modality);
        const std::size_t most =
            encoder != encoders_.end() ? std::max<std::size_t>(encoder->second->batch_max(), 1) : 1;
        while (!tasks_.empty() && batch.size() < most && tasks_.front().task.modality() == modality) {
            batch.push_back(std::move(tasks_.front()));
            tasks_.pop_front();
        }
        return batch;
    }

    std::vector<EncodeResult> encode(const std::vector<QueuedTask>& batch) {
        const auto encoder = encoders_.find(batch.front().task.modality());
        if (encoder == encoders_.end()) {
            return {batch.size(),
                    Error{.code = ErrorCode::unsupported, .message = "this worker has no such modality"}};
        }
        std::vector<EncodeTask> tasks;
        for (const QueuedTask& queued : batch) {
            EncodeTask task{.text = queued.task.text(), .lang = queued.task.lang(), .media = {}};
            if (queued.media)
                task.media = std::as_bytes(std::span(queued.media->data(), queued.media->size()));
            tasks.push_back(task);
        }
        try {
            auto results = encoder->second->encode(tasks);
            if (results.size() == batch.size()) return results;
            return {batch.size(), Error{.code = ErrorCode::internal, .message = "the encoder lost a task"}};
        } catch (const std::bad_alloc&) {
            return {batch.size(),
                    Error{.code = ErrorCode::too_large, .message = "needs more memory than a task may have"}};
        } catch (const std::exception& error) {
            return {batch.size(), Error{.code = ErrorCode::internal, .message = error.what()}};
        }
    }

    void run(const std::stop_token& stop) {
        while (true) {
            const std::vector<QueuedTask> batch = take_batch(stop);
            if (batch.empty()) return;
            const auto begun = Clock::now();
            std::vector<EncodeResult> encoded = encode(batch);
            const auto share = (Clock::now() - begun) / batch.size();
            std::vector<v1::TaskResult> results;
            for (std::size_t i = 0; i < batch.size(); ++i) {
                v1::TaskResult& result = results.emplace_back();
                result.set_task_id(batch[i].task.task_id());
                fill(result, std::move(encoded[i]));
                result.set_batch_size(static_cast<std::uint32_t>(batch.size()));
                result.set_queue_us(microseconds(begun - batch[i].arrived));
                result.set_encode_us(microseconds(share));
            }
            {
                const std::lock_guard lock(mutex_);
                std::move(results.begin(), results.end(), std::back_inserter(results_));
            }
            const std::uint64_t one = 1;
            (void)!write(ready_fd_, &one, sizeof one);
        }
    }

    const int ready_fd_;
    std::map<std::string, std::unique_ptr<Encoder>> encoders_;  // the thread's own, once it runs
    mutable std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::deque<QueuedTask> tasks_;         // guarded by mutex_
    std::vector<v1::TaskResult> results_;  // guarded by mutex_
    std::size_t held_ = 0;                 // guarded by mutex_
    std::jthread thread_;
};

v1::FromWorker hello(const WorkerOptions& options, const std::vector<std::unique_ptr<Encoder>>& encoders) {
    v1::FromWorker message;
    auto& hello = *message.mutable_hello();
    hello.set_name(options.name);
    hello.set_pid(static_cast<std::uint64_t>(getpid()));
    std::size_t credits = kMediaCredits;
    std::size_t batch_max = 1;
    for (const auto& encoder : encoders) {
        hello.add_modalities(std::string(name(encoder->modality())));
        hello.add_models(encoder->model());
        hello.set_model(hello.model() + (hello.model().empty() ? "" : "+") + encoder->model());
        const std::string version = encoder->model_version();
        if (!version.empty())
            hello.set_model_version(hello.model_version() + (hello.model_version().empty() ? "" : "+") +
                                    version);
        for (std::string& head : encoder->heads())
            hello.add_heads(std::move(head));
        batch_max = std::max(batch_max, encoder->batch_max());
        if (encoder->modality() == Modality::text) credits = kTextCredits;
    }
    hello.set_credits(static_cast<std::uint32_t>(credits));
    hello.set_batch_max(static_cast<std::uint32_t>(std::min(batch_max, credits)));
    return message;
}

}  // namespace

Status run_worker(const WorkerOptions& options, std::vector<std::unique_ptr<Encoder>> encoders) {
    auto link = DaemonLink::connect(options.endpoint, options.name + "/" + std::to_string(getpid()));
    if (!link) return link.error();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    const int signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    const v1::FromWorker introduction = hello(options, encoders);
    (*link)->send(introduction);
    EncodeThread encoding(std::move(encoders));
    auto beat_due = Clock::now();
    bool retiring = false;
    while (!retiring || encoding.held() > 0) {
        if (Clock::now() >= beat_due) {
            v1::FromWorker message;
            message.mutable_heartbeat()->set_rss_bytes(resident_bytes());
            message.mutable_heartbeat()->set_queued(static_cast<std::uint32_t>(encoding.held()));
            if (options.cache_counts) {
                const CacheCounts counts = options.cache_counts();
                message.mutable_heartbeat()->set_cache_hits(counts.hits);
                message.mutable_heartbeat()->set_cache_misses(counts.misses);
            }
            (*link)->send(message);
            beat_due = Clock::now() + options.heartbeat;
        }
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(beat_due - Clock::now());
        (*link)->wait(encoding.ready_fd(), signal_fd, std::max(wait, std::chrono::milliseconds(0)));
        while (auto incoming = (*link)->receive()) {
            if (incoming->message.has_retire()) {
                retiring = true;
            } else if (incoming->message.has_introduce()) {
                (*link)->send(introduction);
            } else if (incoming->message.has_task()) {
                encoding.add(
                    {std::move(*incoming->message.mutable_task()), std::move(incoming->media), Clock::now()});
            }
        }
        for (v1::TaskResult& result : encoding.take_results()) {
            v1::FromWorker message;
            *message.mutable_result() = std::move(result);
            (*link)->send(message);
        }
        signalfd_siginfo info{};
        if (read(signal_fd, &info, sizeof info) == sizeof info) retiring = true;
    }
    close(signal_fd);
    return ok_status();
}

}  // namespace bgm
