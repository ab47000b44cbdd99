#include "workers/process/staged_pipeline.hpp"

#include <algorithm>
#include <set>

namespace bgm {
namespace {

// Two batches: one is encoded while the next is prepared.
constexpr std::size_t kBatchesHeld = 2;

}  // namespace

StagedPipeline::StagedPipeline(std::unique_ptr<StagedEncoder> encoder, PipelineOptions options)
    : encoder_(std::move(encoder)),
      options_(options),
      rows_max_(std::max<std::size_t>(encoder_->rows_max(), 1)),
      cache_(options.cache_entries),
      cpu_(options.task_cpu_s) {
    prepare_thread_ = std::jthread([this](const std::stop_token& stop) { run_prepare(stop); });
    encode_thread_ = std::jthread([this](const std::stop_token& stop) { run_encode(stop); });
}

StagedPipeline::~StagedPipeline() {
    prepare_thread_.request_stop();
    encode_thread_.request_stop();
    prepare_thread_.join();
    encode_thread_.join();
}

void StagedPipeline::describe(v1::Hello& hello) const {
    std::set<std::string> models;
    for (Modality modality : encoder_->modalities()) {
        hello.add_modalities(std::string(name(modality)));
        hello.add_models(encoder_->model(modality));
        models.insert(encoder_->model(modality));
    }
    for (const std::string& model : models)
        hello.set_model(hello.model() + (hello.model().empty() ? "" : "+") + model);
    hello.set_model_version(encoder_->model_version());
    for (std::string& head : encoder_->heads())
        hello.add_heads(std::move(head));
    hello.set_batch_max(static_cast<std::uint32_t>(rows_max_));
    hello.set_credits(static_cast<std::uint32_t>(kBatchesHeld * rows_max_));
}

void StagedPipeline::queue(QueuedTask task) {
    {
        const MutexLock lock(mutex_);
        waiting_.push_back(std::move(task));
    }
    changed_.notify_all();
}

std::optional<v1::TaskResult> StagedPipeline::prepare(QueuedTask& queued, ReadyTask& ready) {
    const auto begun = Clock::now();
    const auto answer = [&](EncodeResult result) {
        return task_result(queued, std::move(result), 1, begun - queued.arrived, Clock::now() - begun);
    };
    const auto modality = modality_from_name(queued.task.modality());
    const auto served = encoder_->modalities();
    if (!modality || std::find(served.begin(), served.end(), *modality) == served.end())
        return answer(Error{.code = ErrorCode::unsupported, .message = "this worker has no such modality"});
    const EncodeTask task = queued.view();
    if (cache_.enabled()) {
        ready.key = EmbeddingCache::key(*modality, task);
        if (auto remembered = cache_.find(*ready.key)) return answer(std::move(*remembered));
    }
    try {
        auto prepared = encoder_->prepare(*modality, task);
        if (!prepared) return answer(prepared.error());
        ready.prepared = std::move(*prepared);
    } catch (const std::exception& thrown) {
        return answer(error_of(thrown));
    }
    return std::nullopt;
}

void StagedPipeline::run_prepare(const std::stop_token& stop) {
    while (true) {
        ReadyTask ready;
        {
            MutexLock lock(mutex_);
            changed_.wait(lock, stop, [this]() BGM_REQUIRES(mutex_) {
                return !waiting_.empty() && (ready_.empty() || ready_rows_ < kBatchesHeld * rows_max_);
            });
            if (stop.stop_requested()) return;
            ready.queued = std::move(waiting_.front());
            waiting_.pop_front();
            preparing_ = true;
        }
        std::optional<v1::TaskResult> result;
        {
            const CpuLimit::Work work(cpu_, 1);
            result = prepare(ready.queued, ready);
        }
        ready.queued.media.reset();  // only what was made of it is needed from here on
        if (result) {
            std::vector<v1::TaskResult> results;
            results.push_back(std::move(*result));
            results_.put(std::move(results));
        }
        {
            const MutexLock lock(mutex_);
            preparing_ = false;
            if (!result) {
                ready.since = Clock::now();
                ready_rows_ += ready.prepared->rows();
                ready_.push_back(std::move(ready));
            }
        }
        changed_.notify_all();
    }
}

std::vector<StagedPipeline::ReadyTask> StagedPipeline::take_batch(const std::stop_token& stop) {
    std::vector<ReadyTask> batch;
    MutexLock lock(mutex_);
    changed_.wait(lock, stop, [this]() BGM_REQUIRES(mutex_) { return !ready_.empty(); });
    if (stop.stop_requested()) return batch;
    const auto last_call = ready_.front().since + options_.batch_delay;
    changed_.wait_until(lock, stop, last_call, [this]() BGM_REQUIRES(mutex_) {
        return ready_rows_ >= rows_max_ || (waiting_.empty() && !preparing_);
    });
    std::size_t rows = 0;
    while (!ready_.empty()) {
        const std::size_t more = ready_.front().prepared->rows();
        if (!batch.empty() && rows + more > rows_max_) break;
        rows += more;
        ready_rows_ -= more;
        batch.push_back(std::move(ready_.front()));
        ready_.pop_front();
    }
    lock.unlock();
    changed_.notify_all();
    return batch;
}

void StagedPipeline::run_encode(const std::stop_token& stop) {
    while (true) {
        std::vector<ReadyTask> batch = take_batch(stop);
        if (batch.empty()) return;
        const CpuLimit::Work work(cpu_, batch.size());
        const auto begun = Clock::now();
        std::vector<std::unique_ptr<PreparedTask>> tasks;
        tasks.reserve(batch.size());
        for (ReadyTask& ready : batch)
            tasks.push_back(std::move(ready.prepared));
        std::vector<EncodeResult> encoded =
            encode_batch(tasks.size(), [&] { return encoder_->encode(tasks); });
        const auto share = (Clock::now() - begun) / batch.size();
        std::vector<v1::TaskResult> results;
        results.reserve(batch.size());
        for (std::size_t i = 0; i < batch.size(); ++i) {
            if (batch[i].key && encoded[i]) cache_.put(*batch[i].key, *encoded[i]);
            results.push_back(task_result(batch[i].queued, std::move(encoded[i]), batch.size(),
                                          begun - batch[i].queued.arrived, share));
        }
        results_.put(std::move(results));
    }
}

}  // namespace bgm
