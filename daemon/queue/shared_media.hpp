// What an AmqpQueue has done in the media folder, by threads that nobody waits for: a file system that hangs
// holds up the posts whose media lies there, and no others.
//
//   write, keep  | before a post is acknowledged
//   read         | media that is in memory at once is bounded; the rest waits on the disk
//   erase        | in the order of the calls, again and again until it is done
//   probe, sweep | by themselves
//
// What is given is called on one of the threads, or, where the object ends before, never.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/question_queue.hpp"
#include "daemon/base/readings.hpp"
#include "daemon/queue/media_folder.hpp"
#include "schemas/mutex.hpp"

namespace bgm {

class SharedMedia {
 public:
    struct Options {
        std::string folder;
        std::size_t waiting_bytes_max = 256U << 20;  // of what is to be written
        std::size_t read_bytes_max = 64U << 20;      // in memory; always one post's
        std::chrono::seconds unkept{3600};           // what was not kept for so long is swept
        std::chrono::milliseconds again{1000};       // between tries to erase
        std::chrono::milliseconds probe_period{5000};
    };
    using OnDone = std::function<void(const Status&)>;
    using OnRead = std::function<void(Result<Frames>)>;

    /// Refuses a folder that is not there, or not bgmd's alone.
    static Result<std::unique_ptr<SharedMedia>> open(Options options);
    ~SharedMedia();
    SharedMedia(const SharedMedia&) = delete;
    SharedMedia& operator=(const SharedMedia&) = delete;

    // Any thread.
    /// All of them or none. `resource_exhausted` at once where too much waits already.
    void write(std::vector<std::string> names, std::shared_ptr<const Frames> frames, OnDone done);
    void keep(std::vector<std::string> names, OnDone done);
    /// As MediaFolder::read; `not_found` only while the folder itself answers. `field` is the number of the
    /// frame.
    void read(std::vector<NamedMedia> media, OnRead done);
    /// `done` once they are gone, and what was to be erased before.
    void erase(std::vector<std::string> names, std::function<void()> done);

    /// Why nothing can be written; empty where it can.
    std::string trouble() const;
    SharedMediaCounts counts() const;

 private:
    using Work = QuestionQueue<const std::stop_token&>;
    // Bytes that were read and are in memory. What was read may outlive this object.
    struct Room {
        Mutex mutex;
        std::condition_variable_any left;
        std::size_t bytes BGM_GUARDED_BY(mutex) = 0;
    };

    explicit SharedMedia(Options options);
    void look_after(const std::stop_token& stop);
    std::optional<std::chrono::seconds> probe();
    void sweep(std::chrono::seconds now);
    Result<Frames> read_now(const std::vector<NamedMedia>& media, const std::stop_token& stop);
    void pause(const std::stop_token& stop, std::chrono::milliseconds time);

    const Options options_;
    const MediaFolder folder_;
    const std::string own_name_;
    const std::shared_ptr<Room> room_ = std::make_shared<Room>();
    std::atomic<std::size_t> waiting_bytes_{0};
    mutable Mutex mutex_;
    std::condition_variable_any paused_;
    std::string trouble_ BGM_GUARDED_BY(mutex_);
    std::optional<std::chrono::steady_clock::time_point> asked_ BGM_GUARDED_BY(mutex_);  // a probe under way
    SharedMediaCounts counts_ BGM_GUARDED_BY(mutex_);
    Work writes_, reads_, erasures_;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace bgm
