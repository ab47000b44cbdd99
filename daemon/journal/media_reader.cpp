#include "daemon/journal/media_reader.hpp"

#include <new>

#include "daemon/base/this_thread.hpp"
#include "daemon/journal/media_store.hpp"

namespace bgm {
namespace {

Result<ReadMedia> read_one(const MediaReader::Load& load, bool with_digest) {
    try {
        auto bytes = load();
        if (!bytes) return bytes.error();
        std::string digest = with_digest ? sha256(bytes->view()) : std::string();
        return ReadMedia{.bytes = std::move(*bytes), .digest = std::move(digest)};
    } catch (const std::bad_alloc&) {
        return Error{.code = ErrorCode::resource_exhausted, .message = "no memory to read the media into"};
    }
}

}  // namespace

MediaReader::MediaReader(std::size_t threads, int nice) {
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this, nice](const std::stop_token& stop) {
            nice_this_thread(nice);
            run(stop);
        });
    }
}

MediaReader::~MediaReader() {
    for (std::jthread& thread : threads_)
        thread.request_stop();
}

void MediaReader::read(Load load, bool with_digest, Done done) {
    {
        const MutexLock lock(mutex_);
        queue_.push_back({.load = std::move(load), .with_digest = with_digest, .done = std::move(done)});
    }
    arrived_.notify_one();
}

void MediaReader::run(const std::stop_token& stop) {
    while (true) {
        Order order;
        {
            MutexLock lock(mutex_);
            arrived_.wait(lock, stop, [this]() BGM_REQUIRES(mutex_) { return !queue_.empty(); });
            if (stop.stop_requested()) return;
            order = std::move(queue_.front());
            queue_.pop_front();
        }
        order.done(read_one(order.load, order.with_digest));
    }
}

}  // namespace bgm
