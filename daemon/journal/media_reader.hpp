// Reads media for tasks, off the loop: files of up to hundreds of megabytes, from disks that may be slow.
//
// A few threads of its own, so that a large file holds up neither the loop nor the writer, which makes posts
// durable, nor the small files behind it. Bounded by whoever asks: a worker pool has one read a worker under
// way. read() belongs to one thread; the functions run on the reader's threads.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/messaging.hpp"
#include "schemas/mutex.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct ReadMedia {
    Frame bytes;
    std::string digest;  // SHA-256, raw; empty where nobody asked for it
};

class MediaReader {
 public:
    /// Opens, reads and checks; blocks as long as that takes.
    using Load = std::function<Result<Frame>()>;
    using Done = std::function<void(Result<ReadMedia>)>;

    /// `nice`: how far its threads, which hash hundreds of megabytes, stand back behind the loop.
    MediaReader(std::size_t threads, int nice);
    /// Finishes what is being read; what waits is dropped, and its `done` never called.
    ~MediaReader();
    MediaReader(const MediaReader&) = delete;
    MediaReader& operator=(const MediaReader&) = delete;

    void read(Load load, bool with_digest, Done done);

 private:
    struct Order {
        Load load;
        bool with_digest;
        Done done;
    };

    void run(const std::stop_token& stop);

    Mutex mutex_;
    std::condition_variable_any arrived_;
    std::deque<Order> queue_ BGM_GUARDED_BY(mutex_);
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace bgm
