// The bytes of media on disks, and the only threads of bgmd that touch them: inline media while a post waits
// (one folder a post below data_dir/media, erased as soon as the post is picked), and `file:` URIs below the
// media root, where symbolic links cannot lead out (openat2 with RESOLVE_BENEATH).
//
// One thread hashes the frames, and stores and syncs them to the disk before the post goes to the journal, so
// that large posts never hold up the acks of small ones. It also erases, a few folders at a time between what
// is to be stored; nobody waits for it. A few others read for tasks: a large file, or a disk that hangs,
// holds up neither the loop nor the thread that makes posts durable, nor the small files behind it. A hanging
// read keeps its thread; how long a post and a worker wait for it is the scheduler's to say.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "daemon/base/messaging.hpp"
#include "schemas/descriptor.hpp"
#include "schemas/mutex.hpp"
#include "schemas/result.hpp"

namespace bgm {

struct ReadMedia {
    Frame bytes;
    std::string digest;  // SHA-256, raw; empty where nobody asked for it
};

class MediaStore {
 public:
    /// Of reads that wait for a thread. A worker pool has one a worker under way, of at most 256 workers:
    /// what is more waits behind a disk that hangs.
    static constexpr std::size_t kReadsWaitingMax = 512;

    struct Stored {
        std::string folder;                // name below the media directory
        std::vector<std::string> digests;  // SHA-256 of each frame, raw
    };
    using Done = std::function<void(Result<Stored>)>;
    /// Opens, reads and checks; blocks as long as that takes.
    using Load = std::function<Result<Frame>()>;
    using ReadDone = std::function<void(Result<ReadMedia>)>;

    /// Creates `directory` with mode 0700. `media_root` may be empty: then file: URIs are refused.
    /// `readers_nice`: how far the threads that read, and hash hundreds of megabytes, stand back behind the
    /// loop. `synced`: what is stored outlives a loss of power.
    static Result<std::unique_ptr<MediaStore>> open(const std::filesystem::path& directory,
                                                    const std::filesystem::path& media_root,
                                                    std::int64_t stored_bytes_max = INT64_MAX,
                                                    int readers_nice = 0, bool synced = true);
    /// Finishes what is being read and what is to be stored; reads that wait are dropped without a word.
    ~MediaStore();
    MediaStore(const MediaStore&) = delete;
    MediaStore& operator=(const MediaStore&) = delete;

    /// Any thread. `done` runs on the writer's thread once the frames are on the disk; a disk that is full,
    /// or more than `stored_bytes_max` bytes on it, is `resource_exhausted`. False where more than
    /// `queue_bytes_max` bytes wait already.
    bool store(Frames frames, std::size_t queue_bytes_max, Done done);
    /// The same for frames that go elsewhere: hashed, and not stored.
    bool digest(std::shared_ptr<const Frames> frames, std::size_t queue_bytes_max, Done done);

    /// Any thread, at once: the folder's bytes go soon. Never fails loudly: what is left over goes at the
    /// next start.
    void erase(std::string_view folder) const;
    /// Erases every folder that is not named, before it returns.
    void erase_all_but(const std::unordered_set<std::string>& folders) const;

    /// Any thread: calls `load`, then `done`, on a thread that reads. Where too many reads wait already,
    /// `done` gets `unavailable` here and now.
    void read(Load load, bool with_digest, ReadDone done);
    /// One stored frame. `not_found` where it has been erased.
    Result<Frame> read_inline(std::string_view folder, std::uint32_t frame) const;
    /// A regular file that is open: `too_large` before memory is taken, `corrupt` where it is empty or
    /// shrinks.
    static Result<Frame> read_open_file(const Descriptor& file, std::size_t bytes_max);
    /// A file below the media root, at most `bytes_max` bytes.
    Result<Frame> read_file(const std::string& path, std::size_t bytes_max) const;

 private:
    struct Order {
        std::shared_ptr<const Frames> frames;
        bool stored = true;
        std::size_t bytes = 0;
        Done done;
    };
    struct ReadOrder {
        Load load;
        bool with_digest = false;
        ReadDone done;
    };

    MediaStore(std::filesystem::path directory, int root_fd, std::int64_t stored_bytes_max, int readers_nice,
               bool synced);
    bool add(Order order, std::size_t queue_bytes_max);
    void write_and_erase(const std::stop_token& stop);
    void read_what_is_asked(const std::stop_token& stop);
    Result<Stored> write(const Frames& frames);
    void erase_some(std::size_t folders) const;
    void erase_now(std::string_view folder) const;

    const std::filesystem::path directory_;
    const int root_fd_;
    const std::int64_t stored_bytes_max_;
    const bool synced_;
    mutable std::atomic<std::int64_t> stored_bytes_;
    std::uint64_t next_folder_;
    mutable Mutex mutex_;
    mutable std::condition_variable_any arrived_;
    std::vector<Order> queue_ BGM_GUARDED_BY(mutex_);
    std::size_t queue_bytes_ BGM_GUARDED_BY(mutex_) = 0;
    mutable std::deque<std::string> erasures_ BGM_GUARDED_BY(mutex_);
    Mutex reads_mutex_;
    std::condition_variable_any read_asked_;
    std::deque<ReadOrder> reads_ BGM_GUARDED_BY(reads_mutex_);
    std::jthread writer_;
    std::vector<std::jthread> readers_;  // last: they use all of the above
};

}  // namespace bgm
