#include "workers/process/task_runner.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <new>
#include <utility>

namespace bgm {
namespace {

std::uint32_t microseconds(std::chrono::steady_clock::duration duration) {
    const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(count, 0, std::numeric_limits<std::uint32_t>::max()));
}

void add_track(const TrackParts& parts, v1::TrackParts& track) {
    for (const TrackWindow& part : parts.windows) {
        auto& window = *track.add_windows();
        window.set_start_s(part.start_s);
        window.mutable_embedding()->Assign(part.embedding.begin(), part.embedding.end());
        window.set_model(part.model);
        window.set_quality(part.quality);
    }
    track.mutable_beats_s()->Assign(parts.beats_s.begin(), parts.beats_s.end());
    track.mutable_fingerprint()->Assign(parts.fingerprint.begin(), parts.fingerprint.end());
}

}  // namespace

EncodeTask QueuedTask::view() const {
    EncodeTask view{.text = task.text(), .lang = task.lang(), .media = {}};
    if (media) view.media = std::as_bytes(std::span(media->data(), media->size()));
    return view;
}

ResultQueue::ResultQueue() : ready_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ResultQueue::~ResultQueue() {
    close(ready_fd_);
}

void ResultQueue::expect() {
    const MutexLock lock(mutex_);
    ++held_;
}

void ResultQueue::put(std::vector<v1::TaskResult> results) {
    {
        const MutexLock lock(mutex_);
        std::move(results.begin(), results.end(), std::back_inserter(results_));
    }
    const std::uint64_t one = 1;
    (void)!write(ready_fd_, &one, sizeof one);
}

std::vector<v1::TaskResult> ResultQueue::take() {
    std::uint64_t count = 0;
    (void)!read(ready_fd_, &count, sizeof count);
    const MutexLock lock(mutex_);
    held_ -= results_.size();
    return std::exchange(results_, {});
}

std::size_t ResultQueue::held() const {
    const MutexLock lock(mutex_);
    return held_;
}

void TaskRunner::add(QueuedTask task) {
    results_.expect();
    queue(std::move(task));
}

Error error_of(const std::exception& thrown) {
    if (dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr)
        return {.code = ErrorCode::too_large, .message = "needs more memory than a task may have"};
    return {.code = ErrorCode::internal, .message = thrown.what()};
}

std::vector<EncodeResult> encode_batch(std::size_t tasks,
                                       const std::function<std::vector<EncodeResult>()>& encode) {
    try {
        auto results = encode();
        if (results.size() == tasks) return results;
        return {tasks, Error{.code = ErrorCode::internal, .message = "the encoder lost a task"}};
    } catch (const std::exception& thrown) {
        return {tasks, error_of(thrown)};
    }
}

v1::TaskResult task_result(const QueuedTask& task, EncodeResult encoded, std::size_t batch_size,
                           std::chrono::steady_clock::duration queued,
                           std::chrono::steady_clock::duration encoding_time) {
    v1::TaskResult result;
    result.set_task_id(task.task.task_id());
    result.set_batch_size(static_cast<std::uint32_t>(batch_size));
    result.set_queue_us(microseconds(queued));
    result.set_encode_us(microseconds(encoding_time));
    if (!encoded) {
        result.set_error_code(std::string(name(encoded.error().code)));
        result.set_error_message(encoded.error().message);
        return result;
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
        output.set_text(encoding.text);
        if (encoding.track) add_track(*encoding.track, *output.mutable_track());
        if (encoding.among_sounds) {
            auto& place = *output.mutable_among_sounds();
            place.mutable_embedding()->Assign(encoding.among_sounds->embedding.begin(),
                                              encoding.among_sounds->embedding.end());
            place.set_model(encoding.among_sounds->model);
        }
        for (const MissingPart& part : encoding.missing) {
            auto& missing = *output.add_missing();
            missing.set_modality(std::string(name(part.modality)));
            missing.set_code(std::string(name(part.error.code)));
            missing.set_message(part.error.message);
        }
    }
    return result;
}

}  // namespace bgm
