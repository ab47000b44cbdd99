// Inline media while a post waits: one folder a post below data_dir/media, erased as soon as the post is
// picked.
//
// A thread hashes and stores the frames and syncs them to the disk before the post goes to the journal, so
// that large posts never hold up the acks of small ones. The same thread erases, a few folders at a time
// between what is to be stored; nobody waits for it. Reading serves both inline media and `file:` URIs below
// the media root, where symbolic links cannot lead out (openat2 with RESOLVE_BENEATH).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "daemon/base/messaging.hpp"
#include "schemas/mutex.hpp"
#include "schemas/result.hpp"

namespace bgm {

/// SHA-256 as 32 raw bytes.
std::string sha256(std::string_view bytes);
/// Does the hexadecimal `digest`, in either case, stand for these raw bytes?
bool same_digest(std::string_view digest, std::string_view raw);

class MediaStore {
 public:
    struct Stored {
        std::string folder;                // name below the media directory
        std::vector<std::string> digests;  // SHA-256 of each frame, raw
    };
    using Done = std::function<void(Result<Stored>)>;

    /// Creates `directory` with mode 0700. `media_root` may be empty: then file: URIs are refused.
    static Result<std::unique_ptr<MediaStore>> open(const std::filesystem::path& directory,
                                                    const std::filesystem::path& media_root,
                                                    std::int64_t stored_bytes_max = INT64_MAX);
    ~MediaStore();
    MediaStore(const MediaStore&) = delete;
    MediaStore& operator=(const MediaStore&) = delete;

    /// Any thread. `done` runs on the writer's thread once the frames are on the disk; a disk that is full,
    /// or more than `stored_bytes_max` bytes on it, is `resource_exhausted`. False where more than
    /// `queue_bytes_max` bytes wait already.
    bool store(Frames frames, std::size_t queue_bytes_max, Done done);

    /// Any thread, at once: the folder's bytes go soon. Never fails loudly: what is left over goes at the
    /// next start.
    void erase(std::string_view folder) const;
    /// Erases every folder that is not named, before it returns.
    void erase_all_but(const std::unordered_set<std::string>& folders) const;

    /// One stored frame. `not_found` where it has been erased.
    Result<Frame> read_inline(std::string_view folder, std::uint32_t frame) const;
    /// A file below the media root, at most `bytes_max` bytes.
    Result<Frame> read_file(const std::string& path, std::size_t bytes_max) const;

 private:
    struct Order {
        Frames frames;
        std::size_t bytes;
        Done done;
    };

    MediaStore(std::filesystem::path directory, int root_fd, std::int64_t stored_bytes_max);
    void run(const std::stop_token& stop);
    Result<Stored> write(const Frames& frames);
    void erase_some(std::size_t folders) const;
    void erase_now(std::string_view folder) const;

    const std::filesystem::path directory_;
    const int root_fd_;
    const std::int64_t stored_bytes_max_;
    mutable std::atomic<std::int64_t> stored_bytes_;
    std::uint64_t next_folder_;
    mutable Mutex mutex_;
    mutable std::condition_variable_any arrived_;
    std::vector<Order> queue_ BGM_GUARDED_BY(mutex_);
    std::size_t queue_bytes_ BGM_GUARDED_BY(mutex_) = 0;
    mutable std::deque<std::string> erasures_ BGM_GUARDED_BY(mutex_);
    std::jthread thread_;
};

}  // namespace bgm
