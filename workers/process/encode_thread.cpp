#include "workers/process/encode_thread.hpp"

#include <algorithm>

namespace bgm {
namespace {

using Clock = std::chrono::steady_clock;

// A text takes microseconds, so the pipe must not run dry; but a live post waits behind all that is in it.
constexpr std::size_t kTextCredits = 64;
constexpr std::size_t kMediaCredits = 2;  // one at work, one ready

v1::Hello describe_encoders(const std::vector<std::unique_ptr<Encoder>>& encoders) {
    v1::Hello hello;
    const auto joined = [](const std::string& before, const std::string& more) {
        return before.empty() || more.empty() ? before + more : before + "+" + more;
    };
    std::size_t credits = kMediaCredits;
    std::size_t batch_max = 1;
    for (const auto& encoder : encoders) {
        hello.add_modalities(std::string(name(encoder->modality())));
        hello.add_models(encoder->model());
        hello.set_model(joined(hello.model(), encoder->model()));
        hello.set_model_version(joined(hello.model_version(), encoder->model_version()));
        for (std::string& head : encoder->heads())
            hello.add_heads(std::move(head));
        batch_max = std::max(batch_max, encoder->batch_max());
        if (encoder->modality() == Modality::text) credits = kTextCredits;
    }
    hello.set_credits(static_cast<std::uint32_t>(credits));
    hello.set_batch_max(static_cast<std::uint32_t>(std::min(batch_max, credits)));
    return hello;
}

}  // namespace

EncodeThread::EncodeThread(std::vector<std::unique_ptr<Encoder>> encoders, std::int64_t task_cpu_s)
    : description_(describe_encoders(encoders)), cpu_(task_cpu_s) {
    for (auto& encoder : encoders) {
        const std::string key(name(encoder->modality()));
        encoders_[key] = std::move(encoder);
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

EncodeThread::~EncodeThread() {
    thread_.request_stop();
    thread_.join();
}

void EncodeThread::describe(v1::Hello& hello) const {
    hello.MergeFrom(description_);
}

void EncodeThread::queue(QueuedTask task) {
    {
        const MutexLock lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    arrived_.notify_one();
}

// The next tasks of one modality, as many as its encoder takes at once.
std::vector<QueuedTask> EncodeThread::take_batch(const std::stop_token& stop) {
    MutexLock lock(mutex_);
    arrived_.wait(lock, stop, [this]() BGM_REQUIRES(mutex_) { return !tasks_.empty(); });
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

std::vector<EncodeResult> EncodeThread::encode(const std::vector<QueuedTask>& batch) {
    const auto encoder = encoders_.find(batch.front().task.modality());
    if (encoder == encoders_.end()) {
        return {batch.size(),
                Error{.code = ErrorCode::unsupported, .message = "this worker has no such modality"}};
    }
    std::vector<EncodeTask> tasks;
    tasks.reserve(batch.size());
    for (const QueuedTask& queued : batch)
        tasks.push_back(queued.view());
    return encode_batch(tasks.size(), [&] { return encoder->second->encode(tasks); });
}

void EncodeThread::run(const std::stop_token& stop) {
    while (true) {
        const std::vector<QueuedTask> batch = take_batch(stop);
        if (batch.empty()) return;
        const CpuLimit::Work work(cpu_, batch.size());
        const auto begun = Clock::now();
        std::vector<EncodeResult> encoded = encode(batch);
        const auto share = (Clock::now() - begun) / batch.size();
        std::vector<v1::TaskResult> results;
        results.reserve(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            results.push_back(
                task_result(batch[i], std::move(encoded[i]), batch.size(), begun - batch[i].arrived, share));
        }
        results_.put(std::move(results));
    }
}

}  // namespace bgm
